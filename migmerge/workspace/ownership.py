"""Which revisions are the user's own to move: evidence from the whole clone, its reflogs, stashes and work trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..core.immovable import Immovable
from ..core.revision import IN_SUBMODULE, NESTED, NEW
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names
from ..repository.history import FORMER, own_address
from ..repository.ownership import (
    Addition,
    additions,
    default_branches,
    had,
    has_tag,
    made_here,
    other_branches_with,
    other_worktrees,
    pushed_by,
    pushed_from_here,
    remote_fetched_in_part,
    scripts_there,
    stashed,
    upstreams_of,
)
from ..repository.pushed import Pushed
from .published import paths_before, published_revisions
from .workspace import Workspace


class _Origin(NamedTuple):
    """Hold what the clone as a whole says about who made which commit."""

    ours: str | None
    made_here: frozenset[str]
    stashed: frozenset[str]


def ownership_of(workspace: Workspace, snapshot: Snapshot, names: Iterable[str]) -> Immovable:
    """Return which revisions are not known to be the user's alone, and why; what a database has run is not asked here.

    Git is asked once for each environment, unless more revisions are wanted.
    """
    wanted, name = frozenset(names), snapshot.environment.name
    known = workspace.ownership.get(name)
    if known is None or known[0] is not snapshot or not wanted <= known[1]:
        known = workspace.ownership[name] = (snapshot, wanted, _ownership_of(workspace, snapshot, wanted))
    return known[2]


def _ownership_of(workspace: Workspace, snapshot: Snapshot, names: Iterable[str]) -> Immovable:
    graph, repository = snapshot.graph, workspace.repository
    paths = {name: graph[name].path for name in sorted(names) if name in graph}
    # Of what belongs to another repository, which is fixed there, this one knows nothing.
    here = {name: path for name, path in paths.items() if graph[name].uncommitted not in (IN_SUBMODULE, NESTED)}
    committed = {name: path for name, path in here.items() if graph[name].uncommitted != NEW}
    added = _additions_by_name(workspace, paths)
    published = published_revisions(workspace, snapshot, paths)
    if added is None or published is None:
        return Immovable()
    origin = _Origin(own_address(repository), made_here(repository), stashed(repository))
    held = {name: found[0].commit for name in here.keys() - committed.keys() if (found := _not_stashed(added[name], origin))}
    pushed = _pushed_by_user(workspace, {name: published[name] for name in committed if name in published}, added, origin)
    foremost = {name: branches[0] for name, branches in published.items() if name not in pushed}
    foreign = {name: why for name in committed if (why := _why_foreign(name, added[name], origin))}
    own = {name: added[name] for name in committed.keys() - foremost.keys() - foreign.keys()}
    return Immovable(
        published={**held, **foremost},
        others=frozenset(name for name in committed if _is_by_others(added[name], origin)),
        foreign=foreign,
        pushed={name: branch for name, branch in _all_pushed(workspace, own, pushed).items() if name in own},
        kept={name: _kept(workspace, paths[name], added[name], origin) for name in own},
    )


def _additions_by_name(workspace: Workspace, paths: Mapping[str, str]) -> dict[str, list[Addition]] | None:
    """Return the commits that added each script, under the path that it has or that it had on the default branch."""
    before = paths_before(workspace)
    if before is None:
        return None
    all_paths = {name: (path, *before.get(path, ())) for name, path in paths.items()}
    found = additions(workspace.repository, [path for each in all_paths.values() for path in each])
    return None if found is None else {name: [each for each in found if each.path in all_paths[name]] for name in paths}


def _not_stashed(added: Sequence[Addition], origin: _Origin) -> list[Addition]:
    return [each for each in added if each.commit not in origin.stashed]


def _is_by_others(added: Sequence[Addition], origin: _Origin) -> bool:
    return any(each.mail != origin.ours for each in _not_stashed(added, origin))


def _why_foreign(name: str, added: Sequence[Addition], origin: _Origin) -> str | None:
    """Say why a committed revision is not known to be the user's own, made in this clone."""
    found = _not_stashed(added, origin)
    if not found:
        return f"git does not tell who wrote {name}"
    authors = dict.fromkeys(each.author for each in found if each.mail != origin.ours)
    if authors:
        return f"{enumerate_names(authors)} wrote {name}"
    if any(each.commit not in origin.made_here for each in found):
        return f"nothing shows that {name} was made in this clone"
    return None


def _pushed_by_user(
    workspace: Workspace, published: Mapping[str, Sequence[str]], added: Mapping[str, Sequence[Addition]], origin: _Origin
) -> dict[str, str]:
    """Return, of the revisions that are published, those that only branches have which the user alone wrote and pushed."""
    repository, default = workspace.repository, workspace.branches.default
    own, from_here = dict[str, bool](), pushed_from_here(repository) if published else frozenset[str]()
    defaults = default_branches(repository, default.name) if published and default else frozenset[str]()

    def is_own(branch: str) -> bool:
        if branch not in own:
            writers = pushed_by(repository, default.commit if default else None, branch) if branch in from_here else None
            own[branch] = writers is not None and writers <= {origin.ours} and branch not in defaults
        return own[branch]

    found = {}
    for name, branches in published.items():
        commits = [each.commit for each in added[name]]
        former = branches == (FORMER,) and not (
            has_tag(repository, commits) or any(had(repository, each, commits) for each in defaults)
        )
        if former or all(is_own(branch) for branch in branches):
            found[name] = "a remote branch, as it was before" if former else branches[0]
    return found


def _all_pushed(workspace: Workspace, own: Mapping[str, Sequence[Addition]], pushed: Mapping[str, str]) -> dict[str, str]:
    """Return where revisions were pushed, also where that was seen before and nothing shows it now."""
    memory = Pushed(workspace.repository)
    found = {**memory.branches, **pushed}
    memory.remember(pushed)
    gone = {name: branch for name in own.keys() - found.keys() if (branch := _gone_upstream(workspace, own[name]))}
    if remote := remote_fetched_in_part(workspace.repository):
        found = {**dict.fromkeys(own, f"{remote}, of which not all branches are fetched, perhaps"), **found}
    return {**gone, **found}


def _gone_upstream(workspace: Workspace, added: Sequence[Addition]) -> str | None:
    """Return the upstream of a branch that has a revision, where that was pruned: it may have been pushed there."""
    there = {branch.reference for branch in workspace.branches.each}
    followed = upstreams_of(workspace.repository, {each.commit for each in added})
    gone = (each.removeprefix("refs/remotes/") for each in followed if each not in there)
    return next((f"{branch}, which is gone, perhaps" for branch in gone), None)


def _kept(workspace: Workspace, path: str, added: Sequence[Addition], origin: _Origin) -> tuple[str, ...]:
    """Name the branches, work trees and stashes in which a script stays as it is."""
    repository = workspace.repository
    branches = other_branches_with(repository, {each.commit for each in _not_stashed(added, origin)})
    worktrees = scripts_there(other_worktrees(repository), {path: path}).get(path, ())
    in_stash = ("a stash",) if any(each.commit in origin.stashed for each in added) else ()
    return (*branches, *(f"the work tree {top}" for top in worktrees), *in_stash)
