"""What is shown of work that takes long, on a terminal alone, and is gone at the end."""

from __future__ import annotations

from io import StringIO

import pytest

from migmerge.output.progress import status_line


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown_on(stream: StringIO, monkeypatch: pytest.MonkeyPatch, *, shown: bool = True) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "20")
    with status_line("running a, 1 of 2", shown=shown) as show:
        show("running \x1b[2J and more than fits, 2 of 2")
    return stream.getvalue()


def test_a_terminal_shows_one_line_that_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown_on(Terminal(), monkeypatch).split("\r")
    assert lines == ["", "running a, 1 of 2\x1b[K", "running \\x1b[2J an…\x1b[K", "\x1b[K"]


def test_a_pipe_and_a_quiet_command_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_on(StringIO(), monkeypatch) == ""
    assert shown_on(Terminal(), monkeypatch, shown=False) == ""
