"""Floor 1: what happened, in one unforgeable sequence a business, and what commits with it."""
