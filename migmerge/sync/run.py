"""The run of a sync plan: one step at a time, until one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard

from ..core.consent import Consent
from ..core.database.backup import BackupsWanted, Safeguards
from ..core.database.kept_backup import Occasion
from ..core.database.selection import ALL, Selection
from ..core.database.status import DatabaseStatus
from ..core.database.sync_outcome import SyncRun
from ..core.database.sync_steps import (
    NOTHING_SAID,
    Complete,
    Discard,
    Downgrade,
    Rerun,
    Stamp,
    SyncPlan,
    SyncStep,
    Upgrade,
    UsersWord,
    runs_of,
)
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.journal import JournalDatabase
from ..database.session import Session
from ..output.progress import status_line
from ..output.prompt import Choice
from ..output.screen import Screen
from ..output.text.sync_plan import report_done, report_undo
from ..repository.journal import Journal
from ..repository.repository import Repository
from .backups import BackupRequest, back_up_databases, mark_finished
from .inspect import Inspection, inspect_reachable
from .row_counts import CountedRows, row_counts
from .seen import forget_what_ran, note_steps
from .temporary_scripts import phantom_files, reused_files, temporary_scripts
from .user_word import vouch_for_rerun, vouch_for_said


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """Hold the options of `migmerge sync`; `deep` replays the scripts at the end."""

    yes: bool = False
    dry_run: bool = False
    backup: bool = True
    word: UsersWord = NOTHING_SAID
    selection: Selection = ALL
    deep: bool = True
    output: str = "text"


def consent_choices(names: str, *, loses: bool) -> tuple[Choice, Choice]:
    """Return the answers to the question whether to change databases, the default first: no, where something is dropped."""
    agree = Choice(
        f"bring {names} to this checkout",
        "yes",
        "drops what is shown above; a backup first" if loses else "a backup is made first",
        "A backup is made, and the steps above run one by one until one fails; the command that takes them back is printed.",
    )
    decline = Choice("not now", "no", "later: migmerge sync", "Nothing is changed.")
    return (decline, agree) if loses else (agree, decline)


@dataclass(frozen=True, slots=True)
class SyncContext:
    """Hold an environment with the session of its databases, and the screen that shows what is done with them."""

    repository: Repository
    environment: Environment
    session: Session
    screen: Screen
    journal: Journal

    def inspect(self) -> Inspection:
        """Inspect the databases; raises like `inspect_reachable`."""
        return inspect_reachable(self.repository, self.environment, self.session)

    def back_up(self, command: str, title: str = "", *, wanted: bool = True, may_ask: bool = True) -> Safeguards | None:
        """Back up the databases before a change of a command; None where the user stops, as there is no backup."""
        occasion = Occasion(command, title, self.environment.name)
        request = BackupRequest(occasion, BackupsWanted(any=wanted), may_ask)
        self.screen.flush()  # a killed run has said in a pipe, too, what it was about to change
        return back_up_databases(self.repository, self.session, self.screen, request)

    def record(self, title: str, inspection: Inspection, safeguards: Safeguards) -> CountedRows:
        """Write into the journal what the databases are now, with the restore scripts of before; return their rows."""
        databases = [status.database for status in inspection.report.statuses]
        if not databases:  # they do not answer any more
            self.journal.record_by_hand(title, (), tuple(safeguards.scripts.values()))
            return {}
        scripts, rows = safeguards.scripts, row_counts(self.session, databases)
        named = [
            JournalDatabase(each.name, each.bind, scripts.get(each.bind, ""), each.recorded, rows.get(each.bind, ()))
            for each in databases
        ]
        self.journal.record_databases(title, self.environment.name, named)
        return rows


def run_plan(
    context: SyncContext, inspection: Inspection, consent: Consent[SyncPlan], safeguards: Safeguards, *, is_all: bool = True
) -> SyncRun:
    """Run the steps until one fails.

    The commands that put the backups back are printed where a step fails; else the journal, in which the caller records the
    change, takes it back. Unless the plan `is_all` of a change, the caller says how to take that back.
    """
    screen, sync_plan = context.screen, consent.plan
    undo = tuple(safeguards.scripts.values()) if is_all else ()
    failure: MigmergeError | None = None
    done: list[SyncStep] = []

    def on_done(step: SyncStep) -> None:
        if isinstance(step, Rerun):
            vouch_for_rerun(context.repository, inspection, step)
        elif isinstance(step, Stamp):
            vouch_for_said(context.repository, inspection, step)
        report_done(screen, step)
        screen.flush()
        done.append(step)

    with _downgrade_scripts(inspection, sync_plan) as versions:
        together = _Together(context.session, inspection, versions, safeguards, on_done, not screen.is_quiet)
        for steps in runs_of(sync_plan.steps):
            try:
                together.run(steps)
            except MigmergeError as error:
                failure = error
                break
            except KeyboardInterrupt:
                screen.say(("interrupted; ", "error"), "where the database is now: ", ("migmerge doctor", "command"))
                report_undo(screen, undo)
                raise
    _note(context, inspection, done)
    if failure:
        screen.say(("stopped: ", "error"), str(failure))
        report_undo(screen, undo)
    else:
        if undo:
            mark_finished(safeguards)
            screen.say_undo("migmerge undo")
    return SyncRun(tuple(done), str(failure) if failure else None, not (failure or sync_plan.notes))


def _note(context: SyncContext, inspection: Inspection, steps: Sequence[SyncStep]) -> None:
    """Write into the ledger which scripts have run."""
    statuses = inspection.report.statuses
    gone = [step.revision for step in steps if isinstance(step, Downgrade)]
    forget_what_ran(context.repository, [status.database for status in statuses], gone)
    for status in statuses:
        ran = revisions_run_by(steps, status)
        stamps = [step for step in steps if isinstance(step, Stamp) and step.bind == status.database.bind]
        recorded = inspection.scripts.graph.implied(stamps[-1].after) if stamps else frozenset()
        known = [*ran, *status.whole, *(status.under_another_id & recorded)]
        note_steps(context.repository, inspection.tree, status.database, known)


def revisions_run_by(steps: Iterable[SyncStep], status: DatabaseStatus) -> tuple[str, ...]:
    """Return the revisions of which all has run through these steps, in a database that had this status before."""
    return tuple(step.revision for step in steps if _runs_whole(step, status))


def _runs_whole(step: SyncStep, status: DatabaseStatus) -> TypeGuard[Complete | Rerun | Upgrade]:
    bind = status.database.bind
    match step:
        case Upgrade():
            return step.revision not in status.applied
        case Rerun():
            return bind in step.binds
        case Complete():
            return step.is_all and step.bind == bind
    return False


@dataclass(frozen=True, slots=True)
class _Together:
    """Run steps that can run together, from the folders `versions`, and call `on_done` with each one when it is done."""

    session: Session
    inspection: Inspection
    versions: tuple[str, ...]
    safeguards: Safeguards
    on_done: Callable[[SyncStep], None]
    shows_progress: bool = True

    def run(self, steps: Sequence[SyncStep]) -> None:
        match steps[0]:
            case Downgrade() | Upgrade() as first:
                self._run_many([step for step in steps if isinstance(step, Downgrade | Upgrade)], type(first))
            case Complete() as step:
                self._complete(step)
                self.on_done(step)
            case step:
                self._run_one(step)
                self.on_done(step)

    def _run_many(self, steps: Sequence[Downgrade | Upgrade], kind: type[Downgrade | Upgrade]) -> None:
        direction, folders = ("downgrade", self.versions) if kind is Downgrade else ("upgrade", ())
        pairs = [(step.revision, direction) for step in steps]
        saved = self.safeguards.saved
        with status_line(_counted(steps, 0), shown=self.shows_progress) as show:

            def on_progress(done: int, _: int) -> None:
                show("")
                self.on_done(steps[done - 1])
                show(_counted(steps, done))

            self.session.ask("run steps", steps=pairs, versions=folders, saved=saved, on_progress=on_progress)

    def _complete(self, step: Complete) -> None:
        """Run what is left of a revision, from a folder in which its script says just that."""
        path = self.inspection.tree.snapshot.graph[step.revision].path
        with temporary_scripts(here={**self.inspection.tree.texts, path: step.text}) as scripts:
            given: dict[str, Any] = {"revision": step.revision, "versions": scripts.versions, "saved": self.safeguards.saved}
            if step.is_recorded:
                self.session.ask("rerun", binds=(step.bind,), **given)
            else:
                self.session.ask("run", direction="upgrade", **given)

    def _run_one(self, step: Discard | Rerun | Stamp) -> None:
        match step:
            case Rerun():
                self.session.ask("rerun", revision=step.revision, binds=step.binds, saved=self.safeguards.saved)
            case Discard():
                self.session.ask("discard", bind=step.bind, leftover=step.leftover, saved=self.safeguards.saved)
            case Stamp():
                self.session.ask("stamp", revisions=step.after, bind=step.bind)


def _counted(steps: Sequence[Downgrade | Upgrade], done: int) -> str:
    """Return what runs after so many steps: `running b "add b", 2 of 5`; nothing after the last one."""
    if done == len(steps):
        return ""
    message = f' "{steps[done].message}"' if steps[done].message else ""
    return f"running {steps[done].revision}{message}, {done + 1} of {len(steps)}"


@contextmanager
def _downgrade_scripts(inspection: Inspection, sync_plan: SyncPlan) -> Iterator[tuple[str, ...]]:
    """Write the scripts of the checkout and of the phantoms where something is taken back, and yield their folders."""
    if not any(isinstance(step, Downgrade) for step in sync_plan.steps):
        yield ()
        return
    here = {**inspection.tree.texts, **reused_files(inspection, sync_plan)}
    with temporary_scripts(here=here, there=phantom_files(inspection, sync_plan)) as scripts:
        yield scripts.versions
