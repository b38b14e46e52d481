"""The removal of a script that repeats another one."""

from __future__ import annotations

import shlex

from ..evidence import Evidence
from ..script.read import decoded
from ..text import printable
from .duplicate import DuplicateCure
from .plan import Commit, Plan, Policy, Refusal, RemoveScript, Step

_MOST_LINES = 20
"""Of an edited copy's difference that are shown."""


def removal(cure: DuplicateCure, evidence: Evidence, policy: Policy) -> Plan | Refusal:
    """Plan to remove a copy; what no commit holds is removed only where it is the same to the byte."""
    path, data, kept = cure.other.path, evidence.files.get(cure.other.path), evidence.files.get(cure.kept.path)
    if data is None or kept is None or (data != kept and cure.other.uncommitted):
        return Refusal(f"{path} is not what was looked at", shlex.join(["git", "status", "--", path]))
    remove = RemoveScript(path, data, bool(cure.other.uncommitted))
    steps: tuple[Step, ...] = (remove,)
    if policy.commit and not cure.other.uncommitted:
        steps = (remove, Commit(f"Remove {path}, a copy of {cure.kept.path}"))
    edited = "" if data == kept else ", picked by git and edited"
    return Plan(
        steps, f"{path} is a copy of {cure.kept.path}{edited}: it is removed", (cure.other.revision,), _differing(data, kept)
    )


def _differing(data: bytes, kept: bytes) -> tuple[str, ...]:
    """Return the lines in which a copy differs from what is kept, as a diff has them."""
    if data == kept:
        return ()
    # Only an edited copy: difflib takes 5 ms to import.
    from difflib import unified_diff

    before, after = (decoded(each)[0].splitlines() for each in (data, kept))
    lines = unified_diff(before, after, n=0)
    changed = [printable(line) for line in lines if not line.startswith(("---", "+++", "@@"))]
    more = [f"{len(changed) - _MOST_LINES} more lines"] if len(changed) > _MOST_LINES else []
    return (*changed[:_MOST_LINES], *more)
