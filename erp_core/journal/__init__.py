"""Floor 1: what happened, in one unforgeable sequence for each business, and everything that commits with it."""
