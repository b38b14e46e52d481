"""What environments are called, and the commands that work on them."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment, argument_command, command, told_apart, upgrade_command

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


def test_an_argument_for_env_py_is_given_where_each_program_takes_it() -> None:
    assert argument_command(PLAIN, "tenant") == "alembic -x tenant=NAME upgrade head"
    assert argument_command(Environment("migrations", "flask-migrate", ()), "tenant") == "flask db upgrade -x tenant=NAME"


@pytest.mark.parametrize(
    ("environment", "template", "project", "connected"),
    [
        (PLAIN, "db/script.py.mako", "", True),
        (PLAIN._replace(config="web/alembic.ini"), "db/script.py.mako", "web", True),
        (PLAIN._replace(config=None, path="web/db", own_template="t.mako"), "t.mako", "web", False),
        (Environment("web/migrations", "flask-migrate", ()), "web/migrations/script.py.mako", "web", True),
        (PLAIN._replace(folder="other"), "db/script.py.mako", "other", True),
    ],
)
def test_the_places_of_an_environment(environment: Environment, template: str, project: str, connected: bool) -> None:
    assert (environment.template, environment.project, environment.is_connected) == (template, project, connected)


def test_a_script_below_a_folder_counts_where_alembic_looks_below() -> None:
    paths = ["db/versions/a.py", "db/versions/2024/a.py", "db/versions2/a.py", "a.py"]
    assert [PLAIN.holds(path) for path in paths] == [True, False, False, False]
    assert [PLAIN._replace(recursive=True).holds(path) for path in paths] == [True, True, False, False]
