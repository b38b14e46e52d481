"""A fork of the history and its cures, as a user reads them before choosing one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...core.consent import Shown
from ...core.finding import Finding
from ...core.findings.registry import DIVERGENT_HEADS
from ...core.fix_plan.plan import Commit, CreateMergeRevision, Plan, Proposal, Refusal, RemoveScript
from ...core.graph_layout import GraphLayout, RowKind
from ...core.provenance import Provenance
from ...core.text import enumerate_names
from ..graph.text import Page, report_graph
from ..prompt import Choice
from ..screen import Screen
from .findings import report_finding
from .fix_plan import report_code

MOST_ROWS = 14
"""Revisions of a picture that fits above a menu; of more, a sentence names the heads."""


class Fork(NamedTuple):
    """Hold the picture of divergent heads, the provenance of its revisions, the user's own ones, and the command that fails."""

    layout: GraphLayout
    provenance: Mapping[str, Provenance]
    own: Collection[str]
    command: str


def is_drawn(layout: GraphLayout) -> bool:
    """Say whether a picture explains more than a sentence."""
    return len(layout.rows) <= MOST_ROWS


def report_cures(
    screen: Screen,
    forks: Sequence[Fork],
    findings: Sequence[Finding],
    alternatives: Mapping[str, Sequence[Plan]],
    proposals: Sequence[Proposal],
) -> Shown[Mapping[str, Sequence[Plan]]]:
    """Print each fork and what keeps it from being joined; the cures stand in the menu that follows, with their reasons."""
    report_forks(screen, forks, findings)
    for proposal in proposals:
        if proposal.obstacle:
            screen.say_hint(proposal.obstacle.hint)
    for step in (step for plans in alternatives.values() for plan in plans for step in plan.code):
        report_code(screen, step)
    return Shown(alternatives)


def report_forks(screen: Screen, forks: Sequence[Fork], findings: Sequence[Finding]) -> None:
    """Print what fails and a picture of each fork, and below it what else keeps an upgrade from running."""
    for fork in forks:
        screen.say(("migmerge: ", "heading"), f"{_subject(fork)} the history; `{fork.command}` fails")
        if is_drawn(fork.layout):
            shown = {name: _origin(fork, name, known) for name, known in fork.provenance.items()}
            report_graph(
                screen, _without_earlier(fork.layout), shown, Page(screen.width - 2, screen.encoding, tagged=False, indent="  ")
            )
        else:
            screen.say("  heads: ", (enumerate_names(fork.layout.snapshot.graph.heads), "revision"))
    for finding in findings:
        if finding.kind.shown_before_fix and not (forks and finding.kind is DIVERGENT_HEADS):
            _report_beside(screen, finding)


def _report_beside(screen: Screen, finding: Finding) -> None:
    """Print a finding whose revisions the picture shows, its places on lines of their own."""
    if not finding.what:
        report_finding(screen, finding, hint=False)
        return
    severity = finding.severity.value
    screen.say((finding.what, severity), "; whichever runs second fails:" if finding.stops_upgrade else "; read both:")
    for path, line in zip(finding.paths, finding.lines, strict=True):
        screen.say("  ", (f"{path}:{line}", "path"))


def _subject(fork: Fork) -> str:
    """Name the one who forks the history: to the user, the others."""
    names = [row.name for row in fork.layout.rows if row.kind is RowKind.REVISION]
    since = set(names) & set(fork.layout.snapshot.graph.diverging)
    foreign = [name for name in since if name in fork.provenance and name not in fork.own]
    if not foreign or len(foreign) == len(since):
        return "two migrations fork" if len(since) == 2 else "migrations fork"
    if len(foreign) == 1:
        return "a colleague's migration forks"
    authors = {fork.provenance[name].mail or fork.provenance[name].author for name in foreign}
    return "a colleague's migrations fork" if len(authors) == 1 else "colleagues' migrations fork"


def _origin(fork: Fork, name: str, known: Provenance) -> Provenance:
    return known._replace(author="yours") if name in fork.own else known


