"""Buying: from whom goods come, their bills, what is owed for them, what is to be ordered."""
