"""What keeps a project from its database travels with the error."""

from __future__ import annotations

from migmerge.core.database.obstacle import MissingVariables, ObstacleError


def test_an_obstacle_is_an_error_with_its_facts() -> None:
    error = ObstacleError("no DATABASE_URL", hint="export DATABASE_URL=…", obstacle=MissingVariables("DATABASE_URL"))
    assert (str(error), error.hint, error.obstacle) == (
        "no DATABASE_URL",
        "export DATABASE_URL=…",
        MissingVariables("DATABASE_URL"),
    )
