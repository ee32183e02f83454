"""Floor 4: orders, from booking to delivery, and the stock that they hold."""
