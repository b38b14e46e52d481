"""The faults themselves: a git that fails, kills or signals who calls it, and what surrounds a command."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

GIT = shutil.which("git") or "git"
ANY = "any"

# Git finds itself, and hooks find it, in the folder of GIT_EXEC_PATH. What git calls for itself is not counted. The shell of
# a hook is not killed: git ends a checkout with its status.
_SHIM = """#!/bin/sh
read -r parent </proc/$PPID/comm
case $parent in git*) exec {git} "$@" ;; esac
printf . >>"$FAULT_FOLDER/calls"
number=$(stat -c %s "$FAULT_FOLDER/calls")
[ "$number" -ge "$FAULT_AT" ] || exec {git} "$@"
[ "$number" = "$FAULT_AT" ] || [ "$FAULT_KIND" = "fails from here on" ] || exec {git} "$@"
case $parent:$FAULT_KIND in *sh:kill* | *sh:SIG* | post-*:kill* | post-*:SIG*) exec {git} "$@" ;; esac
echo "$FAULT_KIND: $*" >>"$FAULT_FOLDER/injected"
case $FAULT_KIND in
    "kill before") kill -KILL $PPID ;;
    "kill after") {git} "$@"; kill -KILL $PPID ;;
    "fails with 1") echo "error: out of luck" >&2; exit 1 ;;
    "fails with 128" | "fails from here on") echo "fatal: the disk is on fire" >&2; exit 128 ;;
    "fails after all") {git} "$@"; exit 1 ;;
    "slow") sleep 0.5; exec {git} "$@" ;;
    SIG*" later") (sleep "$FAULT_DELAY"; kill -"${{FAULT_KIND%% *}}" $PPID) >/dev/null 2>&1 & exec {git} "$@" ;;
    SIG*) kill -"$FAULT_KIND" $PPID; exec {git} "$@" ;;
esac
"""
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGPIPE")
LETHAL = ("kill before", "kill after", "SIGQUIT", "SIGQUIT later", "fails from here on")
"""After these nothing can be cleaned up: the next run does."""
AT_A_CALL = (
    *("kill before", "kill after", "fails with 1", "fails with 128", "fails from here on", "fails after all", "slow"),
    *SIGNALS,
    *(f"{each} later" for each in SIGNALS),
)
USER_HOOKS = {
    "pre-commit fails": ("pre-commit", "exit 1"),
    "pre-commit is slow": ("pre-commit", "sleep 0.4"),
    "pre-commit is chatty": ("pre-commit", "i=0; while [ $i -lt 3000 ]; do echo chatting on and on; i=$((i+1)); done"),
    "pre-commit adds all": ("pre-commit", "git add --all"),
    "pre-commit adds and fails": ("pre-commit", "git add --all; exit 1"),
    "pre-commit kills git": ("pre-commit", "kill -KILL $PPID"),
    "prepare-commit-msg empties": ("prepare-commit-msg", ': >"$1"'),
    "commit-msg fails": ("commit-msg", "exit 1"),
    "post-commit fails": ("post-commit", "exit 1"),
    "post-commit adds all": ("post-commit", "git add --all"),
    "post-index-change fails": ("post-index-change", "exit 1"),
    "reference-transaction refuses": ("reference-transaction", '[ "$1" != prepared ] || exit 1'),
}
SETTINGS = {
    "signing fails": {"commit.gpgsign": "true", "gpg.program": "false"},
    "no identity": {"user.useConfigOnly": "true", "user.name": "", "user.email": ""},
    "no editor": {"core.editor": "false", "commit.verbose": "true"},
}
LOCKS = ("index.lock", "HEAD.lock", "refs/heads/main.lock", "packed-refs.lock", "config.lock", "migmerge/journal/lock")
DESCRIPTORS = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-", "| true", "2>&1 | true", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1")


@cache
def shim_folder(folder: Path) -> Path:
    """Return a folder like that of git's own programs, with our git in it."""
    made = folder / "git-core"
    made.mkdir()
    own = Path(subprocess.run([GIT, "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())
    for program in own.iterdir():
        if program.name != "git":
            (made / program.name).symlink_to(program)
    shim = made / "git"
    shim.write_text(_SHIM.format(git=GIT))
    shim.chmod(0o755)
    return made


def at_a_call(folder: Path, kind: str, number: int, delay: float = 0.0) -> dict[str, str]:
    """Return the variables with which the call of this number has a fault, none for 0."""
    for name in ("calls", "injected"):
        (folder / name).unlink(missing_ok=True)
    shim = shim_folder(folder)
    faults = {"FAULT_FOLDER": str(folder), "FAULT_AT": str(number or 10**6), "FAULT_KIND": kind, "FAULT_DELAY": f"{delay:.3f}"}
    return {"GIT_EXEC_PATH": str(shim), "PATH": f"{shim}:{os.environ['PATH']}", **faults}


def calls(folder: Path) -> int:
    path = folder / "calls"
    return path.stat().st_size if path.exists() else 0


def was_injected(folder: Path) -> bool:
    return (folder / "injected").exists()


def processes_in(folder: Path) -> list[str]:
    """Return the command lines of the processes that work below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            where, line = os.readlink(process / "cwd"), (process / "cmdline").read_bytes()
        except OSError:
            continue
        if where.startswith(str(folder)):
            found.append(line.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found
