"""A script without what another script does as well."""

from __future__ import annotations

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.core.evidence import ClosedCollision
from migmerge.core.fix_plan.doubled import script_to_change, without_doubled
from migmerge.core.immovable import Immovable

PHONE = "op.add_column('users', sa.Column('phone', sa.Text()))"
FAX = "op.add_column('users', sa.Column('fax', sa.Text()))"
NO_PHONE, NO_FAX = "op.drop_column('users', 'phone')", "op.drop_column('users', 'fax')"
BATCH = "with op.batch_alter_table('users') as b:\n        b.add_column(\n            sa.Column('phone', sa.Text()),\n        )"


def script(up: str, down: str = "pass", end: str = "\n") -> bytes:
    text = f"# é\nfrom alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    {up}\ndef downgrade():\n    {down}\n"
    return text.replace("\n", end).encode()


@pytest.mark.parametrize(
    ("mine", "line", "other", "expected"),
    [
        (script(PHONE), 5, script(PHONE), script("pass")),
        (script(PHONE, NO_PHONE), 5, script(PHONE, NO_PHONE), script("pass", "pass")),
        (
            script(f"{FAX}\n    {PHONE}", f"{NO_PHONE}\n    {NO_FAX}"),
            6,
            script(PHONE, NO_PHONE),
            script(f"{FAX}\n    pass", f"pass\n    {NO_FAX}"),
        ),
        (script(PHONE, NO_PHONE, "\r\n"), 5, script(PHONE, NO_PHONE), script("pass", "pass", "\r\n")),
        (script(BATCH), 6, script(BATCH), script("with op.batch_alter_table('users') as b:\n        pass")),
        (script(PHONE.replace("'", '"')), 5, script(PHONE), script("pass")),
        (script(PHONE), 5, script(PHONE, "raise NotImplementedError"), script("pass")),
    ],
)
def test_only_what_is_doubled_goes(mine: bytes, line: int, other: bytes, expected: bytes) -> None:
    assert without_doubled(mine, line, other, 6 if b"batch" in other else 5) == expected


@pytest.mark.parametrize(
    ("mine", "line", "other"),
    [
        (script(PHONE), 5, script(PHONE.replace("Text", "String"))),
        (script(f"{PHONE}; x = 1"), 5, script(PHONE)),
        (script(f"{PHONE}  # why"), 5, script(PHONE)),
        (script(f"if x:\n        {PHONE}"), 6, script(PHONE)),
        (script(PHONE), 7, script(PHONE)),
        (script(PHONE, NO_PHONE), 5, script(PHONE)),
        (script(PHONE, f"if x:\n        {NO_PHONE}"), 5, script(PHONE, NO_PHONE)),
        (b"def upgrade(:", 1, script(PHONE)),
        (b"\xff", 1, script(PHONE)),
    ],
)
def test_anything_else_is_left_to_the_user(mine: bytes, line: int, other: bytes) -> None:
    with pytest.raises(MigmergeError):
        without_doubled(mine, line, other, 5)


CLOSED = ClosedCollision("m", "both", ("b", "c"), (1, 1))


@pytest.mark.parametrize(
    ("immovable", "expected"),
    [
        (Immovable({}, frozenset()), "c"),
        (Immovable({}, frozenset("c")), "b"),
        (Immovable({"c": "origin/main"}, frozenset()), "b"),
        (Immovable({}, frozenset(), frozenset("c")), "b"),
        (Immovable({}, frozenset("bc")), None),
        (Immovable({}, None), None),
        (Immovable(None, frozenset()), None),
    ],
)
def test_the_script_that_changes_is_one_that_may_move(immovable: Immovable, expected: str | None) -> None:
    assert script_to_change(CLOSED, immovable) == expected
