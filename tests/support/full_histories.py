"""Histories with every kind of operation, drawn from a seed: scripts that run one after the other on one dialect."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from types import ModuleType

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from tests.support.project import script_text

BATCHED = ("sqlite",)


@dataclass(frozen=True)
class HistoryStep:
    """One revision; `kind` names its operation."""

    revision: str
    parent: str | None
    kind: str
    upgrade: str
    downgrade: str = "pass"

    @property
    def text(self) -> str:
        return script_text(self.revision, self.parent, upgrade=self.upgrade, downgrade=self.downgrade, message=self.kind)


@dataclass
class _Model:
    """What the scripts have made so far, so that the next one fits."""

    dialect: str
    random: Random
    tables: dict[str, list[str]] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def new(self, what: str) -> str:
        self.number += 1
        return f"{what}{self.number}"

    def table(self) -> str:
        return self.random.choice(sorted(self.tables))

    def column(self, table: str) -> str:
        return self.random.choice(self.tables[table])

    def made_of(self, kind: str) -> list[str]:
        return self.made.setdefault(kind, [])

    def altering(self, table: str, call: str) -> str:
        """Return an operation on a table, in a batch where SQLite needs one."""
        if self.dialect in BATCHED:
            return f"with op.batch_alter_table({table!r}) as batch: batch.{call}"
        name, _, rest = call.partition("(")
        if name == "drop_constraint":
            constraint, _, kind = rest.partition(", ")
            return f"op.drop_constraint({constraint}, {table!r}, {kind}"
        if name in ("create_unique_constraint", "create_foreign_key", "create_check_constraint"):
            constraint, _, others = rest.partition(", ")
            return f"op.{name}({constraint}, {table!r}, {others}"
        return f"op.{name}({table!r}, {rest}"


Made = tuple[str, str]
"""The bodies of upgrade() and downgrade()."""


def _create_table(model: _Model) -> Made:
    table = model.new("t")
    columns = [model.new("c") for _ in range(3)]
    model.tables[table] = columns
    extras = ["", ", unique=True", ", index=True", ", server_default='x'", ", nullable=False"]
    given = [model.random.choice(extras) for _ in columns]
    shown = ", ".join(f"sa.Column({name!r}, sa.String({10 + place}){given[place]})" for place, name in enumerate(columns))
    model.made_of("bound").extend(f"{table}.{name}" for name, extra in zip(columns, given, strict=True) if extra)
    if model.random.random() < 0.5:
        shown += f", sa.CheckConstraint({f'length({columns[0]}) < 9'!r})"
        model.made_of("bound").append(f"{table}.{columns[0]}")
    if len(model.tables) > 1 and model.random.random() < 0.5:
        other, key = model.random.choice([each for each in sorted(model.tables) if each != table]), model.new("c")
        columns.append(key)
        shown += f", sa.Column({key!r}, sa.Integer, sa.ForeignKey({f'{other}.id'!r}, ondelete='CASCADE'))"
        model.made_of("bound").append(f"{table}.{key}")
        model.made_of("used").append(other)
    return f"op.create_table({table!r}, sa.Column('id', sa.Integer, primary_key=True), {shown})", f"op.drop_table({table!r})"


def _drop_table(model: _Model) -> Made | None:
    if len(model.tables) < 4 or not (free := [each for each in model.tables if each not in model.made_of("used")]):
        return None
    table = model.random.choice(sorted(free))
    del model.tables[table]
    return f"op.drop_table({table!r})", f"op.create_table({table!r}, sa.Column('id', sa.Integer, primary_key=True))"


def _rename_table(model: _Model) -> Made | None:
    free = [each for each in model.tables if each not in model.made_of("used")]
    if not free:
        return None
    old, new = model.random.choice(sorted(free)), model.new("t")
    model.tables[new] = model.tables.pop(old)
    return f"op.rename_table({old!r}, {new!r})", f"op.rename_table({new!r}, {old!r})"


def _add_column(model: _Model) -> Made:
    table, column = model.table(), model.new("c")
    model.tables[table].append(column)
    given = model.random.choice(["sa.Integer()", "sa.Text()", "sa.Boolean()", "sa.Numeric(10, 2)", "sa.DateTime()", "sa.JSON()"])
    extra = model.random.choice(["", ", nullable=True", ", comment='what it is'" if model.dialect not in BATCHED else ""])
    return (
        f"op.add_column({table!r}, sa.Column({column!r}, {given}{extra}))",
        model.altering(table, f"drop_column({column!r})"),
    )


def _drop_column(model: _Model) -> Made | None:
    table = model.table()
    free = [each for each in model.tables[table] if f"{table}.{each}" not in model.made_of("bound")]
    if not free or len(model.tables[table]) < 3:
        return None
    column = model.random.choice(free)
    model.tables[table].remove(column)
    return model.altering(table, f"drop_column({column!r})"), f"op.add_column({table!r}, sa.Column({column!r}, sa.Text()))"


def _with_text_column(model: _Model, change: Callable[[str, str], Made]) -> Made | None:
    pairs = sorted(
        (table, column)
        for table, columns in model.tables.items()
        for column in columns
        if f"{table}.{column}" in model.made_of("text") and f"{table}.{column}" not in model.made_of("bound")
    )
    return change(*model.random.choice(pairs)) if pairs else None


def _add_text_column(model: _Model) -> Made:
    table, column = model.table(), model.new("c")
    model.tables[table].append(column)
    model.made_of("text").append(f"{table}.{column}")
    model.made_of("used").append(table)
    return (
        f"op.add_column({table!r}, sa.Column({column!r}, sa.String(20)))",
        model.altering(table, f"drop_column({column!r})"),
    )


def _alter_type(model: _Model) -> Made | None:
    size = model.number + 21
    return _with_text_column(
        model,
        lambda table, column: (
            model.altering(table, f"alter_column({column!r}, type_=sa.String({size}), existing_type=sa.String(20))"),
            model.altering(table, f"alter_column({column!r}, type_=sa.String(20), existing_type=sa.String({size}))"),
        ),
    )


def _alter_null(model: _Model) -> Made | None:
    def change(table: str, column: str) -> Made:
        model.made_of("text").remove(f"{table}.{column}")
        return (
            model.altering(table, f"alter_column({column!r}, nullable=False, existing_type=sa.String(20))"),
            model.altering(table, f"alter_column({column!r}, nullable=True, existing_type=sa.String(20))"),
        )

    return _with_text_column(model, change)


def _alter_default(model: _Model) -> Made | None:
    value = model.new("d")

    def change(table: str, column: str) -> Made:
        model.made_of("default").append(f"{table}.{column}")
        return (
            model.altering(table, f"alter_column({column!r}, server_default={value!r}, existing_type=sa.String(20))"),
            model.altering(table, f"alter_column({column!r}, server_default=None, existing_type=sa.String(20))"),
        )

    return _with_text_column(model, change)


def _rename_column(model: _Model) -> Made | None:
    def change(table: str, column: str) -> Made:
        new = model.new("c")
        model.tables[table][model.tables[table].index(column)] = new
        model.made_of("text").append(f"{table}.{new}")
        return (
            model.altering(table, f"alter_column({column!r}, new_column_name={new!r}, existing_type=sa.String(20))"),
            model.altering(table, f"alter_column({new!r}, new_column_name={column!r}, existing_type=sa.String(20))"),
        )

    return _with_text_column(model, change)


def _bound_column(model: _Model) -> tuple[str, str] | None:
    """Take a short text column, which is not changed any more."""
    pairs = sorted(each for each in model.made_of("text") if each not in model.made_of("bound"))
    if not pairs:
        return None
    chosen = model.random.choice(pairs)
    table, column = chosen.split(".")
    if table not in model.tables or column not in model.tables[table]:
        return None
    model.made_of("bound").append(chosen)
    return table, column


def _drop_unique(model: _Model) -> Made | None:
    if not model.made_of("unique"):
        return None
    name, table = model.made_of("unique").pop(0).split()
    return model.altering(table, f"drop_constraint({name!r}, type_='unique')"), "pass"


def _drop_foreign_key(model: _Model) -> Made | None:
    if not model.made_of("foreign key"):
        return None
    name, table = model.made_of("foreign key").pop(0).split()
    return model.altering(table, f"drop_constraint({name!r}, type_='foreignkey')"), "pass"


def _drop_default(model: _Model) -> Made | None:
    if not model.made_of("default"):
        return None
    table, column = model.made_of("default").pop(0).split(".")
    if table not in model.tables or column not in model.tables[table]:
        return None
    return model.altering(table, f"alter_column({column!r}, server_default=None, existing_type=sa.String(20))"), "pass"


def _special_index(model: _Model) -> Made | None:
    if model.dialect == "mariadb" or not (found := _bound_column(model)):
        return None
    table, column = found
    name = model.new("ix")
    text = model.random.choice([f"({column}) where {column} is not null", f"(lower({column}))"])
    return f"op.execute('create index {name} on {table} {text}')", f"op.execute('drop index {name}')"


def _rename_index(model: _Model) -> Made | None:
    if model.dialect == "sqlite" or not model.made_of("index"):
        return None
    old, table = model.made_of("index").pop(0).split()
    new = model.new("ix")
    model.made_of("index").append(f"{new} {table}")
    if model.dialect == "postgresql":
        return f"op.execute('alter index {old} rename to {new}')", f"op.execute('alter index {new} rename to {old}')"
    return f"op.execute('alter table {table} rename index {old} to {new}')", "pass"


def _table_comment(model: _Model) -> Made | None:
    if model.dialect == "sqlite":
        return None
    table, text = model.table(), model.new("said")
    return f"op.create_table_comment({table!r}, {text!r})", f"op.drop_table_comment({table!r})"


def _schema(model: _Model) -> Made | None:
    if model.dialect != "postgresql":
        return None
    name = model.new("schema")
    table = f"op.create_table('t', sa.Column('id', sa.Integer, sa.Identity(), primary_key=True), schema={name!r})"
    return f"op.execute('create schema {name}')\n    {table}", f"op.execute('drop schema {name} cascade')"


def _create_index(model: _Model) -> Made | None:
    if not (found := _bound_column(model)):
        return None
    table, column = found
    index, unique = f"ix_{table}_{column}", model.random.random() < 0.3
    model.made_of("index").append(f"{index} {table}")
    return f"op.create_index({index!r}, {table!r}, [{column!r}], unique={unique})", f"op.drop_index({index!r}, {table!r})"


def _drop_index(model: _Model) -> Made | None:
    if not model.made_of("index"):
        return None
    index, table = model.made_of("index").pop(0).split()
    return f"op.drop_index({index!r}, {table!r})", "pass"


def _unique(model: _Model) -> Made | None:
    if not (found := _bound_column(model)):
        return None
    table, column = found
    name = f"uq_{table}_{column}"
    model.made_of("unique").append(f"{name} {table}")
    return (
        model.altering(table, f"create_unique_constraint({name!r}, [{column!r}])"),
        model.altering(table, f"drop_constraint({name!r}, type_='unique')"),
    )


def _check(model: _Model) -> Made | None:
    if not (found := _bound_column(model)):
        return None
    table, column = found
    name = f"ck_{table}_{column}"
    model.made_of("check").append(f"{name} {table}")
    return (
        model.altering(table, f"create_check_constraint({name!r}, {f'length({column}) > 1'!r})"),
        model.altering(table, f"drop_constraint({name!r}, type_='check')"),
    )


def _drop_check(model: _Model) -> Made | None:
    if not model.made_of("check"):
        return None
    name, table = model.made_of("check").pop(0).split()
    return model.altering(table, f"drop_constraint({name!r}, type_='check')"), "pass"


def _foreign_key(model: _Model) -> Made | None:
    if len(model.tables) < 2:
        return None
    table, other = model.random.sample(sorted(model.tables), 2)
    column, name = model.new("c"), model.new("fk")
    model.tables[table].append(column)
    model.made_of("bound").append(f"{table}.{column}")
    model.made_of("used").extend([table, other])
    model.made_of("foreign key").append(f"{name} {table}")
    key = model.altering(table, f"create_foreign_key({name!r}, {other!r}, [{column!r}], ['id'])")
    return f"op.add_column({table!r}, sa.Column({column!r}, sa.Integer()))\n    {key}", "pass"


def _view(model: _Model) -> Made:
    table, view = model.table(), model.new("v")
    model.made_of("used").append(table)
    model.made_of("view").append(view)
    # A batch drops the table, which SQLite refuses below a view.
    body = "select 1 as one" if model.dialect in BATCHED else f"select id from {table}"
    return f"op.execute({f'create view {view} as {body}'!r})", f"op.execute('drop view {view}')"


def _drop_view(model: _Model) -> Made | None:
    if not model.made_of("view"):
        return None
    return f"op.execute('drop view {model.made_of('view').pop(0)}')", "pass"


def _enum(model: _Model) -> Made | None:
    if model.dialect != "postgresql":
        table, column = model.table(), model.new("c")
        model.tables[table].append(column)
        return f"op.add_column({table!r}, sa.Column({column!r}, sa.Enum('a', 'b', name='e_{column}')))", "pass"
    name = model.new("e")
    model.made_of("enum").append(name)
    return f"op.execute(\"create type {name} as enum ('a', 'b')\")", f"op.execute('drop type {name}')"


def _enum_value(model: _Model) -> Made | None:
    if model.dialect != "postgresql" or not model.made_of("enum"):
        return None
    name, value = model.random.choice(model.made_of("enum")), model.new("x")
    return f"op.execute(\"alter type {name} add value '{value}'\")", "pass"


def _sequence(model: _Model) -> Made | None:
    if model.dialect == "sqlite":
        return None
    name = model.new("s")
    return f"op.execute('create sequence {name}')", f"op.execute('drop sequence {name}')"


def _trigger(model: _Model) -> Made | None:
    table, name = model.table(), model.new("tr")
    model.made_of("used").append(table)
    match model.dialect:
        case "sqlite":
            return (
                f"op.execute('create trigger {name} after delete on {table} begin select 1; end')",
                f"op.execute('drop trigger {name}')",
            )
        case "postgresql":
            function = model.new("f")
            body = f"create function {function}() returns trigger language plpgsql as $$ begin return new; end $$"
            trigger = f"create trigger {name} before insert on {table} for each row execute function {function}()"
            return f"op.execute({body!r})\n    op.execute({trigger!r})", f"op.execute('drop function {function} cascade')"
    body = f"create trigger {name} before insert on {table} for each row set @seen = 1"
    return f"op.execute({body!r})", f"op.execute('drop trigger {name}')"


def _function(model: _Model) -> Made | None:
    name = model.new("f")
    match model.dialect:
        case "sqlite":
            return None
        case "postgresql":
            body = f"create function {name}(x integer) returns integer language sql as $$ select x + 1 $$"
        case _:
            body = f"create function {name}(x integer) returns integer deterministic return x + 1"
    return f"op.execute({body!r})", f"op.execute('drop function {name}')"


def _raw_sql(model: _Model) -> Made:
    table = model.new("t")
    model.tables[table] = [model.new("c")]
    column = model.tables[table][0]
    return f"op.execute('create table {table} (id integer primary key, {column} varchar(30) not null)')", "pass"


def _rows(model: _Model) -> Made:
    table = model.table()
    return f"op.execute('delete from {table} where id < 0')", "pass"


def _rows_in_loop(model: _Model) -> Made:
    table = model.table()
    body = f"for row in op.get_bind().execute(sa.text('select id from {table}')).all():\n        op.execute('update {table} set id = id')"
    return body, "pass"


def _nothing(_: _Model) -> Made:
    return "pass", "pass"


_KINDS: dict[str, Callable[[_Model], Made | None]] = {
    "add column": _add_column,
    "add text column": _add_text_column,
    "alter default": _alter_default,
    "alter nullability": _alter_null,
    "alter type": _alter_type,
    "check": _check,
    "create table": _create_table,
    "data in a loop": _rows_in_loop,
    "data": _rows,
    "drop check": _drop_check,
    "drop column": _drop_column,
    "drop default": _drop_default,
    "drop foreign key": _drop_foreign_key,
    "drop index": _drop_index,
    "drop table": _drop_table,
    "drop unique": _drop_unique,
    "drop view": _drop_view,
    "enum value": _enum_value,
    "enum": _enum,
    "foreign key": _foreign_key,
    "function": _function,
    "index": _create_index,
    "nothing": _nothing,
    "raw SQL": _raw_sql,
    "rename column": _rename_column,
    "rename index": _rename_index,
    "rename table": _rename_table,
    "schema": _schema,
    "sequence": _sequence,
    "special index": _special_index,
    "table comment": _table_comment,
    "trigger": _trigger,
    "unique": _unique,
    "view": _view,
}
_FIRST = ("create table", "create table", "create table", "add text column", "add text column", "add text column")


def full_history(dialect: str, seed: int, length: int = 40) -> tuple[HistoryStep, ...]:
    """Return a line of revisions in which each kind of operation that the dialect has comes as often as it can."""
    model, steps = _Model(dialect, Random(seed)), list[HistoryStep]()
    for kind in _kinds(model.random):
        if (made := _KINDS[kind](model)) is None:
            continue
        parent = steps[-1].revision if steps else None
        steps.append(HistoryStep(f"r{len(steps):03}", parent, kind, *made))
        if len(steps) == length:
            break
    return tuple(steps)


def _kinds(random: Random) -> Iterator[str]:
    yield from _FIRST
    names = sorted(_KINDS)
    while True:
        random.shuffle(names)
        for name in names:
            yield name
            if random.random() < 0.4:
                yield "add text column"


def run_steps(connection: sa.Connection, steps: Iterable[HistoryStep]) -> list[HistoryStep]:
    """Run upgrades with Alembic, each committed, up to the first that fails; return those that ran."""
    ran = list[HistoryStep]()
    for step in steps:
        script = ModuleType(step.revision)
        exec(compile(step.text, step.revision, "exec"), script.__dict__)
        try:
            with Operations.context(MigrationContext.configure(connection)), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what a batch of SQLite loses
                script.upgrade()
            connection.commit()
        except (sa.exc.SQLAlchemyError, KeyError, ValueError):  # as Alembic's batches raise
            connection.rollback()
            break
        ran.append(step)
    return ran
