"""The only room with SQL, the project's application and Alembic's runtime."""
