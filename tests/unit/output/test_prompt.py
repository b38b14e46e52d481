"""Questions on a real terminal: every key that answers, and what the screen shows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.terminal import CTRL_C, DOWN, ENTER, Terminal

ESCAPE, CTRL_D = "\x1b", "\x04"

ASKS = """
from migmerge.output.prompt import Choice, {function}, own_terminal

choices = {choices!r}
with own_terminal() as terminal:
    print("answer:", {function}("Drop it?", [Choice(*each) for each in choices], terminal))
"""
NO, YES = (
    ("leave it", "no", "nothing changes", "The table stays."),
    ("drop it", "yes", "rows go", "The table goes with its rows."),
)


def asked(tmp_path: Path, *choices: tuple[str, ...], function: str = "confirm") -> Terminal:
    script = tmp_path / "asks.py"
    script.write_text(ASKS.format(choices=choices, function=function))
    return Terminal(Project(tmp_path), sys.executable, str(script)).wait_for("explains)").wait_for(choices[-1][0])


@pytest.mark.parametrize(
    ("keys", "agreed"),
    [
        ((ENTER,), False),
        ((DOWN, ENTER), True),
        (("y",), True),
        (("Y",), True),
        (("n",), False),
        (("N",), False),
        (("q",), False),
        ((ESCAPE,), False),
        ((CTRL_D,), False),
        (("2", ENTER), True),
        (("2", "1", ENTER), False),
        (("x", "z", DOWN, "n"), False),
        ((DOWN, DOWN, ENTER), False),
    ],
    ids=repr,
)
def test_every_key_that_answers_a_question(tmp_path: Path, keys: tuple[str, ...], agreed: bool) -> None:
    status, seen = asked(tmp_path, NO, YES).type(*keys).finish()
    assert status == 0, seen
    assert seen.endswith(f"answer: {agreed}\n")


@pytest.mark.parametrize(("key", "agreed"), [("n", False), ("y", True), (ENTER, True)])
def test_the_first_choice_is_the_default(tmp_path: Path, key: str, agreed: bool) -> None:
    assert asked(tmp_path, YES, NO).type(key).finish()[1].endswith(f"answer: {agreed}\n")


def test_the_question_mark_explains_and_asks_again(tmp_path: Path) -> None:
    terminal = (
        asked(tmp_path, NO, YES).type("?").wait_for("The table goes with its rows.").wait_for("leave it").wait_for("drop it")
    )
    _, seen = terminal.type("y").finish()
    assert "The table stays." in seen
    assert seen.endswith("answer: True\n")


def test_a_reason_stands_beside_its_choice(tmp_path: Path) -> None:
    _, seen = asked(tmp_path, NO, YES).type("n").finish()
    assert " » leave it  nothing changes\n   drop it   rows go" in seen
    assert "? Drop it? leave it\n" in seen


def test_ctrl_c_is_no_answer(tmp_path: Path) -> None:
    _, seen = asked(tmp_path, NO, YES).type(CTRL_C).finish()
    assert "answer: False" not in seen and seen.endswith("KeyboardInterrupt\n")


@pytest.mark.parametrize("key", ["n", "q", ESCAPE, CTRL_D, "3" + ENTER])
def test_a_menu_is_left_with_the_same_keys(tmp_path: Path, key: str) -> None:
    menu = (("one", "first", "because"), ("two", "second"), ("not now", "no", "later: migmerge fix"))
    assert asked(tmp_path, *menu, function="ask").type(*key).finish()[1].endswith("answer: no\n")


def test_y_answers_no_menu(tmp_path: Path) -> None:
    menu = (("one", "first"), ("two", "second"), ("not now", "no"))
    assert asked(tmp_path, *menu, function="ask").type("y", "2", ENTER).finish()[1].endswith("answer: second\n")


A, B = ("a first", "a", "a.py", "It leaves no trace."), ("b second", "b", "b.py", "Nor does this.")


def marking(tmp_path: Path, *keys: str) -> str:
    return asked(tmp_path, A, B, function="ask_marked").type(*keys).finish()[1]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ((ENTER,), ()),
        ((" ", ENTER), ("a",)),
        ((DOWN, " ", ENTER), ("b",)),
        ((" ", " ", ENTER), ()),
        (("a", ENTER), ("a", "b")),
        ((DOWN, " ", DOWN, " ", ENTER), ("a", "b")),
        ((" ", "n"), None),
        (("q",), None),
        ((ESCAPE,), None),
        ((CTRL_D,), None),
    ],
    ids=repr,
)
def test_what_is_marked_is_the_answer_and_nothing_is_at_first(
    tmp_path: Path, keys: tuple[str, ...], answer: tuple[str, ...] | None
) -> None:
    assert marking(tmp_path, *keys).endswith(f"answer: {answer}\n")


def test_the_list_shows_explains_and_repeats_an_only_answer(tmp_path: Path) -> None:
    terminal = asked(tmp_path, A, B, function="ask_marked").type("?").wait_for("Nor does this.").wait_for("b second")
    _, seen = terminal.type(DOWN, " ", ENTER).finish()
    assert "○ a first   a.py" in seen
    assert "space marks, a marks all, n, q or Esc leave, arrows move, Enter goes on\n" in seen
    assert "Drop it? [b]" in seen


def test_ctrl_c_marks_nothing(tmp_path: Path) -> None:
    _, seen = asked(tmp_path, A, B, function="ask_marked").type(" ", CTRL_C).finish()
    assert "KeyboardInterrupt" in seen
