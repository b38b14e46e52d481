"""`flask migmerge …`: the same program, called the way the rest of `flask` is."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from .alembic_plugin import watch_flask_db
from .cli import main
from .repository.isolation import start_isolated

watch_flask_db()

_LOOKING = frozenset(("check", "explain", "completion", "graph", "forecast", "install", "uninstall", "demo", "hook"))
"""The commands that never ask the application."""
_WITH_VALUE = ("-C", "--environment", "--color")


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

    What only looks runs in an isolated Python, and the application is not loaded for it.
    """
    if _command_of(arguments) in _LOOKING and "migmerge" in sys.argv:
        start_isolated([*arguments])
    context.exit(context.invoke(_with_application, arguments=arguments))


@with_appcontext
def _with_application(arguments: tuple[str, ...]) -> int:
    """Run migmerge in the app's context: the multi-database templates of Flask-Migrate ask the application for its binds."""
    return main(arguments)


def _command_of(arguments: tuple[str, ...]) -> str:
    """Return the name of the command, behind the options that come before it."""
    pending = [*arguments]
    while pending and pending[0].startswith("-"):
        del pending[: 2 if pending[0] in _WITH_VALUE else 1]
    return pending[0] if pending else ""
