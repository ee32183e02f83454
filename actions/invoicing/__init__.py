"""Bills: making them, what was paid with them, undoing them, their tax, sending them."""
