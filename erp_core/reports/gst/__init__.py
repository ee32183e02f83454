"""The GST returns, read from the documents as they were issued, and their files."""
