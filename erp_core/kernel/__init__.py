"""Floor 0: money, quantities, time, ids, errors. Imports nothing of Bahi."""
