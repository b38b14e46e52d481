"""The demo: a small Flask application, as text, and the story that is played with it."""
