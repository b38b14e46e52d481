"""The words of MM108: how far the recorded revisions of a database were judged, and what to do about the others."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from ..database.coverage import Coverage
from ..finding import Hint
from ..text import counted, enumerate_names

_MOST = 4
"""Revisions that are named one by one."""
_DEEP = Hint("migmerge doctor --deep")
_VOUCH = Hint("migmerge doctor --deep --assume-applied")


def unproven_message(database: str, coverage: Coverage, named: Callable[[str], str]) -> str:
    """Say how many revisions of a database are verified, and which ones are not, with what `named` calls them."""
    total = counted(coverage.total, "revision")
    verified = f"{total}: {len(coverage.verified)} verified"
    unproven = f", {len(coverage.unproven)} {_why(coverage)}: {_names(coverage.unproven, named)}" if coverage.unproven else ""
    reason = coverage.reason_of_failure(named)
    judged = f"{verified}{unproven}"
    if coverage.unproven and (coverage.is_deep or reason):
        judged += f"; read their scripts, then vouch for them, or migmerge sync --rerun {coverage.unproven[0]}"
    if reason:
        by = "beside that" if coverage.is_deep else "by their text"
        return f"{database} could not be judged{' wholly' if coverage.is_deep else ''} by a replay: {reason}; {by}, {judged}"
    return f"{database}: {judged}"


def unproven_hint(coverage: Coverage) -> Hint:
    """Return what leads on: to run what was probably skipped, the replay, and where that tells no more, the user's word."""
    if coverage.suspected:
        return Hint(" ".join(["migmerge sync", *(f"--rerun {shlex.quote(name)}" for name in coverage.suspected)]))
    if not coverage.is_deep and coverage.is_judged:
        return _DEEP
    return _VOUCH if coverage.unproven else Hint("migmerge doctor")


def altered_message(database: str, revision: str, facts: Sequence[str]) -> str:
    """Say what is otherwise than any revision made it."""
    return f"{database} records {revision} as run, but {enumerate_names(facts, most=_MOST)}: something else changed it"


def _why(coverage: Coverage) -> str:
    if not coverage.is_deep:
        return "cannot be told from their text"
    rows = f" ({len(coverage.of_rows)} may change rows)" if coverage.of_rows else ""
    return f"of which the schema tells nothing{rows}"


def _names(revisions: Sequence[str], named: Callable[[str], str]) -> str:
    return enumerate_names([named(name) for name in revisions], most=_MOST)
