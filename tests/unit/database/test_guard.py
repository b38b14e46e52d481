"""Where a database is, from a URL and from the parameters of a connection: both say the same."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from migmerge.core.database.database import Address
from migmerge.database.guard import Guard, address_of

SOCKET = "/var/run/postgresql"


@pytest.mark.parametrize(
    ("url", "host", "shown"),
    [
        ("postgresql+psycopg:///shop", "", "postgresql+psycopg:///shop"),
        ("postgresql+psycopg://ann:pw@/shop", "", "postgresql+psycopg://ann@/shop"),
        (f"postgresql+psycopg:///shop?host={SOCKET}", SOCKET, f"postgresql+psycopg:///shop?host={SOCKET}"),
        (f"postgresql+psycopg:///shop?host={SOCKET}&password=pw", SOCKET, f"postgresql+psycopg:///shop?host={SOCKET}"),
        (f"postgresql+psycopg2://ann@/shop?host={SOCKET}", SOCKET, f"postgresql+psycopg2://ann@/shop?host={SOCKET}"),
        ("postgresql+psycopg://127.0.0.1:5433/shop", "127.0.0.1", "postgresql+psycopg://127.0.0.1:5433/shop"),
        ("mysql+pymysql://ann@localhost/shop?unix_socket=/s", "/s", "mysql+pymysql://ann@localhost/shop?unix_socket=/s"),
        ("mysql+pymysql://ann@db.invalid/shop?unix_socket=/s", "/s", "mysql+pymysql://ann@db.invalid/shop?unix_socket=/s"),
    ],
)
def test_a_socket_is_named_and_on_this_machine(url: str, host: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGPORT"):
        monkeypatch.delenv(name, raising=False)
    address = address_of(make_url(url))
    assert (address.host, address.name, address.url) == (host, "shop", shown)
    assert address.why_to_be_trusted("here") is None
    assert dialled(url).trusted_as == address.trusted_as


@pytest.mark.parametrize("url", ["postgresql+psycopg:///shop?host=db.invalid", "postgresql+psycopg://db.invalid/shop"])
def test_a_host_in_the_query_is_trusted_once(url: str) -> None:
    assert address_of(make_url(url)).trusted_as == dialled(url, "db.invalid/shop").trusted_as == "db.invalid/shop"


def dialled(url: str, *trusted: str) -> Address:
    """Return the address that the guard sees in the parameters of a connection."""
    dialect = make_url(url).get_dialect()()
    arguments, named = dialect.create_connect_args(make_url(url))
    guard = Guard(trusted)
    guard.before_connect(dialect, None, list(arguments), dict(named))
    assert guard.last
    return guard.last
