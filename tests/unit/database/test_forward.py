"""Whether a port of this machine leads elsewhere: the server's view of a connection is compared with the socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.database import Address, Forward
from migmerge.core.errors import MigmergeError
from migmerge.database.forward import ServersView, forward_of, judged
from migmerge.database.guard import Guard, address_of
from tests.support.databases import database
from tests.support.forwarder import forwarded

ADDRESS = Address("postgresql://127.0.0.1:5433/shop", "postgresql", "shop", "127.0.0.1", "5433")
DRIVERS = {"postgresql": ("psycopg", "psycopg2"), "mariadb": ("pymysql",)}


@pytest.fixture(scope="module", params=DRIVERS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    with database(request.param, tmp_path_factory.mktemp("folder")) as made:
        yield sa.make_url(made)


def asked(url: sa.URL) -> Forward | None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return forward_of(connection, address_of(url))


def test_a_port_of_a_server_here_is_none(url: sa.URL) -> None:
    backend = url.get_backend_name()
    for driver in DRIVERS[backend]:
        assert asked(url.set(drivername=f"{backend}+{driver}")) is None


def test_what_leads_through_another_port_is_one(url: sa.URL) -> None:
    with forwarded(url.render_as_string(hide_password=False)) as other:
        found = asked(sa.make_url(other))
    assert found and not found.is_here
    assert found.server.endswith(f":{url.port}")


def test_a_file_is_none(tmp_path: Path) -> None:
    assert asked(sa.make_url(f"sqlite:///{tmp_path / 'test.db'}")) is None


@pytest.mark.parametrize(
    ("view", "own", "server"),
    [
        (("127.0.0.1", "40000", "127.0.0.1", "5433"), "40000", None),
        (("127.0.0.1", "40001", "127.0.0.1", "5433"), "40000", "127.0.0.1:5433"),
        (("10.0.0.1", "40001", "10.0.0.5", "5432"), "40000", "10.0.0.5:5432"),
        (("", "", "", ""), "40000", "a Unix socket"),
        (("127.0.0.1", "40001", "127.0.0.1", "5433"), None, None),
        (("127.0.0.1", "40001", "127.0.0.1", "5432"), None, "127.0.0.1:5432"),
    ],
)
def test_the_port_of_our_end_decides_and_the_dialled_one_where_it_is_hidden(
    view: tuple[str, str, str, str], own: str | None, server: str | None
) -> None:
    assert judged(ServersView(*view), own, ADDRESS, ()) == (Forward(server) if server else None)


def test_a_container_of_this_machine_is_reached_from_a_bridge_of_its_own() -> None:
    view = ServersView("172.17.0.1", "40001", "172.17.0.2", "5432")
    assert judged(view, "40000", ADDRESS, ["172.17.0.1"]) == Forward("172.17.0.2:5432", is_here=True)


@pytest.mark.parametrize(
    ("trusted", "forward", "is_allowed"),
    [
        ((), Forward("10.0.0.5:5432"), False),
        (("127.0.0.1:5433/other",), Forward("10.0.0.5:5432"), False),
        (("127.0.0.1:5433/shop",), Forward("10.0.0.5:5432"), True),
        (("127.0.0.1/shop",), Forward("10.0.0.5:5432"), True),
        ((), Forward("172.17.0.2:5432", is_here=True), True),
        ((), None, True),
    ],
)
def test_only_one_that_may_lead_to_another_machine_has_to_be_trusted(
    trusted: tuple[str, ...], forward: Forward | None, is_allowed: bool
) -> None:
    guard = Guard(trusted)
    guard.note_forward(ADDRESS, forward)
    if is_allowed:
        guard.allow_changes()
        return
    with pytest.raises(MigmergeError) as raised:
        guard.allow_changes()
    assert str(raised.value) == (
        "shop is reached through a forward: the server there calls itself 10.0.0.5:5432; it may be on another machine, "
        "and is changed only where it is trusted; --trust 127.0.0.1:5433/shop trusts it once"
    )
    assert raised.value.hint == "git config --add migmerge.trusted-databases 127.0.0.1:5433/shop"
