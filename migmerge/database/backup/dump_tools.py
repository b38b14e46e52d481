"""The servers' own tools for dumps, called so that no other user can read the password."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from ...core.errors import MigmergeError
from ...core.redaction import without_secrets
from ..error_text import lines_of

if TYPE_CHECKING:
    from sqlalchemy import URL


TIMEOUT = 900.0
"""Seconds without a byte read or written after which a tool is ended; the last index of a large table takes long."""

_LIBPQ = {
    name: "PG" + name.replace("_", "").upper()
    for name in (
        *("hostaddr", "passfile", "service", "options", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl"),
        *("channel_binding", "gssencmode", "krbsrvname", "target_session_attrs"),
    )
}
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_MYSQL_SSL = {"ssl_ca": "--ssl-ca", "ssl_cert": "--ssl-cert", "ssl_key": "--ssl-key"}
_LIBMYSQL = ("mysqldb", "mariadbconnector", "pyodbc")
"""The drivers that use a socket for localhost, as the tools do; the other drivers use TCP."""
_PACKAGES = {"postgresql": "postgresql-client", "mariadb": "mariadb-client", "mysql": "default-mysql-client"}
_COMPLAINT = re.compile(r"\b(error|detail|fatal)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Client:
    """Hold how a server's tools reach one database: options and variables, which can be shown, and the password."""

    dialect: str
    database: str
    options: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    password: str = field(default="", repr=False)

    @property
    def mysql_tools(self) -> tuple[str, str]:
        """Return the programs that dump and restore; MariaDB's do not read every dump of MySQL's, nor the other way."""
        pairs = [("mariadb-dump", "mariadb"), ("mysqldump", "mysql")]
        for pair in pairs if self.dialect == "mariadb" else reversed(pairs):
            if all(map(shutil.which, pair)):
                return pair
        return pairs[0] if self.dialect == "mariadb" else pairs[1]


class ToolFailed(MigmergeError):
    """Hold the complaint of a tool that failed."""


def client_of(url: URL) -> Client:
    """Return how the tools reach the database of a URL, whatever its driver.

    Raises:
        MigmergeError: where the URL names no database.
    """
    dialect = url.get_backend_name()
    client = _postgresql_client(url) if dialect == "postgresql" else _mysql_client(url, dialect)
    if not client.database:
        raise MigmergeError("the URL names no database", hint="put its name into the URL, or pass --no-backup")
    return client


def _postgresql_client(url: URL) -> Client:
    _, given = url.get_dialect()().create_connect_args(url)
    named: dict[str, Any] = dict(given)
    if socket := named.pop("unix_sock", ""):  # pg8000's
        folder, _, file = str(socket).rpartition("/")
        named |= {"host": folder, "port": file.rpartition(".")[2]}
    if named.get("ssl"):  # asyncpg's
        named.setdefault("sslmode", named["ssl"] if named["ssl"] in _SSL_MODES else "require")
    options = [
        part
        for flag, key in (("-h", "host"), ("-p", "port"), ("-U", "user"))
        if named.get(key)
        for part in (flag, _joined(named[key]))
    ]
    settings = {_LIBPQ[key]: value for key, value in named.items() if key in _LIBPQ and isinstance(value, str)}
    name = str(named.get("dbname") or named.get("database") or "")
    return Client("postgresql", name, tuple(options), settings, str(named.get("password") or ""))


def _joined(value: object) -> str:
    """Return one or several hosts or ports as libpq takes them."""
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _mysql_client(url: URL, dialect: str) -> Client:
    socket = url.query.get("unix_socket")
    if isinstance(socket, str):
        options = ["-S", socket]
    else:
        options = ["-h", url.host] if url.host else []
        options += ["-P", str(url.port)] if url.port else []
        if url.host in (None, "", "localhost") and url.drivername.partition("+")[2] not in _LIBMYSQL:
            options.append("--protocol=tcp")
    options += ["-u", url.username] if url.username else []
    options += [f"{flag}={url.query[key]}" for key, flag in _MYSQL_SSL.items() if key in url.query]
    return Client(dialect, url.database or "", tuple(options), {}, str(url.password or ""))


