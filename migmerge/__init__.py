"""The git-aware branch-merge assistant for Alembic and Flask-Migrate."""

__version__ = "0.1.0"
