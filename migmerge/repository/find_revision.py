"""Where git still has the scripts of revisions that a database records and the checkout lacks.

Searches with a deadline, and the readers of objects that hooks share, are plumbing; short questions are GitPython's commands.
"""

from __future__ import annotations

import os
import posixpath
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..core.database.phantom import (
    Fate,
    PathChange,
    Phantom,
    ScriptTexts,
    earliest_branch,
    longest_plain_part,
    named_in,
    path_changes_in,
    scripts_in,
    successor_of,
)
from ..core.environment import Environment
from .files import script_files
from .git import Git, GitFailed
from .refs import is_in_head, reaching
from .repository import Repository
from .tree import each_blob, index_tree, listed_files, start_tree

_TIMEOUT = 10.0
"""Seconds for each search; somebody waits for the answer, and what a search found until then is used."""
_LARGEST = 4_000_000
"""Bytes; nobody wrote a larger script."""
_MOST_VERSIONS = 8
"""Texts of one script that are compared with a database."""
_MOST_ENDS = 200
_MOST_SCRIPTS = 500
"""Of one search, for they are named on a command line."""
_WALK = (
    "log", "-z", "--no-show-signature", "--raw", "--no-abbrev", "--no-renames", "-c", "--full-history", "--ignore-missing",
    "--format=%x01%H%x00%P%x00%an%x00%aI%x00%ar",
)  # fmt: skip
_ALL = ("--exclude=refs/notes/*", "--all", "--reflog")
"""With the HEADs and the reflogs of other worktrees, and all stashes with what they hold of untracked files."""


def find_phantoms(
    repository: Repository, ids: Sequence[str], environment: Environment, checkout: ScriptTexts, *, dangling: bool = True
) -> dict[str, Phantom]:
    """Search all objects of this clone for the scripts of revision ids, and return the phantoms by id; nothing is fetched.

    The newest commit that has a script stands for it, one on a branch before one that only a reflog leads to. Objects that
    nothing leads to are searched only where `dangling` says so: that reads the whole clone.
    """
    found = dict[str, Phantom]()
    searches = (_in_versions, _in_work_trees, _under_other_paths, *([_dangling] if dangling else []))
    for search in searches:
        if missing := [name for name in dict.fromkeys(ids) if name and name not in found]:
            found |= search(repository, missing, environment)
    return {name: _with_successor(repository, phantom, environment, checkout) for name, phantom in found.items()}


def _with_successor(repository: Repository, phantom: Phantom, environment: Environment, checkout: ScriptTexts) -> Phantom:
    successor = successor_of(phantom.revision, scripts_in(files_of_phantom(repository, phantom, environment)), checkout)
    return replace(phantom, fate=successor[0], successor=successor[1]) if successor else phantom


def _in_versions(repository: Repository, names: Sequence[str], environment: Environment) -> dict[str, Phantom]:
    folders = [folder or "." for folder in environment.versions]
    changes, complete = _walked(repository, "--literal-pathspecs", *_WALK, *_ALL, "--", *folders)
    return _judged(repository, names, changes if complete else [*changes, *_at_ends(repository, environment.versions)])


def _under_other_paths(repository: Repository, names: Sequence[str], environment: Environment) -> dict[str, Phantom]:
    """Search all Python files, then the commits that changed those that are scripts of the revisions.

    Where git cannot list them in time: those that lie or are named as scripts are.
    """
    parts = list(filter(None, map(longest_plain_part, names)))
    scripts, complete = _scripts_anywhere(repository, names, parts)
    objects = [f"--find-object={blob}" for blob in scripts[:_MOST_SCRIPTS]]
    changes = _walked(repository, *_WALK, *objects, *_ALL, "--")[0] if objects else []
    if not complete:
        by_name = ("--glob-pathspecs", *_WALK, *_ALL, "--", "**/versions/**", *(f"**/*{part}*.py" for part in parts))
        changes += _walked(repository, *by_name)[0]
    return _judged(repository, names, changes)


