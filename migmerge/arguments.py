"""The commands of the command line, each with a line about it and its arguments."""

from __future__ import annotations

from argparse import REMAINDER, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

Argument = tuple[tuple[str, ...], dict[str, Any]]
"""The names of an argument, and its settings for argparse."""


def _argument(*names: str, **settings: Any) -> Argument:
    return names, settings


def _switch(*names: str, summary: str) -> Argument:
    return _argument(*names, action="store_true", help=summary)


def _off_switch(name: str, turns_off: str, summary: str) -> Argument:
    return _argument(name, dest=turns_off, action="store_false", help=summary)


def _repeatable(name: str, metavar: str, summary: str) -> Argument:
    return _argument(name, metavar=metavar, action="append", default=[], help=summary)


def _format(*names: str) -> Argument:
    return _argument("--format", choices=names, default="text", help="default: text")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number above 0")
    return int(text)


def _manager(name: str, summary: str) -> Argument:
    managers = ("pre-commit", "prek", "lefthook", "husky", "simple-git-hooks")
    told = f"{summary}: {', '.join(managers[:-1])} or {managers[-1]}"
    return _argument(name, dest="manager", metavar="MANAGER", choices=managers, help=told)


_AT = _argument("--at", metavar="REV", help="look at a commit instead of the work tree")
_DAYS = _argument("--days", type=int, default=90, metavar="N", help="branches active in the last N days; default 90")
_YES = _switch("--yes", "-y", summary="do not ask")
_DRY_RUN = _switch("--dry-run", summary="show the plan and change nothing")
_NO_BACKUP = _off_switch("--no-backup", "backup", "make no backup before")
_NO_DB = _off_switch("--no-db", "db", "ask no database")
_DATABASES = (
    _repeatable("--database", "NAME", "only this one of the databases that are found: its name or its bind; repeatable"),
    _repeatable("--trust", "HOST/NAME", "touch this database although it is not on this machine; repeatable"),
)

