"""The part of a script that a database still lacks, as a script of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, ObjectKind, Operation
from ..operations.possible_drops import words_in
from ..script.functions import call_form
from ..script.read import encoding_of, source_text
from ..script.syntax import NotPython, parse
from .effects import Effect, EffectKey, PartialEffects, effect_key, keys_made_by
from .expected_table import folded

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Remainder:
    """Hold a script whose `upgrade()` does what is left of another one's, and what that is, in lines.

    `is_all` where nothing of the other one is left after it, no change of rows either.
    """

    text: bytes
    body: tuple[str, ...]
    is_all: bool = True


def rest_of_run(text: bytes, partial: PartialEffects) -> Remainder | None:
    """Return what is left to do of a script whose run was stopped, from its first missing effect; None where nobody can tell.

    All that comes before the last effect ran.
    """
    missing, present = set(map(_key, partial.missing)), set(map(_key, partial.present))
    try:
        script = _Upgrade(text)
        return script.with_body(script.after(present, missing), missing)
    except (NotPython, _Unclear):
        return None


def not_run(text: bytes, partial: PartialEffects, ran: frozenset[str]) -> Remainder | None:
    """Return the statements of a script that have not run, none or some; None where nobody can tell which these are.

    `ran` are the calls of other scripts that did, in the form of `calls_in`; where there are none, something else made the
    effects that are present, and ran nothing beside them. A table that another script made otherwise gets the columns that
    it lacks.
    """
    missing, present = set(map(_key, partial.missing)), set(map(_key, partial.present))
    try:
        script = _Upgrade(text)
        lines = script.without(present, missing, ran)
        return script.with_body(lines, missing) if lines else Remainder(text, ())
    except (NotPython, _Unclear):
        return None


def missing_effects(text: bytes, partial: PartialEffects) -> Remainder | None:
    """Return what makes the missing effects of a script that is recorded, and nothing else; None where nobody can tell."""
    missing = set(map(_key, partial.missing))
    try:
        script = _Upgrade(text)
        return replace(script.with_body(script.making(missing), missing), is_all=False)
    except (NotPython, _Unclear):
        return None


class _Unclear(Exception):
    """Say that the part of a script cannot be told from the rest."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """Hold a statement with the blocks around it, and what it does."""

    node: ast.stmt
    around: tuple[ast.With, ...]
    operations: tuple[Operation, ...]

    @property
    def call(self) -> str:
        return call_form(self.node.value, self.around) if isinstance(self.node, ast.Expr) else ""

    @property
    def makes(self) -> set[EffectKey]:
        return {key for each in self.operations for key in _made(each)}

    def is_made_of(self, missing: set[EffectKey]) -> bool:
        """Say whether it makes what is missing alone; a missing table stands for its columns."""
        tables = {table for kind, table, _ in missing if kind is ObjectKind.TABLE}
        return bool(self.makes) and all(key in missing or key[1] in tables for key in self.makes)

    @property
    def may_run_twice(self) -> bool:
        """Say whether it changes rows or alters a column alone, which a stopped run has rolled back or can do again."""
        return all(each.rows or each.action in (Action.ALTER, Action.REFER) for each in self.operations)


class _Upgrade:
    """Hold the `upgrade()` of a script, statement by statement."""

    def __init__(self, text: bytes) -> None:
        self._data, (self._text, defect) = text, source_text(text)
        functions = [each for each in parse(self._text).body if isinstance(each, ast.FunctionDef) and each.name == "upgrade"]
        operations = read_operations(text)
        if defect or len(functions) != 1 or operations.unread:
            raise _Unclear
        self._function = functions[0]
        self._statements = tuple(_simple(self._function.body, (), operations.done))

    def without(self, present: set[EffectKey], missing: set[EffectKey], ran: frozenset[str]) -> list[str]:
        """Return the statements that have no effect in the database, and are not among what ran."""
        done = [each.call in ran or (bool(each.makes & present) and not each.makes & missing) for each in self._statements]
        in_part = [bool(each.makes & missing and each.makes & present) for each in self._statements]
        last = max((place for place, each in enumerate(done) if each), default=-1)
        if not ran and (any(in_part) or not all(done[: last + 1])):
            raise _Unclear
        lines: list[str] = []
        for each, is_done, is_in_part in zip(self._statements, done, in_part, strict=True):
            lines += self._lacking_columns(each, missing) if is_in_part else [] if is_done else self._written([each])
        return lines

    def _lacking_columns(self, statement: _Statement, missing: set[EffectKey]) -> list[str]:
        """Return what adds to a table that is there the columns that it lacks, where these are all that it lacks."""
        lines = list(self._columns(statement, missing))
        if sum("add_column(" in line for line in lines) != len(statement.makes & missing):
            raise _Unclear
        return [*lines, *_constraints_over(statement.node, {name for _, _, name in statement.makes & missing})]

    def after(self, present: set[EffectKey], missing: set[EffectKey]) -> list[str]:
        """Return the statements from the first one that has not run."""
        done = [bool(each.makes) and not each.makes & missing and bool(each.makes & present) for each in self._statements]
        waiting = [bool(each.makes & missing) for each in self._statements]
        last = max((place for place, each in enumerate(done) if each), default=-1)
        first = min((place for place, each in enumerate(waiting) if each), default=len(waiting))
        if first <= last or any(each.makes & missing and each.makes & present for each in self._statements):
            raise _Unclear
        if not all(each.may_run_twice for each in self._statements[last + 1 : first]):
            raise _Unclear
        return self._written(self._statements[last + 1 :])

    def making(self, missing: set[EffectKey]) -> list[str]:
        """Return what makes the missing effects: statements, and columns that a table would be made with."""
        whole = [each for each in self._statements if each.is_made_of(missing)]
        lines = self._written(whole)
        left = missing - {key for each in whole for key in each.makes}
        for each in self._statements:
            lines += list(self._columns(each, left))
        return lines

    def _columns(self, statement: _Statement, left: set[EffectKey]) -> Iterator[str]:
        """Yield what adds each missing column of a `create_table`."""
        made = next(
            (each for each in statement.operations if each.kind is ObjectKind.TABLE and each.action is Action.CREATE), None
        )
        call = statement.node.value if isinstance(statement.node, ast.Expr) else None
        if made is None or not isinstance(call, ast.Call) or statement.around or not call.args:
            return
        schema = "".join(f", schema={ast.unparse(each.value)}" for each in call.keywords if each.arg == "schema")
        for column in call.args[1:]:
            name = _name_of_column(column)
            if name and (ObjectKind.COLUMN, folded(made.table or ""), folded(name)) in left:
                yield from _added_column(ast.unparse(call.args[0]), column, schema)

    def _written(self, statements: Iterable[_Statement]) -> list[str]:
        """Return statements as lines, each in its own blocks."""
        lines: list[str] = []
        for each in statements:
            for depth, block in enumerate(each.around):
                items = ", ".join(ast.unparse(item) for item in block.items)
                lines.append(f"{_INDENT * depth}with {items}:")
            lines += [f"{_INDENT * len(each.around)}{line}" for line in ast.unparse(each.node).split("\n")]
        return lines

    def with_body(self, lines: list[str], missing: set[EffectKey]) -> Remainder:
        """Return the script with other lines in its `upgrade()`; these must make what is missing and nothing else."""
        if not lines:
            raise _Unclear
        before = self._text.split("\n")[: self._function.lineno - 1]
        after = self._text.split("\n")[self._function.end_lineno or len(self._text) :]
        body = ["def upgrade():", *(f"{_INDENT}{line}" for line in lines)]
        written = "\n".join([*before, *body, *after]).encode(encoding_of(self._data))
        operations = read_operations(written)
        made = {key for each in operations.done for key in _made(each)}
        if operations.unread or not missing <= made:
            raise _Unclear
        return Remainder(written, tuple(lines))


def _simple(body: Sequence[ast.stmt], around: tuple[ast.With, ...], operations: Sequence[Operation]) -> Iterator[_Statement]:
    """Yield the statements of a function and of its `with` blocks; nothing else than calls may be in them."""
    for node in body:
        if isinstance(node, ast.With):
            yield from _simple(node.body, (*around, node), operations)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            last = node.end_lineno or node.lineno
            yield _Statement(node, around, tuple(each for each in operations if node.lineno <= each.line <= last))
        elif not isinstance(node, ast.Pass) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            raise _Unclear


def _name_of_column(node: ast.expr) -> str | None:
    """Return the name of a column that can be added to a table; None for a key, which not every database adds."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="Column") | ast.Name(id="Column"), args=[ast.Constant(value=str(name)), *_], keywords=more
        ):
            return name if _can_be_added({each.arg: each.value for each in more}) else None
    return None


