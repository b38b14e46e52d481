"""Statements of scripts: where they are and what they mean."""

from __future__ import annotations

import ast

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.core.fix_plan.script_text import ScriptText, difference

USE = "op.add_column('a', sa.Column('b', kind))"


def text(top: str, up: str) -> ScriptText:
    return ScriptText("x.py", f"from alembic import op\nimport sqlalchemy as sa\n{top}\ndef upgrade():\n    {up}\n".encode())


def meaning(top: str, up: str = USE) -> object:
    script = text(top, up)
    return script.meaning(script.statements("upgrade")[-1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("kind = sa.Text()", USE), ("kind  = sa.Text( )", USE), True),
        (("kind = sa.Text()", USE), ("kind = sa.String()", USE), False),
        (("size = 1\nkind = sa.String(size)", USE), ("size = 2\nkind = sa.String(size)", USE), False),
        (("from app import kind", USE), ("from lib import kind", USE), False),
        (("def kind(): return 1", USE), ("def kind(): return 2", USE), False),
        (("other = 1\nkind = 2", USE), ("other = 3\nkind = 2", USE), True),
        (("", "for kind in (1, 2): pass\n    " + USE), ("", "for kind in (1, 3): pass\n    " + USE), False),
        (
            ("", "with op.batch_alter_table('a') as kind:\n        kind.f()"),
            ("", "with op.batch_alter_table('b') as kind:\n        kind.f()"),
            False,
        ),
    ],
)
def test_a_statement_means_what_its_names_stand_for(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    assert (meaning(*one) == meaning(*other)) is same


@pytest.mark.parametrize("data", [b"def upgrade(:", b"\xff", b"# coding: nothing\n"])
def test_what_is_no_python_is_left_to_the_user(data: bytes) -> None:
    with pytest.raises(MigmergeError, match="has to be dropped by hand"):
        ScriptText("x.py", data)


def test_a_rest_that_would_do_something_else_is_refused() -> None:
    script = text("", "x = op.add_column\n    op.drop_table('a')\n    op.drop_table('b')")
    (first, _) = script.statements("upgrade")
    assert b"    pass\n    op.drop_table('b')" in script.without({"upgrade": [first]})
    with pytest.raises(MigmergeError, match="would do something else"):
        script.without({"upgrade": [], "downgrade": [first]})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("f('a', g(1))", "f('a', g(2))", ("g(1)", "g(2)")),
        ("f(a.b)", "f(a.c(1))", ("a.b", "a.c(1)")),
        ("f(x, y=1)", "f(x, y=2)", ("y=1", "y=2")),
        ("f(g(1), h(1))", "f(g(2), h(2))", ("f(g(1), h(1))", "f(g(2), h(2))")),
        ("f(1)", "f(1, 2)", ("f(1)", "f(1, 2)")),
        ("f('" + "x" * 100 + "')", "f()", ("f('" + "x" * 86 + "…", "f()")),
    ],
)
def test_a_difference_is_said_in_the_smallest_parts(one: str, other: str, expected: tuple[str, str]) -> None:
    assert difference(ast.parse(one).body[0], ast.parse(other).body[0]) == expected
