"""The user's word for revisions: of one database, and of the script as it was."""

from __future__ import annotations

from pathlib import Path

from migmerge.repository.vouched import VouchedRevisions


def test_a_word_holds_for_its_database_and_its_script(tmp_path: Path) -> None:
    vouched = VouchedRevisions(str(tmp_path / "migmerge"))
    assert vouched.of("shop", {"a": "1"}) == frozenset()
    vouched.add("shop", {"a": "1"})
    vouched.add("shop", {"b": "2"})
    assert vouched.of("shop", {"a": "1", "b": "2", "c": "3"}) == {"a", "b"}
    assert vouched.of("shop", {"a": "edited"}) == frozenset()
    assert vouched.of("other", {"a": "1"}) == frozenset()


def test_a_damaged_file_holds_no_word(tmp_path: Path) -> None:
    (tmp_path / "vouched.json").write_text('{"shop": [1]}')
    vouched = VouchedRevisions(str(tmp_path))
    assert vouched.of("shop", {"a": "1"}) == frozenset()
    vouched.add("shop", {"a": "1"})
    assert vouched.of("shop", {"a": "1"}) == {"a"}
