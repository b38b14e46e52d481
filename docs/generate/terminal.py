"""A terminal of 80 columns in which commands really run, and what it shows as text and as a picture."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pexpect
import pyte

WIDTH = 80
_HEIGHT = 120
_CELL, _LINE, _EDGE = 8.4, 19, 16
"""The width of a character at 14 pixels, the height of a line, and the empty edge, in pixels."""
_FONT = "ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
THEMES = {
    "light": {
        "paper": "#f6f8fa",
        "default": "#24292f",
        "red": "#b3261e",
        "green": "#116329",
        "brown": "#7d4e00",
        "blue": "#0550ae",
        "magenta": "#8250df",
        "cyan": "#0b6a75",
        "faint": "#59636e",
    },
    "dark": {
        "paper": "#161b22",
        "default": "#e6edf3",
        "red": "#ff8a80",
        "green": "#7ee787",
        "brown": "#e3b341",
        "blue": "#79c0ff",
        "magenta": "#d2a8ff",
        "cyan": "#76e3ea",
        "faint": "#9198a1",
    },
}
_NAMES = {"brightblack": "faint", "black": "default", "white": "default", "yellow": "brown"}


@dataclass(frozen=True)
class Run:
    """Characters of one line that look alike: the column of the first, and how they look."""

    column: int
    text: str
    color: str
    bold: bool


class _Screen(pyte.Screen):  # type: ignore[misc]
    """A screen that knows faint characters, which pyte does not: they are grey."""

    def select_graphic_rendition(self, *attributes: int, **more: bool) -> None:
        """Take faint for grey."""
        super().select_graphic_rendition(*(90 if each == 2 else each for each in attributes), **more)


class Terminal:
    """Run commands one after the other in a folder, as a user sees them."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._screen = _Screen(WIDTH, _HEIGHT)
        self._screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self._screen)

    def type(self, command: str, *, until: str = "", keys: str = "\x1b") -> None:
        """Show a command behind a prompt and run it to its end.

        Where `until` is given, `keys` answer the question once that is seen; after Esc, which says no, the screen stays at
        the question.
        """
        self._stream.feed(f"\x1b[1m$ {command}\x1b[0m\n")
        child = pexpect.spawn(
            "/bin/sh",
            ["-c", command],
            cwd=str(self._folder),
            env={**os.environ, **self._environment},
            encoding="utf-8",
            timeout=60,
            dimensions=(_HEIGHT, WIDTH),
        )
        # What a program asks the terminal, where the cursor stands for example, it answers.
        self._screen.write_process_input = child.send
        if until:
            self._show(child, until)
            child.send(keys)
        if not until or keys != "\x1b":
            self._show(child)
        child.expect(pexpect.EOF)
        child.close()

    def _show(self, child: pexpect.spawn[str], until: str = "") -> None:
        """Show what a command prints, up to its end, or until nothing follows a text for a second."""
        seen = ""
        while True:
            try:
                printed = child.read_nonblocking(4096, timeout=1 if until and until in seen else 60)
            except pexpect.EOF:
                return
            except pexpect.TIMEOUT:
                if until and until in seen:
                    return
                raise
            seen += printed
            self._stream.feed(printed)

    @property
    def lines(self) -> list[list[Run]]:
        """Return what is seen, without the empty lines at the end."""
        rows = [[self._screen.buffer[row][column] for column in range(WIDTH)] for row in range(_HEIGHT)]
        lines = [_runs_of(cells) for cells in rows]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def _runs_of(cells: list[pyte.screens.Char]) -> list[Run]:
    runs: list[Run] = []
    for column, cell in enumerate(cells):
        color = _NAMES.get(cell.fg, cell.fg)
        if runs and (runs[-1].color, runs[-1].bold) == (color, cell.bold):
            runs[-1] = Run(runs[-1].column, runs[-1].text + cell.data, color, cell.bold)
        else:
            runs.append(Run(column, cell.data, color, cell.bold))
    while runs and not runs[-1].text.strip():
        runs.pop()
    return [*runs[:-1], Run(runs[-1].column, runs[-1].text.rstrip(), runs[-1].color, runs[-1].bold)] if runs else []


def text_of(lines: list[list[Run]]) -> str:
    """Return the plain text of a screen."""
    return "\n".join("".join(run.text for run in line) for line in lines) + "\n"


def svg_of(lines: list[list[Run]], theme: dict[str, str]) -> str:
    """Return the picture of a screen, with the fonts that the reader has."""
    width, height = f"{WIDTH * _CELL + 2 * _EDGE:g}", f"{len(lines) * _LINE + 2 * _EDGE}"
    drawn = [text for row, line in enumerate(lines) for run in line for text in _drawn(run, _EDGE + (row + 1) * _LINE - 5, theme)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">',
            f"<title>{escape(text_of(lines).partition(chr(10))[0])}</title>",
            f'<rect width="{width}" height="{height}" rx="8" fill="{theme["paper"]}"/>',
            f'<g font-family="{_FONT}" font-size="14">',
            *drawn,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _drawn(run: Run, y: float, theme: dict[str, str]) -> Iterator[str]:
    """Yield the words of a run, at their columns and as long as they are in a terminal: neither fonts nor spaces shift them."""
    weight = ' font-weight="bold"' if run.bold else ""
    fill = theme.get(run.color, theme["default"])
    for words in re.finditer(r"\S+(?: \S+)*", run.text):
        x, length = _EDGE + (run.column + words.start()) * _CELL, len(words[0]) * _CELL
        yield f'<text x="{x:g}" y="{y:g}" textLength="{length:g}" fill="{fill}"{weight}>{escape(words[0])}</text>'
