"""From findings to proposals: the merge revision and the re-parenting of each divergence, or the refusals."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence
from dataclasses import replace

from ..evidence import Evidence
from ..finding import Finding
from ..graph import Divergence
from ..provenance import describe
from ..revision import IN_SUBMODULE, NESTED, NEW, REWIRED, Revision
from ..shell import quoted_paths
from ..snapshot import Snapshot
from ..text import enumerate_names, printable
from .head_file import head_file_changes
from .merge_revision import UNKNOWN_DATE, is_safe_id, latest, merge_id, merge_message, parse_date
from .plan import Commit, CreateMergeRevision, Plan, Policy, Proposal, Refusal, Repair, Step
from .repair import repairs
from .reparent_plan import ASSUME_UNAPPLIED, DOWNGRADE_FIRST, IN_PLACE, plan_reparenting


def propose(
    snapshot: Snapshot, findings: Sequence[Finding], evidence: Evidence, policy: Policy, *, assumed: bool = False
) -> list[Proposal | Repair | Refusal]:
    """Return a proposal for each divergence of an environment, or the repairs that come first, or why heads are not joined.

    `assumed` says that the user vouches that no database has run the revisions that are published nowhere.
    """
    broken = [finding for finding in findings if finding.blocks_fix]
    repaired = _repairs(snapshot, findings, evidence, policy, assumed)
    if broken and repaired:
        return [*repaired]
    heads = snapshot.graph.heads
    if broken and (len(heads) > 1 or not heads):
        return [refusal_of(finding) for finding in broken]
    if refusal := _not_committed_below(snapshot):
        return [refusal]
    # What is committed comes first: it is everybody's, and a merge revision joins nothing else.
    joined = snapshot.without_new if forks_in_commits(snapshot) else snapshot
    cures = [_collision_cure(joined, divergence, evidence, policy, assumed) for divergence in joined.graph.divergences]
    if curing := [each for each in cures if each and (isinstance(each.plan, Plan) or each.if_vouched)]:
        return [*curing]
    proposals = [
        _with_obstacle(
            _in_git_order(_proposal(joined, divergence, evidence, policy, assumed), joined, divergence, evidence), cure
        )
        for divergence, cure in zip(joined.graph.divergences, cures, strict=True)
    ]
    offered = [each for each in repaired if isinstance(each.plan, Plan) or each.if_vouched]
    refused = [each.plan for each in repaired if isinstance(each.plan, Refusal)]
    return [*proposals] or [*offered] or [*refused, *(refusal_of(finding) for finding in findings if finding.kind.refusal)]


def _not_committed_below(snapshot: Snapshot) -> Refusal | None:
    """Refuse to work on committed revisions that follow one which no commit holds."""
    graph = snapshot.graph
    new = [each for each in graph.revisions.values() if each.uncommitted == NEW]
    below = [each.path for each in new if any(graph[child].uncommitted != NEW for child in graph.children.get(each.revision, ()))]
    if not below:
        return None
    return Refusal(
        f"{enumerate_names(below)} is not committed, and what follows it is", f"git add {quoted_paths(below)} && git commit"
    )


def _collision_cure(
    snapshot: Snapshot, divergence: Divergence, evidence: Evidence, policy: Policy, assumed: bool
) -> Repair | None:
    """Return the cure of a divergence whose sides cannot both run, the first of several, or why it has none; else None."""
    if not evidence.operations:
        return None
    # `ast` takes 25 ms to import, which only a divergence pays.
    from .collision_cure import CureBasis, cure, open_sides

    basis = CureBasis(snapshot, evidence, policy, assumed)
    cures = [cure(sides, basis) for sides in open_sides(snapshot, divergence, evidence)]
    none = [each for each in cures if isinstance(each.plan, Refusal) and not each.if_vouched]
    return next(iter(none or cures), None)


def _with_obstacle(proposed: Proposal | Refusal, cure: Repair | None) -> Proposal | Refusal:
    """Recommend nothing where the sides of the divergence cannot both run."""
    if cure is None or isinstance(proposed, Refusal) or isinstance(cure.plan, Plan):
        return proposed
    message = f"whichever side runs second fails: {cure.plan.message}; or choose a --strategy all the same"
    return replace(proposed, obstacle=Refusal(message, cure.plan.hint))


def _repairs(snapshot: Snapshot, findings: Sequence[Finding], evidence: Evidence, policy: Policy, assumed: bool) -> list[Repair]:
    if not any(finding.kind.has_repair for finding in findings):
        return []
    return list(repairs(snapshot, evidence, policy, assumed=assumed))


def forks_in_commits(snapshot: Snapshot) -> bool:
    """Say whether committed heads diverge that nothing joins here, committed or not."""
    graph = snapshot.graph
    return any(
        not frozenset.intersection(*(graph.descendants(head) for head in divergence.heads))
        for divergence in snapshot.without_new.graph.divergences
    )


def refusal_of(finding: Finding) -> Refusal:
    """Refuse to join heads because of a finding, with the way on that the finding names."""
    reason = f"; {finding.kind.refusal}" if finding.kind.refusal else ""
    return Refusal(f"{finding.code} {finding.name}: {finding.message}{reason}", str(finding.way_on))


def _proposal(
    snapshot: Snapshot, divergence: Divergence, evidence: Evidence, policy: Policy, assumed: bool
) -> Proposal | Refusal:
    if divergence.uncertain:
        paths = [snapshot.graph[name].path for name in divergence.uncertain]
        reason = f"the branch_labels of {enumerate_names(paths)} are computed and may set the heads apart"
        return Refusal(reason, shlex.join(["git", "log", "-p", "--", *paths]))
    lineages = snapshot.graph.lineages_since(divergence).values()
    states = {snapshot.graph[name].path: snapshot.graph[name].uncommitted for lineage in lineages for name in lineage}
    if rewired := sorted(path for path, state in states.items() if state == REWIRED):
        return Refusal(f"{enumerate_names(rewired)}: {REWIRED}", shlex.join(["git", "diff", "HEAD", "--", *rewired]))
    if NEW in states.values():
        return _in_place(snapshot, divergence, evidence, policy, assumed)
    merge = _merge(snapshot, divergence, evidence, policy)
    if assumed:
        evidence = _vouched(evidence)
    if evidence.immovable.applied is not None:
        return _known_proposal(snapshot, divergence, evidence, policy, merge)
    certainty = " and, as you say, no database has run" if assumed else "; right only if no database has run"
    if_unapplied = plan_reparenting(snapshot, divergence, _unapplied(evidence), policy, certainty=certainty)
    if assumed or isinstance(if_unapplied, Refusal):
        return Proposal(merge, if_unapplied)
    return Proposal(merge, plan_reparenting(snapshot, divergence, evidence, policy), if_unapplied)


def _in_git_order(
    proposal: Proposal | Refusal, snapshot: Snapshot, divergence: Divergence, evidence: Evidence
) -> Proposal | Refusal:
    """Say of a proposal whether git has what it moves after all the rest already."""
    if isinstance(proposal, Refusal):
        return proposal
    plan = proposal.reparent if isinstance(proposal.reparent, Plan) else proposal.if_unapplied
    moved = frozenset(plan.moved if plan else ())
    rest = frozenset().union(*snapshot.graph.lineages_since(divergence).values()) - moved
    on_top = bool(moved) and all(rest <= evidence.contains.get(name, frozenset()) for name in moved)
    return replace(proposal, is_on_top=on_top)


def _in_place(snapshot: Snapshot, divergence: Divergence, evidence: Evidence, policy: Policy, assumed: bool) -> Proposal:
    """Propose to put the scripts that no commit holds after the committed ones, in the work tree alone.

    Nobody else has them: only the databases at hand can have run them.
    """
    committed = {name: "HEAD" for name, revision in snapshot.graph.revisions.items() if revision.uncommitted != NEW}
    elsewhere = evidence.immovable.published
    published = None if elsewhere is None else {**elsewhere, **committed}
    immovable = evidence.immovable._replace(published=published, others=frozenset())
    evidence, policy = evidence._replace(immovable=immovable), replace(policy, commit=False)
    new = [revision for name, revision in snapshot.graph.revisions.items() if revision.uncommitted == NEW]
    if held := [revision.path for revision in new if elsewhere and revision.revision in elsewhere]:
        reason = f"{enumerate_names(held)} is not committed here, and another branch has it: commit it first"
        refusal = Refusal(reason, f"git add {quoted_paths(held)} && git commit")
        return Proposal(refusal, refusal, is_in_place=True)
    merge = Refusal("a merge revision joins committed revisions alone", IN_PLACE)
    if immovable.applied is not None:
        return replace(_known_proposal(snapshot, divergence, evidence, policy, merge), is_in_place=True)
    certainty = " and, as you say, no database has run" if assumed else "; right only if no database has run"
    if_unapplied = plan_reparenting(snapshot, divergence, _unapplied(evidence), policy, certainty=certainty)
    reparent = if_unapplied if assumed else plan_reparenting(snapshot, divergence, evidence, policy)
    return Proposal(merge, reparent, None if assumed or isinstance(if_unapplied, Refusal) else if_unapplied, is_in_place=True)


def _known_proposal(
    snapshot: Snapshot, divergence: Divergence, evidence: Evidence, policy: Policy, merge: Plan | Refusal
) -> Proposal:
    """Propose where it is known what the databases have run: a revision that only they hold in place can be downgraded first."""
    reparent = plan_reparenting(snapshot, divergence, evidence, policy)
    if isinstance(reparent, Plan):
        return Proposal(merge, reparent)
    if_downgraded_first = _if_downgraded_first(snapshot, divergence, evidence, policy)
    vouch = " and, as far as databases can be asked, none has run"
    if_vouched = plan_reparenting(snapshot, divergence, _vouched(evidence), policy, certainty=vouch)
    vouched = if_vouched if isinstance(if_vouched, Plan) else None
    if isinstance(if_downgraded_first, Plan):
        return Proposal(merge, _would_skip(if_downgraded_first, evidence, DOWNGRADE_FIRST), vouched, if_downgraded_first)
    if vouched:
        return Proposal(merge, Refusal(reparent.message, ASSUME_UNAPPLIED), vouched)
    if_both = _if_downgraded_first(snapshot, divergence, _vouched(evidence), policy)
    if isinstance(if_both, Plan):
        return Proposal(merge, _would_skip(if_both, evidence, f"{DOWNGRADE_FIRST} --assume-unapplied"))
    return Proposal(merge, reparent)


def _if_downgraded_first(snapshot: Snapshot, divergence: Divergence, evidence: Evidence, policy: Policy) -> Plan | Refusal:
    """Plan as it is right once the databases here have taken back what is moved."""
    taken_back = evidence._replace(immovable=evidence.immovable._replace(applied=frozenset()))
    certainty = "; right once your database has taken back"
    return plan_reparenting(snapshot, divergence, taken_back, policy, certainty=certainty)


def _would_skip(plan: Plan, evidence: Evidence, hint: str) -> Refusal:
    run = enumerate_names(name for name in plan.moved if name in (evidence.immovable.applied or ()))
    return Refusal(f"your database has run {run}; re-parented as it is, it would skip what comes before", hint)


def _unapplied(evidence: Evidence) -> Evidence:
    """Return the evidence as it is where no database has run anything, not even where migmerge cannot ask."""
    return evidence._replace(immovable=evidence.immovable._replace(applied=frozenset(), vouched=True))


def _vouched(evidence: Evidence) -> Evidence:
    """Return the evidence as it is where the user vouches for the databases that cannot be asked."""
    return evidence._replace(immovable=evidence.immovable._replace(vouched=True))


def _merge(snapshot: Snapshot, divergence: Divergence, evidence: Evidence, policy: Policy) -> Plan | Refusal:
    heads = [snapshot.graph[name] for name in divergence.heads]
    if unsafe := [head for head in heads if not is_safe_id(head.revision)]:
        return Refusal(
            f"the id of {unsafe[0].path} has a quote, a backslash or a control character in it",
            f"git log -p -- {shlex.quote(unsafe[0].path)}",
        )
    names = divergence.heads
    own = [head for head in heads if head.uncommitted not in (IN_SUBMODULE, NESTED)]
    create = CreateMergeRevision(
        snapshot.environment,
        merge_id(names),
        names,
        merge_message(heads),
        latest(date for head in heads if (date := parse_date(head.create_date))) or UNKNOWN_DATE,
        posixpath.dirname(own[0].path if own else heads[0].path),
    )
    steps: tuple[Step, ...] = (create, *head_file_changes(evidence.files, names, create.revision))
    if policy.commit:
        steps = (*steps, Commit(_commit_message(create, heads, evidence, policy)))
    spared = "neither" if len(names) == 2 else "none of them"
    return Plan(steps, f"a merge revision joins {enumerate_names(names)} and changes {spared}{_published_heads(names, evidence)}")


def _published_heads(heads: Sequence[str], evidence: Evidence) -> str:
    """Return a clause that names the heads that are published, and their branches; empty where none is."""
    published = evidence.immovable.published or {}
    branches = [published.get(head) for head in heads]
    if all(branches) and len(set(branches)) == 1:
        return f"; {'both sides are' if len(branches) == 2 else 'all sides are'} on {branches[0]}"
    by_branch: dict[str, list[str]] = {}
    for head, branch in zip(heads, branches, strict=True):
        if branch:
            by_branch.setdefault(branch, []).append(head)
    clauses = [f"{enumerate_names(on)} {'is' if len(on) == 1 else 'are'} on {branch}" for branch, on in by_branch.items()]
    return f"; {enumerate_names(clauses)}" if clauses else ""


def _commit_message(create: CreateMergeRevision, heads: Sequence[Revision], evidence: Evidence, policy: Policy) -> str:
    facts = {"revision": create.revision, "parents": enumerate_names(create.parents), "message": create.message}
    described = (printable(describe(head, evidence.provenance)) for head in heads)
    configured = policy.message(facts)
    return "\n".join([f"Merge revisions {enumerate_names(create.parents)}", "", *described]) if configured is None else configured
