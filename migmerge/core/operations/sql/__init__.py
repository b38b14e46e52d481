"""SQL text, read as operations."""
