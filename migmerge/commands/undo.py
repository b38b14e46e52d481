"""`migmerge undo`: take back the last thing that migmerge did in this clone, commit and database together."""

from __future__ import annotations

from ..core.consent import Consent, Shown
from ..core.fix_plan.plan import Refusal
from ..core.fix_plan.undo_plan import UndoPlan, UndoReport, refusal_of_damage
from ..core.journal import last_run
from ..core.options import Options
from ..fix.undo import Connecting, UndoOptions, propose_undo, recover, take_back
from ..output.consent import ask_consent, given_by_option
from ..output.prompt import Choice, required_terminal
from ..output.screen import Screen, print_document, screen_for
from ..output.text.undo import report_journal, report_undo_plan
from ..repository.journal import Journal
from ..workspace.workspace import Workspace, open_workspace

DONE, REFUSED = 0, 1

_CHOICES = (
    Choice("leave it as it is", "no", "later: migmerge undo", "Nothing is changed."),
    Choice("take it back", "yes", explanation="The files, the commit and the databases above become what they were before."),
)


def undo(options: Options, undo_options: UndoOptions) -> int:
    """Show what would be taken back, ask, and do it; return 1 where it is refused or declined."""
    workspace = open_workspace(options, required=False)
    screen = screen_for("text" if undo_options.listed else undo_options.output, options.color)
    screen.commands_run_at(workspace.repository.top)
    if undo_options.listed:
        return _list(screen, workspace.repository.top, Journal(workspace.repository), undo_options.output)
    if not undo_options.dry_run:
        recover(workspace.repository, screen)
    notes = screen.texts
    report = _undo(screen, workspace, options, undo_options)
    if undo_options.output == "json":
        from ..output.formats.fix_json import undo_as_json  # only a program reads it

        print_document(undo_as_json(report, notes, dry_run=undo_options.dry_run))
    return REFUSED if report.state in ("refused", "declined") else DONE


def _undo(screen: Screen, workspace: Workspace, options: Options, undo_options: UndoOptions) -> UndoReport:
    journal = Journal(workspace.repository)
    entries = last_run(journal.entries, workspace.repository.top)
    if damaged := journal.damaged_after(entries[-1].number if entries else 0):
        return _refused(screen, UndoReport("refused", entries, refusal=refusal_of_damage(damaged), damaged=damaged))
    if not entries:
        screen.say("nothing to take back: migmerge has changed nothing in this work tree, or all of it is taken back")
        return UndoReport("nothing to undo")
    connecting = Connecting(options, undo_options.selection.trusting(workspace.settings.trusted_databases))
    plan = propose_undo(workspace, entries, connecting, with_databases=undo_options.with_databases)
    if isinstance(plan, Refusal):
        return _refused(screen, UndoReport("refused", entries, refusal=plan))
    shown = report_undo_plan(screen, plan)
    if undo_options.dry_run:
        return UndoReport("planned", entries, plan)
    consent = given_by_option(shown) if undo_options.yes else _ask(screen, shown, undo_options.output)
    if consent is None or not take_back(consent, workspace, connecting, undo_options, screen):
        return UndoReport("declined", entries, plan)
    screen.say(("taken back: ", "good"), ", ".join(entry.title for entry in reversed(entries)))
    return UndoReport("undone", entries, plan)


def _list(screen: Screen, top: str, journal: Journal, output: str) -> int:
    here = [entry for entry in journal.entries if entry.worktree == top]
    if output == "json":
        from ..output.formats.change_json import journal_as_json

        print_document(journal_as_json(here, journal.damaged_after(0)))
    else:
        report_journal(screen, here, journal.damaged_after(0))
    return DONE


def _refused(screen: Screen, report: UndoReport) -> UndoReport:
    if report.refusal:
        screen.say(("not taken back: ", "error"), report.refusal.message)
        screen.say_hint(report.refusal.hint)
    return report


def _ask(screen: Screen, shown: Shown[UndoPlan], output: str) -> Consent[UndoPlan] | None:
    with required_terminal("migmerge undo --yes, or migmerge undo --dry-run to look first", output) as terminal:
        screen.flush()
        return ask_consent(shown, "Take it back?", _CHOICES, terminal)
