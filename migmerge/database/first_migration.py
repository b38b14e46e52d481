"""The steps with which an environment starts over, by Flask-Migrate in the application's context or by Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import MigmergeError
from .project import Project


def create_environment(project: Project) -> None:
    """Create the folder of a Flask-Migrate environment, as `flask db init` does."""
    import flask_migrate

    with _commands_run(project):
        flask_migrate.init(directory=project.folder)


def create_first_revision(project: Project, message: str) -> None:
    """Write the revision that the models ask for, as `flask db migrate` or `alembic revision --autogenerate` does."""
    with _commands_run(project):
        if project.environment.kind == "flask-migrate":
            import flask_migrate

            flask_migrate.migrate(directory=project.folder, message=message)
        else:
            from alembic import command

            config = project.config()
            assert config.cmd_opts is not None
            config.cmd_opts.autogenerate = True  # env.py can ask for the options of the command line
            command.revision(config, message=message, autogenerate=True)


def upgrade_to_head(project: Project) -> None:
    """Upgrade every database of env.py, as `flask db upgrade` or `alembic upgrade head` does."""
    with _commands_run(project):
        if project.environment.kind == "flask-migrate":
            import flask_migrate

            flask_migrate.upgrade(directory=project.folder)
        else:
            from alembic import command

            command.upgrade(project.config(), "head")


@contextmanager
def _commands_run(project: Project) -> Iterator[None]:
    """Enter the application's context, and raise what goes wrong in a command as MigmergeError."""
    project.guard.may_create_files = True
    with project.errors_translated(), project.env_py_repeatable():
        if project.environment.kind == "flask-migrate":
            project.enter_application()
        try:
            yield
        except SystemExit as error:  # Flask-Migrate logs an error of the command and exits
            if isinstance(error.__context__, Exception):
                raise MigmergeError(str(error.__context__)) from error
            raise