def _scripts_anywhere(repository: Repository, names: Sequence[str], parts: Sequence[str]) -> tuple[list[str], bool]:
    """Return the blobs that are scripts of the names, of all that references and reflogs lead to, and whether all were read.

    That takes a third of the time of comparing all commits. Those are read first whose paths have a part of a name.
    """
    walk = repository.git.start("rev-list", "--objects", "--missing=allow-promisor", *_ALL)
    rows = [line.partition(" ")[::2] for line in walk.lines(_TIMEOUT) if line.endswith(".py")]
    rows.sort(key=lambda row: not any(part in row[1] for part in parts))
    found, end = [], time.monotonic() + _TIMEOUT
    for blob, data in _contents(repository.git, (blob for blob, _ in rows)):
        if named_in(data, names):
            found.append(blob)
        if time.monotonic() > end:
            return found, False
    return found, walk.succeeded


def _in_work_trees(repository: Repository, names: Sequence[str], environment: Environment) -> dict[str, Phantom]:
    """Search what was never committed: staged or in the files of a work tree, most likely another one."""
    found = {}
    for top in _work_trees(repository):
        for path, data in _uncommitted(top, environment).items():
            if known := named_in(data, names):
                name, message = known
                found[name] = Phantom(name, "", path, fate=Fate.ELSEWHERE, message=message, work_tree=top)
    return found


def _dangling(repository: Repository, names: Sequence[str], environment: Environment) -> dict[str, Phantom]:
    """Search what no reference or reflog reaches and git has not pruned: commits, then scripts that were only staged."""
    fsck = repository.git.start("fsck", "--unreachable", "--no-progress", "--connectivity-only")
    rows = [line.split(" ") for line in fsck.lines(_TIMEOUT) if line.startswith("unreachable ")]
    commits, blobs = ([oid for _, kind, oid in rows if kind == wanted] for wanted in ("commit", "blob"))
    changes, _ = _walked(repository, *_WALK, "--no-walk", "--stdin", given=commits) if commits else ([], True)
    found = _judged(repository, names, changes)
    scripts = _named(repository, blobs, [name for name in names if name not in found])
    for blob in sorted(scripts, key=partial(_written, repository)):
        name, message = scripts[blob]
        found[name] = Phantom(name, "", posixpath.join(environment.versions[0], f"{blob}.py"), message=message, blob=blob)
    return found


def _written(repository: Repository, blob: str) -> float:
    """Return when git wrote a loose object; a packed one comes before them all."""
    with suppress(OSError):
        return os.path.getmtime(os.path.join(repository.common_dir, "objects", blob[:2], blob[2:]))
    return 0.0


def _walked(repository: Repository, *arguments: str, given: Sequence[str] = ()) -> tuple[list[PathChange], bool]:
    """Return what a `git log` lists, newest first, and whether it came to its end: it stops where a partial clone does."""
    walk = repository.git.start("-c", "log.showRoot=true", "-c", "i18n.logOutputEncoding=UTF-8", *arguments)
    text = "\n".join(walk.lines(_TIMEOUT, given="".join(f"{line}\n" for line in given).encode()))
    return list(path_changes_in(text if walk.succeeded else text.rpartition("\0")[0])), walk.succeeded


def _at_ends(repository: Repository, folders: Sequence[str]) -> Iterator[PathChange]:
    """Yield the files of commits that branches, tags and reflogs name: a clone without trees has those once checked out."""
    for commit in repository.porcelain.rev_list("--no-walk", *_ALL).split()[:_MOST_ENDS]:
        with suppress(GitFailed):
            for path, blob in _listed(repository, commit, folders).items():
                yield PathChange(commit, (), "", "", "", path, (), blob)


def _judged(repository: Repository, names: Sequence[str], changes: Sequence[PathChange]) -> dict[str, Phantom]:
    """Return the phantoms whose scripts are among what commits changed."""
    scripts = [change for change in changes if change.path.endswith(".py")]
    versions = _named(repository, (blob for change in scripts for blob in (change.after, *change.before)), names)
    found = {}
    for name in names:
        blobs = {blob: message for blob, (each, message) in versions.items() if each == name}
        about = [change for change in scripts if change.after in blobs or not blobs.keys().isdisjoint(change.before)]
        if any(change.after in blobs for change in about):
            found[name] = _phantom(repository, name, about, blobs)
    return found


