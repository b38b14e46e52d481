"""What the installed hooks need: `check` looks at it each time, so that this module imports next to nothing."""

from __future__ import annotations

import os

_START = b"# >>> migmerge >>>"
_BEFORE, _BETWEEN, _AFTER = "    [ -x ", " ] && [ -x ", " ] && "


def programs_gone(common_dir: str) -> list[str]:
    """Return which of the two programs that the hooks of a clone start cannot be run; none where no hooks are installed."""
    try:
        with open(os.path.join(common_dir, "migmerge", "hooks", "look"), encoding="utf-8", errors="surrogateescape") as file:
            line = next((line for line in file if line.startswith(_BEFORE) and _BETWEEN in line), "")
    except OSError:
        return []
    script, _, rest = line.removeprefix(_BEFORE).partition(_BETWEEN)
    programs = [_unquoted(quoted) for quoted in (rest.partition(_AFTER)[0], script) if quoted]
    return [path for path in dict.fromkeys(programs) if not _can_run(path)]


def blocks_lost(common_dir: str) -> bool:
    """Say whether a hook file into which `migmerge install` wrote its lines may have lost them, as to a hook manager."""
    try:
        with open(os.path.join(common_dir, "migmerge", "hooks", "written"), "rb") as file:
            written = file.read().split(b"\n")
    except OSError:
        return False
    # A manager that leads git to another folder, as husky does, or no longer does, need not write into ours.
    is_led = b"hookspath" in _data(os.path.join(os.fsencode(common_dir), b"config")).lower()
    if is_led == written[0].startswith(b"hooks"):
        return True
    paths = [os.path.join(os.fsencode(common_dir), path) for path in written]
    return any(_START not in _data(path) and _START not in _data(path + b".legacy") for path in paths)


def _can_run(path: str) -> bool:
    try:
        return os.access(path, os.X_OK)
    except ValueError:  # a NUL in it
        return False


def _data(path: bytes) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return b""


def _unquoted(text: str) -> str:
    if not text.startswith("'"):
        return text
    import shlex

    try:
        return shlex.split(text)[0]
    except ValueError:  # edited by hand
        return text
