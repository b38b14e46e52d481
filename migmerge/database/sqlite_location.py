"""Where SQLite's databases are: the file that a URL, a URI or a connection leads to, or the memory."""

from __future__ import annotations

import os
import shlex
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from ..core.errors import MigmergeError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


MEMORY = ":memory:"
_MISSING = "migmerge: the missing file"
"""The key of a connection to an empty database in memory that the guard made in place of a missing file."""


def file_in(name: str, *, is_uri: bool) -> str:
    """Return the file that SQLite opens for a name, relative to the current folder; empty where it opens none.

    A URI is read as `sqlite.org/uri.html` says; what is in memory, and the temporary database of an empty path, has no file.
    """
    if not is_uri or not name.startswith("file:"):
        return "" if name == MEMORY else name
    path, _, query = name.removeprefix("file:").partition("#")[0].partition("?")
    if path.startswith("//"):  # an authority, of which SQLite accepts none but localhost
        path = "/" + path[2:].partition("/")[2]
    options = parse_qs(query)
    path = unquote(path)
    return "" if path == MEMORY or "memory" in options.get("mode", ()) or "memdb" in options.get("vfs", ()) else path


def file_of_url(url: URL) -> str:
    """Return the absolute path of the file that SQLAlchemy opens for a URL of SQLite; empty where it opens none."""
    arguments, named = url.get_dialect()().create_connect_args(url)
    name = str(arguments[0]) if arguments else url.database or MEMORY
    file = file_in(name, is_uri=bool(named.get("uri")))
    return os.path.abspath(file) if file else ""


def require_folder(file: str) -> None:
    """Raise MigmergeError for a file that SQLite cannot make, as its folder is missing: it is no empty database."""
    folder = os.path.dirname(os.path.abspath(file))
    if not os.path.isdir(folder):
        message = f"unable to open database file: {os.path.basename(file)} is to be in {folder}, which is not there"
        raise MigmergeError(message, hint=f"mkdir -p {shlex.quote(folder)}")


def note_missing_file(info: MutableMapping[Any, Any], file: str) -> None:
    """Keep with a connection the file in whose place the guard put an empty database."""
    info[_MISSING] = os.path.abspath(file)


def located(connection: Connection) -> URL:
    """Return the URL of a connection; for SQLite with the absolute path of the file that it has open, and no options.

    Only the connection knows the file behind a `creator`, or behind a path that the application resolves.
    """
    url = connection.engine.url
    if url.get_backend_name() != "sqlite":
        return url
    file = connection.info.get(_MISSING) or _open_file(connection)
    written = file_of_url(url)
    if written and file and os.path.realpath(written) == os.path.realpath(file):
        file = written  # the name that the user gave it, where that is a link
    return url.set(database=file or MEMORY)._replace(query=type(url.query)({}))


def _open_file(connection: Connection) -> str:
    """Ask SQLite, outside of SQLAlchemy, which would begin a transaction."""
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute("PRAGMA database_list")
        found = next((str(file or "") for _, schema, file in cursor.fetchall() if schema == "main"), "")
    finally:
        cursor.close()
    return found if os.path.exists(found) else ""
