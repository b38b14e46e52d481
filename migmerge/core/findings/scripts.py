"""From a snapshot to its findings."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator

from ..evidence import Evidence
from ..finding import Finding, Severity
from ..graph import Divergence, RevisionGraph
from ..provenance import LastSeen, describe
from ..revision import Revision, Script, UnreadableScript
from ..snapshot import Snapshot
from ..text import enumerate_names
from .comparisons import colliding_operations, published_revisions_changed


def diagnose(snapshot: Snapshot, evidence: Evidence | None = None) -> tuple[Finding, ...]:
    """Return the findings of one environment, most severe kinds first; more evidence only makes the messages richer."""
    known = evidence or Evidence()
    return tuple(finding for look in _LOOKS for finding in look(snapshot, known))


def _divergent_heads(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    for divergence in graph.divergences:
        heads = [graph[head] for head in divergence.heads]
        yield Finding(
            "MM001",
            Severity.ERROR,
            snapshot.environment.path,
            f"{_relation(divergence, graph)}: {enumerate_names(describe(head, evidence.provenance) for head in heads)}",
            "migmerge fix",
            divergence.heads,
            tuple(head.path for head in heads),
            divergence.branch_point,
        )


def _relation(divergence: Divergence, graph: RevisionGraph) -> str:
    count = f"{len(divergence.heads)} heads"
    if divergence.branch_point is None:
        return f"{count} diverge"
    return f"{count} diverge after {describe(graph[divergence.branch_point], {})}"


def _missing_parents(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    half_read = {script.revision for script in snapshot.unreadable}
    uncommitted = {script.revision: script.path for script in evidence.uncommitted if script.revision}
    for revision, missing in snapshot.graph.missing:
        if missing in half_read:
            continue
        role = "down_revision" if missing in revision.down_revisions else "depends_on"
        where, hint = _where(evidence.last_seen.get(missing), uncommitted.get(missing), snapshot)
        yield Finding(
            "MM002",
            Severity.ERROR,
            snapshot.environment.path,
            f"{describe(revision, evidence.provenance)} has the {role} {missing}, which is in no script: {where}",
            hint,
            (revision.revision, missing),
            (revision.path,),
        )


def _where(known: LastSeen | None, uncommitted: str | None, snapshot: Snapshot) -> tuple[str, str]:
    if uncommitted is not None:
        return f"{uncommitted} has it and is not committed", f"git add {shlex.quote(uncommitted)} && git commit"
    if known is not None:
        branch = f" on {known.branch}" if known.branch else ""
        where = f"{known.path} had it in commit {known.commit[:10]} ({known.author}{branch})"
        return where, f"git checkout {known.commit[:10]} -- {shlex.quote(known.path)}"
    return (
        "no commit that this clone has holds it",
        f"git fetch --all && migmerge check --environment {shlex.quote(snapshot.environment.path or '.')}",
    )


def _duplicate_revisions(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    for scripts in snapshot.graph.duplicates:
        paths = tuple(script.path for script in scripts)
        yield Finding(
            "MM003",
            Severity.ERROR,
            snapshot.environment.path,
            f"{len(scripts)} scripts have the id {scripts[0].revision}: {enumerate_names(paths)}; "
            "remove the copy, or give the later one an id of its own (a merge revision is not the cure)",
            f"git log --format='%h %an %ar %s' -- {shlex.join(paths)}",
            (scripts[0].revision,),
            paths,
        )


def _revision_cycles(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    for cycle in graph.cycles:
        paths = tuple(graph[name].path for name in cycle)
        follows = "follows itself" if len(cycle) == 1 else "follow one another in a circle"
        yield Finding(
            "MM004",
            Severity.ERROR,
            snapshot.environment.path,
            f"{enumerate_names(cycle)} {follows}; correct the down_revision that closes it",
            f"git log -p -- {shlex.join(paths)}",
            cycle,
            paths,
        )


def _unreadable_scripts(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    def finding(script: Script, severity: Severity, reason: str) -> Finding:
        names = (script.revision,) if script.revision else ()
        hint = f"git log -p -2 -- {shlex.quote(script.path)}"
        return Finding("MM005", severity, snapshot.environment.path, f"{script.path}: {reason}", hint, names, (script.path,))

    told = {script.path for script in snapshot.unreadable}
    for path in evidence.conflicts:
        if path not in told:
            yield finding(UnreadableScript(path, ""), Severity.ERROR, "git cannot merge it: both sides changed it")
    for script in snapshot.scripts:
        if isinstance(script, UnreadableScript):
            yield finding(script, Severity.ERROR, f"{script.reason}; its place in the history cannot be known")
        elif script.identifiers.defect and script.path not in evidence.conflicts:
            yield finding(script, Severity.WARNING, script.identifiers.defect)


def _double_merges(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    for group in graph.double_merges:
        joined = enumerate_names(sorted(graph.parents[group[0]]))
        merges = enumerate_names(f"{describe(graph[name], evidence.provenance)}{_commit(name, evidence)}" for name in group)
        cure, hint = _cure_of_double_merge(group, snapshot, evidence)
        yield Finding(
            "MM006",
            Severity.ERROR,
            snapshot.environment.path,
            f"{joined} are joined by {len(group)} merge revisions: {merges}; {cure}",
            hint,
            group,
            tuple(graph[name].path for name in group),
        )


def _commit(name: str, evidence: Evidence) -> str:
    known = evidence.provenance.get(name)
    return f" in commit {known.commit[:10]}" if known else ""


def _cure_of_double_merge(group: tuple[str, ...], snapshot: Snapshot, evidence: Evidence) -> tuple[str, str]:
    """Drop the merge revision that nobody else has and nothing follows, where just one is like that; else join them."""
    graph, published = snapshot.graph, evidence.immovable.published
    free = [name for name in group if published is not None and name not in published and not graph.children.get(name)]
    kept = [name for name in group if name not in free]
    if len(free) != 1 or not kept:
        return "join them", "migmerge fix"
    path = shlex.quote(graph[free[0]].path)
    cure = f"{free[0]} exists only here and nothing follows it: drop it, unless a database has run it; else join them"
    return cure, f"git rm {path} && git commit -m {shlex.quote(f'Drop merge revision {free[0]}')} -- {path}"


def _uncommitted_scripts(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    for script in evidence.uncommitted:
        yield Finding(
            "MM009",
            Severity.WARNING,
            snapshot.environment.path,
            f"{script.path} is not committed; Alembic loads it here, a fresh clone does not have it",
            f"git add {shlex.quote(script.path)} && git commit",
            (script.revision,) if script.revision else (),
            (script.path,),
        )


def _unlabelled_bases(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    families = graph.families if len(graph.bases) > 1 else ()
    unlabelled = [family for family in families if not any(graph[name].branch_labels for name in family)]
    if len(families) < 2 or not unlabelled:
        return
    bases = tuple(base for family in unlabelled for base in sorted(family.intersection(graph.bases)))
    paths = tuple(graph[base].path for base in bases)
    sizes = {base: len(family) for family in unlabelled for base in family.intersection(graph.bases)}
    relation = "is a root of its own" if len(bases) == 1 else "are unrelated roots"
    yield Finding(
        "MM010",
        Severity.WARNING,
        snapshot.environment.path,
        f"{enumerate_names(_root(graph[base], sizes[base], evidence) for base in bases)} {relation} without a branch label; "
        "set the down_revision where a root was not meant, or branch_labels where it was",
        f"git log -p -- {shlex.join(paths)}",
        bases,
        paths,
    )


def _root(base: Revision, size: int, evidence: Evidence) -> str:
    following = {1: "nothing follows", 2: "1 revision follows"}.get(size, f"{size - 1} revisions follow")
    return f"{describe(base, evidence.provenance)}, which {following},"


def _missing_messages(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    silent = [revision for revision in snapshot.graph.revisions.values() if not revision.message]
    if silent:
        names = enumerate_names(posixpath.basename(revision.path) for revision in silent)
        yield Finding(
            "MM011",
            Severity.INFO,
            snapshot.environment.path,
            f"{names} {'has' if len(silent) == 1 else 'have'} no message in the docstring",
            'flask db migrate -m "what it does"'
            if snapshot.environment.kind == "flask-migrate"
            else 'alembic revision -m "what it does"',
            tuple(revision.revision for revision in silent),
            tuple(revision.path for revision in silent),
        )


ScriptFinder = Callable[[Snapshot, Evidence], Iterator[Finding]]
_LOOKS: tuple[ScriptFinder, ...] = (
    _unreadable_scripts,
    _duplicate_revisions,
    _revision_cycles,
    _missing_parents,
    _divergent_heads,
    colliding_operations,
    _double_merges,
    published_revisions_changed,
    _uncommitted_scripts,
    _unlabelled_bases,
    _missing_messages,
)
