"""Floor 2: what the business sells: products, prices, HSN codes and other names for them."""
