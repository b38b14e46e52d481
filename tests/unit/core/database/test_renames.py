"""The facts that have other keys once a table or a column has another name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from migmerge.core.database.renames import RenamedFact, renamed_facts
from migmerge.core.database.schema_catalog import CatalogKey, changes_between

USERS, PEOPLE = CatalogKey("table", "users"), CatalogKey("table", "people")
MAIL, EMAIL = CatalogKey("column", "users", "mail"), CatalogKey("column", "users", "email")
CHECK, CHECKED = CatalogKey("check constraint", "users", "mail > id"), CatalogKey("check constraint", "users", "email > id")


def column(table: str, name: str) -> CatalogKey:
    return CatalogKey("column", table, name)


def foreign(owner: str, name: str) -> CatalogKey:
    return CatalogKey("foreign key", owner, name)


Facts = Mapping[CatalogKey, str]
ID = column("users", "id")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            {USERS: "", ID: "", ID._replace(aspect="type"): "INT"},
            {PEOPLE: "", column("people", "id"): "", column("people", "id")._replace(aspect="type"): "INT"},
            {
                PEOPLE: RenamedFact(USERS, PEOPLE),
                column("people", "id"): RenamedFact(ID, PEOPLE),
                column("people", "id")._replace(aspect="type"): RenamedFact(ID._replace(aspect="type"), PEOPLE),
            },
            id="a table",
        ),
        pytest.param(
            {USERS: "", MAIL: "", ID: "", ID._replace(aspect="type"): "INT", CHECK: ""},
            {USERS: "", EMAIL: "", ID: "", ID._replace(aspect="type"): "INT", CHECKED: ""},
            {EMAIL: RenamedFact(MAIL, EMAIL), CHECKED: RenamedFact(CHECK, EMAIL)},
            id="a column, with a check over it",
        ),
        pytest.param(
            {USERS: "", ID: "", foreign("users", "(boss) -> users(id)"): "", foreign("orders", "(by) -> users(id)"): ""},
            {
                PEOPLE: "",
                column("people", "id"): "",
                foreign("people", "(boss) -> people(id)"): "",
                foreign("orders", "(by) -> people(id)"): "",
            },
            {
                PEOPLE: RenamedFact(USERS, PEOPLE),
                column("people", "id"): RenamedFact(ID, PEOPLE),
                foreign("people", "(boss) -> people(id)"): RenamedFact(foreign("users", "(boss) -> users(id)"), PEOPLE),
                foreign("orders", "(by) -> people(id)"): RenamedFact(foreign("orders", "(by) -> users(id)"), PEOPLE),
            },
            id="a table that keys refer to",
        ),
        pytest.param(
            {USERS: "", MAIL: "", foreign("orders", "(by) -> users(mail)"): "", foreign("orders", "(x) -> mail(mail)"): ""},
            {USERS: "", EMAIL: "", foreign("orders", "(by) -> users(email)"): "", foreign("orders", "(x) -> mail(email)"): ""},
            {
                EMAIL: RenamedFact(MAIL, EMAIL),
                foreign("orders", "(by) -> users(email)"): RenamedFact(foreign("orders", "(by) -> users(mail)"), EMAIL),
            },
            id="a column that keys refer to",
        ),
        pytest.param(
            {USERS: "", MAIL: "", column("users", "name"): ""},
            {USERS: "", EMAIL: "", column("users", "title"): ""},
            {},
            id="two alike",
        ),
        pytest.param({USERS: "", MAIL: ""}, {USERS: ""}, {}, id="a removal"),
    ],
)
def test_what_alone_can_be_what_is_gone_is_the_same(before: Facts, after: Facts, expected: dict[CatalogKey, RenamedFact]) -> None:
    assert renamed_facts(before, changes_between(before, after)) == expected
