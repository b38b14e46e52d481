"""The text of a function, as `sync` shows it."""

from __future__ import annotations

import pytest

from migmerge.core.script.functions import calls_in, does_nothing, function_body, raises

BODIES = [
    ("def downgrade():\n    op.drop_table('a')\n", ("op.drop_table('a')",), False, False),
    ("def downgrade(): pass\n", ("pass",), True, False),
    ("def downgrade():\n    'nothing'\n    return None\n", ("'nothing'", "return None"), True, False),
    ("def downgrade():\n    raise NotImplementedError\n", ("raise NotImplementedError",), False, True),
    ("def downgrade():\n    if x:\n        return\n    raise X\n", ("if x:", "    return", "raise X"), False, False),
    ("def downgrade():\n    def f():\n        return\n    raise X\n", ("def f():", "    return", "raise X"), False, True),
    ("def downgrade():\n    if x:\n        raise X\n", ("if x:", "    raise X"), False, False),
    (
        "def downgrade():\n    # why\n    with op.f() as b:\n        b.x()\n\n    y()  # é\n\n\ndef other():\n    pass\n",
        ("with op.f() as b:", "    b.x()", "", "y()  # é"),
        False,
        False,
    ),
    ("x = 1\n", (), True, False),
    (
        "def downgrade(n):\n    globals()[f'downgrade_{n}']()\ndef downgrade_():\n    pass\ndef downgrade_log():\n    op.x()\n",
        ("globals()[f'downgrade_{n}']()", "downgrade_log():", "    op.x()"),
        False,
        False,
    ),
    ("def downgrade(:\n", (), True, False),
    ("def downgrade():\n    pass\ndef downgrade():\n    y()\n", ("y()",), False, False),
]


@pytest.mark.parametrize(("text", "body", "idle", "fails"), BODIES)
def test_a_function_s_body(text: str, body: tuple[str, ...], idle: bool, fails: bool) -> None:
    data = text.encode()
    assert (function_body(data, "downgrade"), does_nothing(data, "downgrade"), raises(data, "downgrade")) == (body, idle, fails)


SEVERAL = b"""
def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()
def upgrade_():
    op.create_table("a")
def upgrade_logs():
    op.create_table("b")
"""


def test_the_calls_for_several_databases_are_those_of_each() -> None:
    def calls(table: str) -> frozenset[str]:
        return calls_in(f"def upgrade():\n    op.create_table({table!r})\n".encode(), "upgrade")

    found = [calls_in(SEVERAL, "upgrade", database) for database in ("", "logs", "none")]
    assert found == [calls("a"), calls("b"), frozenset()]
