"""The project's Alembic files: finding environments, reading their configuration as data, writing a merge revision."""
