"""Messages that were not surely understood, masked, for people who teach Bahi to review."""
