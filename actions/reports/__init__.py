"""How business goes: figures, books, returns, and the questions about them."""
