"""Floor 2: the business, who runs it, who buys from it and whom it buys from."""
