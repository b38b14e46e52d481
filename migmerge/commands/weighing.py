"""Which cures there are for each divergence: from findings to proposals, with all that speaks for and against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..core.cures.plan import Plan, Proposal, Refusal
from ..core.cures.planner import propose
from ..core.cures.policy import Policy
from ..core.cures.side_files import is_side_file
from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.snapshot import Snapshot
from ..repository.history import own_address
from .examining import standing, uncommitted_scripts
from .survey import Survey
from .wishes import Wishes

Ask = Callable[[Snapshot], frozenset[str] | None]


def proposals_for(
    survey: Survey,
    findings: Sequence[Finding],
    evidence: Mapping[str, Evidence],
    wishes: Wishes,
    ask: Ask | None = None,
) -> list[Proposal | Refusal]:
    """Propose for every environment; a message given on the command line goes before the configured one.

    `ask` tells what the databases of an environment have run; it takes a second, so that it is called only where the
    answer decides what is offered.
    """
    policy = Policy(wishes.commit, wishes.message or survey.settings.commit_message, wishes.renumber)
    found: list[Proposal | Refusal] = []
    for snapshot in survey.snapshots:
        concerned = [finding for finding in findings if finding.environment == snapshot.environment.path]
        weighed = _weighed(survey, snapshot, evidence[snapshot.environment.path])
        proposed = propose(snapshot, concerned, weighed, policy, assumed=wishes.assume_unapplied)
        if ask and _depends_on_databases(proposed, wishes) and (applied := ask(snapshot)) is not None:
            told = replace(weighed, standing=replace(weighed.standing, applied=applied))
            proposed = propose(snapshot, concerned, told, policy)
        found += proposed
    return found


def _depends_on_databases(proposed: Sequence[Proposal | Refusal], wishes: Wishes) -> bool:
    """Say whether a re-parenting hangs on what the databases have run."""
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    if wishes.assume_unapplied:
        return any(isinstance(each.reparent, Plan) for each in proposals)
    return any(each.if_unapplied for each in proposals)


def decided(proposals: Sequence[Proposal], wishes: Wishes, configured: str) -> list[Plan | Refusal]:
    """Take the cure that was asked for, else the recommended one."""
    taken = [(proposal, wishes.strategy or proposal.recommended(configured)) for proposal in proposals]
    return [_reparenting(proposal, wishes) if name == "reparent" else proposal.merge for proposal, name in taken]


def _reparenting(proposal: Proposal, wishes: Wishes) -> Plan | Refusal:
    return proposal.if_taken_back if wishes.take_back and proposal.if_taken_back else proposal.reparent


def _weighed(survey: Survey, snapshot: Snapshot, evidence: Evidence) -> Evidence:
    """Add what only a choice among cures needs."""
    diverging = snapshot.graph.diverging
    if not diverging:
        return evidence
    ours = own_address(survey.repository)
    others = frozenset(name for name, known in evidence.provenance.items() if known.mail != ours)
    return replace(
        evidence,
        standing=replace(standing(survey, snapshot, diverging), others=others),
        files=dict(_files(survey, snapshot)),
        uncommitted=uncommitted_scripts(survey, snapshot.environment),
    )


def _files(survey: Survey, snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    """Yield what lies on disk of the scripts that may be moved and of the files that record the head."""
    environment, graph = snapshot.environment, snapshot.graph
    folders = tuple(f"{folder}/" for folder in (environment.path, *environment.versions))
    beside = (path for path in survey.tree.paths if is_side_file(path) and path.startswith(folders))
    for path in (*(graph[name].path for name in sorted(graph.diverging)), *beside):
        try:
            yield path, survey.repository.on_disk(path)
        except OSError:
            continue
