"""MM201 and MM202: git does not call migmerge after a merge, or calls what is gone."""

from __future__ import annotations

from migmerge.core.findings.hooks import HookProblem, diagnose_hooks, python_gone
from tests.support.findings import KINDS


def test_mm201_hooks_missing() -> None:
    (found,) = diagnose_hooks("db", HookProblem("no hook is installed"))
    assert (found.kind, found.environment, found.message, str(found.hint)) == (
        KINDS["MM201"],
        "db",
        "no hook is installed",
        "migmerge install",
    )


def test_mm202_hooks_broken() -> None:
    (found,) = diagnose_hooks("db", python_gone(["/a/python", "/b/python"]))
    assert (found.kind, found.message) == (KINDS["MM202"], "the hooks call /a/python and /b/python, which cannot be run")


def test_hooks_that_work_are_no_finding() -> None:
    assert diagnose_hooks("db", None) == ()
