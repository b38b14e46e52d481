"""What a statement waited for: the sessions that hold a lock, in words, and the command that ends one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from .database import Address

_LONGEST = 60
"""Characters of a session's statement that are shown."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """Hold one session, or process, that keeps another one waiting; what nobody says is empty.

    `on` is what it holds: a table, or a file. `is_certain` is False for a session that has an open transaction, where the
    server does not say whose lock it is.
    """

    pid: int
    application: str = ""
    user: str = ""
    state: str = ""
    since: str = ""
    statement: str = ""
    is_certain: bool = True
    host: str = ""
    on: str = ""

    def __str__(self) -> str:
        user = f"{self.user}@{self.host}" if self.user and self.host else self.user
        who = " of ".join(filter(None, (self.application, user)))
        what = f"{self.state or 'open'} since {self.since}" if self.since else self.state
        statement = _first_words(self.statement)
        known = ", ".join(filter(None, (who, what, statement)))
        return f"{self.pid} ({known})" if known else str(self.pid)


def _first_words(statement: str) -> str:
    """Return the start of a statement without its literals, which can be secrets."""
    line = " ".join(re.sub(r"'(?:[^']|'')*'?|\"(?:[^\"])*\"?|\$\$.*", "…", statement).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def describe_wait(blockers: Sequence[Blocker]) -> str:
    """Say who holds the lock."""
    if not blockers:
        return "the server does not say who holds the lock"
    named, what = ", ".join(map(str, blockers)), f" on {blockers[0].on}" if blockers[0].on else ""
    return f"the lock{what} is held by {named}" if blockers[0].is_certain else f"these have open transactions: {named}"


def describe_file_wait(name: str, holders: Sequence[Blocker]) -> str:
    """Say which processes hold a lock on the file of a database."""
    return describe_wait(holders) if holders else f"which process holds {name} is not known here"


def ending_command(address: Address, user: str, blockers: Sequence[Blocker]) -> str | None:
    """Return the command that ends the first session where it is certain that this one holds the lock, or shows them all."""
    host, pid = address.host or "localhost", blockers[0].pid if blockers else 0
    if address.dialect == "postgresql" and not blockers:
        return None
    if address.dialect == "postgresql":
        place = ["-h", host, *(["-p", address.port] if address.port else []), *(["-U", user] if user else [])]
        return shlex.join(["psql", *place, address.name, "-c", f"SELECT pg_terminate_backend({pid})"])
    place = ["-h", host, *(["-P", address.port] if address.port else []), *(["-u", user] if user else [])]
    return shlex.join(
        ["mariadb", *place, "-e", f"KILL {pid}" if blockers and blockers[0].is_certain else "SHOW FULL PROCESSLIST"]
    )
