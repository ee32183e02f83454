"""Money: what comes in, what is owed, what goes back, the till, and what the business spends."""
