"""What revisions should have left in a database, what is not there, and that nobody is blamed for what is."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import Operations as AlembicOperations
from alembic.runtime.migration import MigrationContext
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migmerge.core.database.database import Schema, Table
from migmerge.core.database.effects import (
    Effect,
    PartialEffects,
    effects_of,
    skipped_effects,
    unexplained,
    unrecorded_effects,
)
from migmerge.core.database.script_set import ScriptSet
from migmerge.core.database.stamp_guess import StampGuess, guess_revision
from migmerge.core.graph import RevisionGraph
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import Action, ObjectKind, Operations
from migmerge.core.operations.possible_drops import raw_sql_effects
from migmerge.core.revision import Identifiers, Revision
from tests.support.databases import DIALECTS, database

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
HEAD = "from alembic import op, context\nimport sqlalchemy as sa\n\n"
Chain = dict[str, bytes]


def script(body: str, above: str = "") -> bytes:
    """Return a script whose `downgrade()` names what a careless reader would take for something done."""
    upgrade = textwrap.indent(textwrap.dedent(body).strip() or "pass", "    ")
    return f"{HEAD}{textwrap.dedent(above)}\n\ndef upgrade():\n{upgrade}\n\n\ndef downgrade():\n    op.drop_table('t')\n".encode()


def chain(*bodies: str) -> Chain:
    """Return scripts by revision id, r1 first."""
    return {f"r{number}": script(body) for number, body in enumerate(bodies, 1)}


def read(texts: Chain) -> dict[str, Operations]:
    return {name: read_operations(text) for name, text in texts.items()}


def schema(**tables: str) -> Schema:
    """Return a schema from the columns of its tables and, behind a bar, their indexes."""
    parts = {name.replace("__", "."): columns.partition("|") for name, columns in tables.items()}
    return Schema({name: Table(frozenset(cols.split()), frozenset(idx.split())) for name, (cols, _, idx) in parts.items()})


def left(*bodies: str) -> list[str]:
    """Return what scripts leave behind, with the revision that made it."""
    texts = chain(*bodies)
    return [f"{each.revision}: {each}" for each in effects_of(list(texts), read(texts))]


def blamed(there: Schema, *bodies: str, bind: str = "") -> list[str]:
    """Return what is missing, then what is there of the same revisions."""
    texts = chain(*bodies)
    return list(told(skipped_effects(list(texts), read(texts), texts, there, bind)))


def told(traces: Iterable[PartialEffects]) -> Iterator[str]:
    for trace in traces:
        yield from (f"{trace.revision} lacks {each}" for each in trace.missing)
        yield from (f"{trace.revision} left {each}" for each in trace.present)


TABLE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('a', sa.Integer))"
INDEX = "op.create_index(op.f('ix_t_a'), 't', ['a'])"
HAS_T = ["r1: the table t", "r1: the column t.id", "r1: the column t.a"]

LEFT = [
    pytest.param([TABLE], HAS_T, id="a table and its columns"),
    pytest.param([TABLE, "op.add_column('t', sa.Column('b', sa.Text))"], [*HAS_T, "r2: the column t.b"], id="a column"),
    pytest.param([TABLE, INDEX], [*HAS_T, "r2: the index ix_t_a on t"], id="an index"),
    pytest.param(
        [TABLE, "op.create_unique_constraint('uq', 't', ['a'])"], [*HAS_T, "r2: the index uq on t"], id="a unique constraint"
    ),
    pytest.param([TABLE, "op.create_unique_constraint(None, 't', ['a'])"], HAS_T, id="a constraint that a convention names"),
    pytest.param([TABLE, "op.create_primary_key('pk', 't', ['id'])"], HAS_T, id="a primary key is no index of the catalogue"),
    pytest.param([TABLE, "op.create_foreign_key('fk', 't', 'u', ['a'], ['id'])"], HAS_T, id="nor is a foreign key"),
    pytest.param([TABLE, "op.create_check_constraint('ck', 't', 'a > 0')"], HAS_T, id="nor a check"),
    pytest.param(
        [TABLE.replace("))", "), sa.UniqueConstraint('a', name='uq'), sa.PrimaryKeyConstraint('id', name='pk'))")],
        HAS_T,
        id="PostgreSQL drops a unique constraint that repeats the primary key of a new table",
    ),
    pytest.param([TABLE.replace("))", "), sa.Index('ix', 'a'))")], [*HAS_T, "r1: the index ix on t"], id="an index inside"),
    pytest.param([TABLE.replace("sa.Integer))", "sa.Integer, index=True))")], HAS_T, id="an index that SQLAlchemy names"),
    pytest.param([TABLE, "op.create_index('ix', 't', [sa.text('lower(a)')])"], HAS_T, id="SQLite hides indexes over expressions"),
    pytest.param([TABLE, "op.drop_table('t')"], [], id="dropped"),
    pytest.param([TABLE, "op.drop_column('t', 'a')"], HAS_T[:2], id="a column dropped"),
    pytest.param([TABLE, INDEX, "op.drop_column('t', 'a')"], HAS_T[:2], id="an index goes with its column"),
    pytest.param([TABLE, INDEX, "op.drop_index('ix_t_a')"], HAS_T, id="an index dropped, its table not said"),
    pytest.param([TABLE, INDEX, "op.drop_index('ix_t_a', 'somewhere')"], HAS_T, id="an index dropped under a wrong table"),
    pytest.param([TABLE, INDEX, "op.drop_index('IX_T_A', 'T')"], HAS_T, id="other case"),
    pytest.param(
        [TABLE, "op.create_unique_constraint('uq', 't', ['a'])", "op.drop_constraint('uq', 't', type_='unique')"],
        HAS_T,
        id="a constraint dropped",
    ),
    pytest.param(
        [TABLE, "op.create_unique_constraint('uq', 't', ['a'])", "op.drop_constraint(None, 't', type_='unique')"],
        HAS_T,
        id="some constraint dropped",
    ),
    pytest.param(
        [TABLE, INDEX, "op.rename_table('t', 'u')", "op.add_column('u', sa.Column('b', sa.Text))"],
        ["r1: the table u", "r1: the column u.id", "r1: the column u.a", "r2: the index ix_t_a on u", "r4: the column u.b"],
        id="a renamed table carries its columns and indexes along, under their names",
    ),
    pytest.param(
        [TABLE, INDEX, "op.alter_column('t', 'a', new_column_name='b')", "op.drop_column('t', 'b')"],
        HAS_T[:2],
        id="a renamed column, and the index over it",
    ),
    pytest.param([TABLE, "op.rename_table('t', 'T')"], HAS_T, id="renamed to another case"),
    pytest.param(
        [TABLE, "op.create_table('n', sa.Column('id'), sa.Column('c'))\nop.drop_table('t')\nop.rename_table('n', 't')"],
        ["r2: the table t", "r2: the column t.id", "r2: the column t.c"],
        id="a table made anew under another name",
    ),
    pytest.param([TABLE, "op.drop_table('t')", TABLE], [each.replace("r1", "r3") for each in HAS_T], id="made, dropped, made"),
    pytest.param(["op.drop_table('t', if_exists=True)\n" + TABLE], HAS_T, id="dropped, if it is there, and made in one revision"),
    pytest.param(
        ["op.drop_table('t')", TABLE], [], id="dropped before it was made: another lineage may have done it in another order"
    ),
    pytest.param([TABLE, "op.drop_table('t', if_exists=True)"], [], id="perhaps dropped"),
    pytest.param([TABLE, "if x:\n    op.drop_table('t')"], [], id="dropped in a branch"),
    pytest.param([TABLE, "if x:\n    op.drop_column('t', 'a')"], HAS_T[:2], id="a column dropped in a branch"),
    pytest.param([TABLE, "if x:\n    op.rename_table('t', 'u')"], [], id="renamed in a branch"),
    pytest.param([TABLE, "if x:\n    op.alter_column('t', 'a', new_column_name='b')"], HAS_T[:2], id="a column renamed there"),
    pytest.param([f"if x:\n    {TABLE}", "op.add_column('t', sa.Column('b', sa.Text))"], ["r2: the column t.b"], id="made there"),
    pytest.param(
        [TABLE.replace("))", "), if_not_exists=True)")], HAS_T[:1], id="a table that may have been there has its own columns"
    ),
    pytest.param(
        [TABLE, TABLE.replace("))", "), sa.Column('z'), if_not_exists=True)")],
        HAS_T,
        id="a table that is there is not made again",
    ),
    pytest.param(
        [TABLE, "op.add_column('t', sa.Column('b', sa.Text), if_not_exists=True)"],
        [*HAS_T, "r2: the column t.b"],
        id="a guarded column is there afterwards",
    ),
    pytest.param(
        [TABLE, "op.drop_column('t', 'a')", "op.add_column('t', sa.Column('a', sa.Text), if_not_exists=True)"],
        HAS_T[:2],
        id="but who knows whether it was dropped before or after",
    ),
    pytest.param(
        [
            TABLE,
            INDEX,
            TABLE.replace("'t'", "'u'"),
            "op.create_index('ix_t_a', 'u', ['a'], if_not_exists=True)",
            "op.drop_table('t')",
        ],
        ["r3: the table u", "r3: the column u.id", "r3: the column u.a"],
        id="a guarded index whose name another table's had",
    ),
    pytest.param(
        [
            f"if x:\n    {TABLE}\n    {INDEX}",
            TABLE.replace("'t'", "'u'"),
            "op.create_index('ix_t_a', 'u', ['a'], if_not_exists=True)",
            "op.drop_table('t')",
        ],
        ["r2: the table u", "r2: the column u.id", "r2: the column u.a"],
        id="or may have had",
    ),
    pytest.param([TABLE.replace("))", "), *more())")], HAS_T[:1], id="some columns are computed"),
    pytest.param([TABLE.replace("))", "), prefixes=['TEMPORARY'])")], [], id="a temporary table"),
    pytest.param([TABLE.replace("'a'", "'xmin'")], HAS_T[:2], id="a column that PostgreSQL has in every table"),
    pytest.param([TABLE.replace("'a'", repr("a" * 64))], HAS_T[:2], id="a name that PostgreSQL shortens"),
    pytest.param([TABLE.replace("'t'", repr("t" * 64))], [], id="a table whose name it shortens"),
    pytest.param(
        [TABLE, "op.rename_table('t', 'u')", "op.drop_column('t', 'a')"],
        ["r1: the table u", "r1: the column u.id"],
        id="another lineage drops a column under the table's old name",
    ),
    pytest.param(
        [TABLE, "op.rename_table('t', 'u')", "op.add_column('t', sa.Column('b', sa.Text))\n" + INDEX],
        ["r1: the table u", "r1: the column u.id", "r1: the column u.a"],
        id="another lineage adds to the table under its old name",
    ),
    pytest.param([TABLE, "op.rename_table('t', 'u')", "op.drop_table('t')"], [], id="another lineage drops it"),
    pytest.param([TABLE, "op.rename_table('t', 'u')", "op.rename_table('t', 'v')"], [], id="another lineage renames it too"),
    pytest.param([TABLE, "op.drop_column('t', 'a')", INDEX], HAS_T[:2], id="another lineage's index over a column that is gone"),
    pytest.param([TABLE, "op.drop_table('t')", INDEX], [], id="another lineage's index on a table that is gone"),
    pytest.param([TABLE, TABLE], [], id="made twice: one of them cannot have run"),
    pytest.param(
        ["op.add_column('old', sa.Column('b', sa.Text))", "op.rename_table('old', 'new')"],
        ["r1: the column new.b"],
        id="a table that no revision made",
    ),
    pytest.param(
        ["sa.Table('t', sa.MetaData(), sa.Column('a', sa.Text)).create(op.get_bind(), checkfirst=True)"],
        HAS_T[:1],
        id="a table that creates itself where there is none",
    ),
]


@pytest.mark.parametrize(("bodies", "expected"), LEFT)
def test_what_is_left_behind(bodies: list[str], expected: list[str]) -> None:
    assert left(*bodies) == expected


THERE = schema(t="id a|ix_t_a")
ADD_B = "op.add_column('t', sa.Column('b', sa.Text))"
MISSING = [
    pytest.param(THERE, [TABLE, INDEX], [], id="all there"),
    pytest.param(schema(T="ID A|IX_T_A"), [TABLE, INDEX], [], id="all there, in capitals"),
    pytest.param(Schema(), [TABLE], ["r1 lacks the table t"], id="a missing table stands for its columns"),
    pytest.param(
        Schema(),
        [TABLE, INDEX, ADD_B],
        ["r1 lacks the table t", "r2 lacks the index ix_t_a on t", "r3 lacks the column t.b"],
        id="what other revisions add to a missing table is missing too",
    ),
    pytest.param(Schema(), [ADD_B], [], id="a missing table that no revision made tells nothing"),
    pytest.param(THERE, [TABLE, INDEX, ADD_B], ["r3 lacks the column t.b"], id="a column"),
    pytest.param(schema(t="id a"), [TABLE, INDEX], ["r2 lacks the index ix_t_a on t"], id="an index"),
    pytest.param(schema(t="id a", u="|ix_t_a"), [TABLE, INDEX], [], id="an index of this name on another table"),
    pytest.param(schema(t="id a|app_ix_t_a_1"), [TABLE, INDEX], [], id="an index whose name a convention wrapped"),
    pytest.param(
        THERE,
        [TABLE, f"{INDEX}\n{ADD_B}"],
        ["r2 lacks the column t.b", "r2 left the index ix_t_a on t"],
        id="half there",
    ),
    pytest.param(
        schema(t="id"),
        [TABLE],
        ["r1 lacks the column t.a", "r1 left the table t", "r1 left the column t.id"],
        id="a column short",
    ),
    pytest.param(
        THERE,
        [TABLE, INDEX, "op.rename_table('t', 'u')", "op.add_column('u', sa.Column('b', sa.Text))"],
        ["r3 lacks the table u", "r4 lacks the column u.b"],
        id="a rename that did not happen, and what came behind it",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.rename_table('t', 'u')", "op.rename_table('u', 'v')"],
        ["r2 lacks the table v", "r3 lacks the table v"],
        id="two renames that did not happen",
    ),
    pytest.param(
        schema(u="id a"), [TABLE, "op.rename_table('t', 'u')", "op.rename_table('u', 'v')"], ["r3 lacks the table v"], id="one"
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.alter_column('t', 'a', new_column_name='b')"],
        ["r2 lacks the column t.b"],
        id="a column that was not renamed",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.alter_column('t', 'a', new_column_name='b')\nop.add_column('t', sa.Column('a', sa.Text))"],
        ["r2 lacks the column t.b"],
        id="whose old name the same revision gives to another",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, f"op.rename_table('t', 'old')\n{TABLE}\n{ADD_B}"],
        ["r2 lacks the table old", "r2 lacks the column t.b"],
        id="a table that was not put aside for a new one",
    ),
    pytest.param(
        schema(t="id a b"),
        [TABLE, f"op.rename_table('t', 'old')\n{TABLE}\n{ADD_B}"],
        ["r2 lacks the table old", "r2 left the column t.b"],
        id="a table that was put aside and is gone",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.rename_table('t', 'u')", TABLE.replace("))", "), if_not_exists=True)")],
        [],
        id="a table that may be the renamed one or one made where there was none",
    ),
    pytest.param(
        schema(t="id a", u="id"),
        [TABLE, "op.rename_table('t', 'u')", "op.create_table('u', sa.Column('id'), if_not_exists=True)"],
        [],
        id="a table made where a rename would have left one",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.drop_table('t')\nop.create_table('t', sa.Column('id'), sa.Column('c'))"],
        ["r2 lacks the column t.c"],
        id="a table made anew: what was there before shows nothing",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.create_table('n', sa.Column('id'), sa.Column('c'))\nop.drop_table('t')\nop.rename_table('n', 't')"],
        ["r2 lacks the column t.c"],
        id="a table made anew under another name",
    ),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.add_column('t', sa.Column('a', sa.Text), if_not_exists=True)\n" + ADD_B],
        ["r2 lacks the column t.b"],
        id="what is guarded may have been there before",
    ),
    pytest.param(schema(audit__t="id a"), [TABLE], [], id="in another schema than the script says"),
    pytest.param(schema(t="id a"), [TABLE.replace("))", "), schema='audit')")], [], id="in the default one, which it names"),
    pytest.param(Schema(), [TABLE.replace("))", "), schema='audit')")], [], id="in one that the catalogue does not know"),
    pytest.param(schema(t="id a"), [TABLE.replace("))", "), schema='public')")], [], id="in public"),
    pytest.param(
        schema(audit__x="id"),
        [TABLE.replace("))", "), schema='audit')")],
        ["r1 lacks the table audit.t"],
        id="in one that it knows",
    ),
    pytest.param(
        schema(audit__t="id"),
        [TABLE.replace("))", "), schema='audit')"), ADD_B.replace("))", "), schema='audit')")],
        [
            "r1 lacks the column audit.t.a",
            "r1 left the table audit.t",
            "r1 left the column audit.t.id",
            "r2 lacks the column audit.t.b",
        ],
        id="columns in a schema",
    ),
    pytest.param(Schema(), [TABLE, "if context.is_offline_mode():\n    op.drop_table('t')"], [], id="offline"),
    pytest.param(Schema(), ["if not context.is_offline_mode():\n    " + TABLE], [], id="online"),
    pytest.param(Schema(), ["if x:\n    return\n" + TABLE], [], id="behind a way out"),
    pytest.param(Schema(), ["try:\n    " + TABLE + "\nexcept Exception:\n    pass"], [], id="tried"),
]


@pytest.mark.parametrize(("there", "bodies", "expected"), MISSING)
def test_who_is_blamed(there: Schema, bodies: list[str], expected: list[str]) -> None:
    assert blamed(there, *bodies) == expected


LOST = ["r1 lacks the table t"]
RAW = [
    pytest.param("op.execute('DROP TABLE t')", [], id="dropped in raw SQL"),
    pytest.param("op.execute('''\n  drop table if exists public.T\n''')", [], id="in other case, in a schema"),
    pytest.param("op.get_bind().execute(sa.text('ALTER TABLE t RENAME TO u'))", ["r1 lacks the table u"], id="renamed"),
    pytest.param("SQL = 'DROP TABLE t'\nop.execute(SQL)", [], id="through a variable"),
    pytest.param("for n in ('t', 'u'):\n    op.execute(f'DROP TABLE {n}')", [], id="in a loop"),
    pytest.param("op.execute('DROP ' + 'TABLE ' + name('t'))", [], id="put together"),
    pytest.param("op.execute('DROP TABLE other')", LOST, id="another table"),
    pytest.param("op.execute('DROP TABLE tt')", LOST, id="not a word"),
    pytest.param("op.execute('UPDATE t SET a = 1')", LOST, id="only rows"),
    pytest.param("op.execute('DELETE FROM t')", LOST, id="rows deleted"),
    pytest.param("op.execute('INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING')", LOST, id="rows inserted"),
    pytest.param("op.execute('ALTER TABLE t ALTER COLUMN a SET NOT NULL')", LOST, id="altered"),
    pytest.param("op.execute('ALTER TABLE t ALTER COLUMN a DROP NOT NULL')", LOST, id="no column dropped"),
    pytest.param("op.execute('ALTER TABLE t DROP a')", LOST, id="a column dropped"),
    pytest.param("op.execute('ALTER TYPE t RENAME TO u')", LOST, id="a type of that name renamed"),
    pytest.param("op.execute('ALTER TYPE t RENAME TO u; DROP TABLE t')", [], id="and a table dropped"),
    pytest.param("op.execute('ALTER TYPE t RENAME TO u')\nop.execute('DROP TABLE t')", [], id="and a table dropped behind it"),
    pytest.param("op.execute('DROP TYPE t')", LOST, id="a type dropped"),
    pytest.param("op.execute('DROP TYPE t CASCADE')", [], id="and the columns of it"),
    pytest.param("op.execute('DROP TRIGGER IF EXISTS x ON t')", LOST, id="a trigger dropped"),
    pytest.param("op.execute('SELECT count(*) FROM t')", LOST, id="counted"),
    pytest.param("op.execute(\"SELECT drop_it('t')\")", [], id="a function of the database"),
    pytest.param("op.execute(\"SELECT archive('t')\")", [], id="whatever it is called"),
    pytest.param("op.execute(\"CALL tidy('t')\")", [], id="a procedure"),
    pytest.param("t = sa.table('t')\nop.execute(t.update().values(a=1))", LOST, id="an update that SQLAlchemy builds"),
    pytest.param("from app import t\nop.execute(t.update().values(a=1))", LOST, id="of an imported table"),
    pytest.param("from app import SQL\nop.execute(SQL)", [], id="imported SQL"),
    pytest.param("op.execute(open('x.sql').read())", [], id="SQL from a file"),
    pytest.param("from pathlib import Path\nop.execute(Path('x').read_text())", [], id="SQL from a path"),
    pytest.param("for n in sa.inspect(op.get_bind()).get_table_names():\n    op.drop_table(n)", [], id="all there is"),
    pytest.param(
        "for n in sa.inspect(op.get_bind()).get_table_names():\n    op.execute(f'DROP TABLE {n}')", [], id="all there is, raw"
    ),
    pytest.param(
        "op.execute('''DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables LOOP\n"
        "EXECUTE 'DROP TABLE ' || r.tablename; END LOOP; END $$''')",
        [],
        id="all there is, in PL/pgSQL",
    ),
    pytest.param("op.drop_table(computed)", [], id="a computed table"),
    pytest.param("op.drop_table(f'tmp_{x}')", [], id="a computed part"),
    pytest.param("op.drop_column('t', computed)", [], id="a computed column of it"),
    pytest.param("op.drop_column('u', computed)", LOST, id="a computed column of another"),
    pytest.param("op.drop_constraint(computed, 'u', type_='foreignkey')", LOST, id="a computed constraint of another"),
    pytest.param("op.drop_constraint(computed, other, type_='foreignkey')", [], id="of nobody knows what"),
    pytest.param("op.create_index(computed, 'u', ['a'])", LOST, id="a computed index is only made"),
    pytest.param(
        "with op.batch_alter_table(n) as b:\n    b.drop_column('a')", ["r1 lacks the table t"], id="a batch on who knows"
    ),
    pytest.param("with op.batch_alter_table('t', copy_from=T) as b:\n    b.drop_column('x')", [], id="a copied table"),
    pytest.param("from app import tidy\ntidy()", [], id="an imported helper"),
    pytest.param("from app import tidy\ntidy(op, 'u')", LOST, id="that is told another table"),
    pytest.param("from app import tidy\ntidy(op, 't')", [], id="that is told this one"),
    pytest.param("from app import seed_roles\nseed_roles(op.get_bind())", LOST, id="that only fills"),
    pytest.param("Base.metadata.drop_all(op.get_bind())", [], id="drop_all"),
    pytest.param("Base.metadata.create_all(op.get_bind())", LOST, id="create_all"),
    pytest.param("exec('x')", [], id="exec"),
    pytest.param("op.create_view('v', 'SELECT a FROM t')", LOST, id="somebody's own directive"),
    pytest.param("op.drop_view('t')", [], id="one that drops what is called alike"),
    pytest.param("'''Drop t, rename t.'''\nop.execute('UPDATE u SET x = 1')  # DROP TABLE t", LOST, id="docstring and comment"),
    pytest.param("op.execute('DROP TABLE u')\n" + ADD_B, [*LOST, "r2 lacks the column t.b"], id="its own literal directives"),
    pytest.param("op.execute('DROP TABLE b')\n" + ADD_B, [*LOST, "r2 lacks the column t.b"], id="a table of its column's name"),
    pytest.param("op.execute('DO $$ BEGIN DROP TABLE b; END $$')\n" + ADD_B, LOST, id="a column of that name"),
    pytest.param("s = sa.orm.Session(bind=op.get_bind())\ns.add_all(x)", LOST, id="rows in a session"),
    pytest.param("def f(): f()\nf()", [], id="recursion"),
    pytest.param("x = (", [], id="no Python"),
]


@pytest.mark.parametrize(("body", "expected"), RAW)
def test_what_cannot_be_read_makes_doubtful(body: str, expected: list[str]) -> None:
    assert blamed(Schema(), TABLE, body) == expected


def test_without_its_text_a_script_may_do_anything() -> None:
    texts = chain(TABLE, "op.execute('DO $$ BEGIN UPDATE u SET x = 1; END $$')")
    operations = read(texts)
    assert list(told(skipped_effects(list(texts), operations, texts, Schema()))) == LOST
    assert skipped_effects(list(texts), operations, {"r1": texts["r1"]}, Schema()) == ()
    assert skipped_effects(list(texts), {"r1": operations["r1"]}, texts, Schema()) == ()


def test_what_came_after_anything_that_cannot_be_read_is_certain_again() -> None:
    expected = ["r3 lacks the column t.b", "r4 lacks the table u"]
    there = schema(t="id a")
    assert blamed(there, TABLE, "from app import tidy\ntidy()", ADD_B, TABLE.replace("'t'", "'u'")) == expected


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"# coding: nonsense\n", b"def upgrade():\n  op.execute("])
def test_any_bytes_are_suspected(data: bytes) -> None:
    assert raw_sql_effects(data, read_operations(data)).sweeping


@given(st.binary(max_size=200))
def test_any_text_is_answered(data: bytes) -> None:
    for text in (data, b"def upgrade():\n    op.execute('" + data):
        raw_sql_effects(text, read_operations(text))


SEVERAL = b"""
from alembic import op
import sqlalchemy as sa
def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()
def upgrade_():
    op.create_table('t', sa.Column('a'))
