"""`migmerge demo`: the whole story in a throw-away repository."""

from __future__ import annotations

from ..core.options import Options
from ..demo.story import play_demo


def demo(options: Options, *, keep: str | None) -> int:
    """Play the demo; with `keep` its repository stays in that folder, which must be empty or missing."""
    play_demo(options, keep)
    return 0
