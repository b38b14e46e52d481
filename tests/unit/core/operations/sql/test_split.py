"""SQL text, split into its statements where every dialect splits it alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.operations.sql.split import split_sql
from tests.support.examples import examples

TRIGGER = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET n = 1; DELETE FROM b; END"
FUNCTION = "CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN x := 1; RETURN NEW; END $body$ LANGUAGE plpgsql"


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        pytest.param("A; B;\nC", ("A", "B", "C"), id="three"),
        pytest.param("  A\n ;", ("A",), id="one with an end"),
        pytest.param("A (x;y); B", ("A (x;y); B",), id="an end in brackets"),
        pytest.param("A ';', 'it''s;'; B \";\"", ("A ';', 'it''s;'", 'B ";"'), id="an end in quotes"),
        pytest.param("A `;`; B", ("A `;`", "B"), id="an end in backticks"),
        pytest.param("A -- x;\n, y; /* ; */ B", ("A -- x;\n, y", "B"), id="an end in comments"),
        pytest.param("A; -- all", ("A",), id="a comment alone"),
        pytest.param(f"{FUNCTION}; B", (FUNCTION, "B"), id="an end in a dollar quote"),
        pytest.param("A $1; B a$b$c; C $b$", ("A $1; B a$b$c; C $b$",), id="a dollar quote that has no end"),
        pytest.param("A a$b$; B a$b$", ("A a$b$", "B a$b$"), id="a dollar in a name"),
        pytest.param(f"{TRIGGER}; B", (f"{TRIGGER}; B",), id="a trigger with a body"),
        pytest.param("DELIMITER //\nA; B//", ("DELIMITER //\nA; B//",), id="another delimiter"),
        pytest.param("A 'a\\'; B'; C", ("A 'a\\'; B'; C",), id="a backslash"),
        pytest.param("A # x; y\n; B", ("A # x; y\n; B",), id="what is a comment in one dialect alone"),
        pytest.param("A 1--1; B", ("A 1--1; B",), id="what is no comment in one dialect"),
        pytest.param("A /* /* ; */ B; C", ("A /* /* ; */ B; C",), id="a comment in a comment"),
        pytest.param("A /*!40101 ; */; B", ("A /*!40101 ; */; B",), id="a comment that runs"),
        pytest.param("A 'x; B", ("A 'x; B",), id="a quote that has no end"),
        pytest.param("A [x;y]; B", ("A [x;y]; B",), id="square brackets"),
        pytest.param("A x[], ARRAY['a', 'b']; B", ("A x[], ARRAY['a', 'b']", "B"), id="arrays"),
        pytest.param("A ['x]; ']; B", ("A ['x]; ']; B",), id="a name with a quote, or an array"),
        pytest.param("A (x; B", ("A (x; B",), id="a bracket that has no end"),
        pytest.param("A x); B", ("A x); B",), id="a bracket that has no beginning"),
        pytest.param(" ; -- x\n", (" ; -- x\n",), id="no statement"),
        pytest.param("", ("",), id="nothing"),
    ],
)
def test_statements(sql: str, statements: tuple[str, ...]) -> None:
    assert split_sql(sql) == statements


@examples(200)
@given(st.text("ab ;'\"`$-/*\n()[]\\#"))
def test_what_was_split_stays_as_it_is(sql: str) -> None:
    for each in split_sql(sql):
        assert each in sql
        assert split_sql(each) == (each,)
