"""The cure makes it run: once the plans of `fix` are applied, Alembic's own planner upgrades and downgrades."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given

from migmerge.core.evidence import Copy, Evidence
from migmerge.core.findings.scripts import diagnose
from migmerge.core.fix_plan.plan import CreateMergeRevision, Plan, Policy, Proposal, RemoveScript, Repair, RewriteScript
from migmerge.core.fix_plan.proposals import propose
from migmerge.core.immovable import Immovable
from migmerge.core.provenance import Provenance
from migmerge.core.revision import Revision
from migmerge.core.script.read import read_carefully, script_at
from migmerge.core.snapshot import Snapshot
from tests.support.examples import examples
from tests.support.histories import revision
from tests.support.project import script_text
from tests.unit.core.findings.test_scripts_verdict import ENVIRONMENT, Drawn, Rows, loading, scripts, silent

MOST_ROUNDS = 12
BY_HAND = {"MM002", "MM003", "MM004"}
"""Errors that only a person can cure, where no evidence tells what was meant; others may wait for them."""


def text_of(script: Revision) -> bytes:
    parents, labels, needs = (names or None for names in script.identifiers[1:4])
    return script_text(script.revision, parents, message="", labels=labels, depends_on=needs, date=None).encode()


def evidence_for(drawn: Sequence[Revision]) -> Evidence:
    """Return what is known where all scripts are the user's own, each younger than the one before, and no database ran any."""
    copies = {
        each.path: Copy(Provenance(f"{age:040}", "ann", f"2024-01-{age + 1:02}"), "", is_own=True, blob=str(hash(text_of(each))))
        for age, each in enumerate(drawn)
    }
    files = {each.path: text_of(each) for each in drawn}
    return Evidence(immovable=Immovable({}, frozenset()), copies=copies, files=files)


def cured(drawn: Sequence[Revision]) -> tuple[tuple[Revision, ...], set[str]]:
    """Apply what `fix --yes` recommends until it has no cure; return the scripts, and the errors that are left."""
    seen: list[frozenset[Revision]] = []
    scripts = tuple(drawn)
    while True:
        assert frozenset(scripts) not in seen and len(seen) < MOST_ROUNDS, seen
        seen.append(frozenset(scripts))
        snapshot, evidence = Snapshot(ENVIRONMENT, scripts), evidence_for(scripts)
        findings = diagnose(snapshot, evidence)
        proposed = propose(snapshot, findings, evidence, Policy(), assumed=True)
        plans = [
            each.merge if isinstance(each, Proposal) else each.plan for each in proposed if isinstance(each, Proposal | Repair)
        ]
        to_apply = [plan for plan in plans if isinstance(plan, Plan)]
        if not to_apply:
            return scripts, {each.code for each in findings if each.is_error}
        for plan in to_apply:
            scripts = applied(plan, scripts)


def applied(plan: Plan, before: Sequence[Revision]) -> tuple[Revision, ...]:
    by_path = {each.path: each for each in before}
    for step in plan.steps:
        match step:
            case RewriteScript():
                assert text_of(by_path.pop(step.path)) == step.expected
                written = script_at(read_carefully(step.data), step.new_path)
                assert isinstance(written, Revision)
                by_path[step.new_path] = written
            case RemoveScript():
                del by_path[step.path]
            case CreateMergeRevision():
                by_path[f"versions/{step.revision}.py"] = revision(step.revision, *step.parents)
    return tuple(by_path.values())


@examples(200)
@given(drawn=scripts())
def test_what_fix_leaves_without_an_error_alembic_runs(drawn: Drawn) -> None:
    scripts, errors = cured(drawn.revisions)
    assert not errors or errors & BY_HAND
    if errors:
        return
    theirs, raised = loading(scripts)
    assert theirs, raised
    rows = Rows()
    with silent():
        rows.upgrade(theirs, "heads")
        assert rows.heads == set(theirs._real_heads)  # noqa: SLF001 (what a version table holds at the end)
        rows.downgrade(theirs, "base")
    assert rows.heads == set()
