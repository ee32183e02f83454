"""Bytes to other machines: what knows of HTTP and of nothing that Bahi does."""
