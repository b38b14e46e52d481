"""References in a configuration are filled in as `configparser` does, to a bounded length."""

from __future__ import annotations

from configparser import ConfigParser, InterpolationError

import pytest

from migmerge.environment.config_files import read_ini, read_toml
from migmerge.environment.interpolation import BoundedInterpolation, filled_in

LEVELS = "".join(f"a{level} = {f'%(a{level - 1})s' * 10}\n" for level in range(1, 10))
BOMB = f"[alembic]\na0 = {'x' * 100}\n{LEVELS}script_location = %(a9)s\n"


@pytest.mark.parametrize(
    "value",
    ["plain", "%%", "100%%", "%(b)s", "%(B)s/%(c)s", "%(b)s%%(c)s", "%", "%(b)", "%(b", "%d", "%(nothing)s", "%(d)s"],
)
def test_it_is_that_of_configparser(value: str) -> None:
    text = f"[x]\na = {value}\nb = 1\nc = %(b)s%%\nd = %(d)s\n"
    answers = []
    for parser in (ConfigParser(), ConfigParser(interpolation=BoundedInterpolation())):
        parser.read_string(text)
        try:
            answers.append(parser.get("x", "a"))
        except InterpolationError as error:
            answers.append(f"{type(error).__name__} {error}")
    assert answers[0] == answers[1]


def test_levels_of_references_are_a_problem() -> None:
    (described,) = read_ini(BOMB.encode())
    assert described.problem == "script_location: with what it refers to it has more than 100,000 characters"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a." * 100_000 + "b = 1", "its keys are nested too deeply", id="dotted key"),
        pytest.param("[" + "a." * 100_000 + "b]", "its keys are nested too deeply", id="dotted table"),
        pytest.param("x = " + "[" * 100_000, "it is nested too deeply", id="brackets"),
        pytest.param("# x\n" * 200_000, "it is too long to read", id="length"),
    ],
)
def test_a_toml_that_takes_too_much_is_a_problem(text: str, problem: str) -> None:
    (described,) = read_toml(f"[tool.alembic]\nscript_location = 'migrations'\n{text}\n".encode())
    assert described.problem == problem


def test_a_format_cannot_ask_for_gigabytes() -> None:
    assert filled_in("%(here)s/x", {"here": "a"}) == "a/x"
    with pytest.raises(ValueError, match="too many characters"):
        filled_in("%(here)99999999999s", {"here": "a"})