def _without_earlier(layout: GraphLayout) -> GraphLayout:
    """Leave out the count of the revisions below, which says nothing about the fork."""
    kept = [number for number, row in enumerate(layout.rows) if row.kind is not RowKind.EARLIER]
    place = {number: index for index, number in enumerate(kept)}
    edges = [
        replace(edge, child=place[edge.child], parent=place[edge.parent])
        for edge in layout.edges
        if edge.child in place and edge.parent in place
    ]
    return replace(layout, rows=tuple(layout.rows[number] for number in kept), edges=tuple(edges))


def choices_of(alternatives: Mapping[str, Sequence[Plan]], proposals: Sequence[Proposal], own: Collection[str]) -> list[Choice]:
    """Return a choice for each cure and what else a user may want; "no" first where rows may go or nothing is recommended."""
    cures = [_choice(name, plans, proposals, own) for name, plans in alternatives.items()]
    first, *others = cures
    hindered = [each.obstacle for each in proposals if each.obstacle]
    if hindered:
        first, *others = [each._replace(reason="not recommended: what is above fails") for each in cures]
    declines = bool(hindered) or first.value == "downgrade first"
    if not declines:
        first = first._replace(reason=f"{first.reason} (recommended)" if first.reason else "recommended")
    show = Choice("show the changes", "show", explanation="The files as they would be written; nothing is changed.")
    reason = "edit as above, then: migmerge fix" if hindered else "later: migmerge fix"
    later = Choice("not now", "no", reason, "Nothing is changed.")
    listed = [first, *others, show]
    return [later, *listed] if declines else [*listed, later]


def _choice(name: str, plans: Sequence[Plan], proposals: Sequence[Proposal], own: Collection[str]) -> Choice:
    commits = any(isinstance(step, Commit) for plan in plans for step in plan.steps)
    committed, moved = ", committed" if commits else "", [revision for plan in plans for revision in plan.moved]
    yours = "yours" if moved and set(moved) <= set(own) else enumerate_names(moved, most=2)
    explanation = ". ".join([*(plan.reason for plan in plans), *_obstacles(name, proposals)])
    match name:
        case "merge":
            title = "merge revision" if len(plans) == 1 else f"{len(plans)} merge revisions"
            several = any(len(step.parents) > 2 for plan in plans for step in plan.steps if isinstance(step, CreateMergeRevision))
            reason = "safe, changes none of them" if several else "safe, changes neither"
            return Choice(f"{title}{committed}", name, reason, explanation)
        case "reparent":
            certain = not any(plan is each.if_unapplied for plan in plans for each in proposals)
            reason = "no database that was asked has run it" if certain else f"only if no database has run {yours}"
            return Choice(f"put {yours} after theirs{committed}", name, reason, explanation)
        case "downgrade first":
            reason = "your database has run it; backup first"
            return Choice(f"take {yours} back, put it after theirs", name, reason, explanation)
    verb = "remove a copy of" if any(isinstance(step, RemoveScript) for plan in plans for step in plan.steps) else "change"
    if all(plan.diff for plan in plans):
        verb = "drop what both sides do from"
    return Choice(f"{verb} {enumerate_names(moved, most=3)}{committed}", name, explanation=explanation)


def _obstacles(name: str, proposals: Sequence[Proposal]) -> list[str]:
    """Return why there is no other cure."""
    if name == "merge":
        refused = [each.reparent for each in proposals if each.if_unapplied is None and each.if_downgraded_first is None]
        return [f"Re-parenting is not possible: {each.message}" for each in refused if isinstance(each, Refusal)]
    return [f"Else not possible: {each.merge.message}" for each in proposals if isinstance(each.merge, Refusal)]


def report_not_now(screen: Screen, forks: Sequence[Fork], proposals: Sequence[Proposal]) -> None:
    """Print what fails as long as the heads are not joined, and the command that joins them."""
    if not forks:
        screen.say("nothing is changed; the error stays until you run: ", ("migmerge fix", "command"))
        return
    edited = "edit as above and run: " if any(each.obstacle for each in proposals) else "run: "
    screen.say(f"not joined; `{forks[0].command}` fails until you {edited}", ("migmerge fix", "command"))
