"""Which version of a script a database has run, told from its schema."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Database, Schema, Table
from migmerge.core.database.script_set import ScriptVersion
from migmerge.core.database.script_versions import (
    ChosenVersion,
    RanAfter,
    distinct,
    edited_texts,
    former_parents,
    lacks_of,
    ran_in_an_older_version,
    version_that_ran,
)
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.revision import Identifiers, Revision
from tests.support.histories import database
from tests.support.project import script_text

MAKES = {name: f"op.create_table('{name}', sa.Column('id', sa.Integer))" for name in "tuv"}


def version(upgrade: str, *parents: str, commit: str = "", depends_on: tuple[str, ...] = (), message: str = "") -> ScriptVersion:
    table = upgrade.partition("'")[2].partition("'")[0]
    downgrade = f"op.drop_table('{table}')" if upgrade.startswith("op.create") else "pass"
    text = script_text("x", parents or None, message=message, depends_on=depends_on, upgrade=upgrade, downgrade=downgrade)
    return ScriptVersion(Revision(Identifiers("x", parents, (), depends_on, message), "versions/x.py"), text.encode(), commit)


def having(tables: str, *recorded: str) -> Database:
    return database(recorded or ("x",), Schema({name: Table(frozenset(["id"])) for name in tables}))


T, U = (version(MAKES[name], "a") for name in "tu")


def test_versions_that_do_the_same_on_the_same_parents_are_one() -> None:
    reworded, moved, needy = (
        version(MAKES["t"], "a", message="later"),
        version(MAKES["t"], "b"),
        version(MAKES["t"], "a", depends_on=("b",)),
    )
    assert distinct([T, T._replace(commit="c"), reworded, U, moved, needy, version(MAKES["t"], "b", "a")]) == (T, U, moved, needy)


@pytest.mark.parametrize(
    ("tables", "recorded", "chosen"),
    [
        pytest.param("t", "x", ChosenVersion(T), id="the first"),
        pytest.param("u", "x", ChosenVersion(U), id="the second"),
        pytest.param("tu", "x", ChosenVersion(T, (U,)), id="both fit"),
        pytest.param("", "x", ChosenVersion(T, (U,)), id="neither fits"),
        pytest.param("u", "y", ChosenVersion(T, (U,)), id="of a database that records something else"),
    ],
)
def test_the_version_of_which_the_least_is_lacking_ran(tables: str, recorded: str, chosen: ChosenVersion) -> None:
    assert version_that_ran([T, U], [having(tables, recorded)], {}) == chosen


def test_what_only_one_version_is_built_on_tells_them_apart() -> None:
    on_b, on_c = version("pass", "a", "b"), version("pass", "a", "c")
    operations = {name: read_operations(version(MAKES[table]).text) for name, table in (("b", "t"), ("c", "u"))}
    assert version_that_ran([on_b, on_c], [having("u")], operations) == ChosenVersion(on_c)
    assert version_that_ran([on_b, on_c], [having("u")], {}) == ChosenVersion(on_b, (on_c,))


def test_it_does_not_matter_which_version_ran_where_both_are_taken_back_alike() -> None:
    alike = version("pass", "a"), version("x = 1", "a")
    assert version_that_ran(alike, [having("t")], {}) == ChosenVersion(alike[0])


@pytest.mark.parametrize(("tables", "lacks"), [("t", False), ("u", True), ("", False)], ids=["there", "missing", "no tables"])
def test_a_database_lacks_what_a_version_makes(tables: str, lacks: bool) -> None:
    assert lacks_of(T, having(tables)) is lacks


def after(tables: str, **later: str) -> RanAfter:
    return RanAfter(having(tables), {name: read_operations(version(body).text) for name, body in later.items()})


@pytest.mark.parametrize(
    ("databases", "ran"),
    [
        pytest.param([after("t")], None, id="the current one"),
        pytest.param([after("u")], U, id="the older one"),
        pytest.param([after("v")], None, id="neither"),
        pytest.param([after("v", y="op.rename_table('t', 'v')")], None, id="what was made has another name since"),
        pytest.param([after("")], None, id="a database without tables"),
        pytest.param([after("u"), after("")], U, id="a database without tables beside one"),
        pytest.param([after("u"), after("t")], None, id="two databases that differ"),
    ],
)
def test_an_older_version_ran_where_nothing_of_it_is_lacking(databases: list[RanAfter], ran: ScriptVersion | None) -> None:
    assert ran_in_an_older_version(T, [version(MAKES["t"], "b"), U], databases) == ran


def test_edits_of_an_upgrade_are_told_from_others() -> None:
    elsewhere = version(MAKES["t"], "b")
    assert edited_texts(T, [T, elsewhere, U, U._replace(commit="c")]) == (U.text,)


def test_former_parents_are_those_of_versions_that_do_the_same() -> None:
    versions = [version(MAKES["t"], "b"), version(MAKES["t"], "b", commit="c"), version(MAKES["u"], "c"), T]
    assert former_parents(T, [*versions, version(MAKES["t"], depends_on=("a",)), version(MAKES["t"], depends_on=("d",))]) == (
        ("b",),
        ("d",),
    )
