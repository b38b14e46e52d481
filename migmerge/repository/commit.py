"""Committing a few files, and nothing else, from a shell or from inside a hook.

A plain `git commit` in post-merge makes a bogus merge commit, or takes along what the user had staged; `commit-tree` and
GitPython's `repo.index.commit` would skip the user's own hooks and signature. Measured with git 2.39 and 2.55, in every
state that `tests/e2e/test_fix.py` lists.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from ..core.errors import MigmergeError, OutcomeUnknown
from ..core.finding import Hint, edit
from ..core.shell import quoted_path, quoted_paths
from .git import COMMITTING, HOOK_LEAKS, GitFailed
from .interrupts import interrupts_ignored
from .refs import is_in_head
from .repository import Repository
from .tree import unmerged_paths

_AUTOSTASHES = ("MERGE_AUTOSTASH", "rebase-merge/autostash", "rebase-apply/autostash")
_HINTS = {
    "merge": "git commit",
    "rebase": "git rebase --continue",
    "am": "git am --continue",
    "cherry-pick": "git cherry-pick --continue",
    "revert": "git revert --continue",
    "sequencer": "git status",
    "bisect": "git bisect reset",
}


def refuse_unfinished(repository: Repository) -> None:
    """Refuse to commit in the middle of a merge, rebase, cherry-pick, revert or bisect that the user has not ended.

    Raises:
        MigmergeError: naming the operation and the command that ends it.
    """
    unfinished = sorted(repository.in_progress)
    if unfinished:
        raise MigmergeError(f"a {unfinished[0]} is in progress; finish it first", hint=str(ending(repository)))


def ending(repository: Repository) -> Hint | None:
    """Return how the user ends the merge, rebase, cherry-pick, revert or bisect that is in progress; None where there is none."""
    unfinished = sorted(repository.in_progress)
    if not unfinished:
        return None
    end = _HINTS[unfinished[0]]
    (first, *others) = unmerged_paths(repository.git) or ("",)
    if not first:
        return Hint(end, commits=True)
    add = f"git add {quoted_path(first)}"
    resolve = edit(first, _conflict_in(repository, first), "resolve the conflict")
    return resolve._replace(then=(add,)) if others else resolve.followed_by(add, end)


def _conflict_in(repository: Repository, path: str) -> int:
    """Return the line of the first conflict marker; 1 where there is none."""
    try:
        lines = repository.on_disk(path).split(b"\n")
    except OSError:
        return 1
    return next((number for number, line in enumerate(lines, 1) if line.startswith(b"<<<<<<< ")), 1)


def refuse_locked(repository: Repository) -> None:
    """Refuse to stage or to commit while another git holds the index.

    Raises:
        MigmergeError: naming the lock.
    """
    lock = os.path.join(repository.git_dir, "index.lock")
    if os.path.exists(lock):
        shown = os.path.relpath(lock, repository.top)
        message = f"another git is at work in this repository, or was killed: it holds {shown}"
        # Where no git runs, nobody holds the lock any more.
        raise MigmergeError(message, hint=f"pgrep -lx git || rm {shlex.quote(shown)}")


def refuse_untakable(repository: Repository, added: Sequence[str]) -> None:
    """Refuse to write what git would not add: an ignored path, or any while another git holds the index.

    Raises:
        MigmergeError: naming the path or the lock.
    """
    refuse_locked(repository)
    for path in added:
        if is_ignored(repository, path):
            raise MigmergeError(f"git ignores {path}", hint=f"git check-ignore --verbose --no-index {quoted_path(path)}")


def is_ignored(repository: Repository, path: str) -> bool:
    """Say whether git would not add a path."""
    return bool(repository.porcelain.check_ignore("--no-index", "--", path, with_exceptions=False))


def refuse_changed(repository: Repository, paths: Sequence[str]) -> None:
    """Refuse to touch files in which the user has changes that no commit holds, an autostash's included.

    Raises:
        MigmergeError: naming them.
    """
    if not paths:
        return
    git, files = repository.porcelain, _pathspecs(paths)
    hidden = [line[2:] for line in git.ls_files("-v", "--", *files).splitlines() if line[0] == "S" or line[0].islower()]
    if hidden:
        raise MigmergeError(
            f"git is told not to look at {', '.join(hidden)} (assume-unchanged or skip-worktree)",
            hint=f"git update-index --no-assume-unchanged --no-skip-worktree {quoted_paths(hidden)}",
        )
    stashes = filter(None, (_first_line(os.path.join(repository.git_dir, name)) for name in _AUTOSTASHES))
    for commits in (("HEAD",), ("--cached", "HEAD"), *((f"{stash}^", stash) for stash in stashes)):
        if changed := git.diff("--name-only", "--no-ext-diff", *commits, "--", *files):
            raise MigmergeError(
                f"{', '.join(changed.splitlines())} has changes of yours that are in no commit", hint="git stash, or git commit"
            )


def staged_as_on_disk(repository: Repository, paths: Sequence[str]) -> list[str]:
    """Return those of the paths that the index has, and has as they are on disk."""
    if not paths:
        return []
    git, files = repository.porcelain, _pathspecs(paths)
    staged = set(filter(None, git.ls_files("-z", "--full-name", "--", *files).split("\0")))
    changed = set(filter(None, git.diff("--name-only", "-z", "--no-ext-diff", "--", *files).split("\0")))
    return sorted(staged - changed)


def stage(repository: Repository, paths: Sequence[str]) -> None:
    """Put the paths into the index as they are on disk."""
    if paths:
        repository.porcelain.add("--", *_pathspecs(paths), with_stdout=False)


def with_kept_line_ends(repository: Repository, path: str, data: bytes) -> bytes:
    """Return a new text file with lines that end in CRLF only where git takes them for the same as LF.

    With core.autocrlf one clone would commit CRLF and another one not.
    """
    plain = data.replace(b"\r\n", b"\n")
    if plain == data:
        return data
    with_crlf, without = (repository.git.read("hash-object", "--stdin", "--path", path, given=each) for each in (data, plain))
    return data if with_crlf == without else plain


def unstage(repository: Repository, paths: Sequence[str], *, required: bool = False) -> None:
    """Let the index have the paths as HEAD has them; where that is required, a git that fails raises GitFailed."""
    if paths:
        repository.porcelain.reset("--quiet", "--", *_pathspecs(paths), with_stdout=False, with_exceptions=required)


def _pathspecs(paths: Sequence[str]) -> list[str]:
    return [f":(top,literal){path}" for path in paths]


def _first_line(path: str) -> str | None:
    try:
        with open(path, encoding="ascii") as file:
            return file.readline().strip() or None
    except OSError:
        return None


def end_merge(repository: Repository) -> None:
    """Remove what git itself removes right after post-merge, so that a commit here gets one parent.

    Only once HEAD holds every merged commit. MERGE_AUTOSTASH stays: git still applies it, where `git merge --quit` would
    turn it into a stash entry.

    Raises:
        MigmergeError: where HEAD lacks a merged commit.
    """
    path = os.path.join(repository.git_dir, "MERGE_HEAD")
    if not os.path.exists(path):
        return
    with open(path, encoding="ascii") as file:
        merged = file.read().split()
    if not all(is_in_head(repository.git, commit) for commit in merged):
        raise MigmergeError("the merge is not finished", hint="git commit")
    for name in ("MERGE_HEAD", "MERGE_MODE", "MERGE_MSG"):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(repository.git_dir, name))


def commit_alone(repository: Repository, paths: Sequence[str], message: str, *, in_hook: bool) -> str | None:
    """Commit a few files by themselves, new, changed or deleted; return the commit's id, or None where git refused.

    The user's hooks and signature are respected. After a refusal or an interrupt HEAD and index are as they were.

    Raises:
        OutcomeUnknown: where git does not tell whether there is a commit.
    """
    git, files = repository.porcelain, _pathspecs(paths)
    existing = [file for file, path in zip(files, paths, strict=True) if os.path.lexists(repository.absolute(path))]
    env = {COMMITTING: "1", **(HOOK_LEAKS if in_hook else {})}
    before = head_of(repository)
    try:
        with suppress(GitFailed):
            if existing:
                git.add("--intent-to-add", "--", *existing, with_stdout=False, env=env)
            git.commit("--quiet", "--only", "-m", message, "--", *files, with_stdout=False, env=env)
    except BaseException:
        with interrupts_ignored(), _known_outcome():
            if commit := _new_commit(repository, files, before):
                uncommit(repository, commit, before, paths)
        raise
    with interrupts_ignored():
        return _new_commit(repository, files, before)


def head_of(repository: Repository) -> str | None:
    """Return the commit of HEAD, None where there is none yet."""
    return repository.git.line("rev-parse", "--verify", "--quiet", "HEAD")


def _new_commit(repository: Repository, files: Sequence[str], before: str | None) -> str | None:
    """Bring the index in order and return the commit that HEAD is now, None where it is the one before."""
    # After a success too: a formatter hook that does `git add` would leave the file half staged.
    repository.porcelain.reset("--quiet", "--", *files, with_stdout=False, with_exceptions=False)
    with _known_outcome():
        after = head_of(repository)
    return None if after == before else after


@contextmanager
def _known_outcome() -> Iterator[None]:
    """Tell of a git that fails once a commit may be there.

    Raises:
        OutcomeUnknown: with the reason.
    """
    try:
        yield
    except GitFailed as error:
        raise OutcomeUnknown(f"{error}, so that nothing tells whether there is a commit", hint="migmerge fix") from error


def refuse_more_than_planned(repository: Repository, commit: str, paths: Sequence[str], before: str | None) -> None:
    """Take a commit back in which a hook of the user's changed which files it holds; index and work tree keep theirs.

    Raises:
        MigmergeError: naming what was added or left out.
        OutcomeUnknown: where git does not tell, or does not take it back.
    """
    with _known_outcome():
        found = set(paths_in(repository, commit))
    added, missing = sorted(found.difference(paths)), sorted(set(paths) - found)
    if not added and not missing:
        return
    with _known_outcome():
        uncommit(repository, commit, before, paths)
    what = f"added {', '.join(added)} to the commit" if added else f"left {', '.join(missing)} out of the commit"
    raise MigmergeError(
        f"a git hook of yours {what}; the commit was taken back",
        hint="git stash --include-untracked && migmerge fix && git stash pop --index" if added else "migmerge fix --no-commit",
    )


def uncommit(repository: Repository, commit: str, before: str | None, paths: Sequence[str]) -> None:
    """Let the branch end where it ended before a commit, and the index have these paths as they are there.

    Raises:
        GitFailed: where HEAD is another commit by now.
    """
    git = repository.porcelain
    with interrupts_ignored():
        git.update_ref("-m", "migmerge: taken back", "HEAD", before, commit, with_stdout=False)
        unstage(repository, paths, required=True)


def paths_in(repository: Repository, commit: str) -> list[str]:
    """Return the files that a commit changed."""
    options = ("--no-commit-id", "--no-renames", "--name-only", "-r", "-z")
    return [path for path in repository.porcelain.diff_tree(*options, commit).split("\0") if path]
