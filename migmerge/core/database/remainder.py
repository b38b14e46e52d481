"""The part of a script that a database still lacks, as a script of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, ObjectKind
from ..operations.possible_drops import words_in
from ..script.syntax import NotPython
from .effects import Effect, EffectKey, PartialEffects, effect_key
from .expected_table import folded
from .statements import INDENT, Statement, StatementsOfFunction, UnclearStatement, made_by


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
        script = _Upgrade(text, "upgrade")
        return script.with_body(script.after(present, missing), missing)
    except (NotPython, UnclearStatement):
        return None


def not_run(text: bytes, partial: PartialEffects, ran: frozenset[str]) -> Remainder | None:
    """Return the statements of a script that have not run, none or some; None where nobody can tell which these are.

    `ran` are the calls of other scripts that did, in the form of `calls_of`; where there are none, something else made the
    effects that are present, and ran nothing beside them. A table that another script made otherwise gets the columns that
    it lacks.
    """
    missing, present = set(map(_key, partial.missing)), set(map(_key, partial.present))
    try:
        script = _Upgrade(text, "upgrade")
        lines = script.without(present, missing, ran)
        return script.with_body(lines, missing) if lines else Remainder(text, ())
    except (NotPython, UnclearStatement):
        return None


def missing_effects(text: bytes, partial: PartialEffects) -> Remainder | None:
    """Return what makes the missing effects of a script that is recorded, and nothing else; None where nobody can tell."""
    missing = set(map(_key, partial.missing))
    try:
        script = _Upgrade(text, "upgrade")
        return replace(script.with_body(script.making(missing), missing), is_all=False)
    except (NotPython, UnclearStatement):
        return None


class _Upgrade(StatementsOfFunction):
    """Hold the `upgrade()` of a script."""

    def without(self, present: set[EffectKey], missing: set[EffectKey], ran: frozenset[str]) -> list[str]:
        """Return the statements that have no effect in the database, and are not among what ran."""
        done = [each.call in ran or (bool(each.makes & present) and not each.makes & missing) for each in self.statements]
        in_part = [bool(each.makes & missing and each.makes & present) for each in self.statements]
        last = max((place for place, each in enumerate(done) if each), default=-1)
        if not ran and (any(in_part) or not all(done[: last + 1])):
            raise UnclearStatement
        lines: list[str] = []
        for each, is_done, is_in_part in zip(self.statements, done, in_part, strict=True):
            lines += self._lacking_columns(each, missing) if is_in_part else [] if is_done else self.written([each])
        return lines

    def _lacking_columns(self, statement: Statement, missing: set[EffectKey]) -> list[str]:
        """Return what adds to a table that is there the columns that it lacks, where these are all that it lacks."""
        lines = list(self._columns(statement, missing))
        if sum("add_column(" in line for line in lines) != len(statement.makes & missing):
            raise UnclearStatement
        return [*lines, *_constraints_over(statement.node, {name for _, _, name in statement.makes & missing})]

    def after(self, present: set[EffectKey], missing: set[EffectKey]) -> list[str]:
        """Return the statements from the first one that has not run."""
        done = [bool(each.makes) and not each.makes & missing and bool(each.makes & present) for each in self.statements]
        waiting = [bool(each.makes & missing) for each in self.statements]
        last = max((place for place, each in enumerate(done) if each), default=-1)
        first = min((place for place, each in enumerate(waiting) if each), default=len(waiting))
        if first <= last or any(each.makes & missing and each.makes & present for each in self.statements):
            raise UnclearStatement
        if not all(each.may_run_twice for each in self.statements[last + 1 : first]):
            raise UnclearStatement
        return self.written(self.statements[last + 1 :])

    def making(self, missing: set[EffectKey]) -> list[str]:
        """Return what makes the missing effects: statements, and columns that a table would be made with."""
        whole = [each for each in self.statements if each.is_made_of(missing)]
        lines = self.written(whole)
        left = missing - {key for each in whole for key in each.makes}
        for each in self.statements:
            lines += list(self._columns(each, left))
        return lines

    def _columns(self, statement: Statement, left: set[EffectKey]) -> Iterator[str]:
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

    def with_body(self, lines: list[str], missing: set[EffectKey]) -> Remainder:
        """Return the script with other lines in its `upgrade()`; these must make what is missing and nothing else."""
        if not lines:
            raise UnclearStatement
        written = self.with_lines(lines)
        made = {key for each in read_operations(written).done for key in made_by(each)}
        if not missing <= made:
            raise UnclearStatement
        return Remainder(written, tuple(lines))


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
        yield f"{INDENT}batch.add_column({ast.unparse(column)})"
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
            yield f"{INDENT}batch.{_ADDED[name]}({', '.join(_arguments(name, each))})"


def _arguments(name: str, constraint: ast.Call) -> Iterator[str]:
    """Yield the arguments of the operation that adds a constraint, which needs a name."""
    keywords = {each.arg: each.value for each in constraint.keywords}
    if keywords.keys() != {"name"} or not constraint.args:
        raise UnclearStatement
    yield ast.unparse(keywords["name"])
    match name, constraint.args:
        case "UniqueConstraint", columns:
            yield f"[{', '.join(map(ast.unparse, columns))}]"
        case "CheckConstraint", [text]:
            yield ast.unparse(text)
        case "ForeignKeyConstraint", [columns, ast.List(elts=[ast.Constant(value=str(first)), *others])]:
            targets = [first, *(each.value for each in others if isinstance(each, ast.Constant) and isinstance(each.value, str))]
            if len(targets) != len(others) + 1 or not all("." in each for each in targets):
                raise UnclearStatement
            yield repr(first.rpartition(".")[0])
            yield ast.unparse(columns)
            yield repr([each.rpartition(".")[2] for each in targets])
        case _:
            raise UnclearStatement


def _can_be_added(keywords: Mapping[str | None, ast.expr]) -> bool:
    """Say whether each database adds such a column to a table with rows: no key, and null or a default for these."""
    is_required = isinstance(value := keywords.get("nullable"), ast.Constant) and value.value is False
    return not {"primary_key", "unique"} & keywords.keys() and not (is_required and "server_default" not in keywords)


def _key(effect: Effect) -> EffectKey:
    return effect_key(effect.kind, effect.table, effect.name)
