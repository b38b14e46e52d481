"""A small Flask application, as the text that the demo commits; none of it is run by importing this package."""
