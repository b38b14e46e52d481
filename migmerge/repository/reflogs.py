"""What the reflogs tell, read from their files: git's own walk looks at every reflog again for each entry."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .repository import Repository

HEADS, REMOTES = "refs/heads", "refs/remotes"
_ASKED = {HEADS: ("HEAD", "--branches"), REMOTES: ("--remotes",)}
_NOTHING = "0"


class ReflogEntry(NamedTuple):
    """A commit to which a reference was set, the one before it, empty where that is not known, and what git said of it."""

    commit: str
    before: str
    message: str


def reflog_entries(repository: Repository, namespace: str) -> Iterator[ReflogEntry]:
    """Yield what the references of a namespace were set to, with HEAD, of all work trees, beside the branches.

    Raises:
        OSError: where a reflog cannot be read.
        MigmergeError: where git keeps them in another form and does not tell.
    """
    if os.path.isdir(os.path.join(repository.common_dir, "reftable")):
        yield from _told_by_git(repository, namespace)
        return
    for path in _files(repository, namespace):
        with open(path, "rb", 0) as file:  # unbuffered: a clone may have a hundred thousand
            yield from _parsed(file.read().decode("utf-8", "surrogateescape").split("\n"))


def reflog_of(repository: Repository, reference: str) -> list[ReflogEntry]:
    """Return what one reference was set to, the newest last; nothing where git kept no record.

    Raises:
        OSError: where the reflog cannot be read.
    """
    if os.path.isdir(os.path.join(repository.common_dir, "reftable")):
        return list(_walked(repository, reference))[::-1]
    path = os.path.join(repository.common_dir, "logs", *reference.split("/"))
    if not os.path.isfile(path):
        return []
    with open(path, "rb", 0) as file:
        return list(_parsed(file.read().decode("utf-8", "surrogateescape").split("\n")))


def _files(repository: Repository, namespace: str) -> Iterator[str]:
    if namespace == HEADS:
        others = os.path.join(repository.common_dir, "worktrees")
        names = os.listdir(others) if os.path.isdir(others) else []
        heads = [
            os.path.join(folder, "logs", "HEAD")
            for folder in (repository.common_dir, *(os.path.join(others, name) for name in names))
        ]
        yield from filter(os.path.isfile, heads)
    for folder, _, files in os.walk(os.path.join(repository.common_dir, "logs", *namespace.split("/"))):
        yield from (os.path.join(folder, name) for name in files)


def _parsed(lines: Iterable[str]) -> Iterator[ReflogEntry]:
    """Read `<before> <commit> <name> <mail> <time> <zone>TAB<message>`; a branch that was not there before has zeros."""
    for line in lines:
        facts, _, message = line.partition("\t")
        before, commit, *_ = (*facts.split(" ", 2), "", "")
        if commit.strip(_NOTHING):
            yield ReflogEntry(commit, before if before.strip(_NOTHING) else "", message)


def _told_by_git(repository: Repository, namespace: str) -> Iterator[ReflogEntry]:
    yield from _walked(repository, *_ASKED[namespace])


def _walked(repository: Repository, *references: str) -> Iterator[ReflogEntry]:
    options = ("--no-show-signature", "--walk-reflogs", "--ignore-missing", "--format=%H%x00%gs")
    for line in repository.git.text("log", *options, *references).splitlines():
        commit, _, message = line.partition("\0")
        yield ReflogEntry(commit, "", message)
