"""Proposals for each divergence, with the evidence from git, the files and the databases, and the plans that follow from them."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ..core.declared_environment import declaration_command
from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.fix_plan.head_file import LARGEST, is_named_head_file, records_heads
from ..core.fix_plan.plan import Plan, Policy, Proposal, Refusal, Repair
from ..core.fix_plan.proposals import propose, refusal_of
from ..core.options import Options
from ..core.shell import path_operand, quoted_path
from ..core.snapshot import Snapshot
from ..output.prompt import may_prompt
from ..repository.other_repositories import owner_of
from ..repository.ownership import names_ever_in
from ..repository.refs import reaching
from ..repository.repository import Repository
from ..repository.work_tree import tracked_files_with
from ..workspace.evidence import configuration_of, provenance_in
from ..workspace.ownership import ownership_of
from ..workspace.workspace import Workspace, open_workspace
from .context import FixOptions
from .project_code import with_code

ReadApplied = Callable[[Snapshot], frozenset[str] | None]
"""Returns the revisions that the databases of an environment have run; None where a database does not tell."""

Alternatives = Mapping[str, Sequence[Plan]]
"""By "merge", "reparent" and "downgrade first", the recommended one first: a plan for each divergence; or all by "repair"."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold the alternatives to ask about, or else the plans that need no answer, and what is refused."""

    proposals: Sequence[Proposal]
    alternatives: Alternatives
    plans: Sequence[Plan]
    refusals: Sequence[Refusal]
    repairs: Sequence[Repair] = ()


def proposals_for(
    workspace: Workspace,
    findings: Sequence[Finding],
    evidence: Mapping[str, Evidence],
    fix_options: FixOptions,
    read_applied: ReadApplied | None = None,
) -> list[Proposal | Repair | Refusal]:
    """Return the proposals for every environment.

    `read_applied`, which takes a second, is called only where its answer decides what is proposed.
    """
    # The message of the command line goes before the configured one.
    message = fix_options.message or workspace.settings.commit_message
    policy = Policy(fix_options.commit, message, fix_options.renumber, fix_options.fixup)
    found: list[Proposal | Repair | Refusal] = []
    for snapshot in workspace.snapshots:
        concerned = [finding for finding in findings if finding.environment == snapshot.environment.name]
        known = _with_evidence_for_plans(workspace, snapshot, evidence[snapshot.environment.name], concerned)
        if fix_options.renumber:
            known = known._replace(used_names=names_ever_in(workspace.repository, snapshot.environment.versions))
        proposed = propose(snapshot, concerned, known, policy, assumed=fix_options.assume_unapplied)
        wanted = _depends_on_databases(proposed, fix_options, workspace.settings.strategy)
        if read_applied and wanted and (applied := read_applied(snapshot)) is not None:
            known = known._replace(immovable=known.immovable._replace(applied=applied))
            proposed = propose(snapshot, concerned, known, policy, assumed=fix_options.assume_unapplied)
        kept = [_kept_to_repository(workspace.repository, each) for each in proposed]
        found += [with_code(workspace, snapshot, each, fix_options) for each in kept]
    return found


def _kept_to_repository(repository: Repository, proposed: Proposal | Repair | Refusal) -> Proposal | Repair | Refusal:
    """Refuse the plans that change files of another repository, which this one can neither commit nor take back."""

    def plan_or_none(plan: Plan | None) -> Plan | None:
        return None if plan is None or refusal_elsewhere(repository, plan.paths) else plan

    def plan_or_refusal(plan: Plan | Refusal) -> Plan | Refusal:
        return (refusal_elsewhere(repository, plan.paths) or plan) if isinstance(plan, Plan) else plan

    if isinstance(proposed, Repair):
        return Repair(plan_or_refusal(proposed.plan), plan_or_none(proposed.if_vouched))
    if isinstance(proposed, Refusal):
        return proposed
    return replace(
        proposed,
        merge=plan_or_refusal(proposed.merge),
        reparent=plan_or_refusal(proposed.reparent),
        if_unapplied=plan_or_none(proposed.if_unapplied),
        if_downgraded_first=plan_or_none(proposed.if_downgraded_first),
    )


def refusal_elsewhere(repository: Repository, paths: Iterable[str]) -> Refusal | None:
    """Return why files are not changed of which another repository inside the work tree has one; None where none has."""
    for path in paths:
        if owner := owner_of(repository, path):
            folder = posixpath.dirname(path)
            reason = f"{folder} belongs to the repository {owner}, not to this one: it is fixed there"
            return Refusal(reason, _fix_there(repository, owner, posixpath.relpath(folder, owner)))
    return None


