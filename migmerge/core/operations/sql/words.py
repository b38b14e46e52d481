"""The words of SQL among which the names of tables are."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_KEYWORDS = frozenset(
    _WORD.findall("""
    add all alter always and any as asc before after begin between bigint bigserial bool boolean by call cascade case cast
    char character check collate column columns comment commit concurrently conflict constraint coalesce constraint_name
    count create cross current_date current_timestamp cursor data database date datetime declare default deferrable
    definer delete desc distinct do double drop duplicate duplicate_object each else elsif end enum exception exclude
    execute exists extension false fetch first float for foreign format found from full function generated grant group
    having if ignore ilike immutable in index information_schema initially inner insert instead int integer interval into
    is join json jsonb key language last lateral left length like limit lock loop lower materialized max min modify name
    new next no not notice nothing now null nulls numeric object of offset old on only or order others outer over owner
    partition perform pg_catalog pg_class pg_constraint pg_enum pg_type plpgsql precision primary procedure public raise
    real record references rename replace restrict return returning returns revoke right role row rows schema select
    sequence serial set setof some stable table table_name tables temp temporary text then time timestamp timestamptz to
    trigger true truncate type undefined_object union unique update upper using uuid value values varchar varying view
    volatile when where while with without zone
    """)
)


def words_in_sql(sql: str) -> frozenset[str]:
    """Return the words of an SQL text, casefolded, without those of the language."""
    return frozenset(_WORD.findall(sql.casefold())) - _KEYWORDS
