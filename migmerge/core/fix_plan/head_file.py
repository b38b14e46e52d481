"""Files beside the scripts in which a project records the head, so that git sees a conflict where Alembic would."""

from __future__ import annotations

import posixpath


def is_head_file(path: str) -> bool:
    """Say whether a file has one of the names that projects use for this."""
    name = posixpath.basename(path)
    return name in (".current-alembic-head", "head.txt") or name.endswith("_HEAD")


def with_head(data: bytes, heads: tuple[str, ...], head: str) -> bytes | None:
    """Return a side file that records `head`, or None where its whole content is none of the old `heads`."""
    recorded = data.strip()
    old = {name.encode("utf-8", "surrogatepass") for name in heads}
    return data.replace(recorded, head.encode("utf-8", "surrogatepass")) if recorded in old else None
