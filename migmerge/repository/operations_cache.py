"""What scripts do to the schema, by their bytes: a database is compared with all scripts, and each takes 0.3 ms to read.

A file under the git directory that all worktrees share. Where it is missing or damaged, every script is read again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from operator import attrgetter
from typing import Any
from unicodedata import normalize

from ..core.operations.dialect import read_scripts
from ..core.operations.operation import Action, ObjectKind, Operation, Operations, RowChange, Unread
from .json_file import load_json, store_json

_FILE = "operations.json"
_SENDING_SQL = ("exec", "scalar", "run_")
"""One of these is in the name of whatever sends SQL, which is read each time: what it does depends on the version of sqlglot."""
_ENCODED = "coding"
"""Another encoding than UTF-8 could hide a name."""
_KEEP = 4
"""Scripts of other trees are dropped once the file has this many times those that were asked for."""

_values_of = attrgetter(*(field.name for field in fields(Operation) if field.name != "other"))
"""Only SQL makes an object that is neither a table nor a part of one."""


def read_known_scripts(storage: str, texts: Mapping[str, bytes], dialect: str | None) -> dict[str, Operations]:
    """Return what each script's `upgrade()` does, by the keys of the scripts, and keep that in the folder `storage`."""
    path = os.path.join(storage, _FILE)
    stored: dict[str, Any] = load_json(path)
    keys = {name: f"{dialect or ''} {sha256(text).hexdigest()}" for name, text in texts.items() if _may_be_kept(text)}
    known = {name: _unpacked(stored[key]) for name, key in keys.items() if key in stored}
    new = read_scripts({name: text for name, text in texts.items() if name not in known}, dialect)
    if kept := {keys[name]: _packed(each) for name, each in new.items() if name in keys}:
        used = {*keys.values()}
        has_grown = len(stored) > _KEEP * max(len(used), 256)
        store_json(path, {key: each for key, each in stored.items() if key in used or not has_grown} | kept)
    return {**known, **new}


def _may_be_kept(text: bytes) -> bool:
    """Say whether a script sends no SQL; Python takes letters such as a full-width e for the plain ones (PEP 3131)."""
    plain = text.decode("utf-8", "replace") if text.isascii() else normalize("NFKC", text.decode("utf-8", "replace"))
    return not any(word in plain for word in (*_SENDING_SQL, _ENCODED))


def _packed(operations: Operations) -> list[object]:
    unread = [
        [each.line, each.what, None if each.words is None else sorted(each.words), each.database] for each in operations.unread
    ]
    return [list(map(_values_of, operations.done)), unread]


def _unpacked(packed: list[Any]) -> Operations:
    # The checksum of the file vouches for the shape.
    done, unread = packed
    return Operations(
        tuple(_operation(*values) for values in done),
        tuple(
            Unread(line, what, None if words is None else frozenset(words), database) for line, what, words, database in unread
        ),
    )


def _operation(*values: Any) -> Operation:
    action, kind, table, name, line, new_name, columns, database, guarded, indexed, conditional, listed, rows, *rest = values
    return Operation(
        *(Action(action), ObjectKind(kind), table, name, line, new_name, tuple(columns), database),
        *(guarded, indexed, conditional, listed, RowChange(rows) if rows else None, *rest),
    )
