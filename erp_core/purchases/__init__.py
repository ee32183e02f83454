"""Floor 5: what the business buys: vendors' bills, what is owed for them, and purchase orders."""
