"""The watch over waits for locks: who keeps a statement waiting, and the end of a wait that nobody waits for."""

from __future__ import annotations

import os
import select
import threading
import time
from contextlib import suppress
from typing import Any

from ..core.database.lock_wait import Blocker, describe_file_wait, describe_wait, ending_command
from ..core.errors import MigmergeError
from .error_text import code_of, project_reason_of
from .file_holders import command_about, holders_of, is_locked_file
from .guard import address_of
from .server_session import ServerSession, blockers_of, end_waits, limited
from .sqlite_location import file_of_url

_TURN = 0.2
"""Seconds after which a running statement is looked at, and in which the end of the asking process is seen."""
_NEXT_LOOK = 1.0
"""Seconds between two looks at the same server."""
_LOCK_CODES = ("55P03", "1205")
"""The codes of PostgreSQL, and then of MySQL and MariaDB, for a lock that did not come in time."""
_KNOWN = "migmerge_session"


class LockWatch:
    """Limit how long each connection of this process waits for locks, and remember who kept a statement waiting."""

    def __init__(self) -> None:
        self._running: tuple[float, ServerSession] | None = None
        self._waited: tuple[ServerSession, tuple[Blocker, ...]] | None = None
        self._held_file: tuple[str, tuple[Blocker, ...]] | None = None

    def watch(self) -> None:
        from sqlalchemy import Engine, event

        event.listen(Engine, "engine_connect", self._connected)
        event.listen(Engine, "before_cursor_execute", self._begins)
        event.listen(Engine, "after_cursor_execute", self._ends)
        event.listen(Engine, "handle_error", self._fails)

    def start(self, descriptor: int) -> None:
        """Look at running statements from another thread, and at the pipe that closes when the asking process ends."""
        threading.Thread(target=self._look, args=(descriptor,), daemon=True).start()

    def translated(self, error: BaseException) -> MigmergeError | None:
        """Return the error of a lock that did not come in time, with those who hold it; None for another error."""
        if self._held_file and is_locked_file(error):
            file, holders = self._held_file
            reason = f"{project_reason_of(error)}; {describe_file_wait(os.path.basename(file), holders)}"
            return MigmergeError(reason, hint=command_about(file, holders))
        if code_of(error) not in _LOCK_CODES or self._waited is None:
            return None
        session, blockers = self._waited
        command = ending_command(address_of(session.url), session.url.username or "", blockers)
        return MigmergeError(f"{project_reason_of(error)}; {describe_wait(blockers)}", hint=command)

    def _connected(self, connection: Any) -> None:
        if _KNOWN not in connection.info:
            connection.info[_KNOWN] = None
            with suppress(Exception):  # whatever a driver raises: without the limit all goes on as before
                connection.info[_KNOWN] = limited(connection)

    def _begins(self, connection: Any, *_: object) -> None:
        session = connection.info.get(_KNOWN)
        if session:
            self._waited = (session, ())
            self._running = (time.monotonic(), session)

    def _ends(self, *_: object) -> None:
        self._running = None

    def _fails(self, context: Any) -> None:
        self._running = None
        if is_locked_file(context.original_exception) and context.engine is not None:
            with suppress(Exception):
                file = file_of_url(context.engine.url)
                self._held_file = (file, holders_of(file))

    def _look(self, descriptor: int) -> None:
        pipe = select.poll() if hasattr(select, "poll") else None
        if pipe:
            pipe.register(descriptor, 0)  # its end alone
        looked = 0.0
        while True:
            time.sleep(_TURN)
            running, now = self._running, time.monotonic()
            if running is None:
                continue
            since, session = running
            with suppress(Exception):  # a server that answers no other connection
                if pipe and pipe.poll(0):
                    end_waits([session])
                elif now - since > _TURN and (since > looked or now - looked > _NEXT_LOOK):
                    looked = now
                    self._remember(session)

    def _remember(self, session: ServerSession) -> None:
        if blockers := blockers_of([session]):
            self._waited = (session, blockers)
