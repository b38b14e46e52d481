"""`migmerge reset`: the guided last resort, in three depths, each after a verified backup and with its undo."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TextIO

from ..core.consent import Consent
from ..core.database.backup import BackupsWanted
from ..core.database.database import Address, Database
from ..core.database.kept_backup import Occasion
from ..core.database.reset_plan import (
    BASE,
    DEPTHS,
    ForeignTable,
    ResetPlan,
    ResetReport,
    fitting_heads,
    foreign_tables,
    require_whole,
    same_heads,
)
from ..core.database.selection import Selection
from ..core.database.status import DatabaseStatus
from ..core.environment import command
from ..core.errors import MigmergeError, UnknownWord
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..core.suggestion import nearest
from ..core.text import enumerate_names
from ..database.session import Session
from ..output.consent import ask_typed_consent, given_by_option
from ..output.prompt import Choice, ask, required_terminal
from ..output.screen import Screen, print_document, screen_for
from ..output.text.databases import report_databases
from ..output.text.reset import report_reset_plan
from ..output.text.sync_plan import report_undo
from ..repository.journal import Journal
from ..sync.backups import BackupRequest, back_up_databases, mark_finished
from ..sync.inspect import TIMEOUT, Inspection, inspect_reachable, open_session, selected_snapshots
from ..sync.reset import ResetContext, ResetOptions, run_reset
from ..workspace.workspace import Workspace, open_workspace

DONE, REFUSED = 0, 1


class ResetPlans(NamedTuple):
    """Hold what the plans of all depths are made of."""

    inspection: Inspection
    options: ResetOptions
    foreign: Mapping[str, tuple[ForeignTable, ...]]

    def plan(self, depth: str) -> ResetPlan:
        """Return the plan of a depth; it stamps the revisions `to` (none for `base`), or those that fit the schema best.

        Raises:
            MigmergeError: where a revision is not in the checkout, or none fits, or the models would be taken to be without the
                tables that no revision makes.
        """
        graph, to = self.inspection.tree.snapshot.graph, self.options.to
        for name in () if to == (BASE,) else to:
            if name not in graph:
                near = nearest(name, graph.revisions)
                message = f"{name} is no revision of this checkout"
                raise UnknownWord(message, word=name, near=near, hint="migmerge graph --all")
        statuses = self.inspection.report.statuses
        if depth != "stamp":
            environment = self.inspection.tree.snapshot.environment
            require_whole([status.database for status in statuses], command(environment, "downgrade", "base"))
            plan = ResetPlan(depth, (), self.foreign, self.options.drop_foreign)
            return plan if depth == "database" else _without_foreign(plan)
        if to == (BASE,):
            return ResetPlan("stamp")
        revisions = to or same_heads({each.database.name: self._fitting(each) for each in statuses})
        if not revisions:
            named = _named(each.database for each in statuses)
            raise MigmergeError("no revision here fits the schema", hint=f"migmerge reset stamp --to {BASE} {named}")
        return ResetPlan("stamp", revisions)

    def _fitting(self, status: DatabaseStatus) -> tuple[str, ...]:
        return fitting_heads(status, self.inspection.scripts_for(status.database))


def _without_foreign(plan: ResetPlan) -> ResetPlan:
    """Refuse to write the first migration beside tables that no revision makes: it would drop them on every other database."""
    if kept := [name for names in plan.kept.values() for name in names]:
        raise MigmergeError(
            f"no revision makes {enumerate_names(kept, most=6)}, and the database is made anew for the first migration",
            hint="migmerge reset migrations --drop-foreign --dry-run",
        )
    return plan


def _foreign(inspection: Inspection, session: Session) -> dict[str, tuple[ForeignTable, ...]]:
    """Return the tables that no revision makes, by bind, with the numbers of their rows."""
    databases = [status.database for status in inspection.report.statuses]
    found = {database.bind: foreign_tables(database, inspection.scripts_for(database)) for database in databases}
    counts = session.ask("count rows", tables=found, seconds=TIMEOUT) if any(found.values()) else {}
    return {bind: tuple(ForeignTable(name, counts[bind][name]) for name in names) for bind, names in found.items()}


def reset(options: Options, reset_options: ResetOptions) -> int:
    """Start the record, the database or the migrations over; return 1 where that is declined or fails."""
    workspace = open_workspace(options)
    snapshot = _only_snapshot(workspace)
    screen = screen_for(reset_options.output, options.color)
    screen.commands_run_at(workspace.repository.top)
    selection = reset_options.selection.trusting(workspace.settings.trusted_databases)
    selected_snapshots(workspace.repository, [snapshot], options, selection)
    if reset_options.depth == "migrations":
        _require_all(workspace, snapshot, options, selection)
    with open_session(workspace.repository, snapshot.environment, options, selection) as session:
        report = _in_session(ResetContext(workspace.repository, snapshot, session, screen), reset_options)
    if reset_options.output == "json":
        from ..output.formats.sync_json import reset_as_json  # only a program reads it

        print_document(reset_as_json(report, dry_run=reset_options.dry_run))
    return DONE if report.state in ("planned", "done") else REFUSED


def _in_session(context: ResetContext, reset_options: ResetOptions) -> ResetReport:
    """Show the plans and carry one out to which the user agrees."""
    screen, session = context.screen, context.session
    inspection = inspect_reachable(context.repository, context.snapshot.environment, session)
    databases = [status.database for status in inspection.report.statuses]
    report_databases(screen, databases)
    plans = ResetPlans(inspection, reset_options, _foreign(inspection, session))
    report = ResetReport(context.snapshot.environment.name, databases, {})
    if reset_options.dry_run:
        return report._replace(plans=_report_dry_run(plans, databases, screen))
    consent = _ask(plans, screen)
    if consent is None:
        screen.say("nothing was changed")
        return report._replace(state="declined")
    return _reset(consent, context, reset_options, report._replace(plans={consent.plan.depth: consent.plan}))


def _report_dry_run(plans: ResetPlans, databases: Sequence[Database], screen: Screen) -> dict[str, ResetPlan | str]:
    """Print and return the plan of the given depth; without one those of all depths, and which are not possible."""
    if depth := plans.options.depth:
        return {depth: report_reset_plan(screen, plans.plan(depth), databases).plan}
    found: dict[str, ResetPlan | str] = {}
    for depth in DEPTHS:
        screen.say((depth, "heading"))
        try:
            found[depth] = report_reset_plan(screen, plans.plan(depth), databases).plan
        except MigmergeError as error:
            screen.say(("not possible: ", "error"), str(error))
            found[depth] = str(error)
    return found


def _require_all(workspace: Workspace, snapshot: Snapshot, options: Options, selection: Selection) -> None:
    """Refuse to start the migrations over for some of the databases that they are for."""
    if not selection.names:
        return
    with open_session(workspace.repository, snapshot.environment, options, selection.of_all) as session:
        found: tuple[tuple[Address, str], ...] = session.ask("list", timeout=TIMEOUT)
    if others := [address.name for address, bind in found if not selection.has(address, bind)]:
        named = " ".join(f"--database {shlex.quote(address.name)}" for address, _ in found)
        raise MigmergeError(
            f"the migrations are those of {enumerate_names(others)} too: they start over together",
            hint=f"migmerge reset migrations --dry-run {named}",
        )


def _only_snapshot(workspace: Workspace) -> Snapshot:
    if len(workspace.snapshots) > 1:
        listed = enumerate_names(snapshot.environment.name for snapshot in workspace.snapshots)
        raise MigmergeError(f"there are several environments: {listed}", hint="migmerge reset --environment PATH")
    return workspace.snapshots[0]


def _ask(plans: ResetPlans, screen: Screen) -> Consent[ResetPlan] | None:
    """Show the plan of a depth and ask for the names of all databases, unless the options have them; None where declined."""
    inspection, reset_options, _ = plans
    databases = [status.database for status in inspection.report.statuses]
    if reset_options.depth and reset_options.selection.names:
        return given_by_option(report_reset_plan(screen, plans.plan(reset_options.depth), databases))
    names = sorted({database.name for database in databases})
    with required_terminal(
        f"migmerge reset {_without_question(reset_options)} {_named(databases)}", reset_options.output
    ) as terminal:
        screen.flush()
        depth = reset_options.depth or _ask_depth(terminal)
        if depth is None or depth == "no":
            return None
        shown = report_reset_plan(screen, plans.plan(depth), databases)
        screen.flush()
        return ask_typed_consent(shown, names, terminal)


def _without_question(reset_options: ResetOptions) -> str:
    """Return the arguments that, with the names of the databases, leave nothing to ask: without a depth, those of a look."""
    if not reset_options.depth:
        return "--dry-run"
    return " ".join([reset_options.depth, *(f"--to {shlex.quote(name)}" for name in reset_options.to)])


def _named(databases: Iterable[Database]) -> str:
    return " ".join(f"--database {shlex.quote(name)}" for name in sorted({database.name for database in databases}))


def _ask_depth(terminal: TextIO) -> str | None:
    choices = [Choice("not now", "no"), *(Choice(name, name, reason) for name, reason in DEPTHS.items())]
    return ask("How far back?", choices, terminal)


def _reset(consent: Consent[ResetPlan], context: ResetContext, reset_options: ResetOptions, report: ResetReport) -> ResetReport:
    screen, title = context.screen, f"reset {consent.plan.depth}"
    occasion = Occasion("reset", consent.plan.depth, context.snapshot.environment.name)
    wanted = BackupsWanted(any=reset_options.backup, verified=True)
    request = BackupRequest(occasion, wanted, may_ask=reset_options.output == "text")
    safeguards = back_up_databases(context.repository, context.session, screen, request)
    if safeguards is None:
        screen.say("nothing was changed")
        return report._replace(state="declined")
    scripts = tuple(safeguards.scripts.values())
    outcome = run_reset(consent, context, safeguards)
    if not outcome.failure:
        mark_finished(safeguards)
    Journal(context.repository).record_by_hand(title, outcome.commands, scripts)
    restores = report_undo(screen, scripts)
    for line in outcome.commands:
        screen.say_undo(line)
    if outcome.failure:
        screen.say(("stopped: ", "error"), outcome.failure)
    return report._replace(
        state="failed" if outcome.failure else "done",
        backups=safeguards.backups,
        undo=[*restores, *outcome.commands],
        failure=outcome.failure,
    )
