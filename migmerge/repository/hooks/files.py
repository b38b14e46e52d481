"""What our hooks consist of, and where git looks for hooks.

What git calls is a guarded block in the hook file, or since git 2.54 a line of configuration. Either runs the shell files
of the top-level folder `hooks/`, copied under the git directory that all worktrees share.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...core.git_event import HOOKS
from ..repository import Repository

CONFIGURED_SINCE = (2, 54)
"""The first git that reads hooks from its configuration."""
SHELL_FILES = (*HOOKS, "look")
WRITTEN = "written"
"""The file beside them that names the hook files with our block."""
BLOCK = re.compile(rb"# >>> migmerge >>>.*?# <<< migmerge <<<[^\n]*\n", re.DOTALL)
MADE = "# <<< migmerge <<< made this file"
"""How the block ends in a hook file that is all ours."""

_SOURCES = next(
    folder for folder in (Path(__file__).parents[2] / "hooks", Path(__file__).parents[3] / "hooks") if folder.is_dir()
)
"""In an installed package, or in a checkout."""
_COMMAND = (
    "migmerge_hooks=${GIT_DIR:-.git}; "
    '[ ! -f "$migmerge_hooks/commondir" ] || migmerge_hooks=$migmerge_hooks/../..; '
    "migmerge_hooks=$migmerge_hooks/migmerge/hooks; "
    'migmerge_hook() { [ ! -f "$migmerge_hooks/@HOOK@" ] || . "$migmerge_hooks/@HOOK@"; }; migmerge_hook'
)
"""The lines of `hooks/block` as one."""


def source(name: str) -> str:
    """Return a shell file as it comes with migmerge, its placeholders not filled in."""
    return (_SOURCES / name).read_text(encoding="utf-8")


def block_of(hook: str) -> str:
    return source("block").replace("@HOOK@", hook)


def command_of(hook: str) -> str:
    """Return what git 2.54 and newer run for a hook, with "$@" put behind it; it must not fail where our files are gone."""
    return _COMMAND.replace("@HOOK@", hook)


def made_file(block: str, *, last: bool) -> bytes:
    """Return a hook file of our own; where nothing follows the block, it needs no subshell, a third of its cost."""
    own = block.replace("# <<< migmerge <<<", MADE)
    return ("#!/bin/sh\n" + (re.sub(r"\((\. .*)\)", r"\1", own) if last else own)).encode()


def shell_folder(repository: Repository) -> Path:
    """Return where the shell files are installed."""
    return Path(repository.storage, "hooks")


def hooks_folder(repository: Repository) -> Path:
    """Return where git looks for hook files: right for worktrees, submodules and core.hooksPath."""
    return Path(repository.top, repository.git.found("rev-parse", "--git-path", "hooks"))


def hooks_path(repository: Repository) -> tuple[str, str]:
    """Return the scope and the value of core.hooksPath, both empty where it is not set."""
    scope, _, value = repository.git.found("config", "--show-scope", "--get", "core.hooksPath").partition("\t")
    return scope, value


def is_shared(scope: str) -> bool:
    """Say whether a core.hooksPath of this scope leads every repository of the user to one folder."""
    return scope in ("global", "system")
