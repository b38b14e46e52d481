"""The scripts of one side without what the other side does as well."""

from __future__ import annotations

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.core.fix_plan.doubled import Place, without_doubled
from migmerge.core.fix_plan.script_text import ScriptText

PHONE = "op.add_column('users', sa.Column('phone', sa.Text()))"
FAX = "op.add_column('users', sa.Column('fax', sa.Text()))"
NO_PHONE, NO_FAX = "op.drop_column('users', 'phone')", "op.drop_column('users', 'fax')"
BATCH = "with op.batch_alter_table('users') as b:\n        b.add_column(\n            sa.Column('phone', sa.Text()),\n        )"
PETS = "op.create_table('pets', sa.Column('id', sa.Integer()))"
INDEX, NO_INDEX = "op.create_index('ix', 'pets', ['id'])", "op.drop_index('ix', 'pets')"
RENAME, BACK = "op.rename_table('users', 'people')", "op.rename_table('people', 'users')"


def script(up: str, down: str = "pass", end: str = "\n") -> bytes:
    text = f"# é\nfrom alembic import op\nimport sqlalchemy as sa\ndef upgrade():\n    {up}\ndef downgrade():\n    {down}\n"
    return text.replace("\n", end).encode()


def dropped(mine: list[bytes], line: int, other: bytes, other_line: int = 5) -> list[bytes]:
    """Return the scripts b0, b1… of my side after the cure of a collision of b0 with the other side's c."""
    texts = {f"b{number}": ScriptText(f"b{number}.py", data) for number, data in enumerate(mine)}
    pair = Place("b0", line), Place("c", other_line)
    written = without_doubled(texts, {"c": ScriptText("c.py", other)}, [pair])
    return [written.get(name, text.data) for name, text in texts.items()]


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
        (script(f"{PETS}\n    {INDEX}", NO_INDEX), 5, script(f"{PETS}\n    {INDEX}", NO_INDEX), script("pass\n    pass", "pass")),
        (script(RENAME, BACK), 5, script(RENAME, BACK), script("pass", "pass")),
        (script(NO_PHONE, PHONE), 5, script(NO_PHONE, PHONE), script("pass", "pass")),
    ],
)
def test_only_what_is_doubled_goes(mine: bytes, line: int, other: bytes, expected: bytes) -> None:
    assert dropped([mine], line, other, 6 if b"batch" in other else 5) == [expected]


def test_what_is_doubled_goes_from_every_script_of_the_side() -> None:
    mine = [script(PETS, "op.drop_table('pets')"), script(INDEX, NO_INDEX), script(FAX)]
    other = script(f"{PETS}\n    {INDEX}", f"{NO_INDEX}\n    op.drop_table('pets')")
    assert dropped(mine, 5, other) == [script("pass", "pass"), script("pass", "pass"), script(FAX)]


@pytest.mark.parametrize(
    ("mine", "line", "other", "why"),
    [
        (
            script(PHONE),
            5,
            script(PHONE.replace("Text()", "String(9)")),
            "the two differ: sa.Text() in b0.py, sa.String(9) in c.py",
        ),
        (script(PHONE), 5, script(f"{PHONE[:-1]}, if_not_exists=True)"), "the two differ: op.add_column"),
        (script(f"{PHONE}; x = 1"), 5, script(PHONE), "something else stands on line 5 of b0.py"),
        (script(f"{PHONE}  # why"), 5, script(PHONE), "something else stands on line 5 of b0.py"),
        (script(f"if x:\n        {PHONE}"), 6, script(PHONE), "line 6 of b0.py is no statement of its own"),
        (script(PHONE), 7, script(PHONE), "line 7 of b0.py is no statement of its own"),
        (script(PHONE, NO_PHONE), 5, script(PHONE), "line 7 of b0.py, in downgrade(), works on it"),
        (script(PHONE, f"if x:\n        {NO_PHONE}"), 5, script(PHONE, NO_PHONE), "line 8 of b0.py is no statement of its own"),
        (script(RENAME, BACK), 5, script(RENAME), "line 7 of b0.py, in downgrade(), works on it"),
        (script(f"{PETS}\n    {INDEX}"), 5, script(PETS), "line 6 of b0.py, in upgrade(), works on it"),
        (script(f"{PHONE}\n    op.execute('UPDATE users SET phone = 1')"), 5, script(PHONE), "line 6 of b0.py, in upgrade()"),
        (script(PHONE), 5, script(f"{PHONE}\n    {NO_PHONE}"), "line 6 of c.py changes it once more"),
        (script(PHONE, "op.execute(y)"), 5, script(PHONE), "a part of downgrade() in b0.py cannot be read"),
    ],
)
def test_anything_else_is_left_to_the_user(mine: bytes, line: int, other: bytes, why: str) -> None:
    with pytest.raises(MigmergeError) as refused:
        dropped([mine], line, other)
    assert why in str(refused.value)


def test_what_a_later_script_of_the_side_works_on_stays() -> None:
    with pytest.raises(MigmergeError, match=r"line 5 of b1.py, in upgrade\(\), works on it"):
        dropped([script(PHONE), script("op.create_index('ix', 'users', ['phone'])")], 5, script(PHONE))


def test_the_same_words_with_another_meaning_are_not_the_same() -> None:
    here = script(PHONE).replace(b"import sqlalchemy as sa", b"import other as sa")
    with pytest.raises(MigmergeError, match="say the same, but a name in it stands for different things"):
        dropped([here], 5, script(PHONE))
