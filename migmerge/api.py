"""What other Python programs may use of migmerge: `check`, and what it returns.

The names here, and the attributes that their docstrings name, stay as they are within a major version; more may be added.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock

from .core.errors import MigmergeError
from .core.finding import Finding, Severity
from .core.graph import RevisionGraph
from .core.options import Options
from .core.revision import Revision
from .workspace.judgement import judgement

__all__ = ["CheckedEnvironment", "Finding", "MigmergeError", "Report", "Revision", "RevisionGraph", "Severity", "check"]

_LOOKING = RLock()
"""One thread looks at a time: another would take the shortened `sys.path` for the one to put back."""


@dataclass(frozen=True, slots=True)
class CheckedEnvironment:
    """Hold one environment: its `path` in the repository, its `name`, its versions directories, and its revisions.

    `graph` is a `RevisionGraph`: `graph.heads`, `graph.bases`, `graph.ancestors(id)`, `graph[id]` with `down_revisions`,
    `path` and `message`.
    """

    path: str
    name: str
    versions: tuple[str, ...]
    graph: RevisionGraph


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what `check` found.

    `tree` is "worktree", "index", "commit" or "merge", `commit` the full id of the commit that was looked at, None before the
    first one. A finding has `code`, `name`, `severity`, `environment`, `message`, `hint`, `revisions` and `paths`.
    """

    tree: str
    commit: str | None
    environments: tuple[CheckedEnvironment, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings of severity error, for which the command line ends with 1."""
        return tuple(finding for finding in self.findings if finding.is_error)


def check(
    path: str | os.PathLike[str] = ".",
    *,
    at: str | None = None,
    against: str | None = None,
    staged: bool = False,
    environments: Iterable[str] = (),
) -> Report:
    """Look at the migrations of the repository that holds `path`, as `migmerge check` does, and run none of them.

    Without more the work tree is looked at; `at` names a commit, `staged` means the index, `against` a branch into which HEAD,
    or `at`, would be merged. `environments` are the only ones to look at, by path; a relative one is relative to `path`.

    Raises:
        MigmergeError: where it cannot be looked at: no repository, an unknown commit, an unknown environment.
    """
    selected = (environments,) if isinstance(environments, str) else tuple(environments)
    options = Options(os.fsdecode(path), selected, quiet=True, color="never")
    with _own_imports(), judgement(options, at=at, against=against, staged=staged) as judged:
        workspace = judged.workspace
        checked = tuple(
            CheckedEnvironment(each.environment.path, each.environment.name, tuple(each.environment.versions), each.graph)
            for each in workspace.snapshots
        )
        return Report(workspace.kind, workspace.commit, checked, judged.findings)


@contextmanager
def _own_imports() -> Iterator[None]:
    """Put `sys.path` back afterwards: while it looks, nothing is imported from the repository, in whatever thread."""
    with _LOOKING:
        before = list(sys.path)
        try:
            yield
        finally:
            sys.path[:] = before
