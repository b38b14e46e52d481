"""The fast way to read a script: certain of the usual form, silent about any other."""

from __future__ import annotations

import re

from .docstring import create_date_of, message_of
from .identifiers import NAMES
from .revision import Identifiers

_DOCSTRING = re.compile(r'(?:\#[^\n]*\n|[ \t]*\n)*"""([^"\\]*(?:"(?!"")[^"\\]*)*)"""[ \t]*(?:\#[^\n]*)?\n')
_STRING = r"""(?:'[^'\\\n]*'|"[^"\\\n]*")"""
_ITEMS = rf"(?:[ ]*{_STRING}[ ]*,)*[ ]*(?:{_STRING}[ ]*)?"
_LINE = re.compile(
    rf"""
      (?P<skipped> (?: [ \t]*(?:\#[^\n]*)?\n )+ )
    | (?P<import> (?: (?:from|import)[ ][^\n()\\;'"#*]*\n )+ )
    | (?P<name> {"|".join(NAMES)} )
      (?: [ ]*:[ ]*[\w., |\[\]]+? )?
      [ ]*=[ ]*
      (?P<value> None | {_STRING} | \({_ITEMS}\) | \[{_ITEMS}\] )
      [ \t]*(?:\#[^\n]*)?\n
    """,
    re.VERBOSE,
)
_ITEM = re.compile(_STRING)
_UNUSUAL = ("\r", "\0", "\f", "<<<<<<< ", ">>>>>>> ")


def scan(text: str) -> Identifiers | None:
    """Read a script of the usual form, in about a fiftieth of the time `ast` takes; None where there is any doubt.

    Certain means: after the docstring come only blank lines, comments, one-line imports and plain assignments of the
    identifiers, once each, and nothing behind them mentions an identifier again.
    """
    if not text.endswith("\n") or any(mark in text for mark in _UNUSUAL):
        return None
    opening = _DOCSTRING.match(text)
    docstring, position = (opening[1], opening.end()) if opening else (None, 0)
    values: dict[str, tuple[str, ...]] = {}
    while line := _LINE.match(text, position):
        position = line.end()
        if line.lastgroup == "import" and _mentions_identifier(line[0], 0):
            return None
        if name := line["name"]:
            if name in values:
                return None
            values[name] = tuple(item[1:-1] for item in _ITEM.findall(line["value"]))
    if _mentions_identifier(text, position) or "down_revision" not in values or len(values.get("revision", ())) != 1:
        return None
    revision, parents = values["revision"][0], values["down_revision"]
    if not revision or len(set(parents)) != len(parents):
        return None
    return Identifiers(
        revision,
        parents,
        values.get("branch_labels", ()),
        values.get("depends_on", ()),
        message_of(docstring),
        create_date_of(docstring),
    )


def _mentions_identifier(text: str, start: int) -> bool:
    return any(text.find(word, start) >= 0 for word in ("revision", "branch_labels", "depends_on"))
