"""Which files are scripts: by name alone, and importing nothing, for the shortest `check` needs this and little else."""

COMPILED = "__pycache__"
"""How the names of folders end into which Alembic does not look."""


def is_script_name(name: str) -> bool:
    """Say whether Alembic would load a file of this name from a versions directory."""
    return name.endswith(".py") and not name.startswith(("__init__", ".#")) and "\n" not in name
