"""Statements about what is neither a table nor a part of one, and has a name of its own: views, sequences, functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .operation import Action, Operation, OtherKind, OtherObject
from .schema_items import qualified

_PART = r"""(?:"[^"]+"|`[^`]+`|\w+)"""
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_STATEMENT = re.compile(
    rf"\s*(?P<action>create|alter|drop)(?P<replaces>\s+or\s+(?:replace|alter))?(?P<temporary>\s+temp(?:orary)?)?(?:\s+recursive)?"
    rf"\s+(?P<kind>materialized\s+view|view|sequence|function)(?P<guarded>\s+if\s+(?:not\s+)?exists)?"
    rf"\s+(?P<names>{_NAME}(?:\s*,\s*{_NAME})*)\s*(?P<plain>\(\s*\))?",
    re.IGNORECASE,
)
_RENAMED = re.compile(rf"\brename\s+to\s+(?P<new>{_PART})", re.IGNORECASE)


def with_other_objects(referring: Operation, sql: str) -> Iterator[Operation]:
    """Yield an operation that refers to no table, once for each object that its statement makes, changes or drops."""
    found = [*_objects_in(sql)]
    yield from (replace(referring, other=each) for each in found)
    if not found:
        yield referring


def _objects_in(sql: str) -> Iterator[OtherObject]:
    found = _STATEMENT.match(sql)
    if not found or found["temporary"]:
        return
    kind = OtherKind(" ".join(found["kind"].lower().split()))
    # A function with arguments may be another one than that of its name.
    unsure = kind is OtherKind.FUNCTION and not found["plain"]
    action, guarded = Action(found["action"].lower()), bool(found["replaces"] or found["guarded"]) or unsure
    for name in re.findall(_NAME, found["names"]):
        yield OtherObject(action, kind, _spelt(name), guarded)
    if action is Action.ALTER and (renamed := _RENAMED.search(sql)):
        yield OtherObject(action, kind, _spelt(renamed["new"]))


def _spelt(written: str) -> str:
    """Return a name as a catalogue has it: in lower case unless it is quoted, its schema in front."""
    parts = [part.strip('"`') if part[0] in '"`' else part.lower() for part in re.findall(_PART, written)]
    return qualified(parts[-1], ".".join(parts[:-1]) or None)
