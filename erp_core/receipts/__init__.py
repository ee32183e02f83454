"""Reading bills from pictures, and turning what was read into expenses."""
