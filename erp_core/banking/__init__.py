"""Floor 5: bank statements, and which payment each of their lines is."""
