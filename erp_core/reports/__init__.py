"""Floor 6: what the figures say: summaries of any period, and pictures of them."""
