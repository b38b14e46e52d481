"""`migmerge install` and `uninstall`: the git hooks of this clone, or the lines in a hook manager's configuration."""

from __future__ import annotations

import sys
from typing import NamedTuple

from ..core.consent import Consent, Shown
from ..core.errors import MigmergeError
from ..core.hook_manager import MANAGERS, TeamPlan
from ..core.options import Options
from ..output.consent import ask_consent, given_by_option
from ..output.prompt import Choice, required_terminal
from ..output.screen import Screen, print_document, shortest
from ..output.text.team_plan import report_lines_to_add, report_team_installed, report_team_plan
from ..repository.hooks.command import own_command, own_script
from ..repository.hooks.install import install_hooks, uninstall_hooks
from ..repository.hooks.managers.plan import NotEdited, plan_team_install, plan_team_uninstall
from ..repository.hooks.managers.recognize import calling_managers, team_notes
from ..repository.hooks.managers.write import write_team_plan
from ..repository.repository import Repository, open_repository
from ..workspace.workspace import open_workspace

DONE, REFUSED = 0, 1


_CHOICES = (
    Choice("write it", "yes", "uncommitted", "The files above become what the diff shows; nothing is committed."),
    Choice("leave it as it is", "no", explanation="Nothing is changed."),
)


class TeamOptions(NamedTuple):
    """Hold the options of `install --into` and `uninstall --from`."""

    manager: str
    yes: bool
    dry_run: bool
    output: str

    def require_text(self) -> None:
        if self.output != "text":
            raise MigmergeError(
                "a change of a hook manager's configuration is a diff, which has no other format", hint="git diff"
            )


def install(options: Options, *, output: str = "text", dry_run: bool = False) -> int:
    """Install the hooks, also into a repository that has no environment yet."""
    _refuse_dry_run("install --into", dry_run=dry_run)
    workspace = open_workspace(options, required=False)
    folders = [folder for snapshot in workspace.snapshots for folder in snapshot.environment.versions]
    installation = install_hooks(workspace.repository, own_command(), own_script(), folders)
    notes = (*installation.notes, *team_notes(workspace.repository))
    if output == "json":
        from ..output.formats.change_json import hooks_as_json

        print_document(hooks_as_json(installation.places, notes, installed=True))
    elif not options.quiet:
        screen = Screen(sys.stdout, options.color)
        for path in installation.places:
            screen.say(("installed ", "good"), (shortest(path), "path"))
        for note in notes:
            screen.note(note)
        watched = ", ".join(snapshot.environment.name or "." for snapshot in workspace.snapshots)
        screen.say(f"watching {watched}" if watched else "watching for the first environment to arrive")
        screen.say("MIGMERGE=0 before a git command turns the hooks off for it; to remove them:")
        screen.say("  ", ("migmerge uninstall", "command"))
    return 0


def uninstall(options: Options, *, output: str = "text", dry_run: bool = False) -> int:
    """Remove the hooks and their caches."""
    _refuse_dry_run("uninstall --from", dry_run=dry_run)
    repository = open_repository(options.folder)
    removed = uninstall_hooks(repository)
    if output == "json":
        from ..output.formats.change_json import hooks_as_json

        print_document(hooks_as_json(removed, installed=False))
    elif not options.quiet:
        screen = Screen(sys.stdout, options.color)
        for path in removed:
            screen.say(("removed ", "gone"), (shortest(path), "path"))
        if not removed:
            screen.say("nothing to remove: migmerge is not installed in this clone")
        for manager in calling_managers(repository):
            screen.say(f"the configuration of {manager.name} still calls migmerge; for the whole team:")
            screen.say("  ", (f"migmerge uninstall --from {manager.name}", "command"))
    return 0


def _refuse_dry_run(command: str, *, dry_run: bool) -> None:
    """Refuse a dry run of what is no plan, before anything is changed."""
    if dry_run:
        raise MigmergeError(
            f"--dry-run shows the change of a hook manager's configuration: {command} names the manager",
            hint=f"migmerge {command} pre-commit --dry-run",
        )


def install_into(options: Options, wanted: TeamOptions) -> int:
    """Write the tracked configuration of a hook manager; return 1 where that is declined."""
    wanted.require_text()
    repository = open_repository(options.folder)
    screen = Screen(sys.stdout, options.color, quiet=options.quiet)
    try:
        plan = plan_team_install(repository, MANAGERS[wanted.manager])
    except NotEdited as error:
        report_lines_to_add(screen, error.lines)
        raise
    if not plan.files:
        screen.say(f"nothing to add: the configuration of {wanted.manager} has our hooks")
    elif not _changed(repository, plan, wanted, f"install --into {wanted.manager}", screen):
        return DONE if wanted.dry_run else REFUSED
    report_team_installed(screen, plan)
    return DONE


def uninstall_from(options: Options, wanted: TeamOptions) -> int:
    """Take our lines out of the tracked configuration of a hook manager; return 1 where that is declined."""
    wanted.require_text()
    repository = open_repository(options.folder)
    plan = plan_team_uninstall(repository, MANAGERS[wanted.manager])
    screen = Screen(sys.stdout, options.color, quiet=options.quiet)
    if not plan.files:
        screen.say(f"nothing to remove: the configuration of {wanted.manager} has no lines of ours")
    elif not _changed(repository, plan, wanted, f"uninstall --from {wanted.manager}", screen):
        return DONE if wanted.dry_run else REFUSED
    else:
        screen.say(("removed, and not committed: ", "gone"), (" ".join(path for path, _, _ in plan.files), "path"))
    return DONE


def _changed(repository: Repository, plan: TeamPlan, wanted: TeamOptions, command: str, screen: Screen) -> bool:
    """Show the change, ask, and write it; return whether it was written."""
    shown = report_team_plan(screen, plan)
    if wanted.dry_run:
        return False
    consent = given_by_option(shown) if wanted.yes else _ask(screen, shown, command)
    if consent:
        write_team_plan(repository, consent)
    return consent is not None


def _ask(screen: Screen, shown: Shown[TeamPlan], command: str) -> Consent[TeamPlan] | None:
    with required_terminal(f"migmerge {command} --yes, or migmerge {command} --dry-run to look first") as terminal:
        screen.flush()
        return ask_consent(shown, "Write it?", _CHOICES, terminal)
