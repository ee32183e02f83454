"""Floor 7: the command line, for operators and for loading a shop from a file."""
