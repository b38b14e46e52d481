"""The finding about git hooks that are missing or not called."""

from __future__ import annotations

from dataclasses import dataclass

from ..finding import Finding, Hint
from .registry import HOOKS_MISSING

INSTALL = "migmerge install"


@dataclass(frozen=True, slots=True)
class HookProblem:
    """Say why git does not call migmerge after a merge, or not as it should, and the command that helps."""

    reason: str
    hint: str = INSTALL


def hooks_missing(environment: str, problem: HookProblem | None) -> tuple[Finding, ...]:
    """Return MM201 with the first environment's path, where something keeps git from calling the hooks."""
    if problem is None:
        return ()
    return (Finding(HOOKS_MISSING, environment, problem.reason, Hint(problem.hint)),)
