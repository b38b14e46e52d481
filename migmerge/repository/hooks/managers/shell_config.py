"""Our hooks in the shell files of husky."""

from __future__ import annotations

import re

from ....core.hook_manager import HookManager, shell_in
from .marked import NotUnderstood, Piece, with_pieces

MADE = "#!/usr/bin/env sh\n"
"""What an older husky needs before our lines, in a file that is ours."""
_OTHER_PROGRAM = re.compile(r"#!(?![^\n]*[/ ](?:ba|da|z|k|mk|a)?sh\b)")
_HEAD = re.compile(r"(?:#![^\n]*\n)?(?:\.[^\n]*_/husky\.sh[^\n]*\n)?")


def with_lines(text: str | None, manager: HookManager, hook: str) -> str:
    """Return a hook file with our lines before what may end in `exec` or `exit`."""
    text = MADE if text is None else text
    if _OTHER_PROGRAM.match(text):
        raise NotUnderstood("it is no shell script")
    head = _HEAD.match(text)
    return with_pieces(text, manager.name, [Piece(head.end() if head else 0, [shell_in(hook, manager)])])


def is_made(text: str) -> bool:
    """Say whether a hook file without our lines has nothing of somebody else."""
    return text in ("", MADE)
