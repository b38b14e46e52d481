"""The fast way to read a script: certain of the form that Alembic writes, silent about any other."""

from __future__ import annotations

import re
from unicodedata import normalize

from ..revision import Identifiers
from .budget import LONGEST_HEADER, LONGEST_NAME, MOST_NAMES
from .identifiers import create_date_of, message_of

_STRING = r"""(?:'[^'\\\n]*'|"[^"\\\n]*")"""
_ITEMS = rf"(?:[ ]*{_STRING}[ ]*,)*[ ]*(?:{_STRING}[ ]*)?"
_NAMES = rf"None|{_STRING}|\({_ITEMS}\)|\[{_ITEMS}\]"
_PASSED = r"""(?:
      [ \t]*(?:\#[^\n]*)?\n
    | (?:from|import)[ ](?![^\n]*(?:revision|branch_labels|depends_on))[\ !$-&+-:<-\[\]-~]*\n
    )*"""
_EQUALS = r"(?:[ ]*:[\w., |\[\]]*|[ ]*)=[ ]*"
_END = r"[ \t]*(?:\#[^\n]*)?\n"
_HEADER = re.compile(
    rf'''
    (?:(?:\#[^\n]*\n|[ \t]*\n)*"""([^"\\]*(?:"(?!"")[^"\\]*)*)"""{_END})?
    {_PASSED}
    revision{_EQUALS}({_STRING}){_END}
    {_PASSED}
    down_revision{_EQUALS}({_NAMES}){_END}
    {_PASSED}
    (?:branch_labels{_EQUALS}({_NAMES}){_END})?
    {_PASSED}
    (?:depends_on{_EQUALS}({_NAMES}){_END})?
    {_PASSED}
    ''',
    re.VERBOSE,
)
_ITEM = re.compile(_STRING)
BINDS_UNSEEN = (
    r"\b(?:globals|locals|vars|exec|eval|compile|setattr|delattr|__import__|__builtins__|modules|f_globals|f_locals)\b"
    r"|__dict__|__globals__|__setattr__|_getframe|import[ \t]*\*"
)
"""With these a script may bind a name without naming it; `syntax` looks closer."""
_USES = re.compile(r"\n(?!def |[ \t#)\n]|\Z)")
"""The beginning of a line that may be more than the definition of a function; found in a tenth of the time that those take."""


def scan(text: str) -> Identifiers | None:
    """Read a script of the usual form, in about a fiftieth of the time `ast` takes; None where there is any doubt.

    Certain means: after the docstring come only blank lines, comments, one-line imports and plain assignments of the
    identifiers, once each and in Alembic's order, and nothing behind them mentions an identifier again.
    """
    if "\r" in text or "\0" in text or "\f" in text or "<<<<<<< " in text or ">>>>>>> " in text:
        return None
    header = _HEADER.match(text, 0, LONGEST_HEADER)
    if header is None:
        return None
    rest = text[header.end() - 1 :]
    if _mentions_identifier(rest) or _may_bind_unseen(rest):
        return None
    docstring, quoted, parents, labels, depends_on = header.groups()
    revision, down_revisions, needs = quoted[1:-1], _names(parents), _names(depends_on)
    lists = (down_revisions, needs, tuple(_names(labels)))
    if any(len(names) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in names) for names in (*lists, (revision,))):
        return None
    if not revision or "" in needs or any(len(set(names)) != len(names) for names in (down_revisions, needs)):
        return None
    return Identifiers(revision, down_revisions, _names(labels), needs, message_of(docstring), create_date_of(docstring))


def _mentions_identifier(text: str) -> bool:
    """Say whether a name could be bound again; Python takes letters such as a full-width r for the plain ones (PEP 3131)."""
    plain = text if text.isascii() else normalize("NFKC", text)
    return "revision" in plain or "branch_labels" in plain or "depends_on" in plain


def _may_bind_unseen(text: str) -> bool:
    """Say whether a name could be bound without being named; what only stands in functions that nothing uses cannot."""
    # The second is compiled where it is needed, which takes 1 ms.
    return _USES.search(text) is not None and re.search(BINDS_UNSEEN, text) is not None


def _names(value: str | None) -> tuple[str, ...]:
    if value is None or value == "None":
        return ()
    return tuple(item[1:-1] for item in _ITEM.findall(value))
