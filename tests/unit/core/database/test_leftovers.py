"""What earlier runs left in a database, of which the next one dies."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Schema, Table
from migmerge.core.database.leftovers import Leftover, enums_made_by, left_by_downgrade, leftovers_in
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import ObjectKind, Operations
from tests.support.project import script_text

MAKES = "op.create_table('t', sa.Column('mood', sa.Enum('sad', name='mood')))"
ALONE = "sa.Enum('sad', name='mood').create(op.get_bind())"
SOMETIMES = f"if x():\n        {MAKES}"
LOOKS = "sa.Enum('sad', name='mood').create(op.get_bind(), checkfirst=True)"
DROPS = "sa.Enum(name='mood').drop(op.get_bind())"
MOOD = Leftover(ObjectKind.ENUM, "mood", "b")


def does(body: str) -> Operations:
    return read_operations(script_text("r", upgrade=body).encode(), dialect="postgresql")


def scripts(**bodies: str) -> ScriptSet:
    return ScriptSet(RevisionGraph([]), operations={name: does(body) for name, body in bodies.items()})


@pytest.mark.parametrize(
    ("applied", "pending", "unused", "found"),
    [
        pytest.param("pass", MAKES, ["mood"], (MOOD,), id="the next revision makes it"),
        pytest.param("pass", MAKES, ["other"], (), id="it is not there"),
        pytest.param(MAKES, MAKES, ["mood"], (), id="one that ran made it"),
        pytest.param("pass", SOMETIMES, ["mood"], (), id="the next revision perhaps makes it"),
        pytest.param("pass", LOOKS, ["mood"], (), id="the next revision makes it unless it is there"),
        pytest.param(LOOKS, MAKES, ["mood"], (), id="one that ran made it unless it was there"),
        pytest.param("pass", "pass", ["mood"], (), id="nothing makes it"),
    ],
)
def test_an_enum_type_without_a_column_is_left(
    applied: str, pending: str, unused: list[str], found: tuple[Leftover, ...]
) -> None:
    schema = Schema(unused_enums=frozenset(unused))
    assert leftovers_in(schema, ["b", "unknown"], ["a", "other"], scripts(a=applied, b=pending)) == found


def test_a_type_that_two_revisions_make_is_told_once() -> None:
    found = leftovers_in(Schema(unused_enums=frozenset(["mood"])), ["b", "c"], [], scripts(b=MAKES, c=MAKES))
    assert found == (Leftover(ObjectKind.ENUM, "mood", "c"),)
    assert str(found[0]) == "the type mood"


def test_a_temporary_table_of_a_batch_is_left() -> None:
    tables = dict.fromkeys(("users", "_alembic_tmp_users", "other._alembic_tmp_users", "my_alembic_tmp_x"), Table())
    found = leftovers_in(Schema(tables), [], [], scripts())
    assert found == (
        Leftover(ObjectKind.TABLE, "_alembic_tmp_users"),
        Leftover(ObjectKind.TABLE, "other._alembic_tmp_users", instead="other.users"),
    )
    assert [*map(str, found)] == ["the table _alembic_tmp_users", "the table other._alembic_tmp_users"]


@pytest.mark.parametrize(
    ("downgrade", "kept", "found"),
    [
        pytest.param("op.drop_table('t')", (), [MOOD], id="the table goes alone"),
        pytest.param(DROPS, (), [], id="the type goes too"),
        pytest.param("op.drop_table('t')", ("mood",), [], id="another revision makes it"),
        pytest.param("unknown.call(op)", (), [], id="what cannot be read"),
    ],
)
def test_a_downgrade_leaves_the_type_that_its_upgrade_made(downgrade: str, kept: tuple[str, ...], found: list[Leftover]) -> None:
    assert [*left_by_downgrade("b", does(MAKES), does(downgrade), kept)] == found


def test_the_types_that_revisions_make() -> None:
    known = scripts(a=MAKES, b=ALONE, c="sa.Enum('x', name='size').create(op.get_bind())")
    assert enums_made_by(("a", "b", "c", "unknown"), known) == {"mood", "size"}
