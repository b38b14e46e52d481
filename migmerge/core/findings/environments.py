"""Findings about what Alembic would read: MM005 for a configuration, MM012 for scripts that no environment reads."""

from __future__ import annotations

import posixpath
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ..declared_environment import declaration_command
from ..environment import Environment
from ..evidence import Evidence
from ..finding import Finding, Hint, Severity, edit
from ..script.budget import NOT_READ, TOO_LONG
from ..snapshot import Snapshot
from ..text import counted
from .registry import UNREAD_SCRIPTS, UNREADABLE_SCRIPT

HIDDEN = "a sparse checkout hides here"
_MOST_NAMED = 3


def unreadable_configuration(environment: Environment) -> Iterator[Finding]:
    """Yield an MM005 where Alembic would raise on the environment's ini or toml file.

    A file of which no folder is known may be the fixture of a test: nothing shows that anybody runs Alembic with it.
    """
    if environment.problem and environment.config:
        section = f" [{environment.section}]" if environment.section != "alembic" else ""
        said, cure = f"Alembic cannot read it: {environment.problem}", "write a value that Alembic can read"
        if environment.problem == TOO_LONG:
            said = f"{TOO_LONG}: migmerge reads up to 1 MB, Alembic all of it; where the scripts are cannot be known"
            cure = "shorten it to less than 1 MB"
        yield Finding(
            UNREADABLE_SCRIPT,
            environment.name,
            f"{environment.config}{section}: {said}",
            edit(environment.config, 1, cure),
            paths=(environment.config,),
            own_severity=None if environment.has_folder else Severity.WARNING,
        )


def scripts_beyond_budget(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield one MM005 for the scripts that one command had no budget to read; the next one reads on where it stopped."""
    paths = tuple(script.path for script in snapshot.unreadable if script.reason == NOT_READ)
    if paths:
        yield Finding(
            UNREADABLE_SCRIPT,
            snapshot.environment.name,
            f"{counted(len(paths), 'script')} of {len(snapshot.scripts)} not read, for one command reads no more at once; "
            f"{'its place' if len(paths) == 1 else 'their places'} in the history cannot be known",
            Hint("migmerge check"),
            paths=paths,
        )


def bring_back(paths: Iterable[str], *, hidden: bool) -> Hint:
    """Return the command that brings files and folders of HEAD back into the work tree, where git itself hides them too."""
    options = ("--ignore-skip-worktree-bits",) if hidden else ()
    return Hint(shlex.join(["git", "checkout", *options, "HEAD", "--", *paths]))


def scripts_gone(environment: Environment, paths: Sequence[str], *, hidden: bool = False) -> Finding:
    """Return an MM005 for an environment whose scripts, at `paths` in HEAD, are all deleted in the work tree, or hidden."""
    return Finding(
        UNREADABLE_SCRIPT,
        environment.name,
        f"{_all_scripts(environment, len(paths), hidden=hidden)}: Alembic finds no revision",
        bring_back(environment.versions, hidden=hidden),
        paths=tuple(paths[:_MOST_NAMED]),
    )


def _all_scripts(environment: Environment, count: int, *, hidden: bool) -> str:
    scripts = f"the {counted(count, 'script')} that HEAD has in {', '.join(environment.versions)}"
    return f"{HIDDEN.removesuffix(' here')} {scripts}" if hidden else f"{scripts} {'is' if count == 1 else 'are'} deleted here"


def scripts_not_read(paths: Iterable[str]) -> tuple[Finding, ...]:
    """Return an MM012 for each folder of files that look like revisions and that no environment reads."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_folder[posixpath.dirname(path)].append(path)
    return tuple(_unread(folder, sorted(files)) for folder, files in sorted(by_folder.items()))


def _unread(folder: str, files: list[str]) -> Finding:
    names = ", ".join(posixpath.basename(path) for path in files[:_MOST_NAMED])
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    look = "looks like a revision" if len(files) == 1 else "look like revisions"
    return Finding(
        UNREAD_SCRIPTS,
        folder,
        f"{counted(len(files), 'file')} in {folder or '.'} {look} and {'belongs' if len(files) == 1 else 'belong'} "
        f"to no environment that was found: {names}{more}",
        Hint(declaration_command(folder, [folder or "."]), commits=True),
        paths=tuple(files[:_MOST_NAMED]),
    )
