"""Which databases a name selects, and what is said of a name that selects none."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address
from migmerge.core.database.selection import Selection, require_known
from migmerge.core.errors import MigmergeError

MAIN = (Address("sqlite:////w/shop.db", "sqlite", "shop.db"), "")
AUDIT = (Address("postgresql://localhost/audit_v1.2", "postgresql", "audit_v1.2", "localhost"), "logs")
FOUND = (MAIN, AUDIT)


@pytest.mark.parametrize(
    ("names", "selected"),
    [
        ((), [MAIN, AUDIT]),
        (("shop.db",), [MAIN]),
        (("shop",), [MAIN]),
        (("logs",), [AUDIT]),
        (("audit_v1.2",), [AUDIT]),
        (("audit_v1",), []),
        (("shop.db", "logs"), [MAIN, AUDIT]),
        (("Shop.db",), []),
        (("",), []),
    ],
)
def test_a_database_is_selected_by_its_name_its_bind_or_its_file(names: tuple[str, ...], selected: list[object]) -> None:
    assert [each for each in FOUND if Selection(names).has(*each)] == selected


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("shpo.db", "no database is called shpo.db; the nearest is shop.db (of shop.db, audit_v1.2, logs)", "shop.db"),
        ("log", "no database is called log; the nearest is logs (of shop.db, audit_v1.2, logs)", "logs"),
    ],
)
def test_a_name_that_fits_none_is_an_error_with_the_nearest(name: str, message: str, hint: str) -> None:
    with pytest.raises(MigmergeError) as caught:
        require_known(Selection(("logs", name), command="migmerge sync"), FOUND)
    assert str(caught.value) == message
    assert caught.value.hint == f"migmerge sync --database {hint}"


def test_names_that_fit_are_content() -> None:
    require_known(Selection(("logs", "shop")), FOUND)
    require_known(Selection(), ())


def test_where_nothing_was_found_doctor_says_why() -> None:
    with pytest.raises(MigmergeError, match="no database is called x: none was found") as caught:
        require_known(Selection(("x",)), ())
    assert caught.value.hint == "migmerge doctor"


def test_what_is_trusted_has_its_host_in_front() -> None:
    assert [address.trusted_as for address, _ in FOUND] == ["localhost/shop.db", "localhost/audit_v1.2"]
    assert Selection(trusted=("a/b",)).trusting(("c/d", "a/b")).trusted == ("a/b", "c/d")


def test_a_selection_trusts_each_database_once_and_widens_to_all() -> None:
    selection = Selection(("shop",), ("db/a",)).trusting(["db/b", "db/a"])
    assert selection.trusted == ("db/a", "db/b")
    assert selection.of_all == Selection((), ("db/a", "db/b"))
