"""Which cures there are for each divergence: from findings to proposals, with all that speaks for and against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def proposals_for(
    survey: Survey, findings: Sequence[Finding], evidence: Mapping[str, Evidence], wishes: Wishes
) -> list[Proposal | Refusal]:
    """Propose for every environment; a message given on the command line goes before the configured one."""
    policy = Policy(wishes.commit, wishes.message or survey.settings.commit_message, wishes.renumber)
    return [
        proposal
        for snapshot in survey.snapshots
        for proposal in propose(
            snapshot,
            [finding for finding in findings if finding.environment == snapshot.environment.path],
            _weighed(survey, snapshot, evidence[snapshot.environment.path]),
            policy,
            assumed=wishes.assume_unapplied,
        )
    ]


def decided(proposals: Sequence[Proposal], strategy: str | None, configured: str) -> list[Plan | Refusal]:
    """Take the cure that was asked for, else the recommended one."""
    taken = [(proposal, strategy or proposal.recommended(configured)) for proposal in proposals]
    return [proposal.reparent if name == "reparent" else proposal.merge for proposal, name in taken]


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
