"""Spellings that mean the same."""

from __future__ import annotations

import pytest

from migmerge.core.database.schema_catalog import NAME
from migmerge.database.full_catalog.normal_form import collapsed, constraint_facts, folded_sql, shown_default, unquoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(CURRENT_TIMESTAMP)", "CURRENT_TIMESTAMP"),
        ("((1))", "1"),
        ("(1) + (2)", "(1) + (2)"),
        ("'(x)'", "'(x)'"),
        ("nextval('app.t_id_seq1'::regclass)", "nextval"),
        ("'2026-03-01 10:00:00.5'::timestamp", "'<time>'::timestamp"),
        ("'6f9619ff-8b86-4d01-b42d-00cf4fc964ff'", "'<uuid>'"),
        ("'2026'", "'2026'"),
    ],
)
def test_a_default_without_what_is_another_in_each_run(text: str, shown: str) -> None:
    assert shown_default(text) == shown


def test_definitions_in_one_line_without_quotes_of_identifiers() -> None:
    assert collapsed("select 1\n  from t ;\n") == "select 1 from t"
    assert unquoted('NUMERIC( 10, 2 ) "a" `b` [c]') == "NUMERIC(10,2)a b c"
    assert folded_sql('("A") WHERE "A" IN (\'X, y\' , 1)') == "(a)where a in('X, y',1)"


@pytest.mark.parametrize("name", ["t_pkey", "t_a_key", "t_a_b_fkey1", "t_check2", "t_ibfk_3", "CONSTRAINT_1", "t_chk_1"])
def test_a_name_that_a_server_gave_is_empty(name: str) -> None:
    facts = dict(constraint_facts("check constraint", "t", "(a > 1)", name))
    assert [value for key, value in facts.items() if key.aspect == NAME] == [""]


def test_a_constraint_without_a_name_has_no_name() -> None:
    (key, value), *rest = constraint_facts("foreign key", "t", "a to b(id)", None)
    assert (key.name, value, rest) == ("(a to b(id))", "", [])