def _phantom(repository: Repository, name: str, changes: Sequence[PathChange], blobs: Mapping[str, str]) -> Phantom:
    """Choose the commit that stands for a script; `blobs` are the script's versions, with the message of each."""
    # A rebase commits several times in one second, which git then lists in any order: what another one replaced is older.
    replaced = {(change.path, blob) for change in changes for blob in change.before}
    holders = sorted((each for each in changes if each.after in blobs), key=lambda each: (each.path, each.after) in replaced)
    holder, fate, branch, tag = _holding_commit(repository, holders)
    # Its author is who added it, not who last changed it; at the boundary of a shallow clone nobody knows.
    added = next((each for each in holders[holders.index(holder) :] if blobs.keys().isdisjoint(each.before)), holder)
    known = ("", "", "") if added.commit in repository.boundary else (added.author, added.date, added.age)
    first = {each.after: each for each in reversed(holders) if each.after != holder.after}
    others = tuple((each.commit, each.path) for each in list(reversed(first.values()))[:_MOST_VERSIONS])
    phantom = Phantom(
        name, holder.commit, holder.path, *known, branch, fate, message=blobs[holder.after], tag=tag, versions=others
    )
    if fate is Fate.DELETED:
        return _deleted(repository, phantom, changes, blobs)
    return replace(phantom, stashed=fate is Fate.LOST and holder.commit in _stashes(repository))


def _holding_commit(repository: Repository, holders: Sequence[PathChange]) -> tuple[PathChange, Fate, str | None, str | None]:
    """Return the first of the commits that a branch has, else that a tag has, else the first, with the branch and the tag."""
    reached = reaching(repository.git, list(dict.fromkeys(change.commit for change in holders)), _ALL[:2])
    references, tagged = _references(repository), None
    for change in holders:
        if is_in_head(repository.git, change.commit):
            return change, Fate.DELETED, None, None
        if reached is None:  # History is too long for one walk: git starts anew from every reference.
            references = _references(repository, f"--contains={change.commit}")
        names = [name for name, end in references if reached is None or change.commit in reached.get(end, ())]
        if branches := [name for name in names if not name.startswith("refs/tags/")]:
            return change, Fate.ELSEWHERE, earliest_branch(branches), None
        tagged = tagged or next(((change, name.removeprefix("refs/tags/")) for name in names), None)
    return (tagged[0], Fate.ELSEWHERE, None, tagged[1]) if tagged else (holders[0], Fate.LOST, None, None)


def _references(repository: Repository, *arguments: str) -> list[tuple[str, str]]:
    """Return the branches and tags with the commits they name, those first that ended first."""
    form = "--format=%(refname)%00%(symref)%00%(objectname)%00%(*objectname)"
    asked = (form, "--sort=refname", "--sort=creatordate", *arguments, "refs/heads", "refs/remotes", "refs/tags")
    rows = [line.split("\0") for line in repository.porcelain.for_each_ref(*asked).split("\n") if line]
    return [(name, peeled or end) for name, symbolic, end, peeled in rows if not symbolic]


def _deleted(repository: Repository, phantom: Phantom, changes: Sequence[PathChange], blobs: Collection[str]) -> Phantom:
    """Name the commit that deleted a script and its parent, which has it; HEAD may have it where Alembic does not look."""
    keeping = {change.commit for change in changes if change.after in blobs}
    asked = ("--verify", "--quiet", f"HEAD:{phantom.path}")
    if repository.porcelain.rev_parse(*asked, with_exceptions=False) in blobs:
        return phantom
    for change in changes:
        parents = [parent for parent, blob in zip(change.parents, change.before, strict=False) if blob in blobs]
        if parents and change.commit not in keeping and is_in_head(repository.git, change.commit):
            return replace(phantom, commit=parents[0], path=change.path, deleted_in=change.commit, deleted_by=change.author)
    return phantom


