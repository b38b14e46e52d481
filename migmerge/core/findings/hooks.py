"""The findings about git hooks: MM201, missing or not called; MM202, called, and their Python is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..finding import Finding, FindingKind, Hint
from ..text import enumerate_names
from .registry import HOOKS_BROKEN, HOOKS_MISSING

INSTALL = "migmerge install"


@dataclass(frozen=True, slots=True)
class HookProblem:
    """Say why git does not call migmerge after a merge, or not as it should, and the command that helps."""

    reason: str
    hint: str = INSTALL
    kind: FindingKind = HOOKS_MISSING


def python_gone(gone: Iterable[str]) -> HookProblem:
    """Return the problem of hooks that name programs which cannot be run any more."""
    return HookProblem(f"the hooks call {enumerate_names(gone)}, which cannot be run", kind=HOOKS_BROKEN)


def diagnose_hooks(environment: str, problem: HookProblem | None) -> tuple[Finding, ...]:
    """Return MM201 or MM202 with the first environment's path, where something keeps the hooks from speaking."""
    if problem is None:
        return ()
    return (Finding(problem.kind, environment, problem.reason, Hint(problem.hint)),)
