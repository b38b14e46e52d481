"""The change of a file, as a diff."""

from __future__ import annotations

from collections.abc import Sequence

from ..script.read import decoded


def diff_of(path: str, new_path: str, before: bytes, after: bytes) -> Sequence[str]:
    """Return the lines of a unified diff with one line of context, each with its line end."""
    # Only what is shown: difflib takes 5 ms to import.
    from difflib import unified_diff

    one, other = (decoded(data)[0].splitlines(keepends=True) for data in (before, after))
    lines = unified_diff(one, other, f"a/{path}", f"b/{new_path}", n=1)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
