"""The addresses of databases: what a user trusts, and which of them may be more than a developer's own."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address, Database, Forward


def address(name: str = "shop", host: str = "", port: str = "", dialect: str = "postgresql") -> Address:
    return Address(f"{dialect}://{host}/{name}", dialect, name, host, port)


@pytest.mark.parametrize(
    ("found", "trusted", "forwarded"),
    [
        (address(), "localhost/shop", "localhost:5432/shop"),
        (address(host="db.lan", port="6000"), "db.lan/shop", "db.lan:6000/shop"),
        (address(host="db", dialect="mariadb"), "db/shop", "db:3306/shop"),
        (address(dialect="oracle"), "localhost/shop", "localhost:/shop"),
    ],
)
def test_what_a_user_trusts(found: Address, trusted: str, forwarded: str) -> None:
    assert (found.trusted_as, found.forwarded_as) == (trusted, forwarded)


@pytest.mark.parametrize(
    ("found", "is_loopback"),
    [
        (address(host="localhost"), True),
        (address(host="127.0.0.53"), True),
        (address(host="[::1]"), True),
        (address(host="/run/postgresql"), False),
        (address(), False),
        (address(dialect="mysql"), True),
        (address(dialect="mariadb"), True),
        (address(host="db", dialect="mysql"), False),
        (address(host="localhost.evil.org"), False),
    ],
)
def test_a_port_of_this_machine(found: Address, is_loopback: bool) -> None:
    assert found.is_loopback is is_loopback


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (address(), None),
        (address(host="127.0.0.1"), None),
        (address(host="/tmp"), None),
        (address(host="laptop"), None),
        (address(host="db.lan"), "db.lan is not this machine"),
        (address("shop_prod"), "its name says prod"),
        (address("Production-copy"), "its name says Production"),
        (address("products"), None),
        (address("alive"), None),
        (address(host="/run/live"), "its name says live"),
    ],
)
def test_a_database_that_may_be_more_than_a_developers_own(found: Address, why: str | None) -> None:
    assert found.why_to_be_trusted("laptop") == why


def test_where_a_forward_leads_to() -> None:
    assert str(Forward("db-1")) == "reached through a forward: the server there calls itself db-1"
    assert str(Forward("4f2", is_here=True)) == (
        "reached through a forward: the server there calls itself 4f2, a container of this machine"
    )


def test_a_database_is_named_apart_from_its_namesake() -> None:
    plain = Database(address(), "logs")
    assert plain.name == "shop"
    assert Database(address(), "logs", has_namesake=True).name == "shop.logs"
    assert Database(address(), "logs", tenant="acme", has_namesake=True).name == "shop.acme"
