"""What else people photograph: a count of the stock, an order, a list of rates, a visiting card."""
