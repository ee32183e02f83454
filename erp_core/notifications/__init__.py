"""Floor 6: what to tell whom."""
