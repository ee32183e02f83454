"""Floor 4: what the business spends, by category."""
