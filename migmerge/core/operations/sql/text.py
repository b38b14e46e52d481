"""Read SQL text as operations, statement by statement; what no dialect knows is unread."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from ..directives import Effects
from ..operation import Operation, Unread
from .commands import command_effects
from .words import words_in_sql

if TYPE_CHECKING:
    from sqlglot import exp

LONGEST_SQL = 64 * 1024
"""Characters of SQL that are parsed: for the worst that can be written, sqlglot (30.30) takes two seconds and one dialect."""

_DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}

_OR = re.compile(r"((?:\A|;)\s*UPDATE)\s+OR\s+(?:ABORT|FAIL|IGNORE|REPLACE|ROLLBACK)\b", re.IGNORECASE)
"""What SQLite writes after UPDATE and sqlglot (30.30) does not know."""


def read_sql(sql: str, line: int, what: str, dialect: str | None = None) -> Effects:
    """Yield what SQL does; any text is answered. `dialect` is SQLAlchemy's name, None where nobody knows the database.

    `what` says in words where the SQL is sent, for the part that cannot be read.
    """
    unread = Unread(line, what, words_in_sql(sql))
    readings = _readings(sql, dialect, unread) if len(sql) <= LONGEST_SQL else ()
    partly: list[Operation | Unread] | None = None
    for effects in readings:
        if unread not in effects:
            yield from effects
            return
        partly = partly or effects
    if partly is None:
        known = command_effects(sql, line)
        partly = [unread] if known is None else [*known]
    yield from partly


def _readings(sql: str, dialect: str | None, unread: Unread) -> Iterator[list[Operation | Unread]]:
    """Yield what SQL does in each dialect that knows all of its statements, or else in one that can tell them apart."""
    # sqlglot takes 70 ms to import.
    from .schema import statement_effects

    names = (_DIALECTS[dialect],) if dialect in _DIALECTS else tuple(dict.fromkeys(_DIALECTS.values()))
    parsed = [found for name in names if (found := _parsed_by(sql, name)) is not None]
    known = [found for found in parsed if all(each.key != "command" for each in found)]
    for statements in known or parsed[:1]:
        yield [effect for each in statements for effect in statement_effects(each, unread.line, unread)]


@lru_cache(maxsize=64)
def _parsed_by(sql: str, dialect: str) -> tuple[exp.Expr, ...] | None:
    import sqlglot
    from sqlglot.errors import SqlglotError

    # It warns of every statement that it does not know.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        found = sqlglot.parse(_OR.sub(r"\1", sql) if dialect == "sqlite" else sql, read=dialect)
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError, AssertionError):
        return None
    return tuple(each for each in found if each is not None and each.key not in ("endstatement", "semicolon"))
