"""What Alembic runs in this process, whatever the command: seen through events of SQLAlchemy and a callback of Alembic's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext, MigrationInfo
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection


class AppliedStep(NamedTuple):
    """Say what was done with a revision: "upgrade", "downgrade" or "stamp", and the script's file and bytes at that moment."""

    revision: str
    did: str
    file: str
    text: bytes


class AppliedSteps(NamedTuple):
    """Hold steps that one transaction commits, the database's URL and bind, and the folder of env.py.

    `is_first` says that the database recorded no revision before.
    """

    folder: str
    url: str
    bind: str
    steps: tuple[AppliedStep, ...]
    is_first: bool


class AppliedWatch:
    """Tell of the steps that Alembic commits in this process; whatever goes wrong in it, Alembic goes on.

    SQLAlchemy tells when a version table is described, which Alembic does for each migration context; from then on it tells of
    statements, before the first of which the context can be asked for. A process that runs no migration pays for the first
    event alone, and a worker, which is the only one that sets `is_off`, tells by itself what it has run.
    """

    is_off: ClassVar[bool] = False

    def __init__(self, on_commit: Callable[[AppliedSteps], None]) -> None:
        self._on_commit = on_commit
        self._is_new = False
        self._listens = False
        self._environment: object = None
        self._count = 0
        self._steps: dict[int, list[AppliedSteps]] = {}

    def watch(self) -> None:
        from sqlalchemy import Table, event

        event.listen(Table, "after_parent_attach", self._described)

    def _described(self, table: Any, _: object) -> None:
        if self.is_off or "version_num" not in table.columns:
            return
        self._is_new = True
        if not self._listens:
            self._listens = True
            with suppress(Exception):
                self._listen()

    def _listen(self) -> None:
        from sqlalchemy import Engine, event

        event.listen(Engine, "before_execute", self._before_execute)
        for name in ("commit", "commit_twophase"):
            event.listen(Engine, name, self._commits)
        for name in ("rollback", "rollback_twophase"):
            event.listen(Engine, name, self._rolls_back)

    def _before_execute(self, connection: Any, *_: object) -> None:
        if self._is_new:
            self._is_new = False
            with suppress(Exception):
                self._join(connection)

    def _join(self, connection: Any) -> None:
        """Add a callback to the migration context for which a version table was described, beside those of env.py."""
        from alembic import context

        current = context.get_context()
        environment = current.environment_context
        self._count = self._count + 1 if environment is self._environment else 0
        self._environment = environment
        if current.as_sql or current.script is None:
            return
        number = self._count

        def on_version_apply(*, ctx: MigrationContext, step: MigrationInfo, heads: set[str], **_: object) -> None:
            with suppress(Exception):
                is_first = not step.source_revision_ids and heads == {*step.destination_revision_ids}
                self._applied(ctx, step, number, is_first=is_first)

        current.on_version_apply_callbacks = (*current.on_version_apply_callbacks, on_version_apply)

    def _applied(self, context: MigrationContext, step: MigrationInfo, number: int, *, is_first: bool) -> None:
        from .guard import address_of
        from .sqlite_location import MEMORY, located
        from .tenant import bind_of, tenant_of

        connection, scripts = context.connection, context.script
        if connection is None or scripts is None:
            return
        address = address_of(located(connection))
        if address.name != MEMORY:
            bind = bind_of(context, tenant_of(context), ("",) * number)
            done = AppliedSteps(scripts.dir, address.url, bind, tuple(_steps(scripts, step)), is_first)
            self._steps.setdefault(_number_of(connection), []).append(done)

    def _commits(self, connection: Connection, *_: object) -> None:
        if self._steps:
            with suppress(Exception):  # another connection's commit is a KeyError
                first, *others = self._steps.pop(_number_of(connection))
                self._on_commit(first._replace(steps=(*first.steps, *(step for each in others for step in each.steps))))

    def _rolls_back(self, connection: Connection, *_: object) -> None:
        if self._steps:
            with suppress(Exception):
                self._steps.pop(_number_of(connection), None)


def _steps(scripts: ScriptDirectory, step: MigrationInfo) -> Iterator[AppliedStep]:
    """Yield what a step did; a stamp runs nothing, and a stamp downwards says nothing new of what is recorded still."""
    names = step.up_revision_ids if step.is_upgrade else () if step.is_stamp else step.up_revision_ids[:1]
    did = "stamp" if step.is_stamp else "upgrade" if step.is_upgrade else "downgrade"
    for name in names:
        script = scripts.get_revision(name)
        with open(script.path, "rb") as file:
            yield AppliedStep(script.revision, did, script.path, file.read())


def _number_of(connection: Connection) -> int:
    """Return the identity of the driver's connection, which its copies with other options share."""
    return id(connection.connection.dbapi_connection)
