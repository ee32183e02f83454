"""Floor 3: GST. Pure rules and arithmetic, no tables."""
