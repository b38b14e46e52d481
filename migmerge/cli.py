"""The command line: its arguments, its exit status, and the one place where errors end."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence

from . import __version__
from .core.errors import MigmergeError
from .core.options import Options
from .repository.isolation import keep_out_of_imports, nearest_repository

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from .fix.context import FixOptions


INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    # First of all: PYTHONPATH=. would let the repository answer for json or subprocess.
    keep_out_of_imports(nearest_repository(os.getcwd()))
    # A short life and many small tuples: collecting them takes a tenth of `check`'s time and frees nothing.
    gc.disable()
    if sys.stdout is None or sys.stderr is None:  # closed by whoever called us
        sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))  # noqa: SIM115
    typed = sys.argv[1:] if arguments is None else list(arguments)
    if typed[:1] == ["hook"] and "-h" not in typed and "--help" not in typed:
        return _hook(typed[1:])
    if typed == ["check"]:
        return _bounded(Options(), _plain_check)
    given = _parser().parse_args(typed)
    options = Options(given.C, tuple(given.environment), quiet=given.quiet, color=given.color)
    return _bounded(options, lambda: _run(given, options))


def _bounded(options: Options, run: Callable[[], int]) -> int:
    """Turn whatever ends a command into an exit status; a traceback shows only with MIGMERGE_DEBUG=1."""
    try:
        return run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `head` does; keep Python from complaining once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except MigmergeError as error:
        _report(str(error), error.hint, options)
        return 2
    except Exception as error:
        if os.environ.get("MIGMERGE_DEBUG") == "1":
            raise
        _report(f"{type(error).__name__}: {error}", "MIGMERGE_DEBUG=1 migmerge … shows where; please report it", options)
        return 2


def _plain_check() -> int:
    """Run the command that is run most, without the 8 ms that argparse takes to find nothing to parse."""
    from .commands.check import check

    return check(Options(), at=None, against=None, output="text")


def _hook(typed: Sequence[str]) -> int:
    """Answer git itself, whatever it passes: nothing here can end in a usage line and a status that stops a checkout."""
    from .commands.hook import hook

    return hook(Options(), *typed[:1], arguments=tuple(typed[1:]))


def _report(message: str, hint: str | None, options: Options) -> None:
    from .output.screen import report_error

    report_error(message, hint, options.color)


def _run(given: argparse.Namespace, options: Options) -> int:
    """Call the command; each is imported only when it is the one."""
    match given.command:
        case "check":
            from .commands.check import check

            return check(options, at=given.at, against=given.against, output=given.format)
        case "fix":
            from .commands.fix import fix

            return fix(options, _fix_options(given))
        case "forecast":
            from .commands.forecast import forecast

            return forecast(options, days=given.days, output=given.format)
        case "graph":
            from .commands.graph import graph

            return graph(options, at=given.at, whole=given.all, output=given.format)
        case "install":
            from .commands.install import install

            return install(options)
        case "uninstall":
            from .commands.install import uninstall

            return uninstall(options)
        case "hook":
            from .commands.hook import hook

            return hook(options, given.name, arguments=tuple(given.arguments))
        case "demo":
            from .commands.demo import demo

            return demo(options, keep=given.keep)
        case _:
            return _run_on_databases(given, options)


def _run_on_databases(given: argparse.Namespace, options: Options) -> int:
    """Call a command that asks databases, or changes them."""
    named = tuple(given.database)
    match given.command:
        case "doctor":
            from .commands.doctor import doctor

            return doctor(options, with_databases=given.db, named=named, output=given.format)
        case "rehearse":
            from .commands.rehearse import rehearse

            return rehearse(options, against=given.against, downgrade=given.downgrade, on_server=given.db, named=named)
        case "reset":
            from .commands.reset import reset
            from .sync.reset import ResetOptions

            return reset(options, ResetOptions(given.depth, named, tuple(given.to), given.dry_run))
        case "sync":
            from .commands.sync import sync
            from .sync.run import SyncOptions

            return sync(options, SyncOptions(given.yes, given.dry_run, given.backup, tuple(given.stamp), named))
        case _:
            raise AssertionError(given.command)


def _fix_options(given: argparse.Namespace) -> FixOptions:
    from .fix.context import FixOptions

    return FixOptions(
        yes=given.yes,
        dry_run=given.dry_run,
        commit=given.commit,
        message=given.message,
        strategy=given.strategy,
        assume_unapplied=given.assume_unapplied,
        renumber=given.renumber,
        databases=given.db,
        named=tuple(given.database),
        downgrade_first=given.take_back,
    )


def _parser() -> argparse.ArgumentParser:
    # Not for the hooks: 6 ms.
    import argparse

    parser = argparse.ArgumentParser(
        prog="migmerge",
        description="The git-aware branch-merge assistant for Alembic and Flask-Migrate.",
        formatter_class=_formatter,
    )
    parser.add_argument("--version", action="version", version=f"migmerge {__version__}")
    _add_shared(parser, first=True)
    shared = argparse.ArgumentParser(add_help=False, formatter_class=_formatter)
    _add_shared(shared, first=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="migmerge")
    common: dict[str, Any] = {"parents": [shared], "formatter_class": _formatter}

    check = commands.add_parser("check", **common, help="say what is wrong with the revisions; exit 1 for an error")
    check.add_argument("--at", metavar="REV", help="look at another commit than HEAD")
    check.add_argument("--against", metavar="REF", help="look at the tree that merging HEAD into REF would give")
    check.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text")

    fix = commands.add_parser("fix", **common, help="join divergent heads: a merge revision, or re-parenting")
    fix.add_argument("--yes", "-y", action="store_true", help="do not ask")
    fix.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
    fix.add_argument("--no-commit", dest="commit", action="store_false", help="write the files and leave them uncommitted")
    fix.add_argument("--strategy", choices=("merge", "reparent"), help="which of the cures, instead of the recommended one")
    fix.add_argument("--assume-unapplied", action="store_true", help="re-parent: vouch that no database has run what is moved")
    fix.add_argument(
        "--take-back", action="store_true", help="re-parent: downgrade first what your database has run, then upgrade"
    )
    fix.add_argument("--renumber", action="store_true", help="re-parent: give running numbers the next free one")
    _add_databases(fix)
    fix.add_argument("-m", dest="message", metavar="MESSAGE", help="the commit's message")

    forecast = commands.add_parser("forecast", **common, help="which branches would collide with HEAD, on what, whose they are")
    forecast.add_argument("--days", type=int, default=90, metavar="N", help="branches active in the last N days; default 90")
    forecast.add_argument("--format", choices=("text", "json"), default="text")

    graph = commands.add_parser("graph", **common, help="a picture of the revisions; the divergent part by default")
    graph.add_argument("--at", metavar="REV", help="look at another commit than HEAD")
    graph.add_argument("--all", action="store_true", help="all revisions")
    graph.add_argument("--format", choices=("text", "mermaid", "dot", "svg", "json"), default="text")

    doctor = commands.add_parser("doctor", **common, help="all that is wrong: the scripts, the hooks, the databases")
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    _add_databases(doctor)

    rehearse = commands.add_parser("rehearse", **common, help="apply both sides in both orders on scratch databases; compare")
    rehearse.add_argument("--against", metavar="REF", help="the sides of the tree that merging HEAD into REF would give")
    rehearse.add_argument("--downgrade", action="store_true", help="and down again to the branch point, leaving no trace")
    _add_databases(rehearse)

    reset = commands.add_parser("reset", **common, help="the last resort: back up, then start over in one of three depths")
    reset.add_argument(
        "depth", nargs="?", choices=("stamp", "database", "migrations"), help="how far back; asked where not given"
    )
    reset.add_argument(
        "--to", metavar="REVISION", action="append", default=[], help="what to stamp; default: what fits the schema"
    )
    reset.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
    _add_databases(reset, needed=True)

    sync = commands.add_parser("sync", **common, help="bring the database to this checkout: phantoms down, pending up")
    sync.add_argument("--yes", "-y", action="store_true", help="do not ask")
    sync.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
    sync.add_argument("--no-backup", dest="backup", action="store_false", help="make no backup before")
    sync.add_argument(
        "--stamp",
        metavar="REVISION",
        action="append",
        default=[],
        help="take this for a recorded one that is nowhere to be found",
    )
    _add_databases(sync)

    commands.add_parser("install", **common, help="put the git hooks into this clone")
    commands.add_parser("uninstall", **common, help="take them out again")

    demo = commands.add_parser("demo", **common, help="play the whole story in a throw-away repository")
    demo.add_argument("--keep", metavar="DIR", help="leave the repository there")

    hook = commands.add_parser("hook", **common, help="what the git hooks call")
    hook.add_argument("name")
    hook.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def _add_databases(parser: argparse.ArgumentParser, *, needed: bool = False) -> None:
    if not needed:
        parser.add_argument("--no-db", dest="db", action="store_false", help="ask no database")
    parser.add_argument(
        "--database", metavar="NAME", action="append", default=[], help="this one too, although not on this machine; repeatable"
    )


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Format help for a fixed width: argparse makes a formatter for each option, and each would ask for the terminal's."""
    import argparse

    return argparse.HelpFormatter(prog, max_help_position=30, width=110)


def _add_shared(parser: argparse.ArgumentParser, *, first: bool) -> None:
    """Add the options that may stand before or behind the command; the later ones must not reset the earlier."""
    import argparse

    def default(value: object) -> object:
        return value if first else argparse.SUPPRESS

    parser.add_argument("-C", metavar="DIR", default=default("."), help="run as if started in DIR")
    parser.add_argument("--environment", metavar="PATH", action="append", default=default([]), help="only this one; repeatable")
    parser.add_argument("--quiet", "-q", action="store_true", default=default(False), help="errors only")
    parser.add_argument("--color", choices=("auto", "always", "never"), default=default("auto"))
