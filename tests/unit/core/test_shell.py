"""Commands as they are printed run in a real shell, whatever names are in them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.shell import called_as, path_operand, quoted_path, runnable
from tests.support.hostile import NAMES, TEXTS

POSIX_2024 = shutil.which("bash")


def said_by_shell(line: str, *, ends_with_line_end: bool = False) -> bytes:
    assert line.isprintable()
    shell = POSIX_2024 if ends_with_line_end else "sh"
    if shell is None:
        pytest.skip("no shell that knows $'…'")
    return subprocess.run([shell, "-c", line], capture_output=True, check=True, env={"PATH": os.environ["PATH"]}).stdout


@pytest.mark.parametrize("text", [*TEXTS, *NAMES], ids=ascii)
def test_a_word_arrives_as_it_is(text: str) -> None:
    line = runnable(shlex.join(["printf", r"%s\0", text, "b c"]))
    assert said_by_shell(line, ends_with_line_end=text.endswith("\n")) == os.fsencode(text) + b"\0b c\0"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=1, max_size=3))
def test_any_words_arrive_as_they_are(texts: list[str]) -> None:
    line = runnable(shlex.join(["printf", r"%s\0", *texts]))
    ends = any(text.endswith("\n") and not text.isprintable() for text in texts)
    assert said_by_shell(line, ends_with_line_end=ends) == b"".join(text.encode() + b"\0" for text in texts)


def test_a_harmless_command_stays_as_it_is() -> None:
    for line in ("git add 'a b' && git commit", "(cd 'größe' && alembic upgrade head)", "edit x.py:3: write its labels"):
        assert runnable(line) == line


@pytest.mark.parametrize("text", ["edit 'a\x1b.py':3: write\x07 it", "flask\ndb", "it's \x1b open"])
def test_what_is_not_quoted_is_escaped(text: str) -> None:
    assert runnable(text).isprintable()


def test_operators_between_words_stay(tmp_path: Path) -> None:
    folder = tmp_path / "a\x1bb"
    folder.mkdir()
    line = runnable(f"(cd {shlex.quote(str(folder))} && pwd) | cat; echo 'x\x07'")
    assert said_by_shell(line) == os.fsencode(f"{folder}\nx\x07\n")


@pytest.mark.parametrize(("path", "operand"), [("-rf", "./-rf"), ("--x/y.py", "./--x/y.py"), ("a-b", "a-b"), ("", "")])
def test_a_path_is_no_option(path: str, operand: str) -> None:
    assert path_operand(path) == operand


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("git show 'a\nb", "git show 'a\\nb"),
        ("git add '\ud900'", "git add \"$(printf '\\355\\244\\200')\""),
    ],
    ids=["an open quote", "half of a character"],
)
def test_what_no_shell_takes_is_shown_all_the_same(command: str, line: str) -> None:
    assert runnable(command) == line


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("migmerge fix", "flask migmerge fix"),
        ("cd a && migmerge fix --yes, or migmerge fix", "cd a && flask migmerge fix --yes, or flask migmerge fix"),
        ("git rm 'a migmerge fix.py' && migmerge check", "git rm 'a migmerge fix.py' && flask migmerge check"),
        (
            "the hook's tool, or the project's environment; then: migmerge fix",
            "the hook's tool, or the project's environment; then: flask migmerge fix",
        ),
        ("git config migmerge.hooks off", "git config migmerge.hooks off"),
        ("export FLASK_APP=…, or run migmerge in its folder", "export FLASK_APP=…, or run migmerge in its folder"),
        ("./migmerge fix && sh migmerge-x", "./migmerge fix && sh migmerge-x"),
    ],
)
def test_a_command_is_called_as_the_user_did(text: str, called: str) -> None:
    assert called_as(text, "flask migmerge") == called


def test_a_path_of_windows_is_one_word_for_the_shell_of_git() -> None:
    path = PureWindowsPath(r"C:\Users\Ann Lee\shop\migrations")
    assert shlex.split(quoted_path(str(path))) == [str(path)]
    assert shlex.split(runnable(f"cd {quoted_path(path.as_posix())} && git status"))[1] == "C:/Users/Ann Lee/shop/migrations"
