"""Whom the business deals with and who works in it: what is known of them, asked and changed."""
