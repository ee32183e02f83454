"""Floor 4: khata. What customers owe, what they pay, and which payment settles which debt."""
