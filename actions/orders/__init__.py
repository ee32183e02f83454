"""Orders: booking, changing, cancelling and asking after them; and a customer's own."""