def _fix_there(repository: Repository, owner: str, folder: str) -> str:
    """Return the command that fixes another repository, or declares its environment where none is found there."""
    if open_workspace(Options(repository.absolute(owner)), required=False).snapshots:
        return shlex.join(["migmerge", "-C", path_operand(owner), "fix"])
    return f"(cd {quoted_path(owner)} && {declaration_command(folder, [folder])})"


def cures_of(proposed: Sequence[Proposal | Repair | Refusal]) -> list[Repair | Refusal]:
    """Return the plans that make both sides run, of sides that cannot; and why there is none for others."""
    found: list[Repair | Refusal] = []
    for each in proposed:
        if isinstance(each, Proposal):
            found += [each.obstacle] if each.obstacle else []
        elif isinstance(each, Refusal) or isinstance(each.if_vouched or each.plan, Plan):
            found.append(each)
    return found


def reading_of_databases(workspace: Workspace, options: Options, fix_options: FixOptions) -> ReadApplied | None:
    """Return how to ask the databases; None where the user says not to."""
    if not fix_options.databases:
        return None

    def read_applied(snapshot: Snapshot) -> frozenset[str] | None:
        # The rooms that use databases take 60 ms to import.
        from ..sync.inspect import applied_revisions

        return applied_revisions(workspace.repository, snapshot, options, fix_options.selection)

    return read_applied


def decide(
    findings: Sequence[Finding], proposed: Sequence[Proposal | Repair | Refusal], fix_options: FixOptions, configured: str
) -> Decision:
    """Return what to ask, to apply and to refuse; without any proposal, the errors among the findings are refused.

    Repairs come first: once they are applied, all is judged anew.
    """
    if repairs := [each for each in proposed if isinstance(each, Repair)]:
        return _repairs(repairs, [each for each in proposed if isinstance(each, Refusal)], fix_options)
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    to_ask = alternatives(proposals, fix_options.strategy, configured) if fix_options.asks else {}
    chosen = [] if to_ask else _chosen_plans(proposals, fix_options, configured)
    refusals = [each for each in (*proposed, *chosen) if isinstance(each, Refusal)]
    if not proposed:
        refusals = [refusal_of(finding) for finding in findings if finding.is_error]
    return Decision(proposals, to_ask, [plan for plan in chosen if isinstance(plan, Plan)], refusals)


def _repairs(repairs: Sequence[Repair], refusals: Sequence[Refusal], fix_options: FixOptions) -> Decision:
    offered = [each.if_vouched or each.plan for each in repairs] if fix_options.asks else [each.plan for each in repairs]
    plans = [plan for plan in offered if isinstance(plan, Plan)]
    refused = [*refusals, *(plan for plan in offered if isinstance(plan, Refusal))]
    if fix_options.asks:
        return Decision((), {"repair": plans} if plans else {}, (), refused, repairs)
    return Decision((), {}, plans, refused, repairs)


def alternatives(proposals: Sequence[Proposal], strategy: str | None, configured: str) -> dict[str, list[Plan]]:
    """Return the cures that all divergences have, or that of a strategy, if all have it."""
    found = {
        "merge": [each.merge for each in proposals if isinstance(each.merge, Plan)],
        "reparent": [plan for each in proposals if (plan := _reparenting_to_offer(each))],
        "downgrade first": [each.if_downgraded_first for each in proposals if each.if_downgraded_first],
    }
    first = "reparent" if proposals and all(each.recommended(configured) == "reparent" for each in proposals) else "merge"
    order = dict.fromkeys((first, "merge", "reparent", "downgrade first"))
    wanted: Collection[str] = {None: order, "merge": ["merge"], "reparent": ["reparent", "downgrade first"]}[strategy]
    return {name: found[name] for name in order if name in wanted and len(found[name]) == len(proposals) > 0}


def _reparenting_to_offer(proposal: Proposal) -> Plan | None:
    return proposal.reparent if isinstance(proposal.reparent, Plan) else proposal.if_unapplied


def _chosen_plans(proposals: Sequence[Proposal], fix_options: FixOptions, configured: str) -> list[Plan | Refusal]:
    """Return the cures of the strategy, without one the recommended cures."""
    return [_chosen_plan(proposal, fix_options, configured) for proposal in proposals]


def _chosen_plan(proposal: Proposal, fix_options: FixOptions, configured: str) -> Plan | Refusal:
    if proposal.obstacle and fix_options.strategy is None:
        return proposal.obstacle
    name = fix_options.strategy or proposal.recommended(configured)
    return _reparenting(proposal, fix_options) if name == "reparent" else proposal.merge


