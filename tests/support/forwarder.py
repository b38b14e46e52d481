"""A port of this machine that leads to another one, as `ssh -L`, a container's published port and a proxy do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import sqlalchemy as sa

_USUAL = {"postgresql": 5432, "mariadb": 3306, "mysql": 3306}


@contextmanager
def forwarded(url: str) -> Iterator[str]:
    """Yield the URL of the same database through a forward."""
    made = sa.make_url(url)
    server = (made.host or "", made.port or _USUAL[made.get_backend_name()])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = Thread(target=_serve, args=(listening, server), daemon=True)
        serving.start()
        yield made.set(port=listening.getsockname()[1]).render_as_string(hide_password=False)
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()


def _serve(listening: socket.socket, server: tuple[str, int]) -> None:
    with suppress(OSError):
        while True:
            Thread(target=_forward, args=(listening.accept()[0], server), daemon=True).start()


def _forward(here: socket.socket, server: tuple[str, int]) -> None:
    with here, socket.create_connection(server) as there:
        back = Thread(target=_copy, args=(there, here), daemon=True)
        back.start()
        _copy(here, there)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
