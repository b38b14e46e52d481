"""The entry point: it runs the command that was typed, and turns errors into messages and an exit status.

Until `isolate` was called nothing is imported that Python's own start has not imported, not even `__future__`.
"""

import atexit
import gc
import os
import sys

from .repository.isolation import isolate

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from .core.database.selection import Selection
    from .core.errors import MigmergeError
    from .core.options import Options

    Run = Callable[[Namespace, Options], int]


INTERRUPTED = 130


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run one command and return its exit status."""
    typed = sys.argv[1:] if arguments is None else list(arguments)
    # Before other imports: with PYTHONPATH=. a json.py or subprocess.py of the repository would be imported.
    if arguments is None:
        isolate(typed)
    from .core.options import Options

    # A garbage collector costs a tenth of `check`'s time and frees nothing in a process that ends soon.
    gc.disable()
    atexit.register(gc.freeze)
    if sys.stdout is None or sys.stderr is None:  # the caller closed them
        nowhere = os.open(os.devnull, os.O_WRONLY)
        sys.stdout, sys.stderr = (stream or open(nowhere, "w", closefd=False) for stream in (sys.stdout, sys.stderr))  # noqa: SIM115
    # Git passes a hook any arguments; a usage error with its exit status would stop a checkout.
    if typed[:1] == ["hook"] and "-h" not in typed and "--help" not in typed:
        return _answer_git(Options(), *typed[1:])
    # The most frequent command does without argparse, 8 ms.
    if typed == ["check"]:
        return _bounded(Options(), _check_head, typed)
    from .command_line import parse

    given = parse(typed)
    options = Options(given.C, tuple(given.environment), quiet=given.quiet, color=given.color)
    if given.verbose:
        from .output.program_log import log_programs

        log_programs(options.color)
    return _bounded(options, lambda: _run(given, options), typed)


def _bounded(options: "Options", run: "Callable[[], int]", typed: "Sequence[str]") -> int:
    """Run a command; print its error and return the exit status."""
    from .core.errors import MigmergeError

    try:
        return run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as `head` does; without a stdout Python does not complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except MigmergeError as error:
        _print_error(str(error), _hint(error, typed), options)
        return 2
    except OSError as error:
        if _is_debugging():
            raise
        _print_error(*_of_the_system(error), options)
        return 2
    except Exception as error:
        if _is_debugging():
            raise
        _print_error(f"{type(error).__name__}: {error}", "MIGMERGE_DEBUG=1 migmerge … shows where; please report it", options)
        return 2


def _hint(error: "MigmergeError", typed: "Sequence[str]") -> str | None:
    """Return the hint of an error: the command line put right, where one of its words is near a known one."""
    from .core.errors import UnknownWord

    if isinstance(error, UnknownWord) and error.near:
        from .core.suggestion import corrected

        return corrected(typed, error.word, error.near) or error.hint
    return error.hint


def _of_the_system(error: OSError) -> "tuple[str, str]":
    """Return the message and the hint for a full disk, a file that may not be read, and their like."""
    import shlex

    path = error.filename if isinstance(error.filename, str) else ""
    message = f"{path}: {error.strerror}" if path else f"{error.strerror or error}"
    return message, f"ls -ld {shlex.quote(path)} && df -h ." if path else "df -h ."


def _answer_git(options: "Options", *typed: str) -> int:
    """Run a hook and return 0 whatever happens in it: git's checkout ends with the exit status of post-checkout."""
    from .core.errors import MigmergeError

    try:
        from .commands.hook import hook

        hook(options, *typed[:1], arguments=typed[1:])
    except KeyboardInterrupt:
        pass
    except Exception as error:
        if _is_debugging():
            raise
        hint = error.hint if isinstance(error, MigmergeError) else "migmerge check"
        try:
            _print_error(f"migmerge {''.join(typed[:1])}: {error}", hint, options)
        except OSError:  # stderr is closed
            return 0
    return 0


def _is_debugging() -> bool:
    """Say whether MIGMERGE_DEBUG=1 asks for tracebacks."""
    return os.environ.get("MIGMERGE_DEBUG") == "1"


def _print_error(message: str, hint: str | None, options: "Options") -> None:
    from .output.screen import report_error

    report_error(message, hint, options.color)


def _run(given: "Namespace", options: "Options") -> int:
    status = _RUNS[given.command](given, options)
    if given.command in _TELL_OF_LOST_HOOKS and not options.quiet:
        from .commands.check import note_lost_hooks

        note_lost_hooks(options)
    return status


def _check_head() -> int:
    from .commands.check import check
    from .core.options import Options

    return check(Options(), at=None, against=None, staged=False, output="text")


def _check(given: "Namespace", options: "Options") -> int:
    from .commands.check import check, check_in_hook

    run = check_in_hook if given.hook else check
    return run(options, at=given.at, against=given.against, staged=given.staged, output=given.format)


def _selection(given: "Namespace") -> "Selection":
    from .core.database.selection import Selection

    words = ["migmerge", given.command, *filter(None, [getattr(given, "depth", None)])]
    return Selection(tuple(given.database), tuple(given.trust), " ".join(words))


