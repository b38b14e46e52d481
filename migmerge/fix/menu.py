"""Offering cures on a terminal: the menu, a look at what would be written, and the one question that only the user can answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from ..core.fix_plan.plan import Commit, Plan, Proposal
from ..core.text import enumerate_names
from ..output.prompt import Choice, ask
from ..output.screen import Screen
from ..output.text.fix_plan import report_outcome
from ..repository.repository import Repository
from .apply import preview

Alternatives = Mapping[str, Sequence[Plan]]
"""By "merge", "reparent" and "downgrade first", the recommended one first: a plan for each divergence."""


def alternatives(proposals: Sequence[Proposal], strategy: str | None, configured: str) -> dict[str, list[Plan]]:
    """Return the cures that all divergences have, or the one that was asked for; both are decided to the byte."""
    found = {
        "merge": [each.merge for each in proposals if isinstance(each.merge, Plan)],
        "reparent": [plan for each in proposals if (plan := _reparenting(each))],
        "downgrade first": [each.if_downgraded_first for each in proposals if each.if_downgraded_first],
    }
    order = ["reparent", "merge", "downgrade first"] if configured == "reparent" else ["merge", "reparent", "downgrade first"]
    wanted = {None: order, "merge": ["merge"], "reparent": ["reparent", "downgrade first"]}[strategy]
    return {name: found[name] for name in order if name in wanted and len(found[name]) == len(proposals) > 0}


def _reparenting(proposal: Proposal) -> Plan | None:
    return proposal.reparent if isinstance(proposal.reparent, Plan) else proposal.if_unapplied


def choose_plans(
    offered: Alternatives, proposals: Sequence[Proposal], repository: Repository, screen: Screen, terminal: TextIO
) -> Sequence[Plan]:
    """Ask what to do about divergent heads until one of the cures is chosen; none of them is an answer too."""
    screen.flush()
    while (answer := ask("What shall be done?", _choices(offered), terminal)) not in (None, "no"):
        if answer == "show":
            for plan in (plan for plans in offered.values() for plan in plans):
                report_outcome(screen, preview(plan, repository))
        elif answer != "reparent" or _vouched_for(offered["reparent"], proposals, terminal):
            return offered[answer or ""]
        screen.flush()
    return ()


def _vouched_for(plans: Sequence[Plan], proposals: Sequence[Proposal], terminal: TextIO) -> bool:
    """Ask what neither git nor a database that could be reached knows."""
    unknown = [name for plan in plans for name in plan.moved if any(plan is each.if_unapplied for each in proposals)]
    if not unknown:
        return True
    question = f"Has any database run {enumerate_names(unknown)}? It would skip what now comes before, without a word."
    answers = [Choice("yes, or I cannot tell", "unknown"), Choice("no, none has", "unapplied")]
    return ask(question, answers, terminal) == "unapplied"


def _choices(offered: Alternatives) -> list[Choice]:
    titles = {name: _title(name, plans) for name, plans in offered.items()}
    return [
        *(Choice(title, name) for name, title in titles.items()),
        Choice("show what would be written", "show"),
        Choice("not now", "no"),
    ]


def _title(name: str, plans: Sequence[Plan]) -> str:
    commits = any(isinstance(step, Commit) for plan in plans for step in plan.steps)
    if name == "reparent":
        moved = enumerate_names([revision for plan in plans for revision in plan.moved], most=3)
        return f"re-parent {moved} and commit" if commits else f"re-parent {moved}"
    if name == "downgrade first":
        moved = enumerate_names([revision for plan in plans for revision in plan.moved], most=3)
        return f"take {moved} back in your database, re-parent{' and commit' if commits else ''}, upgrade"
    what = "the merge revision" if len(plans) == 1 else f"{len(plans)} merge revisions"
    return f"create and commit {what}" if commits else f"create {what}"
