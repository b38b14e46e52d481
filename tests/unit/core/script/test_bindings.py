"""The names of a module are followed in a time that grows with its length, whatever they are bound to."""

from __future__ import annotations

from collections.abc import Callable
from cProfile import Profile

import pytest

from migmerge.core.revision import Identifiers, Unreadable
from migmerge.core.script.positions import line_to_edit
from migmerge.core.script.read import read_carefully

COMPUTED = "import os\nrevision = os.name\n"
IDS = "revision = 'b'\ndown_revision = 'a'\n"


def calls(text: str) -> int:
    """Return how many calls reading a text takes: the same number in every run."""
    read_carefully(b"x = 1")  # what it imports is imported now
    profile = Profile()
    profile.runcall(read_carefully, text.encode())
    return sum(entry.callcount for entry in profile.getstats())


BOMBS: dict[str, Callable[[int], str]] = {
    "names": lambda n: "".join(f"a{number} = 1\n" for number in range(n)),
    "lists": lambda n: "".join(f"a{number} = ['x']\n" for number in range(n)),
    "one-list": lambda n: "a = ['x']\n" + "b = 1\n" * n,
    "list-in-function": lambda n: "a = ['x']\ndef f():\n" + "    b = a\n" * n + "c = 1\n" * n,
    "list-in-lambdas": lambda n: f"a = ['x']\nb = [{'lambda: a, ' * n}]\n" + "c = 1\n" * n,
    "globals": lambda n: "def f():\n" + "".join(f"    global g{number}\n" for number in range(n)) + "b = 1\n" * n,
    "shared": lambda n: "a = [1]\n" + "".join(f"a{number} = a\n" for number in range(n)) + "f(a)\n" * n,
    "walrus": lambda n: "".join(f"(a{number} := 1)\n" for number in range(n)),
}


@pytest.mark.parametrize("bomb", list(BOMBS))
def test_four_times_the_statements_take_about_four_times_the_work(bomb: str) -> None:
    text = BOMBS[bomb]
    assert calls(COMPUTED + text(800)) < 6 * calls(COMPUTED + text(200))


BEYOND = {
    "star": COMPUTED + "".join(f"a{number} = 1\n" for number in range(2000)) + "from x import *\n" * 2000,
    "long-value": COMPUTED
    + "a = ("
    + ("(" + "1, " * 400 + "), ") * 20
    + ")\n"
    + "".join(f"a{number} = a\n" for number in range(200)),
}


@pytest.mark.parametrize("bomb", list(BEYOND))
def test_names_that_take_too_long_to_follow_are_unknown(bomb: str) -> None:
    assert read_carefully(BEYOND[bomb].encode()) == Unreadable("it is too long to read", computed=True)


def test_many_names_are_followed_to_the_end() -> None:
    text = "a = 'b'\n" + "".join(f"n{number} = 1\n" for number in range(5000)) + "revision = a\ndown_revision = None\n"
    assert read_carefully(text.encode()) == Identifiers("b")


@pytest.mark.parametrize("number", [1, 3])
def test_the_line_to_edit_is_that_of_the_error(number: int) -> None:
    assert line_to_edit(("\n" * (number - 1) + "x = (\n").encode()) == number


def test_the_line_to_edit_of_a_text_that_takes_too_long_to_parse_is_that_of_its_identifiers() -> None:
    text = IDS + f"x = f'{'{a}' * 50_000}'\n"
    assert line_to_edit(text.encode()) == 2
