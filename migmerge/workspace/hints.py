"""Hints that work in the state in which they are printed: for the index, for a commit, and where git is not finished."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ..core.errors import NoEnvironment
from ..core.finding import Finding, Hint
from ..core.options import Options
from ..repository.commit import ending, is_ignored
from ..repository.repository import Repository
from ..repository.work_tree import uncommitted_paths, with_uncommitted
from .evidence import diagnose_workspace
from .snapshots import watched_paths
from .workspace import Workspace, open_workspace


def with_hints_that_run(workspace: Workspace, findings: Sequence[Finding], options: Options, at: str | None) -> list[Finding]:
    """Return findings with hints that lead on from where the user is; `at` is what the user called the commit looked at."""
    if workspace.kind == "commit" and at is not None:
        return list(_at_commit(workspace, findings, options, at))
    if workspace.kind == "index":
        return list(_in_index(workspace, findings, options))
    return list(_once_finished(workspace.repository, findings))


def _once_finished(repository: Repository, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Let what commits come after the end of a merge, a rebase or the like that the user has begun."""
    unfinished = ending(repository) if any(each.hint.commits and not each.hint.edited for each in findings) else None
    for finding in findings:
        concerned = finding.hint.commits and not finding.hint.edited
        yield finding._replace(hint=_once_ended(finding.hint, unfinished)) if unfinished and concerned else finding


def _once_ended(hint: Hint, unfinished: Hint) -> Hint:
    if not unfinished.edited:
        return hint if hint.only_commits else hint.after(unfinished.command)
    if not unfinished.commits:  # there are more conflicts
        return unfinished
    if hint.only_commits:
        *resolved, end = unfinished.then
        return unfinished._replace(then=(*resolved, *hint.before, end))
    return unfinished.followed_by(*hint.before, hint.command)


def _at_commit(workspace: Workspace, findings: Sequence[Finding], options: Options, at: str) -> Iterator[Finding]:
    """Let the hints commit what they change, in a work tree that has the commit."""
    head = workspace.repository.git.line("rev-parse", "--verify", "--quiet", "HEAD")
    switch = () if head == workspace.commit else (f"git checkout {shlex.quote(at)}",)
    named = [finding.after(*switch) for finding in findings]
    return iter(named) if switch else _once_finished(workspace.repository, named)


def _in_index(workspace: Workspace, findings: Sequence[Finding], options: Options) -> Iterator[Finding]:
    """Let the index have what the work tree has, where a finding is not true of that; else let the work tree be cured first."""
    here = _in_work_tree(workspace, options)
    for finding in findings:
        if cure := here.get(finding.identity):
            yield finding._replace(hint=cure)
        elif paths := _unlike_work_tree(workspace, finding):
            yield finding._replace(hint=Hint(shlex.join(["git", "add", "--", *paths]), commits=True))
        else:
            yield finding


def _in_work_tree(workspace: Workspace, options: Options) -> dict[object, Hint]:
    """Return the hints of the findings about the work tree."""
    try:
        there = open_workspace(options)
    except NoEnvironment:
        return {}
    findings, _ = diagnose_workspace(there, with_published=True)
    return {each.identity: each.hint for each in _once_finished(there.repository, findings)}


def _unlike_work_tree(workspace: Workspace, finding: Finding) -> list[str]:
    """Return the files of a finding's environment that the index has otherwise than the work tree."""
    environments = [each.environment for each in workspace.snapshots if each.environment.name == finding.environment]
    repository, indexed = workspace.repository, workspace.tree
    changed = uncommitted_paths(repository, watched_paths(environments), indexed)
    on_disk = with_uncommitted(repository, indexed, changed)
    unlike = [path for path in changed if on_disk.blobs.get(path) != indexed.blobs.get(path)]
    return [path for path in unlike if path in indexed.blobs or not is_ignored(repository, path)]
