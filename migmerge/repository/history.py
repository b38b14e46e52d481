"""Who added a script, when, and on which branches it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..core.provenance import Provenance, Whereabouts
from .git import Running
from .references import Branch, Branches, branches_containing, branches_of, start_branches
from .repository import Repository
from .walking import lines_of

_ENTRY = "%x01%H%x02%an%x02%aI%x02%ar"
_ADDITIONS = (
    "-c", "core.quotePath=false", "--literal-pathspecs",
    "log", "-c", "--no-renames", "--diff-filter=A", "--name-only", f"--format={_ENTRY}",
)  # fmt: skip


def current_branch(repository: Repository) -> str | None:
    """Return the branch that is checked out, None where HEAD is detached."""
    return repository.git.line("symbolic-ref", "--quiet", "--short", "HEAD")


def provenance_of(
    repository: Repository, paths: Mapping[str, str], commits: Sequence[str], branches: Branches | None = None
) -> dict[str, Provenance]:
    """Return what git knows of the scripts at `paths` (revision id → path), in one walk down from `commits`.

    A script that only the boundary of a shallow clone seems to add is left out: its author is not known. Each gets the
    branch that tells most; those that contain it where the `branches` are given, for that is a walk of its own.
    """
    if not paths:
        return {}
    added = dict(_additions(repository, set(paths.values()), commits))
    oids = list(dict.fromkeys(known.commit for known in added.values()))
    telling = telling_branches(repository, oids)
    containing = branches_containing(repository, branches, oids) if branches else {}
    return {
        name: replace(
            known,
            branch=telling.get(known.commit),
            branches=tuple(branch.name for branch in containing.get(known.commit, ())),
        )
        for name, path in paths.items()
        if (known := added.get(path))
    }


def published_of(repository: Repository, paths: Mapping[str, Sequence[str]], branches: Branches) -> dict[str, str] | None:
    """Return a remote-tracking branch for each revision (id → paths) whose script one contains, or ever contained.

    By the script's path in the history of those branches, not by the commit here: a squashed or rebased branch is
    published under another commit. The default branch is named first. None where git could not tell in time.
    """
    remote = Branches(tuple(branch for branch in branches.each if branch.is_remote), branches.default)
    if not remote.each:
        return {}
    walk = repository.git.start(*_ADDITIONS, "--remotes", "--", *sorted({path for each in paths.values() for path in each}))
    added = _parsed(walk)
    added_by = {path: known.commit for path, known in added}
    if walk.process.returncode:
        return None
    containing = branches_containing(repository, remote, added_by.values())
    if containing.keys() != set(added_by.values()):
        return None
    had = {name: [added_by[path] for path in each if path in added_by] for name, each in paths.items()}
    return {name: _foremost(containing[commits[0]], remote) for name, commits in had.items() if commits}


def _foremost(containing: Sequence[Branch], branches: Branches) -> str:
    default = branches.default
    return default.name if default and default in containing else containing[0].name


def _additions(repository: Repository, paths: set[str], commits: Sequence[str]) -> Iterator[tuple[str, Provenance]]:
    """Yield the newest addition of each path, and stop the walk when all are found."""
    boundary = _shallow_commits(repository)
    wanted = set(paths)
    for path, known in _parsed(repository.git.start(*_ADDITIONS, *commits, "--", *sorted(paths))):
        if path in wanted:
            wanted.discard(path)
            if known.commit not in boundary:
                yield path, known
            if not wanted:
                return


def _parsed(walk: Running) -> Iterator[tuple[str, Provenance]]:
    """Read commits, each followed by the paths that it added."""
    known = None
    for line in lines_of(walk):
        if line.startswith("\x01"):
            oid, author, date, age = line[1:].split("\x02")
            known = Provenance(oid, author, date.replace("Z", "+00:00"), age=age)  # git 2.55 writes Z, 2.39 does not
        elif line and known:
            yield line, known


def _shallow_commits(repository: Repository) -> frozenset[str]:
    if not repository.shallow:
        return frozenset()
    with open(os.path.join(repository.common_dir, "shallow"), encoding="ascii") as file:
        return frozenset(file.read().split())


def telling_branches(repository: Repository, commits: Sequence[str]) -> dict[str, str]:
    """Return for each commit the branch whose end is nearest to it; the one that is checked out only where no other has it."""
    if not commits:
        return {}
    current = current_branch(repository)
    others = () if current is None else (f"--exclude=refs/heads/{current}",)
    refs = ("--refs=refs/heads/*", "--refs=refs/remotes/*", "--exclude=refs/remotes/*/HEAD")
    names = repository.git.text("name-rev", "--name-only", *refs, *others, *commits).splitlines()
    found = {}
    for commit, name in zip(commits, names, strict=True):
        branch = current if name == "undefined" else re.split(r"[~^]", name)[0].removeprefix("remotes/")
        if branch is not None:
            found[commit] = branch
    return found


def branches_at(repository: Repository, commit: str) -> tuple[str, ...]:
    """Return the names of the branches that end in a commit."""
    oid = repository.git.line("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    return tuple(branch.name for branch in branches_of(start_branches(repository), None).each if branch.commit == oid)


def whereabouts_of(repository: Repository, missing: Iterable[str], folders: Sequence[str]) -> dict[str, Whereabouts]:
    """Look in every ref, stash and reflog for the script that assigned a revision id that is in no script now."""
    found = {}
    for name in missing:
        if name.isprintable() and (where := _whereabouts(repository, name, folders)):
            found[name] = where
    return found


def _whereabouts(repository: Repository, name: str, folders: Sequence[str]) -> Whereabouts | None:
    """Read the newest commit whose diff has the assignment: it holds the script, or its parent does where it deleted it."""
    quoted = re.escape(name).replace(r"\-", "-").replace(r"\ ", " ")
    walk = repository.git.start(
        "-c", "core.quotePath=false", "log", "--all", "--reflog", "-1", "--no-renames", "--name-status",
        f"-G^revision.*['\"]{quoted}['\"]", f"--format={_ENTRY}", "--", *folders,
    )  # fmt: skip
    lines = [line for line in lines_of(walk) if line]
    if len(lines) < 2:
        return None
    oid, author, *_ = lines[0][1:].split("\x02")
    status, _, path = lines[1].partition("\t")
    if status == "D":
        oid = repository.git.line("rev-parse", f"{oid}^") or oid
    return Whereabouts(oid, path, author, telling_branches(repository, [oid]).get(oid))
