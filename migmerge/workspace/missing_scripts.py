"""What git and the work trees still know of scripts that a tree lacks and its scripts name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from ..core.database.phantom import Fate, Phantom, ScriptTexts, phantom_chain, scripts_in
from ..core.errors import MigmergeError
from ..core.operations.interpreter.statements import read_operations
from ..core.operations.needs import needs
from ..core.operations.operation import Operations
from ..core.provenance import LastSeen, Provenance
from ..core.revision import Revision
from ..core.snapshot import Snapshot
from ..repository.find_revision import files_of_phantom, find_phantoms
from ..repository.pick import is_picked
from ..repository.repository import Repository
from .workspace import Workspace


def last_seen_in(workspace: Workspace, snapshot: Snapshot, provenance: Mapping[str, Provenance]) -> dict[str, LastSeen]:
    """Return what is known of the scripts that a snapshot lacks, by id; `provenance` goes by the ids of those that name them."""
    children: dict[str, list[Revision]] = {}
    for revision, missing in snapshot.graph.missing:
        children.setdefault(missing, []).append(revision)
    here = _texts(workspace, snapshot)
    found = find_phantoms(workspace.repository, sorted(children), snapshot.environment, here, dangling=False)
    return {
        name: _last_seen(workspace, snapshot, phantom, here, {each: provenance.get(each.revision) for each in children[name]})
        for name, phantom in found.items()
    }


def _texts(workspace: Workspace, snapshot: Snapshot) -> ScriptTexts:
    blobs = {revision: workspace.tree.blobs[revision.path] for revision in snapshot.graph.revisions.values()}
    contents = workspace.tree.read(workspace.repository.git, blobs.values())
    return {revision.revision: (revision, contents[blob]) for revision, blob in blobs.items()}


def _last_seen(
    workspace: Workspace,
    snapshot: Snapshot,
    phantom: Phantom,
    here: ScriptTexts,
    children: Mapping[Revision, Provenance | None],
) -> LastSeen:
    repository = workspace.repository
    there = scripts_in(files_of_phantom(repository, phantom, snapshot.environment))
    chain = [name for name in _chain(phantom.revision, there, here) if name in there]
    made = [read_operations(there[name][1]) for name in chain]
    return LastSeen(
        phantom.commit,
        phantom.path,
        phantom.author,
        phantom.branch or phantom.tag,
        tuple(there[name][0].path for name in chain) or (phantom.path,),
        _followed(phantom.revision, there, here),
        phantom.successor,
        phantom.fate is Fate.REPARENTED,
        phantom.fate is Fate.DELETED,
        phantom.deleted_in,
        phantom.deleted_by,
        _picked(repository, phantom, children),
        frozenset(each.revision for each in children if _needs_any(here[each.revision][1], made)),
        phantom.work_tree,
    )


def _picked(repository: Repository, phantom: Phantom, children: Mapping[Revision, Provenance | None]) -> frozenset[str]:
    """Return the revisions that were copied from where the missing one is."""
    if phantom.fate not in (Fate.ELSEWHERE, Fate.LOST):
        return frozenset()
    commits = {child: known.commit if known else None for child, known in children.items()}
    return frozenset(
        child.revision for child, commit in commits.items() if is_picked(repository, child.path, commit, phantom.commit)
    )


def _needs_any(text: bytes, made: Sequence[Operations]) -> bool:
    operations = read_operations(text)
    return any(needs(operations, each) for each in made)


def _chain(name: str, there: ScriptTexts, here: ScriptTexts) -> tuple[str, ...]:
    with suppress(MigmergeError):
        return phantom_chain(name, there, here.keys())
    return (name,)


def _followed(name: str, there: ScriptTexts, here: ScriptTexts) -> tuple[str, ...] | None:
    """Return the nearest revisions of the tree that a missing one followed; None where a script on the way is unknown."""
    nearest: dict[str, None] = {}
    seen, pending = {name}, [name]
    while pending:
        known = there.get(pending.pop())
        if known is None:
            return None
        for parent in known[0].down_revisions:
            if parent in here:
                nearest[parent] = None
            elif parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return tuple(nearest)
