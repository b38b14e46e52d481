"""The guard of connections: only to a developer's own databases and to those that the user trusts."""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.database.database import Address, Forward
from ..core.database.obstacle import ObstacleError
from ..core.errors import MigmergeError
from .asked_variables import server_name
from .sqlite_location import MEMORY, file_in, file_of_url, note_missing_file, require_folder

if TYPE_CHECKING:
    from sqlalchemy import URL


_TIMEOUT = 10
"""Seconds to wait for a server, where the project sets no timeout."""
_TIMEOUT_PARAMETERS = dict.fromkeys(
    ("psycopg", "psycopg2", "pymysql", "mysqldb", "mysqlconnector", "mariadbconnector"), "connect_timeout"
) | {
    "asyncpg": "timeout",
    "pg8000": "timeout",
    "aiomysql": "connect_timeout",
}
_PLACE = ("host", "port", "unix_socket")
"""The keys of a URL's query that say where a server is."""
_MAINTENANCE = ("postgres", "template1", "")
_UNKNOWN = "an unknown host"


class Guard:
    """Check every connection that SQLAlchemy makes in this process, also those of the application's start.

    `last` is the address of the last server that was dialled.
    Unless `may_create_files`, a connection to a missing SQLite file gets an empty database in memory.
    """

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self.trusted = trusted
        self.may_create_files = False
        self.last: Address | None = None
        self._forwards: dict[Address, Forward] = {}
        self._servers: set[tuple[str, str]] = set()

    def watch(self) -> None:
        from sqlalchemy import Engine, event

        event.listen(Engine, "do_connect", self.before_connect)

    def before_connect(self, dialect: Any, record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        """Allow, redirect or refuse a connection that is about to be made: SQLAlchemy's event `do_connect`."""
        if dialect.name == "sqlite":
            self._before_file(record, arguments, named)
            return
        self.last = _address_of_parameters(dialect.name, arguments, named)
        self.allow(self.last)
        if timeout := _TIMEOUT_PARAMETERS.get(dialect.driver):
            named.setdefault(timeout, _TIMEOUT)

    def _before_file(self, record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        name = arguments[0] if arguments else named.get("database", "")
        file = file_in(os.fsdecode(name), is_uri=bool(named.get("uri")))
        if not file:
            return
        self.allow(_address_of_file(os.path.abspath(file)))
        if os.path.exists(file):
            return
        require_folder(file)
        if not self.may_create_files:
            note_missing_file(record.info, file)
            named.pop("database", None)
            arguments[:1] = [MEMORY]

    def allow(self, address: Address) -> None:
        """Raise MigmergeError for a database that the user has to trust and does not trust."""
        why = address.why_to_be_trusted(socket.gethostname())
        if address.trusted_as in self.trusted:
            self._servers.add((address.host, address.port))
        elif why and not self._is_beside_a_trusted_one(address):
            trusted = shlex.quote(address.trusted_as)
            raise ObstacleError(
                f"{address.url} is only touched where it is trusted: {why}; --trust {trusted} trusts it once",
                hint=f"git config --add migmerge.trusted-databases {trusted}",
                obstacle=server_name(address),
            )

    def note_forward(self, address: Address, forward: Forward | None) -> None:
        """Remember that a port of this machine leads to a server that may be anywhere."""
        self._forwards.pop(address, None)
        if forward and not forward.is_here:
            self._forwards[address] = forward

    @property
    def doubtful(self) -> tuple[tuple[Address, Forward], ...]:
        """Return the databases behind forwards that the user has not trusted."""
        untrusted = (each for each in self._forwards if {each.trusted_as, each.forwarded_as}.isdisjoint(self.trusted))
        return tuple((each, self._forwards[each]) for each in untrusted)

    def allow_changes(self) -> None:
        """Raise MigmergeError for a database that is forwarded, perhaps to another machine, and is not trusted."""
        for address, forward in self.doubtful:
            raise untrusted_forward(address, forward)

    def _is_beside_a_trusted_one(self, address: Address) -> bool:
        """Say whether a database is a scratch or maintenance database on the server of a trusted database."""
        ours = address.name.startswith("migmerge_") or address.name in _MAINTENANCE
        return ours and (address.host, address.port) in self._servers


def untrusted_forward(address: Address, forward: Forward) -> MigmergeError:
    """Return the refusal to change a database that is forwarded."""
    trusted = shlex.quote(address.forwarded_as)
    return MigmergeError(
        f"{address.name} is {forward}; it may be on another machine, and is changed only where it is trusted; "
        f"--trust {trusted} trusts it once",
        hint=f"git config --add migmerge.trusted-databases {trusted}",
    )


def address_of(url: URL) -> Address:
    """Return the address in a URL, without the password, and of the query, which can hold another one, only with the place."""
    place = {key: url.query[key] for key in _PLACE if key in url.query}
    shown = url._replace(password=None, query=type(url.query)(place)).render_as_string(hide_password=True).replace("%2F", "/")
    if url.get_backend_name() == "sqlite":
        return _address_of_file(file_of_url(url))
    named = {key: value if isinstance(value, str) else ",".join(value) for key, value in place.items()}
    host = named.get("unix_socket") or named.get("host") or url.host or ""
    port = named.get("port") or str(url.port or "")
    host, port, name = _with_defaults(url.get_backend_name(), host, port, url.database or "")
    return Address(shown, url.get_backend_name(), name, host, port)


def _address_of_file(file: str) -> Address:
    return Address(f"sqlite:///{file or MEMORY}", "sqlite", os.path.basename(file) or MEMORY)


def _address_of_parameters(dialect: str, arguments: Sequence[object], named: Mapping[str, Any]) -> Address:
    def first(*keys: str) -> str:
        return next((str(named[key]) for key in keys if named.get(key)), "")

    host = first("unix_socket", "hostaddr", "host", "service") or _UNKNOWN * _is_hidden(dialect, arguments, named)
    host, port, name = _with_defaults(dialect, host, first("port"), first("dbname", "database", "db"))
    return Address(f"{dialect}://{host}{':' if port else ''}{port}/{name}", dialect, name, host, port)


def _is_hidden(dialect: str, arguments: Sequence[object], named: Mapping[str, Any]) -> bool:
    """Say whether the parameters do not show where a connection leads: a string, a file or an unknown driver decides."""
    known = dialect in ("postgresql", "mysql", "mariadb")
    return not known or any(arguments) or any(named.get(key) for key in ("dsn", "conninfo", "read_default_file", "option_files"))


def _with_defaults(dialect: str, host: str, port: str, name: str) -> tuple[str, str, str]:
    """Add what libpq takes from the environment, where a URL without a host can lead anywhere."""
    if dialect != "postgresql":
        return host, port, name
    known = os.environ
    host = known.get("PGHOSTADDR") or host or known.get("PGHOST") or known.get("PGSERVICE", "")
    return host, port or known.get("PGPORT", ""), name or known.get("PGDATABASE", "")
