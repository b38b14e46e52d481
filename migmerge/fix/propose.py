"""Which cures there are for each divergence: from findings to proposals, with all that speaks for and against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.fix_plan.head_file import is_head_file
from ..core.fix_plan.plan import Plan, Policy, Proposal, Refusal
from ..core.fix_plan.proposals import propose
from ..core.snapshot import Snapshot
from ..repository.history import own_address
from ..workspace.evidence import immovable_revisions, uncommitted_scripts
from ..workspace.workspace import Workspace
from .context import FixOptions

AskApplied = Callable[[Snapshot], frozenset[str] | None]


def proposals_for(
    workspace: Workspace,
    findings: Sequence[Finding],
    evidence: Mapping[str, Evidence],
    fix_options: FixOptions,
    ask: AskApplied | None = None,
) -> list[Proposal | Refusal]:
    """Propose for every environment; a message given on the command line goes before the configured one.

    `ask` tells what the databases of an environment have run; it takes a second, so that it is called only where the
    answer decides what is offered.
    """
    policy = Policy(fix_options.commit, fix_options.message or workspace.settings.commit_message, fix_options.renumber)
    found: list[Proposal | Refusal] = []
    for snapshot in workspace.snapshots:
        concerned = [finding for finding in findings if finding.environment == snapshot.environment.path]
        weighed = _with_evidence_for_plans(workspace, snapshot, evidence[snapshot.environment.path])
        proposed = propose(snapshot, concerned, weighed, policy, assumed=fix_options.assume_unapplied)
        if ask and _depends_on_databases(proposed, fix_options) and (applied := ask(snapshot)) is not None:
            told = weighed._replace(immovable=weighed.immovable._replace(applied=applied))
            proposed = propose(snapshot, concerned, told, policy)
        found += proposed
    return found


def _depends_on_databases(proposed: Sequence[Proposal | Refusal], fix_options: FixOptions) -> bool:
    """Say whether a re-parenting hangs on what the databases have run."""
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    if fix_options.assume_unapplied:
        return any(isinstance(each.reparent, Plan) for each in proposals)
    return any(each.if_unapplied for each in proposals)


def chosen_plans(proposals: Sequence[Proposal], fix_options: FixOptions, configured: str) -> list[Plan | Refusal]:
    """Take the cure that was asked for, else the recommended one."""
    taken = [(proposal, fix_options.strategy or proposal.recommended(configured)) for proposal in proposals]
    return [_reparenting(proposal, fix_options) if name == "reparent" else proposal.merge for proposal, name in taken]


def _reparenting(proposal: Proposal, fix_options: FixOptions) -> Plan | Refusal:
    return proposal.if_downgraded_first if fix_options.downgrade_first and proposal.if_downgraded_first else proposal.reparent


def _with_evidence_for_plans(workspace: Workspace, snapshot: Snapshot, evidence: Evidence) -> Evidence:
    """Add what only a choice among cures needs."""
    diverging = snapshot.graph.diverging
    if not diverging:
        return evidence
    ours = own_address(workspace.repository)
    others = frozenset(name for name, known in evidence.provenance.items() if known.mail != ours)
    return evidence._replace(
        immovable=immovable_revisions(workspace, snapshot, diverging)._replace(others=others),
        files=dict(_files(workspace, snapshot)),
        uncommitted=uncommitted_scripts(workspace, snapshot.environment),
    )


def _files(workspace: Workspace, snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    """Yield what lies on disk of the scripts that may be moved and of the files that record the head."""
    environment, graph = snapshot.environment, snapshot.graph
    folders = tuple(f"{folder}/" for folder in (environment.path, *environment.versions))
    beside = (path for path in workspace.tree.paths if is_head_file(path) and path.startswith(folders))
    for path in (*(graph[name].path for name in sorted(graph.diverging)), *beside):
        try:
            yield path, workspace.repository.on_disk(path)
        except OSError:
            continue
