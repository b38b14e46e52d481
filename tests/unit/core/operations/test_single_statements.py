"""Scripts in which each `op.execute` runs one statement."""

from __future__ import annotations

import pytest

from migmerge.core.operations.single_statements import with_single_statements

HEAD = "from alembic import op\n\n\ndef upgrade():\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('    op.execute("A; B;")', "    op.execute('A')\n    op.execute('B')", id="two"),
        pytest.param('    op.execute("""\n  A;\n""")  # x\n    f()', "    op.execute('A')\n    f()", id="over several lines"),
        pytest.param('    op.execute("A;" " B")', "    op.execute('A')\n    op.execute('B')", id="in two literals"),
        pytest.param(
            '    with f():\n        op.execute(sa.text("é; B"))\n    x = "ü"',
            "    with f():\n        op.execute(sa.text('é'))\n        op.execute(sa.text('B'))\n    x = \"ü\"",
            id="in a block",
        ),
        pytest.param('    op.execute("A")', '    op.execute("A")', id="one"),
        pytest.param('    op.execute(f"A; {b}")', '    op.execute(f"A; {b}")', id="a computed text"),
        pytest.param('    op.execute("A; B", x)', '    op.execute("A; B", x)', id="with options"),
        pytest.param('    f("A; B")', '    f("A; B")', id="another call"),
        pytest.param('    if x: op.execute("A; B")', '    if x: op.execute("A; B")', id="behind a condition"),
        pytest.param('    op.execute("A; B"); f()', '    op.execute("A; B"); f()', id="before another statement"),
    ],
)
def test_each_statement_has_a_call(before: str, after: str) -> None:
    assert with_single_statements(f"{HEAD}{before}\n".encode()).decode() == f"{HEAD}{after}\n"


@pytest.mark.parametrize("data", [b'op.execute("A; B"', b'# coding: x\nop.execute("A; B")\n', b""])
def test_what_is_no_script_stays_as_it_is(data: bytes) -> None:
    assert with_single_statements(data) == data
