"""Who added a script, when, and on which branches it is."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..core.provenance import Provenance, Whereabouts
from .git import GitFailed, Running
from .repository import Repository

_PATIENCE = 3.0
"""Seconds after which a walk through history is given up: what it found until then has to do."""

_ENTRY = "%x01%H%x02%an%x02%aI"


def current_branch(repository: Repository) -> str | None:
    """Return the branch that is checked out, None where HEAD is detached."""
    return repository.git.line("symbolic-ref", "--quiet", "--short", "HEAD")


def provenance_of(
    repository: Repository, paths: Mapping[str, str], commit: str, *, all_branches: bool = False
) -> dict[str, Provenance]:
    """Return what git knows of the scripts at `paths` (revision id → path), in one walk from `commit`.

    A script that only the boundary of a shallow clone seems to add is left out: its author is not known. Each gets the
    branch that tells most; all that contain it only on demand, for that takes a git for each commit.
    """
    if not paths:
        return {}
    added = dict(_additions(repository, set(paths.values()), commit))
    commits = list(dict.fromkeys(known.commit for known in added.values()))
    branch = telling_branches(repository, commits)
    branches = branches_containing(repository, commits) if all_branches else {}
    return {
        name: replace(known, branch=branch.get(known.commit), branches=branches.get(known.commit, ()))
        for name, path in paths.items()
        if (known := added.get(path))
    }


def _additions(repository: Repository, paths: set[str], commit: str) -> Iterator[tuple[str, Provenance]]:
    """Yield the newest addition of each path, and stop the walk when all are found."""
    boundary = _shallow_commits(repository)
    walk = repository.git.start(
        "-c", "core.quotePath=false", "--literal-pathspecs",
        "log", "--no-renames", "--diff-filter=A", "--name-only", f"--format={_ENTRY}", commit, "--", *sorted(paths),
    )  # fmt: skip
    wanted, known = set(paths), None
    for line in _lines(walk):
        if line.startswith("\x01"):
            oid, author, date = line[1:].split("\x02")
            known = Provenance(oid, author, date.replace("Z", "+00:00"))  # git 2.55 writes Z, 2.39 does not
        elif line in wanted and known:
            wanted.discard(line)
            if known.commit not in boundary:
                yield line, known
            if not wanted:
                return


def _lines(walk: Running) -> Iterator[str]:
    """Yield a walk's lines until it ends, nobody wants more, or patience does."""
    process = walk.process
    alarm = threading.Timer(_PATIENCE, process.kill)
    alarm.daemon = True
    alarm.start()
    assert process.stdout and process.stderr and process.stdin
    try:
        for line in process.stdout:
            yield line.decode("utf-8", "surrogateescape").rstrip("\n")
    finally:
        alarm.cancel()
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        process.wait()


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


def branches_containing(repository: Repository, commits: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the short names of the branches, local ones first, that contain each commit."""
    running = {commit: _start_branches(repository, f"--contains={commit}") for commit in commits}
    return {commit: _branches(question) for commit, question in running.items()}


def branches_at(repository: Repository, commit: str) -> tuple[str, ...]:
    """Return the short names of the branches that end in a commit."""
    return _branches(_start_branches(repository, f"--points-at={commit}"))


def _start_branches(repository: Repository, condition: str) -> Running:
    return repository.git.start("for-each-ref", "--format=%(refname)", condition, "refs/heads", "refs/remotes")


def _branches(question: Running) -> tuple[str, ...]:
    try:
        refs = question.text().splitlines()
    except GitFailed:
        return ()
    names = (ref.removeprefix("refs/heads/").removeprefix("refs/remotes/") for ref in refs if not ref.endswith("/HEAD"))
    return tuple(names)


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
    lines = [line for line in _lines(walk) if line]
    if len(lines) < 2:
        return None
    oid, author, _ = lines[0][1:].split("\x02")
    status, _, path = lines[1].partition("\t")
    if status == "D":
        oid = repository.git.line("rev-parse", f"{oid}^") or oid
    return Whereabouts(oid, path, author, telling_branches(repository, [oid]).get(oid))
