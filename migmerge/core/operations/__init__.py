"""What an upgrade() does to the schema, read from its text, and where two sides clash."""
