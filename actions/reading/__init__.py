"""What a message says: numbers, days, names, and what was missed or misread of them."""
