"""The cache of what scripts do: by their bytes and the dialect, without those that send SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from migmerge.core.operations.dialect import read_scripts
from migmerge.core.operations.interpreter.calls import QUERYING
from migmerge.repository.json_file import load_json, store_json
from migmerge.repository.operations_cache import read_known_scripts

HEADER = "from alembic import op\nimport sqlalchemy as sa\n\nrevision = 'a'\ndown_revision = None\n\n\n"
BODIES = [
    "op.create_table('orders', sa.Column('id', sa.Integer(), nullable=False), sa.Column('größe', sa.String()), schema='shop')",
    "op.create_index(op.f('ix_a'), 'orders', ['id'], if_not_exists=True)",
    "op.create_unique_constraint('uq', 'orders', ['id'])",
    "op.add_column('orders', sa.Column('kind', sa.Enum('a', 'b', name='kind'), server_default='a'))",
    "op.rename_table('orders', 'sales')\n    op.drop_column('sales', 'id')",
    "with op.batch_alter_table('orders', recreate='always') as batch:\n        batch.alter_column('id', new_column_name='key')",
    "op.bulk_insert(sa.table('orders', sa.column('id')), [{'id': 1}])",
    "if something():\n        op.drop_table(NAME)\n    helper(op)",
    "pass",
]
SENDING = [
    "op.execute('DROP TABLE orders')",
    "op.get_bind().scalar(sa.text('DROP TABLE orders'))",
    "op.\uff45xecute('DROP TABLE orders')",
]


def script(body: str) -> bytes:
    return f"{HEADER}def upgrade():\n    {body}\n".encode()


def kept(storage: Path) -> dict[str, object]:
    return load_json(str(storage / "operations.json"))


@pytest.mark.parametrize("dialect", [None, "postgresql"])
def test_what_is_kept_is_what_was_read(tmp_path: Path, dialect: str | None) -> None:
    texts = {str(number): script(body) for number, body in enumerate(BODIES)}
    texts["defect"] = b"\0"
    texts["databases"] = f"{HEADER}def upgrade(name):\n    globals()[name]()\n\n\ndef upgrade_a():\n    {BODIES[1]}\n".encode()
    read = repr(read_scripts(texts, dialect))
    assert repr(read_known_scripts(str(tmp_path), texts, dialect)) == read
    assert len(kept(tmp_path)) == len(texts)
    again = read_known_scripts(str(tmp_path), texts, dialect)
    assert repr({name: again[name] for name in texts}) == read


def test_what_is_kept_is_not_read_again(tmp_path: Path) -> None:
    texts, others = {"a": script(BODIES[0])}, {"a": script(BODIES[2])}
    read_known_scripts(str(tmp_path), texts, None)
    (key,) = kept(tmp_path)
    read_known_scripts(str(tmp_path), others, None)
    stored = kept(tmp_path)
    (other,) = stored.keys() - {key}
    store_json(str(tmp_path / "operations.json"), {key: stored[other]})
    assert read_known_scripts(str(tmp_path), texts, None) == read_scripts(others, None)
    assert read_known_scripts(str(tmp_path), texts, "sqlite") == read_scripts(texts, "sqlite")


@pytest.mark.parametrize("body", SENDING)
def test_a_script_that_sends_sql_is_read_each_time(tmp_path: Path, body: str) -> None:
    assert read_known_scripts(str(tmp_path), {"a": script(body)}, None) == read_scripts({"a": script(body)}, None)
    assert not kept(tmp_path)


@pytest.mark.parametrize("name", sorted(QUERYING))
def test_every_name_that_sends_sql_is_known(tmp_path: Path, name: str) -> None:
    read_known_scripts(str(tmp_path), {"a": script(f"op.get_bind().{name}('DROP TABLE orders')")}, None)
    assert not kept(tmp_path)


def test_an_encoding_hides_no_name(tmp_path: Path) -> None:
    text = b"# coding: utf-7\n" + script(SENDING[0]).replace(b"execute", b"+AGU-xecute")
    assert read_known_scripts(str(tmp_path), {"a": text}, None)["a"].done
    assert not kept(tmp_path)


def test_a_damaged_file_is_read_as_empty(tmp_path: Path) -> None:
    texts = {"a": script(BODIES[0])}
    read_known_scripts(str(tmp_path), texts, None)
    file = tmp_path / "operations.json"
    file.write_bytes(file.read_bytes()[:-3])
    assert read_known_scripts(str(tmp_path), texts, None) == read_scripts(texts, None)
    assert len(kept(tmp_path)) == 1


def test_scripts_of_other_trees_are_dropped_once_there_are_many(tmp_path: Path) -> None:
    def trees() -> Iterator[dict[str, bytes]]:
        for number in range(6):
            yield {str(each): script(f"op.drop_table('t{number}_{each}')") for each in range(256)}

    for texts in trees():
        read_known_scripts(str(tmp_path), texts, None)
    assert len(kept(tmp_path)) == 256
