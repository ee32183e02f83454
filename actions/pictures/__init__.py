"""Pictures and files that somebody sends: bills, lists and cards that were read from them."""