def _stashes(repository: Repository) -> dict[str, str]:
    """Return the commits that stashes are made of, each with the one that stands for its stash."""
    asked = ("--walk-reflogs", "--format=%H %P", "refs/stash", "--")
    if not repository.git.line("rev-parse", "--verify", "--quiet", "refs/stash"):
        return {}
    rows = [line.split() for line in repository.porcelain.log(*asked).splitlines()]
    return {commit: stash for stash, _, *parts in rows for commit in (stash, *parts)}


def _named(repository: Repository, blobs: Iterable[str], names: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the ids and messages of the named revisions among blobs."""
    return {blob: known for blob, data in _contents(repository.git, blobs) if (known := named_in(data, names))}


def _contents(git: Git, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield those blobs that this clone has, with their contents."""
    wanted = list(dict.fromkeys(filter(None, blobs)))
    form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    try:
        listing = git.read("cat-file", form, given="".join(f"{blob}\n" for blob in wanted).encode())
    except GitFailed:  # In a partial clone git ends at the first blob that is missing.
        listing = git.read("cat-file", form, "--batch-all-objects", "--unordered")
    rows = (line.split(" ") for line in listing.decode().splitlines())
    held = {oid for oid, kind, *size in rows if kind == "blob" and int(size[0]) <= _LARGEST}
    yield from each_blob(git, (blob for blob in wanted if blob in held))


def _work_trees(repository: Repository) -> list[str]:
    lines = repository.porcelain.worktree("list", "--porcelain").split("\n")
    tops = [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]
    return [top for top in dict.fromkeys([*tops, repository.top]) if os.path.exists(os.path.join(top, ".git"))]


def _uncommitted(top: str, environment: Environment) -> dict[str, bytes]:
    """Return the scripts of a work tree by path: the staged content, replaced by the file's where there is one."""
    # GIT_DIR is set in the hooks of a linked worktree, and would lead there.
    git = Git(top, {"GIT_DIR": os.path.join(top, ".git")})
    staged = {path: blob for path, blob in index_tree(git).blobs.items() if environment.holds(path) and path.endswith(".py")}
    contents = dict(_contents(git, staged.values()))
    files = {path: contents[blob] for path, blob in staged.items() if blob in contents}
    for folder in environment.versions:
        for path in script_files(top, folder, recursive=environment.recursive):
            # No link that leads nowhere, and no pipe: reading one waits for a writer.
            with suppress(OSError):
                files |= {path: Path(top, path).read_bytes()} if os.path.isfile(os.path.join(top, path)) else {}
    return files


def files_of_phantom(repository: Repository, phantom: Phantom, environment: Environment) -> dict[str, bytes]:
    """Return a phantom's script with those beside it, by path, wherever it was found."""
    if phantom.commit:
        return files_at(repository, phantom.commit, environment, phantom.path)
    if phantom.work_tree is not None:
        return _uncommitted(phantom.work_tree, environment)
    return {phantom.path: repository.git.read("cat-file", "blob", phantom.blob)}


def files_at(repository: Repository, commit: str, environment: Environment, near: str) -> dict[str, bytes]:
    """Return the files of a commit below the versions directories and beside the path `near`, by path, that one last.

    Untracked files in a stash come with those that it was made beside; what a partial clone lacks is left out.
    """
    if not commit:
        return {}
    folders = [*environment.versions, posixpath.dirname(near)]
    stash = _stashes(repository).get(commit, commit)
    blobs = _listed(repository, stash, folders) | _listed(repository, commit, folders)
    contents = dict(_contents(repository.git, blobs.values()))
    # A script beside others stands for its revision before one in a subfolder, where Alembic may not look.
    paths = sorted(blobs, key=lambda path: (path == near, -path.count("/"), path))
    return {path: contents[blobs[path]] for path in paths if blobs[path] in contents}


def _listed(repository: Repository, commit: str, folders: Sequence[str]) -> dict[str, str]:
    """Return the regular files of a commit below some folders, with their blobs; of the top itself only direct children."""
    listed = listed_files(start_tree(repository.git, commit, () if "" in folders else folders))
    below = tuple(f"{folder}/" for folder in folders if folder)
    return {path: blob for path, blob in listed.items() if path.startswith(below) or "/" not in path}
