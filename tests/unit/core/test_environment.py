"""What environments are called, and the commands that work on them."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment, command, told_apart, upgrade_command

PLAIN = Environment("db", "alembic", ("db/versions",), "alembic.ini")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (PLAIN, "alembic upgrade head"),
        (PLAIN._replace(config=None), "alembic upgrade head"),
        (PLAIN._replace(config="pyproject.toml"), "alembic upgrade head"),
        (PLAIN._replace(config="my conf.ini", section="lite"), "alembic -c 'my conf.ini' -n lite upgrade head"),
        (PLAIN._replace(config="conf/alembic.ini", folder=""), "alembic -c conf/alembic.ini upgrade head"),
        (PLAIN._replace(config="my app/alembic.ini", folder="my app"), "(cd 'my app' && alembic upgrade head)"),
        (PLAIN._replace(config="web/conf/a.ini", folder="web"), "(cd web && alembic -c conf/a.ini upgrade head)"),
        (PLAIN._replace(config="conf/alembic.ini", folder="web"), "(cd web && alembic -c ../conf/alembic.ini upgrade head)"),
        (PLAIN._replace(own_upgrade="make upgrade"), "make upgrade"),
        (Environment("migrations", "flask-migrate", ()), "flask db upgrade"),
        (Environment("web/db", "flask-migrate", ()), "flask db upgrade -d web/db"),
    ],
)
def test_the_upgrade_command_works_from_the_top(environment: Environment, expected: str) -> None:
    assert upgrade_command(environment, heads=1) == expected


def test_several_heads_are_named() -> None:
    assert upgrade_command(PLAIN, heads=2) == "alembic upgrade heads"
    assert command(PLAIN, "stamp", "a b") == "alembic stamp 'a b'"


def test_environments_of_one_path_are_told_apart() -> None:
    lite, other = PLAIN._replace(section="lite"), PLAIN._replace(path="a")
    test = PLAIN._replace(config="test.ini", recursive=True)
    assert [each.name for each in told_apart([PLAIN, other])] == ["a", "db"]
    assert [each.name for each in told_apart([PLAIN, lite, other])] == ["a", "db [alembic]", "db [lite]"]
    assert [each.name for each in told_apart([PLAIN, lite, test])] == [
        "db [alembic.ini alembic]",
        "db [lite]",
        "db [test.ini alembic]",
    ]
    assert [each.name for each in told_apart([*told_apart([PLAIN, lite])][:1])] == ["db"]
