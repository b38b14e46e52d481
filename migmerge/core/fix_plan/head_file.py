"""Head files: a project records its heads in one, so that git reports a conflict where Alembic finds two heads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from .plan import RewriteScript

LARGEST = 4096
"""Bytes of a head file."""
_LINE = re.compile(r"\s*(\S+)((?:[ \t]+\([^()\n]*\))*)\s*")


def is_named_head_file(path: str) -> bool:
    """Say whether a file has one of the names that projects give a head file."""
    name = posixpath.basename(path)
    return name in (".current-alembic-head", "head.txt") or name.endswith("_HEAD")


def records_heads(data: bytes, heads: Collection[str]) -> bool:
    """Say whether a file holds heads and nothing else, an id a line, as `alembic heads` prints them or bare."""
    recorded = _recorded(data)
    return bool(recorded) and recorded <= set(heads)


def _recorded(data: bytes) -> set[str]:
    """Return the ids in a head file; none where a line is anything else."""
    lines = [line for line in data.decode("utf-8", "surrogateescape").splitlines() if line.strip()]
    found = [_LINE.fullmatch(line) for line in lines]
    return {match[1] for match in found if match} if all(found) else set()


def with_head(data: bytes, heads: Sequence[str], head: str) -> bytes | None:
    """Return a head file with `head` in place of those of the old `heads` that it has; None where it has none of them."""
    if not _recorded(data).intersection(heads):
        return None
    lines, done = [], False
    for line in data.decode("utf-8", "surrogateescape").splitlines(keepends=True):
        match = _LINE.fullmatch(line)
        if match is None or match[1] not in heads:
            lines.append(line)
        elif not done:
            lines.append(line.replace(match[1], head, 1))
            done = True
    return "".join(lines).encode("utf-8", "surrogateescape")


def head_file_changes(files: Mapping[str, bytes], heads: Sequence[str], head: str) -> Iterator[RewriteScript]:
    """Yield the changes of the head files among `files`, the bytes of scripts and head files by path."""
    for path, data in files.items():
        rewritten = None if path.endswith(".py") else with_head(data, heads, head)
        if rewritten is not None and rewritten != data:
            yield RewriteScript(path, path, data, rewritten)


def notes_on_head_files(files: Mapping[str, bytes], heads: Sequence[str]) -> Iterator[str]:
    """Yield a note for each file that is named as a head file is and holds something else."""
    for path, data in files.items():
        if is_named_head_file(path) and with_head(data, heads, "") is None:
            yield f"{path} may record the head, and holds something else: look at it"
