"""Which file names Alembic takes for scripts."""


def is_script_name(name: str) -> bool:
    """Say whether Alembic would load a file of this name from a versions directory."""
    return name.endswith(".py") and not name.startswith(("__init__", ".#"))
