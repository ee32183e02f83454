"""Speech: what a listener hears, and how sounds become samples. No engine, no channel."""