def _reparenting(proposal: Proposal, fix_options: FixOptions) -> Plan | Refusal:
    return proposal.if_downgraded_first if fix_options.downgrade_first and proposal.if_downgraded_first else proposal.reparent


def _depends_on_databases(proposed: Sequence[Proposal | Repair | Refusal], fix_options: FixOptions, configured: str) -> bool:
    """Say whether a re-parenting that can be chosen depends on the revisions that the databases have run."""
    # What a database here is known to have run, no voucher makes undone.
    if any(isinstance(each, Repair) and (each.if_vouched or fix_options.assume_unapplied) for each in proposed):
        return True
    proposals = [each for each in proposed if isinstance(each, Proposal)]
    chosen = fix_options.strategy == "reparent" or configured == "reparent" or (fix_options.asks and may_prompt())
    if not chosen and not any(each.is_in_place or each.is_on_top for each in proposals):
        return False
    if fix_options.assume_unapplied:
        return any(isinstance(each.reparent, Plan) for each in proposals)
    return any(each.if_unapplied for each in proposals)


def _with_evidence_for_plans(
    workspace: Workspace, snapshot: Snapshot, evidence: Evidence, findings: Sequence[Finding]
) -> Evidence:
    """Add the evidence that only plans need."""
    broken = {name for finding in findings if finding.kind.has_repair for name in finding.revisions}
    graph = snapshot.graph
    needing = {name for name, each in graph.revisions.items() if not broken.isdisjoint((*each.down_revisions, *each.depends_on))}
    names = graph.diverging | needing | (broken & graph.revisions.keys())
    if not names:
        return evidence
    immovable = ownership_of(workspace, snapshot, names)
    if workspace.settings.reparent == "own-branches":
        immovable = immovable._replace(pushes_may_move=True)
    files = dict(_files(workspace, snapshot, names | _joined_by_collisions(snapshot, evidence)))
    return evidence._replace(
        immovable=immovable,
        contains=_contained(workspace, snapshot),
        subjects=_subjects(workspace, evidence, names),
        files=files,
        dialect=_dialect(workspace, snapshot, files.values()) if evidence.operations or evidence.closed else None,
    )


def _dialect(workspace: Workspace, snapshot: Snapshot, texts: Iterable[bytes]) -> str | None:
    # `ast` takes 25 ms to import, which only a collision pays.
    from ..core.operations.dialect import dialect_of

    return dialect_of(texts, configuration_of(workspace, snapshot))


def _joined_by_collisions(snapshot: Snapshot, evidence: Evidence) -> set[str]:
    """Return the revisions of both sides of the merge points that hide a collision."""
    points = dict.fromkeys(each.merge_point for each in evidence.closed)
    return {name for point in points for sides in snapshot.graph.sides_joined_by(point) for side in sides for name in side}


def _contained(workspace: Workspace, snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Return the revisions of a divergence that the commit of each contains: after a rebase, those of others."""
    graph = snapshot.graph
    known = provenance_in(workspace, snapshot, graph.diverging) if len(graph.heads) > 1 else {}
    reached = reaching(workspace.repository.git, [each.commit for each in known.values()], ["HEAD"]) or {}
    return {
        name: frozenset(other for other, its in known.items() if its.commit in reached.get(each.commit, ()))
        for name, each in known.items()
    }


def _subjects(workspace: Workspace, evidence: Evidence, names: Collection[str]) -> dict[str, str]:
    """Return the first lines of the messages of the commits that added revisions."""
    commits = {name: evidence.provenance[name].commit for name in names if name in evidence.provenance}
    if not commits:
        return {}
    lines = workspace.repository.git.text("log", "--no-show-signature", "--no-walk=unsorted", "--format=%H %s", *commits.values())
    found = dict(line.split(" ", 1) for line in lines.splitlines())
    return {name: found[commit] for name, commit in commits.items() if commit in found}


def _files(workspace: Workspace, snapshot: Snapshot, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the scripts that a plan can move and the files that record the head, as they are on disk."""
    environment, graph = snapshot.environment, snapshot.graph
    folders = tuple(f"{folder}/" for folder in (environment.path, *environment.versions))
    named = [path for path in workspace.tree.paths if is_named_head_file(path) and path.startswith(folders)]
    scripts = (script.path for name in sorted(names) for script in graph.scripts[name])
    for path in (*scripts, *named):
        with suppress(OSError):
            yield path, workspace.repository.on_disk(path)
    for path in tracked_files_with(workspace.repository, graph.diverging.intersection(graph.heads), LARGEST):
        data = workspace.repository.on_disk(path)
        if path not in named and not path.endswith(".py") and records_heads(data, graph.heads):
            yield path, data
