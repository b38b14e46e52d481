"""`migmerge demo`: the whole story, for real, in a repository that is thrown away."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..core.errors import MigmergeError
from ..core.options import Options
from ..demo.story import play_story, set_stage


def demo(options: Options, *, keep: str | None) -> int:
    """Play the story; with `keep` its repository stays in that folder, which must not hold anything yet."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="migmerge-demo-", ignore_cleanup_errors=True) as folder:
            play_story(set_stage(Path(folder), options))
        return 0
    folder_ = Path(options.folder, keep)
    if folder_.exists() and any(folder_.iterdir()):
        raise MigmergeError(f"{keep} is not empty", hint="migmerge demo --keep NEW-FOLDER")
    folder_.mkdir(parents=True, exist_ok=True)
    stage = set_stage(folder_, options)
    play_story(stage)
    stage.tell(f"It is all in {folder_}: cd there and look around")
    return 0
