"""Floor 1: the engine, tenant sessions, row-level security and migrations."""
