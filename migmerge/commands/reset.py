"""`migmerge reset`: the guided last resort, in three depths, each after a verified backup and with the way back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from ..core.database.database import Database
from ..core.errors import MigmergeError
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..core.text import enumerate_names
from ..database.session import Session
from ..output.prompt import Choice, ask, ask_text, may_prompt, own_terminal
from ..output.screen import Screen
from ..output.text.databases import report_databases
from ..output.text.sync_plan import report_undo
from ..sync.backups import back_up_databases, mark_finished
from ..sync.inspect import Inspection, inspect_databases, open_session
from ..sync.reset import DEPTHS, ResetOptions, ResetPlan, run_reset
from ..sync.run import DONE, REFUSED
from ..workspace.workspace import Workspace, open_workspace


def reset(options: Options, reset_options: ResetOptions) -> int:
    """Start the record, the database or the migrations over; return 1 where that is declined or fails."""
    workspace = open_workspace(options)
    if len(workspace.snapshots) > 1:
        listed = enumerate_names(snapshot.environment.path for snapshot in workspace.snapshots)
        raise MigmergeError(f"there are several environments: {listed}", hint="migmerge reset --environment PATH")
    snapshot = workspace.snapshots[0]
    screen = Screen(sys.stdout, options.color)
    screen.commands_run_at(workspace.repository.top)
    with open_session(workspace.repository, snapshot.environment, options, reset_options.named) as session:
        inspection = inspect_databases(workspace.repository, snapshot.environment, session)
        if unreachable := inspection.report.unreachable:
            raise MigmergeError(unreachable.reason, hint=unreachable.hint)
        return _reset(workspace, snapshot, inspection, session, screen, reset_options)


def _reset(
    workspace: Workspace,
    snapshot: Snapshot,
    inspection: Inspection,
    session: Session,
    screen: Screen,
    reset_options: ResetOptions,
) -> int:
    databases = [status.database for status in inspection.report.statuses]
    report_databases(screen, databases)
    decided = _decided(databases, inspection, screen, reset_options)
    if decided is None:
        return REFUSED
    for line in decided.told(databases):
        screen.say(line)
    if reset_options.dry_run:
        return DONE
    scripts = back_up_databases(workspace.repository, session, screen, verified=True)
    restore_commands = run_reset(decided, workspace, snapshot, session, screen)
    mark_finished(scripts)
    report_undo(screen, scripts)
    for command in restore_commands.commands:
        screen.say("  undo: ", (command, "command"))
    if restore_commands.failure:
        screen.say(("stopped: ", "error"), restore_commands.failure)
    return REFUSED if restore_commands.failure else DONE


def _decided(
    databases: Sequence[Database], inspection: Inspection, screen: Screen, reset_options: ResetOptions
) -> ResetPlan | None:
    """Return how deep to go, once the names of all databases were typed: here, or on the command line."""
    names = {database.address.name for database in databases}
    if reset_options.depth and (reset_options.dry_run or names <= set(reset_options.named)):
        return _with_revision(reset_options.depth, reset_options.to, inspection)
    if not may_prompt():
        typed = " ".join(f"--database {name}" for name in sorted(names))
        raise MigmergeError(
            "there is no terminal to ask on", hint=f"migmerge reset {reset_options.depth or '|'.join(DEPTHS)} {typed}"
        )
    screen.flush()
    with own_terminal() as terminal:
        depth = reset_options.depth or ask(
            "How far back?", [*(Choice(title, name) for name, title in DEPTHS.items()), Choice("not now", "no")], terminal
        )
        if depth in (None, "no"):
            return None
        reset = _with_revision(depth, reset_options.to, inspection)
        return reset if all(name in reset_options.named or _typed(name, terminal) for name in sorted(names)) else None


def _typed(name: str, terminal: TextIO) -> bool:
    answer = ask_text(f"Type the name of the database to go on ({name}):", terminal)
    return (answer or "").strip() == name


def _with_revision(depth: str | None, to: tuple[str, ...], inspection: Inspection) -> ResetPlan:
    """Take the revision that was given, or the one that fits the schema best.

    Raises:
        MigmergeError: where a revision is not here, or none fits.
    """
    graph = inspection.tree.snapshot.graph
    if strange := [name for name in to if name not in graph]:
        raise MigmergeError(f"{strange[0]} is no revision of this checkout", hint="migmerge graph --all")
    if depth != "stamp":
        return ResetPlan(depth or "")
    estimates = [status.stamp_guess for status in inspection.report.statuses if status.stamp_guess]
    revisions = to or (estimates[0].heads if estimates else graph.heads)
    if not revisions:
        raise MigmergeError("no revision here fits the schema", hint="migmerge reset stamp --to REVISION")
    return ResetPlan("stamp", revisions)
