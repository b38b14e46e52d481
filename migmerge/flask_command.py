"""`flask migmerge …`: the same program, called the way the rest of `flask` is."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from .alembic_plugin import watch_flask_db
from .cli import main

watch_flask_db()


@click.command(
    "migmerge",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
    short_help="The git-aware branch-merge assistant for migrations.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
@with_appcontext
def migmerge(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Run migmerge with the arguments as they are, and leave with its exit status.

    In the app's context: the multi-database templates of Flask-Migrate ask the application for its binds.
    """
    context.exit(main(arguments))
