"""Head files: a project records its head in one, so that git reports a conflict where Alembic finds two heads."""

from __future__ import annotations

import posixpath


def is_head_file(path: str) -> bool:
    """Say whether a file has one of the names that projects give a head file."""
    name = posixpath.basename(path)
    return name in (".current-alembic-head", "head.txt") or name.endswith("_HEAD")


def with_head(data: bytes, heads: tuple[str, ...], head: str) -> bytes | None:
    """Return a head file that records `head`; None where its content is anything but one of the old `heads`."""
    recorded = data.strip()
    old_heads = {name.encode("utf-8", "surrogatepass") for name in heads}
    return data.replace(recorded, head.encode("utf-8", "surrogatepass")) if recorded in old_heads else None
