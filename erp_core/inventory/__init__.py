"""Floor 3: stock at moving-average cost, what is reserved of it, and every movement."""
