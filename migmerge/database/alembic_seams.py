"""The one adapter to names of Alembic and SQLAlchemy that are not promises of theirs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from types import ModuleType
from typing import Any

from alembic.runtime import migration
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Table

UP, DOWN = "upgrade", "downgrade"


def step_of(scripts: ScriptDirectory, script: Script, direction: str) -> migration.RevisionStep:
    """Return the step that runs one function of a script, `UP` or `DOWN`, and records that."""
    return migration.RevisionStep(scripts.revision_map, script, direction == UP)


def all_parents(script: Script) -> tuple[str, ...]:
    """Return the parents and the dependencies of a script."""
    return tuple(script._all_down_revisions)  # noqa: SLF001 (the public `dependencies` can be labels)


def migration_transaction(context: migration.MigrationContext) -> AbstractContextManager[Any]:
    """Begin the transaction of one migration, where env.py wants one for each."""
    return context.begin_transaction(_per_migration=True)


class StepByStepEnvironment(EnvironmentContext):
    """Give each migration a transaction of its own, whatever env.py asks for.

    `is_transaction_ours` says, once migrations run, that env.py has begun none: what it does inside one, such as SET LOCAL,
    ends with it, and nothing but another run of env.py does that again.
    """

    is_transaction_ours = True
    _commits_rest = False

    def configure(self, *args: Any, **kw: Any) -> None:
        self._commits_rest = not kw.get("transaction_per_migration", False)
        super().configure(*args, **{**kw, "transaction_per_migration": True})

    def run_migrations(self, **kw: Any) -> None:
        connection = self.get_context().connection
        self.is_transaction_ours = connection is not None and not connection.in_transaction()
        super().run_migrations(**kw)

    @contextmanager
    def begin_transaction(self) -> Iterator[Any]:
        """Commit at the end what env.py itself does beside the migrations, as one transaction around all would."""
        context = self.get_context()
        with super().begin_transaction() as proxy:
            yield proxy
        connection = context.connection
        is_outer = context._in_external_transaction  # noqa: SLF001 (nothing public says so)
        if self._commits_rest and connection is not None and connection.in_transaction() and not is_outer:
            connection.commit()


# What `alembic.context` offers to env.py is registered by class, and a subclass has no entry of its own.
EnvironmentContext._setups[StepByStepEnvironment] = EnvironmentContext._setups[EnvironmentContext]  # noqa: SLF001


def replace_records(context: migration.MigrationContext, revisions: Sequence[str]) -> None:
    """Write the version table as `alembic stamp --purge` does, for one of several databases and for ids without a script."""
    assert context.connection is not None
    context._ensure_version_table(purge=True)  # noqa: SLF001 (the public command stamps every database of env.py)
    for revision in revisions:
        context.connection.execute(context._version.insert().values(version_num=revision))  # noqa: SLF001 (as above)


def use_version_table(context: migration.MigrationContext, table: Table) -> None:
    """Let several contexts share the version table, so that SQLAlchemy compiles the statements about it once."""
    context._version = table  # noqa: SLF001 (nothing public says so)


def lone_script(module: ModuleType, revision: str, path: str) -> Script:
    """Return a script that is in no graph, where nothing is known of what it follows or depends on."""
    script = Script(module, revision, path)
    script._resolved_dependencies = script._normalized_resolved_dependencies = ()  # noqa: SLF001 (a graph sets them)
    return script


class _UnrecordedStep(migration.RevisionStep):
    """Run one function of a script, whatever is recorded."""


def unrecorded_step_of(scripts: ScriptDirectory, script: Script, direction: str) -> migration.RevisionStep:
    """Return the step that runs one function of a script, `UP` or `DOWN`, and records nothing inside `steps_unrecorded`."""
    return _UnrecordedStep(scripts.revision_map, script, direction == UP)


class _HeadMaintainer(migration.HeadMaintainer):
    def update_to_step(self, step: Any) -> None:
        if not isinstance(step, _UnrecordedStep):
            super().update_to_step(step)


@contextmanager
def steps_unrecorded() -> Iterator[None]:
    """Keep Alembic from recording the steps of `unrecorded_step_of`."""
    original = migration.HeadMaintainer
    setattr(migration, "HeadMaintainer", _HeadMaintainer)  # noqa: B010 (mypy takes a class for a type)
    try:
        yield
    finally:
        setattr(migration, "HeadMaintainer", original)  # noqa: B010


@contextmanager
def contexts_skipped(is_skipped: Callable[[migration.MigrationContext], bool]) -> Iterator[None]:
    """Run no migration, and make no version table, in the databases for whose context `is_skipped` holds."""
    original = migration.MigrationContext.run_migrations

    def run_migrations(context: migration.MigrationContext, **kw: Any) -> None:
        if not is_skipped(context):
            original(context, **kw)

    setattr(migration.MigrationContext, "run_migrations", run_migrations)  # noqa: B010 (mypy forbids to assign a method)
    try:
        yield
    finally:
        setattr(migration.MigrationContext, "run_migrations", original)  # noqa: B010


def note_arguments(environment: EnvironmentContext, asked: list[str]) -> None:
    """Note the names of the arguments (`alembic -x`) that env.py asks for."""
    given = environment.get_x_argument

    def get_x_argument(as_dictionary: bool = False) -> Any:
        return _NotedArguments(given(as_dictionary=True), asked) if as_dictionary else given()

    environment.get_x_argument = get_x_argument  # type: ignore[method-assign]


class _NotedArguments(dict[str, str]):
    """Note the keys that are looked up and are not there."""

    def __init__(self, given: Any, asked: list[str]) -> None:
        super().__init__(given)
        self._asked = asked

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __missing__(self, key: str) -> str:
        self._note(key)
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def _note(self, key: object) -> None:
        if not super().__contains__(key) and str(key) not in self._asked:
            self._asked.append(str(key))


@contextmanager
def listeners_removed(file: str) -> Iterator[None]:
    """Remove, at the end, the event listeners that a file has added: a second run would add them once more.

    The listeners of modules that the file imports remain, because a second run does not import them again.
    """
    from sqlalchemy import event
    from sqlalchemy.event import api

    original, added = api.listen, list[tuple[Any, str, Any]]()

    def listen(target: Any, identifier: str, fn: Callable[..., Any], *args: Any, **kw: Any) -> None:
        original(target, identifier, fn, *args, **kw)
        if os.path.realpath(getattr(getattr(fn, "__code__", None), "co_filename", "")) == os.path.realpath(file):
            added.append((target, identifier, fn))

    api.listen = event.listen = listen
    try:
        yield
    finally:
        api.listen = event.listen = original
        for each in added:
            with suppress(Exception):  # the target no longer exists
                event.remove(*each)
