"""What a database holds and what is to be done with it, as data."""
