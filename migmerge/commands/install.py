"""`migmerge install` and `uninstall`: the git hooks of this clone."""

from __future__ import annotations

import sys

from ..core.options import Options
from ..output.screen import Screen, print_document, shortest
from ..repository.hooks.command import own_command, own_script
from ..repository.hooks.install import install_hooks, uninstall_hooks
from ..repository.repository import open_repository
from ..workspace.workspace import open_workspace


def install(options: Options, *, output: str = "text") -> int:
    """Install the hooks, also into a repository that has no environment yet."""
    workspace = open_workspace(options, required=False)
    folders = [folder for snapshot in workspace.snapshots for folder in snapshot.environment.versions]
    installation = install_hooks(workspace.repository, own_command(), own_script(), folders)
    if output == "json":
        from ..output.formats.change_json import hooks_as_json

        print_document(hooks_as_json(installation.places, installation.notes, installed=True))
    elif not options.quiet:
        screen = Screen(sys.stdout, options.color)
        for path in installation.places:
            screen.say(("installed ", "good"), (shortest(path), "path"))
        for note in installation.notes:
            screen.say("note: ", note)
        watched = ", ".join(snapshot.environment.name or "." for snapshot in workspace.snapshots)
        screen.say(f"watching {watched}" if watched else "watching for the first environment to arrive")
        screen.say("MIGMERGE=0 before a git command turns the hooks off for it; to remove them:")
        screen.say("  ", ("migmerge uninstall", "command"))
    return 0


def uninstall(options: Options, *, output: str = "text") -> int:
    """Remove the hooks and their caches."""
    removed = uninstall_hooks(open_repository(options.folder))
    if output == "json":
        from ..output.formats.change_json import hooks_as_json

        print_document(hooks_as_json(removed, installed=False))
    elif not options.quiet:
        screen = Screen(sys.stdout, options.color)
        for path in removed:
            screen.say(("removed ", "gone"), (shortest(path), "path"))
        if not removed:
            screen.say("nothing to remove: migmerge is not installed in this clone")
    return 0
