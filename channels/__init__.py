"""The ways in and out: messages of a channel in, replies out. No rule of the business is here."""
