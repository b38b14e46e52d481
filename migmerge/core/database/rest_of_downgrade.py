"""What is left of a downgrade that was stopped half-way, as a script."""

from __future__ import annotations

from collections.abc import Iterable

from ..operations.operation import ObjectKind
from ..script.syntax import NotPython
from .effects import Effect, EffectKey, PartialEffects, effect_key
from .remainder import Remainder
from .statements import Statement, StatementsOfFunction, UnclearStatement


def rest_of_downgrade(text: bytes, partial: PartialEffects, *, commits_each: bool) -> Remainder | None:
    """Return what is left to do of a downgrade, from its first drop that did not happen; None where nobody can tell.

    `commits_each` says that the database commits each statement by itself, so that a downgrade which was stopped has changed
    the rows that stand before the last drop that happened. Elsewhere something else dropped what is missing.
    """
    missing, present = (
        {effect_key(each.kind, each.table, each.name) for each in part} for part in (partial.missing, partial.present)
    )
    try:
        function = StatementsOfFunction(text, "downgrade")
        left = _after_the_last(function.statements, missing, present, commits_each=commits_each)
        lines = function.written(left) or ["pass"]
        return Remainder(function.with_lines(lines), tuple(lines))
    except (NotPython, UnclearStatement):
        return None


def _after_the_last(
    statements: tuple[Statement, ...], missing: set[EffectKey], present: set[EffectKey], *, commits_each: bool
) -> tuple[Statement, ...]:
    """Return the statements after the last drop that happened, which explain all that is missing."""
    done = [place for place, each in enumerate(statements) if each.drops and each.drops <= missing]
    waiting = [place for place, each in enumerate(statements) if not each.drops.isdisjoint(present)]
    last, first = max(done, default=-1), min(waiting, default=len(statements))
    between = statements[last + 1 : first]
    if not done or first <= last or not all(each.may_run_twice for each in between):
        raise UnclearStatement
    if not commits_each and not all(each.drops for each in statements):
        raise UnclearStatement
    tables = {table for kind, table, _ in missing if kind is ObjectKind.TABLE}
    dropped = {key for place in done for key in statements[place].drops}
    if any(key not in dropped and key[1] not in tables for key in missing) or not _are_tables_in(tables, dropped):
        raise UnclearStatement
    return statements[last + 1 :]


def _keys(effects: Iterable[Effect]) -> set[EffectKey]:
    return {effect_key(each.kind, each.table, each.name) for each in effects}


def _are_tables_in(tables: set[str], dropped: set[EffectKey]) -> bool:
    return tables <= {table for kind, table, _ in dropped if kind is ObjectKind.TABLE}