def upgrade_users():
    op.create_table('u', sa.Column('a'))
"""
DROPPING = SEVERAL.replace(b"op.create_table('t', sa.Column('a'))", b"pass").replace(
    b"create_table('u', ", b"drop_table('t'+str("
)


def test_scripts_for_several_databases() -> None:
    texts = {"r1": SEVERAL, "r2": script(ADD_B)}
    names, operations = list(texts), read(texts)
    assert [(each.database, str(each)) for each in effects_of(names, operations)] == [
        ("", "the table t"),
        ("", "the column t.a"),
        ("users", "the table u"),
        ("users", "the column u.a"),
        ("", "the column t.b"),
        ("users", "the column t.b"),
    ]
    assert [str(each) for each in effects_of(names, operations, "users")] == [
        "the table u",
        "the column u.a",
        "the column t.b",
    ]
    assert list(told(skipped_effects(names, operations, texts, schema(t="a b")))) == []
    assert list(told(skipped_effects(names, operations, texts, Schema(), "users"))) == ["r1 lacks the table u"]
    assert list(told(skipped_effects(names, operations, texts, Schema(), "1"))) == []


def test_what_is_dropped_in_another_database_is_not_certain_in_this() -> None:
    other = SEVERAL.replace(b"create_table('u', sa.Column('a'))", b"drop_table('t')").replace(
        b"create_table('t'", b"create_table('v'"
    )
    texts = {"r1": script(TABLE), "r2": other}
    assert list(told(skipped_effects(list(texts), read(texts), texts, Schema()))) == ["r2 lacks the table v"]


def begun_in(there: Schema, applied: Sequence[str], *bodies: str, aware: bool = True) -> list[str]:
    """Return what is there and what is not of pending revisions that were begun."""
    texts = chain(*applied, *bodies)
    names, operations = list(texts), read(texts)
    ran, pending = names[: len(applied)], names[len(applied) :]
    scripts = ScriptSet(RevisionGraph(()), texts if aware else {}, operations)
    return list(told(unrecorded_effects(pending, ran, scripts, there)))


ADDED = "op.execute(\"ALTER TYPE mood ADD VALUE 'sad'\")"
GUARDED = ADDED.replace("VALUE", "VALUE IF NOT EXISTS")


@pytest.mark.parametrize(
    ("values", "bodies", "told_of"),
    [
        pytest.param("ok sad", [ADDED], ["r2 left the value sad of the type mood"], id="it is there"),
        pytest.param("ok Sad", [ADDED], [], id="one of another case is there"),
        pytest.param("ok sad", [GUARDED], [], id="it is added where it is not there"),
        pytest.param("ok sad", [f"if context.is_offline_mode():\n    {ADDED}"], [], id="in a branch"),
        pytest.param(
            "ok sad",
            [f"{ADDED}\nop.create_table('u', sa.Column('c'))"],
            ["r2 lacks the table u", "r2 left the value sad of the type mood"],
            id="with more that is not there",
        ),
        pytest.param(
            "ok sad",
            ["op.execute('DROP TYPE mood')\nop.execute(\"CREATE TYPE mood AS ENUM ('ok')\")", ADDED],
            [],
            id="to a type that is made anew before",
        ),
    ],
)
def test_a_value_that_a_pending_revision_adds_is_there_already(values: str, bodies: list[str], told_of: list[str]) -> None:
    there = Schema(schema(t="id a").tables, enum_values={"mood": frozenset(values.split())})
    assert sorted(begun_in(there, [TABLE], *bodies)) == sorted(told_of)


BOTH = f"{ADD_B}\n{INDEX}"
BEGUN = [
    pytest.param(schema(t="id a"), [TABLE], [BOTH], [], id="nothing of it"),
    pytest.param(
        schema(t="id a b"),
        [TABLE],
        [BOTH],
        ["r2 lacks the index ix_t_a on t", "r2 left the column t.b"],
        id="died half-way",
    ),
    pytest.param(
        schema(t="id a b|ix_t_a"),
        [TABLE],
        [BOTH, "op.create_table('u', sa.Column('c'))"],
        ["r2 left the column t.b", "r2 left the index ix_t_a on t"],
        id="died before it was recorded",
    ),
    pytest.param(
        schema(t="id a"),
        [],
        [TABLE, INDEX],
        ["r1 left the table t", "r1 left the column t.id", "r1 left the column t.a"],
        id="first",
    ),
    pytest.param(schema(t="id a"), [], [TABLE.replace("))", "), if_not_exists=True)")], [], id="guarded"),
    pytest.param(schema(t="id a b"), [TABLE, ADD_B], ["op.drop_column('t', 'b')\n" + ADD_B], [], id="there before it"),
    pytest.param(schema(t="id a b"), [TABLE, "if x:\n    " + ADD_B], [ADD_B], [], id="perhaps another revision's"),
    pytest.param(schema(t="id a b"), [TABLE, "op.execute('ALTER TABLE t ADD b text')"], [ADD_B], [], id="raw SQL's"),
    pytest.param(schema(t="id a"), ["if x:\n    " + TABLE], [TABLE + "\n" + ADD_B], [], id="a whole table of another's"),
    pytest.param(
        schema(t="id a b"), [TABLE, "op.alter_column('t', 'x', new_column_name='b')"], [ADD_B], [], id="renamed by another"
    ),
    pytest.param(
        schema(t="id a"), [TABLE, "if x:\n    op.rename_table('t', 'u')"], [TABLE.replace("'t'", "'u'")], [], id="renames"
    ),
    pytest.param(schema(t="id a"), [TABLE], [ADD_B, "op.drop_table('t')", TABLE], [], id="made anew"),
    pytest.param(schema(t="id a"), [TABLE], ["op.drop_column('t', 'a')", "pass", "op.drop_table('t')"], [], id="only drops"),
    pytest.param(schema(u="id a", t="id"), [], ["op.drop_table('t')\n" + TABLE], [], id="its own drop stands before it"),
]


@pytest.mark.parametrize(("there", "applied", "bodies", "expected"), BEGUN)
def test_what_was_begun(there: Schema, applied: list[str], bodies: list[str], expected: list[str]) -> None:
    assert begun_in(there, applied, *bodies) == expected


def test_without_texts_raw_sql_explains_nothing() -> None:
    applied = [TABLE, "op.execute('DO $$ BEGIN ALTER TABLE t ADD b text; END $$')"]
    assert begun_in(schema(t="id a b"), applied, ADD_B, aware=False) == ["r3 left the column t.b"]


def test_what_stays_behind() -> None:
    there = schema(t="id", u="id", V="id", alembic_version="version_num", audit__w="id", w="id", _alembic_tmp_t="id")
    texts = chain(TABLE, "op.create_table('v', sa.Column('id'))", "op.create_table('w', sa.Column('id'))", "if x:\n    " + TABLE)
    texts["r5"] = script("if x:\n    op.create_table('u', sa.Column('id'))")
    operations = read(texts)
    effects = effects_of(list(texts)[:3], operations)
    assert unexplained(effects, there) == ("_alembic_tmp_t", "u")
    assert unexplained(effects, there, operations) == ("_alembic_tmp_t",)
    assert unexplained((), schema(alembic_version="x")) == ()


def revisions(texts: Chain, parents: Mapping[str, Sequence[str]], depends: Mapping[str, Sequence[str]]) -> RevisionGraph:
    """Return a chain, but for those whose parents are given."""
    names = list(texts)
    before = {name: (names[place - 1],) if place else () for place, name in enumerate(names)}
    return RevisionGraph(
        Revision(Identifiers(name, tuple(parents.get(name, before[name])), (), tuple(depends.get(name, ())), "x"), f"{name}.py")
        for name in names
    )


def stands(
    there: Schema,
    *bodies: str,
    parents: Mapping[str, Sequence[str]] | None = None,
    depends: Mapping[str, Sequence[str]] | None = None,
) -> StampGuess:
    texts = chain(*bodies)
    return guess_revision(revisions(texts, parents or {}, depends or {}), read(texts), texts, there)


def table(name: str) -> str:
    return TABLE.replace("'t'", repr(name))


UPDATE = "op.execute('UPDATE t SET a = 1')"
NEAREST = [
    pytest.param(Schema(), [TABLE], (), (), id="an empty database"),
    pytest.param(Schema(), ["", UPDATE, TABLE], (), (), id="an empty database, and revisions without a trace"),
    pytest.param(schema(x="id"), [TABLE], (), (), id="tables of somebody else"),
    pytest.param(schema(t="other"), [TABLE], (), (), id="another table of that name"),
    pytest.param(schema(t="id a"), [TABLE], ("r1",), (), id="all of it"),
    pytest.param(schema(t="id a"), ["", TABLE], ("r2",), (), id="an empty first revision"),
    pytest.param(schema(t="id a"), [TABLE, ADD_B, INDEX], ("r1",), (), id="behind"),
    pytest.param(schema(t="id a b"), [TABLE, ADD_B, INDEX], ("r2",), (), id="less behind"),
    pytest.param(schema(t="id a"), [TABLE, UPDATE], ("r1",), ("r2",), id="rows leave no trace"),
    pytest.param(schema(t="id a b"), [TABLE, UPDATE, ADD_B], ("r3",), (), id="but what follows does"),
    pytest.param(schema(t="id a"), [TABLE, UPDATE, ADD_B], ("r1",), ("r2",), id="or does not"),
    pytest.param(schema(t="id a"), [TABLE, ""], ("r2",), (), id="where nothing is done there is nothing to prove"),
    pytest.param(
        schema(t="id a"), [TABLE, ADD_B, "op.drop_column('t', 'b')", INDEX], ("r1",), ("r2", "r3"), id="made and dropped"
    ),
    pytest.param(schema(t="id"), [TABLE, "op.drop_column('t', 'a')"], ("r2",), (), id="dropped"),
    pytest.param(schema(t="id a"), [TABLE, "op.drop_column('t', 'a')"], ("r1",), (), id="not dropped yet"),
    pytest.param(schema(t="id a"), [TABLE, table("u"), "op.drop_table('u')"], ("r1",), ("r2", "r3"), id="a table come and gone"),
    pytest.param(schema(t="id a", u="id a"), [TABLE, table("u"), "op.drop_table('u')"], ("r2",), (), id="and not gone yet"),
    pytest.param(schema(t="id a"), [TABLE, INDEX, "op.drop_index('ix_t_a', 't')", ADD_B], ("r1",), ("r2", "r3"), id="an index"),
    pytest.param(schema(u="id a"), [TABLE, "op.rename_table('t', 'u')", table("v")], ("r2",), (), id="renamed"),
    pytest.param(
        schema(t="id a"),
        [TABLE.replace("))", "), if_not_exists=True)"), "op.rename_table('t', 'u')", "op.rename_table('u', 't')"],
        ("r1",),
        ("r2", "r3"),
        id="renamed there and back",
    ),
    pytest.param(schema(t="id a"), [TABLE, "op.rename_table('t', 'u')", ADD_B], ("r1",), (), id="not renamed yet"),
    pytest.param(
        schema(t="id a"),
        [TABLE, "op.execute('DROP TABLE x')\n" + ADD_B + "\nop.execute('ALTER TABLE t RENAME b TO c')"],
        ("r1",),
        (),
        id="what seems to lack something is left out at the end",
    ),
    pytest.param(
        schema(t10="id a"),
        [table("t0"), *(f"{table(f't{n}')}\nop.drop_table('t{n - 1}')" for n in range(1, 60))],
        ("r11",),
        (),
        id="what each makes and the next one drops, found by bisection",
    ),
]


@pytest.mark.parametrize(("there", "bodies", "heads", "unproven"), NEAREST)
def test_where_a_database_stands(there: Schema, bodies: list[str], heads: tuple[str, ...], unproven: tuple[str, ...]) -> None:
    assert stands(there, *bodies) == StampGuess(heads, unproven)


SIDES = [table("base"), table("one"), table("other"), table("joined")]
DIAMOND = {"r2": ("r1",), "r3": ("r1",), "r4": ("r2", "r3")}
WHERE = [
    pytest.param(schema(base="id a", one="id a", other="id a", joined="id a"), ("r4",), id="joined"),
    pytest.param(schema(base="id a", one="id a", other="id a"), ("r2", "r3"), id="both sides"),
    pytest.param(schema(base="id a", other="id a"), ("r3",), id="one side"),
    pytest.param(schema(base="id a", other="id a", joined="id a"), ("r3",), id="one side, and what stands on both"),
    pytest.param(schema(one="id a", other="id a", joined="id a"), (), id="no base"),
]


@pytest.mark.parametrize(("there", "heads"), WHERE)
def test_where_a_database_stands_among_branches(there: Schema, heads: tuple[str, ...]) -> None:
    assert stands(there, *SIDES, parents=DIAMOND).heads == heads


def test_an_empty_merge_revision_is_taken_with_its_parents() -> None:
    there = schema(base="id a", one="id a", other="id a")
    assert stands(there, *SIDES[:3], "", parents=DIAMOND) == StampGuess(("r4",), ())


def test_a_dependency_counts_as_a_parent() -> None:
    apart: dict[str, tuple[str, ...]] = {"r1": (), "r2": ()}
    depends = {"r2": ("r1",)}
    assert stands(schema(one="id a"), table("base"), table("one"), parents=apart, depends=depends).heads == ()
    assert stands(schema(base="id a"), table("base"), table("one"), parents=apart, depends=depends).heads == ("r1",)
    assert stands(schema(base="id a", one="id a"), table("base"), table("one"), parents=apart, depends=depends).heads == ("r2",)


def test_what_follows_nothing_that_is_here_is_left_out() -> None:
    there = schema(base="id a", one="id a")
    assert stands(there, table("base"), table("one"), parents={"r2": ("gone",)}).heads == ("r1",)
    assert stands(there, table("base"), table("one"), parents={"r1": ("r2",)}).heads == ()
    assert stands(there, table("base"), table("one"), parents={"r1": ()}, depends={"r2": ("gone",)}).heads == ("r1",)


def test_the_order_of_lineages_does_not_matter() -> None:
    drop = "op.drop_table('t')"
    texts = {"a": script(drop), "b": script(TABLE)}
    parents: dict[str, tuple[str, ...]] = {"a": (), "b": ()}
    graph = revisions(texts, parents, {"a": ("b",)})
    assert guess_revision(graph, read(texts), texts, Schema()) == StampGuess((), ())
    assert skipped_effects(graph.in_order(texts), read(texts), texts, Schema()) == ()


@contextmanager
def connected(url: str, *, begin: bool = False) -> Iterator[sa.Connection]:
    """Connect in a transaction; with `begin` also where Python's driver for SQLite would begin none before DDL."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            if begin:
                connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


