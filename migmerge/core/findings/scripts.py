"""Findings about the scripts of one snapshot: MM001 to MM006 and MM009 to MM011."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator

from ..evidence import Evidence
from ..finding import FIX, Finding, Hint, Severity, edit
from ..graph import Divergence, RevisionGraph
from ..provenance import describe
from ..revision import NESTED, NEW, REWIRED, Revision, Script, UnreadableScript
from ..script.budget import NOT_READ
from ..shell import quoted_path
from ..snapshot import Snapshot
from ..text import counted, enumerate_names
from .comparisons import closed_collisions, colliding_operations, published_revisions_changed
from .environments import scripts_beyond_budget, unreadable_configuration
from .identifiers import duplicate_revisions, identifiers_unusable
from .registry import (
    DIVERGENT_HEADS,
    DOUBLE_MERGE,
    NO_MESSAGE,
    REVISION_CYCLE,
    UNCOMMITTED_SCRIPT,
    UNLABELLED_BASES,
    UNREADABLE_SCRIPT,
)


def diagnose(snapshot: Snapshot, evidence: Evidence | None = None) -> tuple[Finding, ...]:
    """Return the findings of one environment, most severe kinds first; more evidence only makes the messages richer."""
    known = evidence or Evidence()
    return tuple(finding for find in _FINDERS for finding in find(snapshot, known))


def _divergent_heads(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    for divergence in graph.divergences:
        heads = [graph[head] for head in divergence.heads]
        yield Finding(
            DIVERGENT_HEADS,
            snapshot.environment.name,
            f"{_relation(divergence, graph)}: {enumerate_names(describe(head, evidence.provenance) for head in heads)}"
            f"{_unless(divergence, snapshot)}",
            _plain_labels(divergence.uncertain[0], snapshot, evidence) if divergence.uncertain else FIX,
            divergence.heads,
            tuple(head.path for head in heads),
            divergence.branch_point,
            own_severity=Severity.WARNING if divergence.uncertain or snapshot.computed else None,
        )


def _relation(divergence: Divergence, graph: RevisionGraph) -> str:
    since = f" after {describe(graph[divergence.branch_point], {})}" if divergence.branch_point else ""
    return f"{len(divergence.heads)} heads diverge{since}"


def _unless(divergence: Divergence, snapshot: Snapshot) -> str:
    """Say what is unknown and may set the heads apart, or join them."""
    if divergence.uncertain:
        return f"; {enumerate_names(divergence.uncertain)} may set them apart: only running it tells its branch_labels"
    paths = enumerate_names(script.path for script in snapshot.computed)
    return f"; {paths} may join them: only running it tells its identifiers" if paths else ""


def _plain_labels(name: str, snapshot: Snapshot, evidence: Evidence) -> Hint:
    path = snapshot.graph[name].path
    return edit(path, evidence.lines.get(path, 1), "write its branch_labels as plain strings")


def _commit(path: str) -> Hint:
    return Hint("git commit", commits=True, before=(f"git add {quoted_path(path)}",))


def _revision_cycles(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    for cycle in snapshot.graph.cycles:
        paths = tuple(snapshot.graph[name].path for name in cycle)
        follows = "follows itself" if len(cycle) == 1 else "follow one another in a circle"
        closing = _closing(cycle, snapshot.graph)
        yield Finding(
            REVISION_CYCLE,
            snapshot.environment.name,
            f"{enumerate_names(cycle)} {follows}; correct the reference that closes it",
            edit(closing.path, evidence.lines.get(closing.path, 1), f"name another revision than {_named(closing, cycle)}"),
            cycle,
            paths,
        )


def _closing(cycle: tuple[str, ...], graph: RevisionGraph) -> Revision:
    """Return the revision of a circle that was made to follow a later one: an edit that is not committed, else the oldest."""
    members = [graph[name] for name in cycle]
    return min(members, key=lambda each: (each.uncommitted != REWIRED, each.create_date or "9", each.path))


def _named(revision: Revision, cycle: tuple[str, ...]) -> str:
    return (
        enumerate_names(each for each in (*revision.down_revisions, *revision.depends_on) if each in cycle) or "what follows it"
    )


def _unreadable_scripts(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    environment = snapshot.environment.name
    unreadable = {script.path for script in snapshot.unreadable}
    for path in evidence.conflicts:
        if path not in unreadable:
            conflict = UnreadableScript(path, "git cannot merge it: both sides changed it")
            yield _unreadable(environment, conflict, conflict.reason, evidence)
    for script in snapshot.scripts:
        if isinstance(script, UnreadableScript):
            if script.reason == NOT_READ:
                continue
            yield _unreadable(environment, script, f"{script.reason}; its place in the history cannot be known", evidence)
        elif script.identifiers.defect and script.path not in evidence.conflicts:
            defect = _unreadable(environment, script, f"{script.identifiers.defect}; Alembic cannot load it", evidence)
            yield defect._replace(graph_is_known=True)
        elif script.identifiers.unknown:
            verb = "is" if script.identifiers.unknown == ("depends_on",) else "are"
            reason = f"its {enumerate_names(script.identifiers.unknown)} {verb} computed; only running the script tells them"
            yield _unreadable(environment, script, reason, evidence)._replace(own_severity=Severity.WARNING)


def _unreadable(environment: str, script: Script, reason: str, evidence: Evidence) -> Finding:
    line = evidence.lines.get(script.path, 1)
    wanted = "write its identifiers as plain strings" if _is_computed(script) else "correct it"
    hint = edit(script.path, line, wanted)
    if isinstance(script, UnreadableScript) and script.link:
        hint = _put_in_place(script.link)
    if script.path in evidence.conflicts:
        hint = edit(script.path, line, "resolve the conflict").followed_by(f"git add {quoted_path(script.path)}", "git commit")
    return Finding(
        UNREADABLE_SCRIPT,
        environment,
        f"{script.path}{f' ({script.uncommitted})' if script.uncommitted else ''}: {reason}",
        hint,
        (script.revision,) if script.revision else (),
        (script.path,),
    )


def _put_in_place(link: str) -> Hint:
    """Return the hint to have what a link leads to in the repository."""
    here, copy = quoted_path(link), quoted_path(f"{link}.copy")
    return Hint(f"cp -RL {here} {copy} && rm {here} && mv {copy} {here}").followed_by(f"git add {here}", "git commit")


def _is_computed(script: Script) -> bool:
    return script.computed if isinstance(script, UnreadableScript) else bool(script.identifiers.unknown)


def _double_merges(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    for group in graph.double_merges:
        joined = enumerate_names(sorted(graph.parents[group[0]]))
        merges = enumerate_names(f"{describe(graph[name], evidence.provenance)}{_in_commit(name, evidence)}" for name in group)
        cure, hint = _cure_of_double_merge(group, snapshot, evidence)
        yield Finding(
            DOUBLE_MERGE,
            snapshot.environment.name,
            f"{joined} are joined by {len(group)} merge revisions: {merges}; {cure}",
            hint,
            group,
            tuple(graph[name].path for name in group),
        )


def _in_commit(name: str, evidence: Evidence) -> str:
    known = evidence.provenance.get(name)
    return f" in commit {known.commit[:10]}" if known else ""


def _cure_of_double_merge(group: tuple[str, ...], snapshot: Snapshot, evidence: Evidence) -> tuple[str, Hint]:
    """Drop the merge revision that nobody else has and nothing follows, where exactly one is like that; else join them."""
    graph, published = snapshot.graph, evidence.immovable.published
    free = [name for name in group if published is not None and name not in published and not graph.children.get(name)]
    kept = [name for name in group if name not in free]
    if len(free) != 1 or not kept:
        return "join them", FIX
    path = quoted_path(graph[free[0]].path)
    cure = f"{free[0]} exists only here and nothing follows it: drop it, unless a database has run it; else join them"
    drop = f"git commit -m {shlex.quote(f'Drop merge revision {free[0]}')} -- {path}"
    return cure, Hint(drop, commits=True, before=(f"git rm {path}",))


def _uncommitted_scripts(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    for script in evidence.uncommitted:
        if script.uncommitted != NEW:
            continue
        # Committed as it is, a divergence would be everybody's.
        hint = FIX if script.revision in snapshot.graph.diverging else _commit(script.path)
        yield Finding(
            UNCOMMITTED_SCRIPT,
            snapshot.environment.name,
            f"{script.path} is not committed; Alembic loads it here, a fresh clone does not have it"
            f"{_needed_by(script, snapshot)}",
            hint,
            (script.revision,) if script.revision else (),
            (script.path,),
        )


def _nested_scripts(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    for folder, known in evidence.nested.items():
        scripts = [each for each in evidence.uncommitted if each.uncommitted == NESTED and each.path.startswith(f"{folder}/")]
        add = shlex.join(["git", "submodule", "add", "--", known.url, folder])
        yield Finding(
            UNCOMMITTED_SCRIPT,
            snapshot.environment.name,
            f"{counted(len(scripts), 'script')} in {folder}, a repository of its own that is no submodule of this one; "
            "Alembic loads them here, a fresh clone does not have them",
            Hint("git commit") if known.is_staged else Hint("git commit").after(add),
            tuple(script.revision for script in scripts if script.revision),
            tuple(script.path for script in scripts),
        )


def _needed_by(script: Script, snapshot: Snapshot) -> str:
    """Say which committed revisions a fresh clone could not load without the script."""
    graph = snapshot.graph
    children = [name for name in graph.children.get(script.revision or "", ()) if graph[name].uncommitted != NEW]
    return f" and cannot load {enumerate_names(sorted(children))}, which follows it and is committed" if children else ""


def _unlabelled_bases(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    graph = snapshot.graph
    families = graph.families if len(graph.bases) > 1 else ()
    unlabelled = [family for family in families if not any(_may_be_labelled(graph[name]) for name in family)]
    if len(families) < 2 or not unlabelled:
        return
    sizes = {base: len(family) for family in unlabelled for base in sorted(family.intersection(graph.bases))}
    bases = tuple(sizes)
    # The history that is meant is the longer one, or the older one.
    stray = graph[max(bases, key=lambda base: (-sizes[base], graph[base].create_date or "", base))].path
    paths = tuple(graph[base].path for base in bases)
    relation = "is a root of its own" if len(bases) == 1 else "are unrelated roots"
    yield Finding(
        UNLABELLED_BASES,
        snapshot.environment.name,
        f"{enumerate_names(_root(graph[base], sizes[base], evidence) for base in bases)} {relation} without a branch label; "
        "set the down_revision where a root was not meant, or branch_labels where it was",
        edit(stray, evidence.lines.get(stray, 1), "name the down_revision, or a label in branch_labels"),
        bases,
        paths,
    )


def _may_be_labelled(revision: Revision) -> bool:
    return bool(revision.branch_labels) or not revision.labels_are_known


def _root(base: Revision, size: int, evidence: Evidence) -> str:
    following = {1: "nothing follows", 2: "1 revision follows"}.get(size, f"{size - 1} revisions follow")
    return f"{describe(base, evidence.provenance)}, which {following},"


def _unreadable_configuration(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    yield from unreadable_configuration(snapshot.environment)


def _missing_messages(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    silent = [revision for revision in snapshot.graph.revisions.values() if not revision.message]
    if silent:
        names = enumerate_names(posixpath.basename(revision.path) for revision in silent)
        yield Finding(
            NO_MESSAGE,
            snapshot.environment.name,
            f"{names} {'has' if len(silent) == 1 else 'have'} no message in the docstring",
            edit(silent[0].path, 1, "say in the docstring's first line what the revision does"),
            tuple(revision.revision for revision in silent),
            tuple(revision.path for revision in silent),
        )


def _missing_parents(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    if snapshot.graph.missing:
        from .parents import parents_missing  # takes 4 ms to import

        yield from parents_missing(snapshot, evidence)


def _redundant_parents(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    if snapshot.graph.redundant:
        from .parents import parents_redundant  # takes 4 ms to import

        yield from parents_redundant(snapshot, evidence)


Finder = Callable[[Snapshot, Evidence], Iterator[Finding]]
_FINDERS: tuple[Finder, ...] = (
    _unreadable_configuration,
    _unreadable_scripts,
    scripts_beyond_budget,
    duplicate_revisions,
    _revision_cycles,
    _missing_parents,
    identifiers_unusable,
    _divergent_heads,
    colliding_operations,
    closed_collisions,
    _double_merges,
    _redundant_parents,
    published_revisions_changed,
    _uncommitted_scripts,
    _nested_scripts,
    _unlabelled_bases,
    _missing_messages,
)
