"""Read SQL text as operations, statement by statement; what no dialect knows is unread."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from ..directives import Effects
from ..operation import Unread
from .commands import command_effects
from .words import words_in_sql

if TYPE_CHECKING:
    from sqlglot import exp

LONGEST_SQL = 64 * 1024
"""Characters of SQL that are parsed: for the worst that can be written, sqlglot (30.30) takes two seconds and one dialect."""

_DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}


def read_sql(sql: str, line: int, what: str, dialect: str | None = None) -> Effects:
    """Yield what SQL does; any text is answered. `dialect` is SQLAlchemy's name, None where nobody knows the database.

    `what` says in words where the SQL is sent, for the part that cannot be read.
    """
    unread = Unread(line, what, words_in_sql(sql))
    statements = _parse(sql, dialect) if len(sql) <= LONGEST_SQL else None
    if statements is None:
        effects = command_effects(sql, line)
        yield from (unread,) if effects is None else effects
        return
    # sqlglot takes 70 ms to import.
    from .schema import statement_effects

    for statement in statements:
        yield from statement_effects(statement, line, unread)


def _parse(sql: str, dialect: str | None) -> tuple[exp.Expr, ...] | None:
    """Return the statements of the first dialect that knows all of them, or else of one that can tell them apart."""
    names = (_DIALECTS[dialect],) if dialect in _DIALECTS else tuple(dict.fromkeys(_DIALECTS.values()))
    best: tuple[exp.Expr, ...] | None = None
    for name in names:
        found = _parsed_by(sql, name)
        if found is not None and all(each.key != "command" for each in found):
            return found
        best = best or found
    return best


@lru_cache(maxsize=64)
def _parsed_by(sql: str, dialect: str) -> tuple[exp.Expr, ...] | None:
    import sqlglot
    from sqlglot.errors import SqlglotError

    # It warns of every statement that it does not know.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        found = sqlglot.parse(sql, read=dialect)
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError, AssertionError):
        return None
    return tuple(each for each in found if each is not None and each.key not in ("endstatement", "semicolon"))
