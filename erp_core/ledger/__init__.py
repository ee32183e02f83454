"""Floor 3: double entry. Every rupee that moves is a balanced entry, every balance a sum."""
