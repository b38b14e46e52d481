"""Whether a connection to this machine ends at a server here, or is forwarded: by ssh, Docker, Kubernetes or a proxy."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core.database.database import Address, Forward

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .project import Project

_POSTGRESQL = "SELECT host(inet_client_addr()), inet_client_port(), host(inet_server_addr()), inet_server_port()"
_MYSQL = (
    "SELECT substring_index(host, ':', 1), substring_index(host, ':', -1), @@hostname, @@port "
    "FROM information_schema.processlist WHERE id = connection_id()"
)
_QUERIES = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}
_NETWORKS = "/sys/class/net"
_GET_ADDRESS = 0x8915  # SIOCGIFADDR of Linux


class ServersView(NamedTuple):
    """Hold both ends of a connection as the server has them; empty for a Unix socket."""

    client: str
    client_port: str
    server: str
    server_port: str


def forward_of(connection: Connection, address: Address) -> Forward | None:
    """Return where a connection to a port of this machine leads to, None where it ends here.

    The server's view of the other end is compared with the socket: a forward has a connection of its own, with another port.
    """
    query = _QUERIES.get(address.dialect)
    if query is None or not address.is_loopback:
        return None
    try:
        own = _own_port(connection)
    except (OSError, AttributeError):
        own = None
    if own == "":
        return None
    row = connection.exec_driver_sql(query).fetchone()
    view = ServersView(*("" if each is None else str(each) for each in row or ("",) * 4))
    return judged(view, own, address, _own_bridges())


def judged(view: ServersView, own: str | None, address: Address, bridges: Iterable[str]) -> Forward | None:
    """Compare the server's view with the port of our end, or with the dialled port where the driver hides its socket."""
    is_direct = view.client_port == own if own else view.server_port == address.known_port
    if is_direct:
        return None
    server = f"{view.server}:{view.server_port}" if view.server else "a Unix socket"
    return Forward(server, is_here=view.client in bridges)


def _own_port(connection: Connection) -> str | None:
    """Return the port of our end of a connection; empty for a Unix socket, None where the driver does not show it."""
    file = _descriptor(connection.connection.driver_connection)
    if file is None:
        return None
    with socket.socket(fileno=os.dup(file)) as own:
        return str(own.getsockname()[1]) if own.family in (socket.AF_INET, socket.AF_INET6) else ""


def _descriptor(driver: Any) -> int | None:
    """Return the socket of a driver's connection: psycopg, psycopg2, PyMySQL, pg8000, asyncpg, aiomysql."""
    if hasattr(driver, "fileno"):
        return int(driver.fileno())
    for name in ("_sock", "_usock"):
        if inner := getattr(driver, name, None):
            return int(inner.fileno())
    for name in ("_transport", "_writer"):
        if inner := getattr(driver, name, None):
            return int(inner.get_extra_info("socket").fileno())
    return None


def _own_bridges() -> Iterator[str]:
    """Yield the addresses of this machine in networks of its own containers, from which Docker's proxy connects (Linux)."""
    with suppress(OSError, ImportError):
        from fcntl import ioctl

        for name in os.listdir(_NETWORKS):
            members = os.path.join(_NETWORKS, name, "brif")
            if not os.path.isdir(members) or _reaches_out(members):
                continue
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket, suppress(OSError):
                answer = ioctl(any_socket.fileno(), _GET_ADDRESS, name.encode()[:15].ljust(256, b"\0"))
                yield socket.inet_ntoa(answer[20:24])


def _reaches_out(members: str) -> bool:
    """Say whether a bridge has a network card among its members, behind which other machines are."""
    return any(os.path.exists(os.path.join(_NETWORKS, each, "device")) for each in os.listdir(members))


def doubtful_forwards(project: Project) -> tuple[tuple[Address, Forward], ...]:
    """Return the inspected databases behind forwards that the user has not trusted."""
    return project.guard.doubtful


def trust(project: Project, names: Sequence[str]) -> None:
    """Trust databases until the end of the session."""
    project.guard.trusted = (*project.guard.trusted, *names)
