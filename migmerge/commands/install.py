"""`migmerge install` and `uninstall`: the four hooks, into this clone and out of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from ..repository.hooks import install_hooks, uninstall_hooks
from ..repository.repository import open_repository
from ..terminal.screen import Screen
from .options import Options
from .survey import survey_commit


def install(options: Options) -> int:
    """Put the hooks in; a repository without an environment yet gets them too, for one may arrive."""
    survey = survey_commit(options, required=False)
    folders = [folder for snapshot in survey.snapshots for folder in snapshot.environment.versions]
    installation = install_hooks(survey.repository, own_command(), own_script(), folders)
    if not options.quiet:
        screen = Screen(sys.stdout, options.color)
        for place in installation.places:
            screen.say(("installed ", "good"), (place, "path"))
        for note in installation.notes:
            screen.say("note: ", note)
        watched = ", ".join(snapshot.environment.path or "." for snapshot in survey.snapshots)
        screen.say(f"watching {watched}" if watched else "watching for the first environment to arrive")
        screen.say("hint: ", ("MIGMERGE=0 turns the hooks off for one command; migmerge uninstall removes them", "command"))
    return 0


def uninstall(options: Options) -> int:
    """Take the hooks out, and what they remembered."""
    removed = uninstall_hooks(open_repository(options.folder))
    if not options.quiet:
        screen = Screen(sys.stdout, options.color)
        for place in removed:
            screen.say(("removed ", "gone"), (place, "path"))
        if not removed:
            screen.say("nothing to remove: migmerge is not installed in this clone")
    return 0


def own_script() -> str:
    """Return the console script that was installed with this very Python, or whatever was called."""
    beside = os.path.join(os.path.dirname(sys.executable), "migmerge")
    return beside if os.path.exists(beside) else os.path.abspath(sys.argv[0])


def own_command() -> tuple[str, ...]:
    """Return how a hook starts us: isolated, so that neither PYTHONPATH nor a sitecustomize.py of the repository has a say.

    An installation under the user's site-packages cannot be seen from an isolated Python: there it is the console script.
    """
    isolated = (sys.executable, "-I", "-m", "migmerge")
    seen = subprocess.run((*isolated, "--version"), cwd=tempfile.gettempdir(), capture_output=True, check=False)
    return isolated if seen.returncode == 0 else (own_script(),)
