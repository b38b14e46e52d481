"""From a decided re-parenting to its plan: every file that changes, with its new bytes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..errors import MigmergeError
from ..evidence import Evidence
from ..graph import Divergence, RevisionGraph
from ..immovable import Immovable
from ..provenance import describe
from ..revision import NEW, Identifiers, Revision
from ..snapshot import Snapshot
from ..text import enumerate_names, printable
from .head_file import head_file_changes, notes_on_head_files
from .merge_revision import is_safe_id
from .plan import Commit, Plan, Policy, Refusal, RewriteScript, Step
from .renumber import Numbers, next_numbers
from .reparent import Reparenting, reparent

MERGE_INSTEAD = "migmerge fix --strategy merge"
IN_PLACE = "migmerge fix --strategy reparent"
DOWNGRADE_FIRST = "migmerge fix --strategy reparent --take-back"
ASSUME_UNAPPLIED = "migmerge fix --strategy reparent --assume-unapplied"


@dataclass(frozen=True, slots=True)
class DecidedReparenting:
    """Hold a re-parenting and the new names of its revisions and files.

    `certainty` is the clause of the plan's reason that says why no database would skip a revision.
    """

    snapshot: Snapshot
    divergence: Divergence
    reparenting: Reparenting
    numbers: Numbers
    certainty: str

    @property
    def graph(self) -> RevisionGraph:
        return self.snapshot.graph

    def renamed(self, name: str) -> str:
        return self.numbers.revisions.get(name, name)


def plan_reparenting(
    snapshot: Snapshot,
    divergence: Divergence,
    evidence: Evidence,
    policy: Policy,
    *,
    certainty: str = " and no database that was asked has run",
) -> Plan | Refusal:
    """Plan to put the lineages of a divergence one after another, or refuse with the reason."""
    reparenting = reparent(snapshot.graph, divergence, evidence.immovable)
    if isinstance(reparenting, str):
        return _refusal(snapshot, divergence, evidence.immovable, reparenting)
    numbers = next_numbers(snapshot.graph, reparenting.moved, _elsewhere(evidence))
    if policy.renumber and (dependent := _uncommitted_dependent(numbers, evidence)):
        return Refusal(
            f"{dependent.path} is not committed and names what would be renumbered", "migmerge fix --strategy reparent"
        )
    if policy.fixup and (refusal := _no_fixup(reparenting, evidence)):
        return refusal
    decided = DecidedReparenting(snapshot, divergence, reparenting, numbers if policy.renumber else Numbers({}, {}), certainty)
    try:
        head_files = head_file_changes(evidence.files, divergence.heads, decided.renamed(reparenting.head))
        rewrites = (*_scripts(decided, evidence.files), *head_files)
    except MigmergeError as error:
        return Refusal(str(error), error.hint or MERGE_INSTEAD)
    if any(snapshot.graph[name].uncommitted == NEW for name in reparenting.moved):
        rewrites = tuple(replace(each, uncommitted=True) for each in rewrites)
    steps: tuple[Step, ...] = (*rewrites, Commit(_message(decided, evidence, policy))) if policy.commit else rewrites
    notes = tuple(_notes(decided, numbers, evidence))
    return Plan(steps, _reason(decided, evidence), reparenting.moved, notes)


def _refusal(snapshot: Snapshot, divergence: Divergence, immovable: Immovable, reason: str) -> Refusal:
    """Refuse with the hint `--assume-unapplied` where only the databases are unknown, else with a merge as the hint."""
    applied = frozenset[str]() if immovable.applied is None else immovable.applied
    if_vouched = reparent(snapshot.graph, divergence, immovable._replace(applied=applied, vouched=True))
    if isinstance(if_vouched, Reparenting):
        skipped = enumerate_names(dict.fromkeys(if_vouched.parents.values()))
        doubts = [doubt for name in if_vouched.moved if (doubt := immovable.doubt(name))]
        unknown = f"it is not known whether a database has run {enumerate_names(if_vouched.moved)}; one that has"
        known = f"{enumerate_names(dict.fromkeys(doubts), most=3)}; one that has it already"
        return Refusal(f"{known if doubts else unknown} would skip {skipped} without a word", ASSUME_UNAPPLIED)
    return Refusal(reason, MERGE_INSTEAD)


def _scripts(decided: DecidedReparenting, files: Mapping[str, bytes]) -> Iterator[RewriteScript]:
    for revision in decided.graph.revisions.values():
        wanted = _new_identifiers(decided, revision)
        path = decided.numbers.paths.get(revision.path, revision.path)
        if wanted != revision.identifiers or path != revision.path:
            yield rewrite_script(revision, wanted, path, files.get(revision.path))


def _new_identifiers(decided: DecidedReparenting, revision: Revision) -> Identifiers:
    parent = decided.reparenting.parents.get(revision.revision)
    parents = revision.down_revisions if parent is None else (parent,)
    return revision.identifiers._replace(
        revision=decided.renamed(revision.revision),
        down_revisions=tuple(map(decided.renamed, parents)),
        depends_on=tuple(map(decided.renamed, revision.depends_on)),
    )


def rewrite_script(revision: Revision, wanted: Identifiers, new_path: str, data: bytes | None) -> RewriteScript:
    """Edit one script, whose bytes in the work tree are `data`.

    Raises:
        MigmergeError: where the script is not in the work tree, differs from the commit, or cannot be edited safely.
    """
    # `ast` takes 25 ms to import, which only a re-parenting pays.
    from ..script.read import read_carefully
    from ..script.rewrite import rewrite

    if data is None:
        raise MigmergeError(f"{revision.path} is not in the work tree", hint=f"git checkout HEAD -- {shlex.quote(revision.path)}")
    found = read_carefully(data)
    if not isinstance(found, Identifiers) or found._replace(defect=None) != revision.identifiers._replace(defect=None):
        raise MigmergeError(f"{revision.path} is not what was committed", hint=f"git diff HEAD -- {shlex.quote(revision.path)}")
    if unsafe := [name for name in (wanted.revision, *wanted.down_revisions) if not is_safe_id(name)]:
        raise MigmergeError(f"the id {unsafe[0]} has a quote, a backslash or a control character in it", hint=MERGE_INSTEAD)
    return RewriteScript(revision.path, new_path, data, rewrite(data, wanted, revision.path))


def _notes(decided: DecidedReparenting, numbers: Numbers, evidence: Evidence) -> Iterator[str]:
    yield from notes_on_head_files(evidence.files, decided.divergence.heads)
    if numbers.paths and not decided.numbers.paths:
        old, new = next(iter(numbers.paths.items()))
        yield f"{old} keeps its number; with --renumber it becomes {new}"
    for name in decided.reparenting.parents:
        if decided.graph[name].uncommitted == NEW:
            yield f"{name} followed {enumerate_names(decided.graph[name].down_revisions) or 'nothing'} before"
    for old, new in decided.numbers.revisions.items():
        yield f"{old} is {new} now: what builds on it, on another branch too, has to name it so"


def _uncommitted_dependent(numbers: Numbers, evidence: Evidence) -> Revision | None:
    """Return an uncommitted script that names a revision which would get a new id."""
    scripts = (script for script in evidence.uncommitted if isinstance(script, Revision))
    return next((script for script in scripts if {*script.down_revisions, *script.depends_on} & numbers.revisions.keys()), None)


def _reason(decided: DecidedReparenting, evidence: Evidence) -> str:
    moved = [_with_author(name, evidence) for name in decided.reparenting.moved]
    pairs = enumerate_names(f"{name} after {parent}" for name, parent in decided.reparenting.parents.items())
    exist, are, pronoun = ("exists", "is", "it") if len(moved) == 1 else ("exist", "are", "them")
    new = any(decided.graph[name].uncommitted == NEW for name in decided.reparenting.moved)
    pushed = dict.fromkeys(
        evidence.immovable.pushed[name] for name in decided.reparenting.moved if name in evidence.immovable.pushed
    )
    where = f"{are} on {enumerate_names(pushed)}, which only you wrote" if pushed else f"{exist} only here"
    why = f"{are} not committed" if new else where
    return f"re-parenting puts {pairs}: {enumerate_names(moved)} {why}{decided.certainty} {pronoun}"


def _with_author(name: str, evidence: Evidence) -> str:
    """Name a revision, with its author where that is somebody else."""
    provenance = evidence.provenance.get(name)
    return f"{name} by {provenance.author}" if provenance and name in evidence.immovable.others else name


def _elsewhere(evidence: Evidence) -> frozenset[str]:
    return evidence.used_names | (evidence.immovable.applied or frozenset())


def _no_fixup(reparenting: Reparenting, evidence: Evidence) -> Refusal | None:
    """Say why the commit of the scripts cannot be amended: others may have it, or it is not one."""
    names = [*reparenting.parents]
    if pushed := [name for name in names if name in evidence.immovable.pushed]:
        where = evidence.immovable.pushed[pushed[0]]
        return Refusal(f"{pushed[0]} was pushed to {where}: a fixup would change its commit", IN_PLACE)
    commits = {evidence.provenance[name].commit if name in evidence.provenance else "" for name in names}
    if len(commits) > 1 or any(name not in evidence.subjects for name in names):
        return Refusal(f"{enumerate_names(names)} are not of one commit, which a fixup could be folded into", IN_PLACE)
    return None


def _message(decided: DecidedReparenting, evidence: Evidence, policy: Policy) -> str:
    ((name, parent), *_) = decided.reparenting.parents.items()
    if policy.fixup:
        return f"fixup! {evidence.subjects[name]}"
    facts = {"revision": decided.renamed(name), "parents": parent, "message": decided.graph[name].message}
    pairs = [f"{decided.renamed(one)} onto {decided.renamed(other)}" for one, other in decided.reparenting.parents.items()]
    moved = (printable(describe(decided.graph[name], evidence.provenance)) for name in decided.reparenting.moved)
    configured = policy.message(facts)
    return "\n".join([f"Re-parent {enumerate_names(pairs)}", "", *moved]) if configured is None else configured