def _fix(given: "Namespace", options: "Options") -> int:
    from .commands.fix import fix
    from .fix.context import FixOptions

    fix_options = FixOptions(
        yes=given.yes,
        dry_run=given.dry_run,
        commit=given.commit,
        message=given.message,
        strategy=given.strategy,
        assume_unapplied=given.assume_unapplied,
        renumber=given.renumber,
        fixup=given.fixup,
        databases=given.db,
        selection=_selection(given),
        downgrade_first=given.take_back,
        backup=given.backup,
        run_new_hooks=given.run_new_hooks,
        output=given.format,
    )
    return fix(options, fix_options)


def _explain(given: "Namespace", options: "Options") -> int:
    from .commands.explain import explain, print_schema

    if given.schema:
        return print_schema()
    return explain(options, None if given.list else given.finding, output=given.format)


def _forecast(given: "Namespace", options: "Options") -> int:
    from .commands.forecast import forecast

    return forecast(options, days=given.days, limit=given.limit, output=given.format)


def _graph(given: "Namespace", options: "Options") -> int:
    from .commands.graph import graph

    return graph(options, at=given.at, whole=given.all, output=given.format)


def _doctor(given: "Namespace", options: "Options") -> int:
    from .commands.doctor import doctor
    from .sync.health import HealthOptions

    return doctor(options, HealthOptions(given.db, _selection(given), given.deep, given.assume_applied), output=given.format)


def _report(given: "Namespace", options: "Options") -> int:
    from .commands.report import report
    from .sync.health import HealthOptions

    return report(options, HealthOptions(given.db, _selection(given)), file=given.html, days=given.days)


def _rehearse(given: "Namespace", options: "Options") -> int:
    from .commands.rehearse import rehearse
    from .sync.rehearse import RehearseOptions

    return rehearse(options, RehearseOptions(given.against, given.downgrade, given.db, _selection(given), given.format))


def _reset(given: "Namespace", options: "Options") -> int:
    from .commands.reset import reset
    from .sync.reset import ResetOptions

    to, selection = tuple(given.to), _selection(given)
    return reset(options, ResetOptions(given.depth, selection, to, given.dry_run, given.drop_foreign, given.backup, given.format))


def _sync(given: "Namespace", options: "Options") -> int:
    from .commands.sync import sync
    from .core.database.sync_steps import UsersWord
    from .sync.run import SyncOptions

    word = UsersWord(tuple(given.stamp), tuple(given.rerun))
    return sync(options, SyncOptions(given.yes, given.dry_run, given.backup, word, _selection(given), given.deep, given.format))


def _undo(given: "Namespace", options: "Options") -> int:
    from .commands.undo import undo
    from .core.database.selection import Selection
    from .fix.undo import UndoOptions

    selection = Selection(trusted=tuple(given.trust))
    return undo(options, UndoOptions(given.yes, given.dry_run, given.list, given.db, selection, given.backup, given.format))


def _backups(given: "Namespace", options: "Options") -> int:
    from .commands.backups import BackupsOptions, backups
    from .core.database.selection import Selection

    selection = Selection(trusted=tuple(given.trust), command="migmerge backups")
    wishes = BackupsOptions(given.action, given.name, given.yes, given.dry_run, given.backup, given.format, selection)
    return backups(options, wishes)


def _install(given: "Namespace", options: "Options") -> int:
    from .commands.install import TeamOptions, install, install_into

    if given.manager:
        return install_into(options, TeamOptions(given.manager, given.yes, given.dry_run, given.format))
    return install(options, output=given.format, dry_run=given.dry_run)


def _uninstall(given: "Namespace", options: "Options") -> int:
    from .commands.install import TeamOptions, uninstall, uninstall_from

    if given.manager:
        return uninstall_from(options, TeamOptions(given.manager, given.yes, given.dry_run, given.format))
    return uninstall(options, output=given.format, dry_run=given.dry_run)


def _demo(given: "Namespace", options: "Options") -> int:
    from .commands.demo import demo

    return demo(options, keep=given.keep)


def _completion(given: "Namespace", options: "Options") -> int:
    from .command_line import parser_to_complete
    from .commands.completion import completion

    return completion(given.shell, parser_to_complete())


def _hook(given: "Namespace", options: "Options") -> int:
    return _answer_git(options, *(["--report"] if given.report else []), given.name, *given.arguments)


_RUNS: "dict[str, Run]" = {
    "check": _check,
    "fix": _fix,
    "explain": _explain,
    "forecast": _forecast,
    "graph": _graph,
    "doctor": _doctor,
    "report": _report,
    "rehearse": _rehearse,
    "reset": _reset,
    "sync": _sync,
    "undo": _undo,
    "backups": _backups,
    "install": _install,
    "uninstall": _uninstall,
    "demo": _demo,
    "completion": _completion,
    "hook": _hook,
}
_TELL_OF_LOST_HOOKS = ("fix", "forecast", "graph", "report", "rehearse", "reset", "sync", "undo", "backups")
"""The others look at the hooks themselves."""