def run(
    client: Client,
    tool: str,
    *arguments: str,
    given: IO[bytes] | None = None,
    into: IO[bytes] | None = None,
    timeout: float = TIMEOUT,
) -> str:
    """Run a tool to its end and return its output, unless that is written `into` a file; `given` is its input.

    Raises:
        ToolFailed: with the complaint of the tool.
        MigmergeError: where the tool is not installed, or has done nothing for `timeout` seconds.
    """
    require(client, tool)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, _credentials(client) as (first, environment):
        command = (tool, *first, *client.options, *arguments)
        files = [file for file in (given, into or output, errors) if file]
        process = subprocess.Popen(
            command, env=environment, stdin=given or subprocess.DEVNULL, stdout=into or output, stderr=errors
        )
        try:
            status = _wait(process, tool, files, timeout)
        except BaseException:
            _terminate(process)
            raise
        if status:
            raise ToolFailed(_complaint_of(tool, _text(errors)), hint="correct that, or pass --no-backup")
        return _text(output)


def require(client: Client, *tools: str) -> None:
    """Raise MigmergeError for a tool that is not installed."""
    for tool in tools:
        if not shutil.which(tool):
            why = f"{tool} is not installed; --no-backup goes on without a backup"
            raise MigmergeError(why, hint=f"apt install {_PACKAGES[client.dialect]}")


@contextmanager
def _credentials(client: Client) -> Iterator[tuple[Sequence[str], Mapping[str, str]]]:
    """Yield the first options and the environment of a tool, with the password in a file that only this user can read."""
    hidden = ("PGPASSWORD", "PGCLIENTENCODING", "MYSQL_PWD")
    environment = {name: value for name, value in os.environ.items() if name not in hidden or not client.password}
    environment |= {"LC_ALL": "C", **client.settings}
    environment.pop("PGCLIENTENCODING", None)
    with tempfile.TemporaryDirectory(prefix="migmerge-") as folder, _locked(folder):
        secret = os.path.join(folder, "secret")
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(_secret(client))
        if client.dialect == "postgresql":
            yield (), environment | ({"PGPASSFILE": secret} if client.password else {})
        else:
            # This file alone: ~/.my.cnf, which no driver reads by itself, would override it.
            yield (f"--defaults-file={secret}",), environment | {"MYSQL_TEST_LOGIN_FILE": os.path.join(folder, "none")}


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Lock a temporary folder, so that no other run takes it for one that a killed run left; Windows has no such locks."""
    descriptor = None
    with suppress(ImportError, OSError):
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _secret(client: Client) -> str:
    if client.dialect == "postgresql":
        escaped = re.sub(r"([\\:])", r"\\\1", client.password)
        return f"*:*:*:*:{escaped}\n"
    escaped = re.sub(r"([\\\"'])", r"\\\1", client.password).replace("\n", r"\n")
    return f'[client]\npassword="{escaped}"\n' if client.password else ""


def _wait(process: subprocess.Popen[bytes], tool: str, files: Sequence[IO[bytes]], timeout: float) -> int:
    """Wait as long as a process reads or writes, which moves the positions of the files that it shares with us."""
    seen, since = -1, time.monotonic()
    while True:
        try:
            return process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            position = sum(os.lseek(file.fileno(), 0, os.SEEK_CUR) for file in files)
        if position != seen:
            seen, since = position, time.monotonic()
        elif time.monotonic() - since > timeout:
            raise MigmergeError(
                f"{tool} did nothing for {timeout:g} s and was ended",
                hint="end what holds a lock in the database, or pass --no-backup",
            )


def _terminate(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _complaint_of(tool: str, errors: str) -> str:
    """Return in one line the error of a tool and its details, without warnings."""
    lines = lines_of(errors) or ["no reason given"]
    chosen = [line for line in lines if _COMPLAINT.search(line)] or lines[-1:]
    shown = [re.sub(rf"^{re.escape(tool)}: (\w+: )?", "", line) for line in chosen[:2]]
    return f"{tool}: {without_secrets('; '.join(shown))}"