COMMANDS: dict[str, tuple[str, Sequence[Argument]]] = {
    "check": (
        "say what is wrong with the revisions; exit 1 for an error",
        [
            _argument("--at", metavar="REV", help="look at a commit instead of the work tree"),
            _switch("--staged", summary="look at the index: what the next commit would hold"),
            _argument("--against", metavar="REF", help="look at the tree that merging HEAD into REF would give"),
            _switch("--hook", summary="as a hook: let a merge through, and a push that cannot be looked at; off with MIGMERGE=0"),
            _format("text", "json", "github", "gitlab", "sarif", "markdown"),
        ],
    ),
    "fix": (
        "join divergent heads: a merge revision, or re-parenting",
        [
            _YES,
            _DRY_RUN,
            _switch("--run-new-hooks", summary="agree to template code and post-write hooks that are new with the merge"),
            _off_switch("--no-commit", "commit", "write the files and leave them uncommitted"),
            _argument("--strategy", choices=("merge", "reparent"), help="which of the cures, instead of the recommended one"),
            _switch("--assume-unapplied", summary="re-parent: vouch that no database has run what is moved"),
            _switch("--take-back", summary="re-parent: downgrade first what your database has run, then upgrade"),
            _switch("--renumber", summary="re-parent: give running numbers the next free one"),
            _switch("--fixup", summary="re-parent: commit for git rebase --autosquash, into the commit of the script"),
            _NO_BACKUP,
            _NO_DB,
            *_DATABASES,
            _argument("-m", dest="message", metavar="MESSAGE", help="the commit's message"),
            _format("text", "json"),
        ],
    ),
    "explain": (
        "what a finding means, what causes it and what cures it",
        [
            _argument("finding", nargs="?", metavar="CODE", help="a finding's code or name; without one, the list"),
            _switch("--list", summary="list all codes"),
            _switch("--schema", summary="print the JSON schema of all that --format json prints"),
            _format("text", "json"),
        ],
    ),
    "forecast": (
        "which branches would collide with HEAD, on what, whose they are",
        [
            _DAYS,
            _argument("--limit", type=_positive, metavar="N", help="the N most recent branches of these only"),
            _format("text", "json", "markdown"),
        ],
    ),
    "graph": (
        "a picture of the revisions; the divergent part by default",
        [_AT, _switch("--all", summary="all revisions"), _format("text", "mermaid", "dot", "svg", "json")],
    ),
    "doctor": (
        "all that is wrong: the scripts, the hooks, the databases",
        [
            _format("text", "json"),
            _switch("--deep", summary="replay the recorded scripts beside each database and compare the schemas"),
            _switch("--assume-applied", summary="vouch that what nothing tells of has run, and remember it"),
            _NO_DB,
            *_DATABASES,
        ],
    ),
    "report": (
        "one page with the graph, the findings, the open branches, the databases",
        [
            _argument("--html", metavar="FILE", required=True, help="the file to write; - is stdout"),
            _DAYS,
            _NO_DB,
            *_DATABASES,
        ],
    ),
    "rehearse": (
        "apply both sides in both orders on scratch databases; compare",
        [
            _argument("--against", metavar="REF", help="the sides of the tree that merging HEAD into REF would give"),
            _switch("--downgrade", summary="and down again to the branch point, leaving no trace"),
            _format("text", "json"),
            _NO_DB,
            *_DATABASES,
        ],
    ),
    "reset": (
        "the last resort: back up, then start over in one of three depths",
        [
            _argument(
                "depth", nargs="?", choices=("stamp", "database", "migrations"), help="how far back; asked where not given"
            ),
            _repeatable("--to", "REVISION", "what to stamp, or base for none; default: what fits the schema"),
            _switch("--dry-run", summary="say what would be done and change nothing"),
            _switch("--drop-foreign", summary="drop also the tables that no revision makes"),
            _NO_BACKUP,
            *_DATABASES,
            _format("text", "json"),
        ],
    ),
    "sync": (
        "bring the database to this checkout: phantoms down, pending up",
        [
            _YES,
            _DRY_RUN,
            _NO_BACKUP,
            _off_switch("--no-deep", "deep", "try no plan on a copy of the schema, and replay no scripts at the end"),
            _repeatable("--stamp", "REVISION", "take this for a recorded one that is nowhere to be found"),
            _repeatable("--rerun", "REVISION", "run this recorded one again: nothing tells whether it ran"),
            _NO_DB,
            *_DATABASES,
            _format("text", "json"),
        ],
    ),
    "undo": (
        "take back the last thing that migmerge did in this clone",
        [
            _YES,
            _DRY_RUN,
            _switch("--list", summary="say what was done, the last first"),
            _NO_BACKUP,
            _NO_DB,
            _DATABASES[1],
            _format("text", "json"),
        ],
    ),
    "backups": (
        "the backups before each change of a database: list, restore, prune",
        [
            _argument("action", nargs="?", choices=("list", "restore", "prune"), default="list", help="default: list"),
            _argument("name", nargs="?", metavar="NAME", help="the backup to restore, or the beginning of its name"),
            _YES,
            _DRY_RUN,
            _NO_BACKUP,
            _DATABASES[1],
            _format("text", "json"),
        ],
    ),
    "install": (
        "put the git hooks into this clone, or into a hook manager's configuration",
        [
            _manager("--into", "write this hook manager's tracked configuration, for the whole team"),
            _YES,
            _DRY_RUN,
            _format("text", "json"),
        ],
    ),
    "uninstall": (
        "take them out again",
        [
            _manager("--from", "take them out of this hook manager's configuration"),
            _YES,
            _DRY_RUN,
            _format("text", "json"),
        ],
    ),
    "demo": (
        "play the whole story in a throw-away repository",
        [_argument("--keep", metavar="DIR", help="leave the repository there")],
    ),
    "completion": (
        "print the completion script for a shell",
        [_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that is to complete migmerge")],
    ),
    "hook": (
        "what the git hooks call",
        [
            _switch("--report", summary="as a hook manager calls it: ask nothing, and report what our own hooks did not"),
            _argument("name", help="post-merge, post-checkout, …"),
            _argument("arguments", nargs=REMAINDER, help="what git passes to it"),
        ],
    ),
}

SHARED = (
    _argument("-C", metavar="DIR", default=".", help="run as if started in DIR"),
    _argument("--environment", metavar="PATH", action="append", default=[], help="only this one; repeatable"),
    _switch("--quiet", "-q", summary="errors only"),
    _switch("--verbose", "-v", summary="say on stderr which programs are started, and when"),
    _argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto, on a terminal"),
)
"""The options of all commands, which can be given before or after the command."""
