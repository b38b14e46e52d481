"""From a script's bytes to what it says, never running it: fast scanner, then syntax tree, then lines."""

from __future__ import annotations

from ..revision import Reading, Revision, Script, Unreadable, UnreadableScript
from .budget import NOT_READ, TOO_LONG, ReadingBudget, is_slow_to_decode, is_too_large

_MOST_IN_TWO_LINES = 64 * 1024
"""Bytes in which an encoding cookie is looked for."""


def read_script(data: bytes, budget: ReadingBudget | None = None) -> Reading:
    """Read a script's identifiers; any bytes are answered, none is executed.

    A script beyond the budget is one that was not read.
    """
    if is_too_large(data):
        return Unreadable(TOO_LONG, computed=True)
    # Its expressions take 2 ms to compile, which a full cache spares.
    from .scanner import scan

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return read_carefully(data, budget)
    if text.startswith("\ufeff") or "coding" in text[: _end_of_second_line(text)]:
        return read_carefully(data, budget)
    return scan(text) or read_carefully(data, budget)


def read_carefully(data: bytes, budget: ReadingBudget | None = None) -> Reading:
    """Read a script as Python itself would parse it, noting what keeps Python from loading it.

    A script beyond the budget is scanned, or was not read.
    """
    if is_too_large(data):
        return Unreadable(TOO_LONG, computed=True)
    if budget and not budget.covers_parsing(data):
        return _scanned(data) or not_read()
    # `ast` alone takes 25 ms to import: only the few scripts that the scanner hands on pay for it.
    from .bindings import read_syntax
    from .syntax import NotPython, TooLong

    try:
        # The bytes, for Python minds neither the encoding of a comment nor a backslash before the last line's CRLF.
        return read_syntax(data)
    except TooLong as error:
        return _scanned(data) or Unreadable(str(error), computed=True)
    except NotPython as error:
        from .fallback import read_assignments

        text, defect = source_text(data)
        return read_assignments(text, defect or str(error))


def _scanned(data: bytes) -> Reading | None:
    """Read a script of the usual form that is too long to parse; None where the scanner is not certain."""
    from .scanner import scan

    text, defect = source_text(data)
    return None if defect else scan(text)


def not_read() -> Unreadable:
    """Return the reading of a script that Alembic may well load, and that is one too many."""
    return Unreadable(NOT_READ, computed=True)


def script_at(reading: Reading, path: str, uncommitted: str = "") -> Script:
    """Join a reading with the path it was found at, and with how that differs from HEAD."""
    if isinstance(reading, Unreadable):
        return UnreadableScript(path, *reading, uncommitted)
    return Revision(reading, path, uncommitted)


def encoding_of(data: bytes) -> str:
    """Return the encoding in which Python would read a script.

    Raises:
        ValueError, LookupError, SyntaxError: where Python could not tell.
    """
    import tokenize

    if is_slow_to_decode(data):
        raise ValueError("it takes too long to decode")
    lines = iter(data[:_MOST_IN_TWO_LINES].splitlines(keepends=True))
    return tokenize.detect_encoding(lambda: next(lines, b""))[0]


def source_text(data: bytes) -> tuple[str, str | None]:
    """Return a script as Python decodes it, with every line ended by a line feed; with a defect where Python could not."""
    if is_too_large(data):
        return "", TOO_LONG
    text, defect = decoded(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    # UTF-7 can write a carriage return without one; Python takes only those that stand in the file for the end of a line.
    return text, defect or ("its encoding hides a carriage return" if "\r" in text else None)


def decoded(data: bytes) -> tuple[str, str | None]:
    """Decode as Python does; with a defect, and byte by byte, where Python could not."""
    try:
        return data.decode(encoding_of(data)).removeprefix("\ufeff"), None
    except (SyntaxError, LookupError, UnicodeError, ValueError, AssertionError):
        return data.decode("latin-1"), "its encoding is not what it declares"


def _end_of_second_line(text: str) -> int:
    """Return where Python stops looking for an encoding cookie."""
    return text.find("\n", text.find("\n") + 1)
