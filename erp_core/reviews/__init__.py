"""Messages that were not surely understood, kept for people who teach Bahi: masked, and not long."""