def _added_column(table: str, column: ast.expr, schema: str) -> Iterator[str]:
    """Yield what adds a column, after its enum type; SQLite adds one with a foreign key only in a batch."""
    calls = [each for each in ast.walk(column) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]
    named = {each.func.attr: each for each in calls if isinstance(each.func, ast.Attribute)}
    if "Enum" in named:
        yield f"{ast.unparse(named['Enum'])}.create(op.get_bind(), checkfirst=True)"
    if "ForeignKey" in named:
        yield f"with op.batch_alter_table({table}{schema}) as batch:"
        yield f"{_INDENT}batch.add_column({ast.unparse(column)})"
    else:
        yield f"op.add_column({table}, {ast.unparse(column)}{schema})"


_ADDED = {
    "UniqueConstraint": "create_unique_constraint",
    "CheckConstraint": "create_check_constraint",
    "ForeignKeyConstraint": "create_foreign_key",
}


def _constraints_over(node: ast.stmt, columns: set[str]) -> Iterator[str]:
    """Yield what adds the constraints of an `op.create_table` that mention some columns, after these."""
    call = node.value if isinstance(node, ast.Expr) else None
    assert isinstance(call, ast.Call)
    for each in call.args[1:]:
        name = each.func.attr if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) else ""
        said = {word for text in ast.walk(each) if isinstance(text, ast.Constant) for word in words_in(str(text.value))}
        if isinstance(each, ast.Call) and name in _ADDED and not columns.isdisjoint(map(folded, said)):
            yield f"with op.batch_alter_table({ast.unparse(call.args[0])}) as batch:"
            yield f"{_INDENT}batch.{_ADDED[name]}({', '.join(_arguments(name, each))})"