def upgrade(connection: sa.Connection, text: bytes, metadata: sa.MetaData | None = None) -> None:
    """Run a script as Alembic does, with the naming convention of the models' metadata."""
    names: dict[str, Callable[[], None]] = {}
    exec(compile(text, "script", "exec"), names)
    with AlembicOperations.context(MigrationContext.configure(connection, opts={"target_metadata": metadata})):
        names["upgrade"]()


def reflected(connection: sa.Connection) -> Schema:
    inspector = sa.inspect(connection)
    schemas = ["audit", None] if "audit" in inspector.get_schema_names() and connection.dialect.name == "postgresql" else [None]
    tables = {}
    for each in schemas:
        columns, indexes = inspector.get_multi_columns(schema=each), inspector.get_multi_indexes(schema=each)
        uniques = inspector.get_multi_unique_constraints(schema=each)
        for key in columns:
            named = [item["name"] for item in (*indexes.get(key, ()), *uniques.get(key, ())) if item["name"]]
            label = f"{each}.{key[1]}" if each else key[1]
            tables[label] = Table(frozenset(column["name"] for column in columns[key]), frozenset(named))
    return Schema(tables)


REAL: Chain = {
    "a1": script(
        """
        op.create_table('user',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('Email', sa.String(length=120), nullable=False),
        sa.Column('team_id', sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
        sa.UniqueConstraint('id', name=op.f('uq_user_id'))
        )
        with op.batch_alter_table('user', schema=None) as batch_op:
            batch_op.create_index(batch_op.f('ix_user_Email'), ['Email'], unique=True)
        """
    ),
    "a2": script(
        """
        op.create_table('team',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=50), nullable=True),
        sa.Column('slug', sa.String(length=50), nullable=True, index=True),
        sa.PrimaryKeyConstraint('id')
        )
        with op.batch_alter_table('user', schema=None) as batch_op:
            batch_op.create_index('ix_user_team', ['team_id'])
            batch_op.create_foreign_key('fk_user_team', 'team', ['team_id'], ['id'])
        """
    ),
    "a3": script(
        """
        with op.batch_alter_table('user', schema=None) as batch_op:
            batch_op.add_column(sa.Column('nick', sa.String(length=20), nullable=True))
            batch_op.create_unique_constraint('uq_user_nick', ['nick'])
        op.execute("UPDATE \\"user\\" SET nick = 'x'" if op.get_bind().dialect.name == 'postgresql' else "UPDATE user SET nick = 'x'")
        """
    ),
    "a4": script(
        """
        with op.batch_alter_table('team', schema=None) as batch_op:
            batch_op.alter_column('name', existing_type=sa.String(length=50), type_=sa.String(length=80), nullable=False)
            batch_op.drop_index(batch_op.f('ix_team_slug'))
        """
    ),
    "a5": script(
        """
        op.rename_table('team', 'squad')
        with op.batch_alter_table('squad') as batch_op:
            batch_op.alter_column('slug', existing_type=sa.String(length=50), new_column_name='handle')
        with op.batch_alter_table('squad') as batch_op:
            batch_op.create_index('ix_squad_handle', ['handle'])
        """
    ),
    "a6": script(
        """
        with op.batch_alter_table('user', schema=None) as batch_op:
            batch_op.add_column(sa.Column('seen', sa.DateTime(), nullable=True))
        op.create_index('ix_user_seen_nick', 'user', ['seen', 'nick'])
        op.create_index('ix_user_lower', 'user', [sa.text('lower(nick)')]) if op.get_bind().dialect.name == 'sqlite' else None
        """
    ),
    "a7": script(
        """
        with op.batch_alter_table('user', schema=None) as batch_op:
            batch_op.drop_constraint('uq_user_nick', type_='unique')
            batch_op.drop_index('ix_user_seen_nick')
            batch_op.drop_column('nick')
        """
    ),
    "a8": script("pass"),
    "a9": script(
        """
        op.create_table('log', sa.Column('id', sa.Integer, primary_key=True), sa.Column('what', sa.Text), if_not_exists=True)
        op.create_index('ix_log_id', 'log', ['id'], if_not_exists=True)
        """
        if tuple(map(int, __import__("alembic").__version__.split(".")[:2])) >= (1, 14)
        else "op.create_table('log', sa.Column('id', sa.Integer, primary_key=True), sa.Column('what', sa.Text))"
    ),
}


