"""Scripts that ran under an id that the checkout gives to another script, where the schema does not tell it."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Schema, Table
from migmerge.core.database.renumbered import Renumbered, alike_elsewhere, renumbered_script
from migmerge.core.database.script_set import ScriptVersion
from migmerge.core.database.script_versions import RanAfter
from migmerge.core.revision import Identifiers, Revision
from tests.support.histories import database
from tests.support.project import script_text


def version(name: str, upgrade: str, commit: str = "") -> ScriptVersion:
    text = script_text(name, "a", upgrade=upgrade).encode()
    return ScriptVersion(Revision(Identifiers(name, ("a",)), f"versions/{name}.py"), text, commit)


MINE, MORE, THEIRS = (f"op.execute('UPDATE t SET n = n {change}')" for change in ("+ 10", "+ 20", "* 2"))
TABLE = "op.create_table('u', sa.Column('id', sa.Integer))"
C, D, E, IDLE = version("c", THEIRS), version("d", MINE), version("e", MORE), version("e", "pass")


@pytest.mark.parametrize(
    ("applied", "here", "versions", "found"),
    [
        pytest.param("c", [C, D], [version("c", MINE)], "c", id="another id, which has not run"),
        pytest.param("cd", [C, D], [version("c", MINE)], "", id="another id, which has run"),
        pytest.param("cd", [C, D, E], [version("c", MINE), version("d", MORE)], "cd", id="a row of them"),
        pytest.param("c", [C, E], [version("c", MINE)], "", id="nothing is like it"),
        pytest.param("c", [C, IDLE], [version("c", "pass")], "", id="it does nothing"),
        pytest.param("c", [C, D], [version("c", THEIRS)], "", id="the same as now"),
        pytest.param("", [C, D], [version("c", MINE)], "", id="the id has not run"),
    ],
)
def test_versions_that_have_another_id_here(
    applied: str, here: list[ScriptVersion], versions: list[ScriptVersion], found: str
) -> None:
    by_id = {each.revision.revision: (each,) for each in versions}
    texts = {each.revision.revision: each.text for each in here}
    assert alike_elsewhere(applied, texts, by_id) == {name: by_id[name] for name in found}


def after(*tables: str) -> RanAfter:
    return RanAfter(database(("c",), Schema({name: Table(frozenset(["id"])) for name in ("t", *tables)})), {})


RAN = version("c", MINE, "f00")
MAKER = version("c", TABLE)


@pytest.mark.parametrize(
    ("current", "alike", "where", "known", "found"),
    [
        pytest.param(C, RAN, after(), RAN.text, Renumbered(RAN, is_sure=True), id="it is known to have run"),
        pytest.param(C, RAN, after(), C.text, None, id="the one here is known to have run"),
        pytest.param(C, RAN, after(), E.text, None, id="a third one is known to have run"),
        pytest.param(C, RAN, after(), None, Renumbered(RAN, is_sure=False), id="nothing decides"),
        pytest.param(C, MAKER, after(), None, None, id="the schema lacks what it makes"),
        pytest.param(C, MAKER, after(), MAKER.text, None, id="the schema lacks what is known to have run"),
        pytest.param(C, MAKER, after("u"), None, Renumbered(MAKER, is_sure=False), id="what it makes may be something else's"),
        pytest.param(MAKER, RAN, after("u"), None, None, id="the schema has what the one here makes"),
        pytest.param(MAKER, RAN, after("u"), RAN.text, Renumbered(RAN, is_sure=True), id="what is known stands above the schema"),
    ],
)
def test_what_ran_under_an_id(
    current: ScriptVersion, alike: ScriptVersion, where: RanAfter, known: bytes | None, found: Renumbered | None
) -> None:
    assert renumbered_script(current, [alike], where, known) == found


def test_of_a_database_without_tables_nothing_is_said() -> None:
    assert renumbered_script(C, [RAN], RanAfter(database(("c",)), {}), None) is None
