"""Which environment variables the project asks for in vain, recorded in the process that runs its code."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable

from ..core.database.database import Address
from ..core.database.obstacle import MissingVariables, ServerName

_ABOUT_URL = (
    "Expected string or URL object",
    "Could not parse SQLAlchemy URL",
    "Could not parse rfc1738 URL",
    "SQLALCHEMY_DATABASE_URI",
    "sqlalchemy.dialects:driver",
    "Invalid SQLite URL",
    "'NoneType' object has no attribute",
    "option values must be strings",
    "sqlalchemy.url",
    "'url'",
)
"""What SQLAlchemy, Flask-SQLAlchemy and Alembic say of a URL that is None, empty, or the one that `alembic init` writes."""
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,60}")
_MOST_WORDS = 300
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}


class AskedVariables:
    """Record the names of the variables that are asked for and are not set, or are empty."""

    def __init__(self) -> None:
        self.missed: dict[str, None] = {}

    def watch(self) -> None:
        """Look on whenever this process reads one variable; what it reads stays the same."""
        kind = type(os.environ)
        read = kind.__getitem__

        def recorded(variables: os._Environ[str], name: str) -> str:
            try:
                value = read(variables, name)
            except KeyError:
                self.missed[name] = None
                raise
            if not value:
                self.missed[name] = None
            return value

        kind.__getitem__ = recorded  # type: ignore[method-assign]

    @property
    def missing_host(self) -> MissingVariables:
        """Return the variables that may be missing where a URL is put together from parts, those of hosts first."""
        return MissingVariables(None, tuple(sorted(self.missed, key=lambda name: "HOST" not in name)))

    def missing_of(self, error: BaseException) -> MissingVariables:
        """Return the variables that may explain an error of the project."""
        text = str(getattr(error, "orig", None) or error)
        if isinstance(error, KeyError) and error.args and _is_of_environ(error):
            return MissingVariables(str(error.args[0]))
        words = frozenset(each.upper() for each in _WORDS.findall(text)[:_MOST_WORDS])
        if any(each in text for each in _ABOUT_URL):
            return MissingVariables(None, tuple(self.missed), words)
        return MissingVariables(None, tuple(name for name in self.missed if name.upper() in words), words)


def _is_of_environ(error: BaseException) -> bool:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return any(each.name in ("recorded", "__getitem__") and each.filename.endswith(("os.py", "os>", _FILE)) for each in last)


_FILE = os.path.basename(__file__)


def server_name(address: Address) -> ServerName:
    """Return a server's name, and the variables that have it; never what else is in them."""
    host, port = address.host, int(address.port) if address.port.isdigit() else _PORTS.get(address.dialect, 0)
    in_url = re.compile(rf"(?:@|//){re.escape(host)}(?=[:/?]|\Z)")
    urls = _named(name for name, value in os.environ.items() if in_url.search(value))
    hosts = _named(name for name, value in os.environ.items() if value == host and re.search("HOST|SERVER|ADDR", name))
    return ServerName(host, port, address.trusted_as, urls, hosts, frozenset(os.environ))


def _named(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, those that speak of a database first."""
    return tuple(sorted(names, key=lambda name: (not re.search(r"DATABASE|SQL|DB|POSTGRES|MYSQL", name), name)))
