"""`flask migmerge …`: the same program, called the way the rest of `flask` is."""

from __future__ import annotations

import os
import sys

import click
from flask.cli import ScriptInfo

from .alembic_plugin import watch_flask_db
from .cli import main
from .repository.isolation import start_isolated

watch_flask_db()


@click.command(
    "migmerge",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
    short_help="The git-aware branch-merge assistant for migrations.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def migmerge(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Run migmerge with the arguments as they are, and leave with its exit status.

    The application is not loaded: what asks it loads it in a process of its own, as for `migmerge`. Only a program of the
    project, which brings its own way to make the application, has to do it here.
    """
    info = context.ensure_object(ScriptInfo)
    if info.create_app is not None:
        with info.load_app().app_context():
            context.exit(main(arguments))
    if info.app_import_path:
        os.environ["FLASK_APP"] = info.app_import_path
    if "migmerge" in sys.argv:
        start_isolated([*arguments], program=_called(context.find_root().info_name or "flask"))
    context.exit(main(arguments))


def _called(flask: str) -> str:
    """Return the words that call this program once more, the options of `flask` among them."""
    from shlex import join
    from shutil import which

    first, *rest = flask.split()  # `python -m flask` is one, too
    if not which(first) and which("migmerge"):
        return "migmerge"
    return join([first, *rest, *sys.argv[1 : sys.argv.index("migmerge")], "migmerge"])