def _arguments(name: str, constraint: ast.Call) -> Iterator[str]:
    """Yield the arguments of the operation that adds a constraint, which needs a name."""
    keywords = {each.arg: each.value for each in constraint.keywords}
    if keywords.keys() != {"name"} or not constraint.args:
        raise _Unclear
    yield ast.unparse(keywords["name"])
    match name, constraint.args:
        case "UniqueConstraint", columns:
            yield f"[{', '.join(map(ast.unparse, columns))}]"
        case "CheckConstraint", [text]:
            yield ast.unparse(text)
        case "ForeignKeyConstraint", [columns, ast.List(elts=[ast.Constant(value=str(first)), *others])]:
            targets = [first, *(each.value for each in others if isinstance(each, ast.Constant) and isinstance(each.value, str))]
            if len(targets) != len(others) + 1 or not all("." in each for each in targets):
                raise _Unclear
            yield repr(first.rpartition(".")[0])
            yield ast.unparse(columns)
            yield repr([each.rpartition(".")[2] for each in targets])
        case _:
            raise _Unclear


def _can_be_added(keywords: Mapping[str | None, ast.expr]) -> bool:
    """Say whether each database adds such a column to a table with rows: no key, and null or a default for these."""
    is_required = isinstance(value := keywords.get("nullable"), ast.Constant) and value.value is False
    return not {"primary_key", "unique"} & keywords.keys() and not (is_required and "server_default" not in keywords)


def _made(operation: Operation) -> Iterator[EffectKey]:
    return keys_made_by(operation) if operation.action is Action.CREATE else iter(())


def _key(effect: Effect) -> EffectKey:
    return effect_key(effect.kind, effect.table, effect.name)
