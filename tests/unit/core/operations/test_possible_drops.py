"""What a script may take away without saying so."""

from __future__ import annotations

from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.possible_drops import RawSqlEffects, RawSqlEffectsById, raw_sql_effects

HEAD = b"from alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    "


def effects(body: bytes) -> RawSqlEffects:
    return raw_sql_effects(HEAD + body, read_operations(HEAD + body))


def test_a_script_that_is_read_takes_nothing_away_unsaid() -> None:
    assert effects(b"op.drop_table('t')") == RawSqlEffects()


def test_a_call_of_what_a_call_returns_is_looked_at() -> None:
    found = effects(b"make()('DROP TABLE t')")
    assert "t" in found.words and found.sweeping


def test_a_script_of_which_nothing_is_known_may_do_anything() -> None:
    known = {"a": read_operations(HEAD + b"pass"), "b": read_operations(HEAD + b"f(op)")}
    found = RawSqlEffectsById(known, {})
    assert found["a"] == RawSqlEffects() and found["a"] is found["a"]
    assert found["b"].sweeping and found["c"].sweeping