def run(connection: sa.Connection, texts: Chain, skipped: Iterable[str] = ()) -> Schema:
    """Run all but the skipped ones in an empty database and return what it then has."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    metadata.drop_all(connection)
    for name, text in texts.items():
        if name not in skipped:
            upgrade(connection, text)
    return reflected(connection)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_missing_where_all_ran(dialect: str, tmp_path: Path) -> None:
    operations, graph = read(REAL), revisions(REAL, {}, {})
    with database(dialect, tmp_path) as url, connected(url) as connection:
        there = run(connection, REAL)
    assert skipped_effects(list(REAL), operations, REAL, there) == ()
    assert unexplained(effects_of(list(REAL), operations), there) == ()
    assert guess_revision(graph, operations, REAL, there) == StampGuess(("a9",), ())


SKIPPED = [
    (
        "a1 a2 a3 a6",
        "a3 a6",
        [
            "a3 lacks the column user.nick",
            "a3 lacks the index uq_user_nick on user",
            "a6 lacks the column user.seen",
            "a6 lacks the index ix_user_seen_nick on user",
        ],
    ),
    ("a1 a2 a3 a4", "a3", ["a3 lacks the column user.nick", "a3 lacks the index uq_user_nick on user"]),
    ("a1 a2 a3 a4", "a4", []),
    (
        "a1 a2 a3 a4 a5",
        "a5",
        ["a5 lacks the table squad", "a5 lacks the column squad.handle", "a5 lacks the index ix_squad_handle on squad"],
    ),
    (
        "a1 a2 a9",
        "a2 a9",
        ["a2 lacks the table team", "a2 lacks the index ix_user_team on user", "a9 lacks the table log"],
    ),
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_was_skipped_is_blamed_alone(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as url, connected(url) as connection:
        for names, skipped, expected in SKIPPED:
            texts = {name: REAL[name] for name in names.split()}
            there = run(connection, texts, skipped.split())
            assert list(told(skipped_effects(list(texts), read(texts), texts, there))) == expected


KEYS: Chain = {
    "k1": script(
        """
        op.create_table('parent', sa.Column('id', sa.Integer(), nullable=False), sa.PrimaryKeyConstraint('id'))
        op.create_table('child',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('parent_id', sa.Integer(), nullable=True),
        sa.Column('rank', sa.Integer(), nullable=True),
        sa.Column('Shade', sa.String(length=9), nullable=True),
        sa.ForeignKeyConstraint(['parent_id'], ['parent.id'], name='fk_child_parent'),
        sa.PrimaryKeyConstraint('id')
        )
        """
    ),
    "k2": script(
        "op.create_index('ix_child_parent_id', 'child', ['parent_id'])\nop.create_index('ix_both', 'child', ['parent_id', 'rank'])"
    ),
    "k3": script(
        """
        with op.batch_alter_table('child') as batch_op:
            batch_op.drop_index('ix_both')
            batch_op.drop_column('rank')
        """
    ),
    "k4": script("op.rename_table('child', 'kid')"),
    "k5": script("op.create_index('shade', 'kid', ['Shade'], unique=True)\nop.add_column('kid', sa.Column('Order', sa.Text()))"),
    "k6": script(
        """
        with op.batch_alter_table('kid') as batch_op:
            batch_op.alter_column('Order', new_column_name='place', existing_type=sa.Text())
        """
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_foreign_keys_renames_and_capitals_raise_no_alarm(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as url, connected(url) as connection:
        for number in range(1, len(KEYS) + 1):
            texts = dict(list(KEYS.items())[:number])
            there = run(connection, texts)
            assert skipped_effects(list(texts), read(texts), texts, there) == ()
            assert guess_revision(revisions(KEYS, {}, {}), read(KEYS), KEYS, there) == StampGuess((f"k{number}",), ())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_naming_convention_raises_no_alarm(dialect: str, tmp_path: Path) -> None:
    texts = {"k1": KEYS["k1"], "k2": script("op.create_unique_constraint('shade', 'child', ['Shade'])")}
    texts |= {"k3": script("op.create_index(op.f('ix_as_it_stands'), 'child', ['rank'])")}
    metadata = sa.MetaData(naming_convention={"uq": "uq_%(table_name)s_%(constraint_name)s"})
    if dialect == "sqlite":
        texts["k2"] = script("with op.batch_alter_table('child') as b:\n    b.create_unique_constraint('shade', ['Shade'])")
    with database(dialect, tmp_path) as url, connected(url) as connection:
        for text in texts.values():
            upgrade(connection, text, metadata)
        there = reflected(connection)
    assert "uq_child_shade" in there.tables["child"].indexes
    assert skipped_effects(list(texts), read(texts), texts, there) == ()


def test_schemas_of_postgresql(tmp_path: Path) -> None:
    texts = {
        "s1": script("op.execute('CREATE SCHEMA audit')"),
        "s2": script(
            "op.create_table('event', sa.Column('id', sa.Integer), schema='audit')\nop.create_table('x', sa.Column('a', sa.Text), schema='public')"
        ),
        "s3": script(
            "op.add_column('event', sa.Column('at', sa.DateTime), schema='audit')\nop.create_index('ix_at', 'event', ['at'], schema='audit')"
        ),
        "s4": script("op.add_column('x', sa.Column('b', sa.Text), schema='public')\nop.create_index('ix_b', 'x', ['b'])"),
        "s5": script("op.create_table('late', sa.Column('id', sa.Integer), schema='audit')"),
    }
    with database("postgresql", tmp_path) as url, connected(url) as connection:
        for name in ("s1", "s2", "s4"):
            upgrade(connection, texts[name])
        partly = reflected(connection)
        for name in ("s3", "s5"):
            upgrade(connection, texts[name])
        wholly = reflected(connection)
    assert skipped_effects(list(texts), read(texts), texts, wholly) == ()
    assert list(told(skipped_effects(list(texts), read(texts), texts, partly))) == [
        "s3 lacks the column audit.event.at",
        "s3 lacks the index ix_at on audit.event",
        "s5 lacks the table audit.late",
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_migration_that_died_half_way(dialect: str, tmp_path: Path) -> None:
    texts = {
        "k1": KEYS["k1"],
        "k2": script(
            "op.create_table('new', sa.Column('id', sa.Integer))\nop.add_column('nowhere', sa.Column('a', sa.Text))\nop.add_column('child', sa.Column('b', sa.Text))"
        ),
    }
    with database(dialect, tmp_path) as url:
        with connected(url) as connection:
            run(connection, {"k1": texts["k1"]})
        with pytest.raises(sa.exc.DatabaseError), connected(url, begin=dialect == "sqlite") as connection:
            upgrade(connection, texts["k2"])
        with connected(url) as connection:
            there = reflected(connection)
    found = unrecorded_effects(["k2"], ["k1"], ScriptSet(RevisionGraph(()), texts, read(texts)), there)
    assert list(told(found)) == (
        ["k2 lacks the column child.b", "k2 left the table new", "k2 left the column new.id"] if dialect == "mariadb" else []
    )


TABLES, COLUMNS, INDEXES = (st.sampled_from(names) for names in (["t", "u", "T_v"], ["x", "y", "z"], ["i", "ix_j", "k"]))
GUARD = st.sampled_from(["", ", if_not_exists=True"])
LINES = st.one_of(
    st.builds("op.create_table({!r}, sa.Column('id', sa.Integer), sa.Column({!r}, sa.Text){})".format, TABLES, COLUMNS, GUARD),
    st.builds(
        "op.create_table({!r}, sa.Column('id', sa.Integer), sa.Column({!r}, sa.Text), sa.Index({!r}, 'id'))".format,
        TABLES,
        COLUMNS,
        INDEXES,
    ),
    st.builds("op.drop_table({!r}{})".format, TABLES, st.sampled_from(["", ", if_exists=True"])),
    st.builds("op.rename_table({!r}, {!r})".format, TABLES, TABLES),
    st.builds("op.add_column({!r}, sa.Column({!r}, sa.Text))".format, TABLES, COLUMNS),
    st.builds("op.alter_column({!r}, {!r}, new_column_name={!r})".format, TABLES, COLUMNS, COLUMNS),
    st.builds("op.create_index(op.f({!r}), {!r}, [{!r}]{})".format, INDEXES, TABLES, COLUMNS, GUARD),
    st.builds("op.drop_index({!r}{})".format, INDEXES, st.sampled_from(["", ", if_exists=True"])),
    st.builds("op.execute('DROP TABLE {}')".format, TABLES),
    st.builds("op.execute('ALTER TABLE {} RENAME TO {}')".format, TABLES, TABLES),
    st.builds("op.execute('ALTER TABLE {} RENAME {} TO {}')".format, TABLES, COLUMNS, COLUMNS),
    *(
        st.builds(("with op.batch_alter_table({!r}) as b:\n    b." + each).format, TABLES, COLUMNS, COLUMNS)
        for each in (
            "add_column(sa.Column({!r}, sa.Text))",
            "drop_column({!r})",
            "alter_column({!r}, new_column_name={!r})",
            "alter_column({!r}, type_=sa.Integer, existing_type=sa.Text)",
            "create_index('i', [{!r}])",
            "create_unique_constraint('k', [{!r}, {!r}])",
            "drop_constraint('k', type_='unique')",
        )
    ),
)
BRANCHES = st.sampled_from(["", "", "", "", "if op.get_bind() is None:\n", "if op.get_bind() is not None:\n"])
BODIES = st.lists(
    st.builds(lambda line, branch: branch + textwrap.indent(line, "    " if branch else ""), LINES, BRANCHES),
    min_size=1,
    max_size=3,
).map("\n".join)


@contextmanager
def in_memory() -> Iterator[sa.Connection]:
    """Yield a SQLite database that takes back what fails; Python's driver would not begin a transaction before DDL."""
    engine = sa.create_engine("sqlite://", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def succeeds(connection: sa.Connection, text: bytes) -> bool:
    connection.exec_driver_sql("SAVEPOINT before")
    try:
        upgrade(connection, text)
    except Exception:  # noqa: BLE001 (random scripts make Alembic raise anything)
        connection.exec_driver_sql("ROLLBACK TO before")
        return False
    finally:
        connection.exec_driver_sql("RELEASE before")
    return True


def those_that_run(bodies: list[str]) -> tuple[Chain, Schema]:
    with in_memory() as connection:
        texts = {name: text for name, text in chain(*bodies).items() if succeeds(connection, text)}
        return texts, reflected(connection)


def made(table: str, more: str = "") -> str:
    return f"op.create_table({table!r}, sa.Column('id', sa.Integer), sa.Column('x', sa.Text){more})"


TAKEN = "if op.get_bind() is not None:\n    "
GUARDED_INDEX = "op.create_index('k', 't', ['x'], if_not_exists=True)"


@settings(max_examples=60, deadline=None)
@example([TAKEN + made("u", ", sa.Index('k', 'id')"), f"{made('t')}\n{GUARDED_INDEX}", "op.drop_table('u')"])
@example(
    [
        made("u", ", sa.Index('k', 'id')"),
        "if op.get_bind() is None:\n    op.drop_index('k')",
        made("t"),
        GUARDED_INDEX,
        "op.drop_table('u')",
    ]
)
@example([made("u", ", if_not_exists=True"), "op.rename_table('u', 't')", "op.rename_table('t', 'u')"])
@given(st.lists(BODIES, min_size=2, max_size=14))
def test_nothing_is_missing_where_random_scripts_ran(bodies: list[str]) -> None:
    texts, there = those_that_run(bodies)
    assert skipped_effects(list(texts), read(texts), texts, there) == ()
    heads = guess_revision(revisions(texts, {}, {}), read(texts), texts, there).heads
    assert len(heads) <= 1
    if any(b"RENAME TO" in text for text in texts.values()):
        return  # What raw SQL renames may bring a dropped name back: the guess then falls short.
    beyond = list(texts)[list(texts).index(heads[0]) + 1 :] if heads else list(texts)
    certain = [each for each in effects_of(list(texts), read(texts)) if has_one_maker(each, read(texts))]
    assert not [each for each in certain if each.revision in beyond and is_there(each, there)]


def has_one_maker(effect: Effect, operations: Mapping[str, Operations]) -> bool:
    """Tell whether no other revision makes, or gives to something, the name of an effect or of its table; its own is unguarded."""
    others = [each for name, one in operations.items() for each in one.done if name != effect.revision or each.guarded]
    made = [each for each in others if each.action in (Action.CREATE, Action.RENAME)]
    tables = {each.new_name or each.table for each in made if each.kind is ObjectKind.TABLE}
    parts = {each.new_name or each.name for each in made if each.kind is not ObjectKind.TABLE}
    return effect.table not in tables and (effect.name is None or effect.name not in parts)


def is_there(effect: Effect, there: Schema) -> bool:
    table = there.tables.get(effect.table, Table())
    match effect.kind:
        case ObjectKind.TABLE:
            return effect.table in there.tables
        case ObjectKind.COLUMN:
            return effect.name in table.columns
    return effect.name in table.indexes


@settings(max_examples=60, deadline=None)
@given(st.lists(BODIES, min_size=2, max_size=14), st.data())
def test_nobody_is_blamed_but_who_was_skipped(bodies: list[str], data: st.DataObject) -> None:
    """Stop at the first script that cannot run without the skipped one."""
    everything, _ = those_that_run(bodies)
    skipped = data.draw(st.sampled_from(list(everything) or [""]))
    texts: Chain = {}
    with in_memory() as connection:
        for name, text in everything.items():
            if name != skipped and not succeeds(connection, text):
                break
            texts[name] = text
        there = reflected(connection)
    traces = skipped_effects(list(texts), read(texts), texts, there)
    assert {trace.revision for trace in traces} <= {skipped}
