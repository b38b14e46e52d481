"""The cache may vanish, be damaged, or be somebody else's: the answer stays the same."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from migmerge.core.revision import Identifiers, Reading, Unreadable
from migmerge.repository.cache import ReadingCache
from tests.support.project import Project

READINGS: dict[str, Reading] = {
    "b" * 40: Identifiers("b1", ("a1", "a2"), ("label",), ("x",), "größe", "2024-01-01", "its encoding"),
    "c" * 40: Unreadable("computed", "c1"),
}
DAMAGES = {
    "vanished": None,
    "empty": b"",
    "no JSON": b"00000000\n{",
    "cut off": "half",
    "one byte changed": "flip",
    "other version": b"%08x\n" % zlib.crc32(b'{"version":["0"]}') + b'{"version":["0"]}',
    "a list": b"%08x\n" % zlib.crc32(b"[1]") + b"[1]",
}


def cache_file(project: Project) -> Path:
    return project.top / ".git/migmerge/cache.json"


def test_what_is_put_in_comes_out(tmp_path: Path) -> None:
    cache = ReadingCache(str(tmp_path))
    cache.put(READINGS)
    cache.save()
    again = ReadingCache(str(tmp_path))
    assert {blob: again.get(blob) for blob in READINGS} == READINGS
    assert again.get("d" * 40) is None
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["cache.json"]


def test_what_no_tree_needs_any_more_is_dropped_in_the_end(tmp_path: Path) -> None:
    cache = ReadingCache(str(tmp_path))
    cache.put({f"{number:040x}": READINGS["b" * 40] for number in range(2000)})
    cache.used |= {f"{number:040x}" for number in range(10)}
    cache.save()
    again = ReadingCache(str(tmp_path))
    assert again.get(f"{9:040x}") == READINGS["b" * 40]
    assert again.get(f"{10:040x}") is None


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_cache_gives_the_same_answer(diverged: Project, damage: bytes | str | None) -> None:
    diverged.merged()
    answer = diverged.check()
    file = cache_file(diverged)
    data = file.read_bytes()
    if damage is None:
        file.unlink()
    elif damage == "half":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        position = data.index(b"b1")
        file.write_bytes(data[:position] + b"x" + data[position + 1 :])
    else:
        assert isinstance(damage, bytes)
        file.write_bytes(damage)
    assert diverged.check() == answer
    assert file.read_bytes() == data


def test_the_cache_is_used_at_all(diverged: Project) -> None:
    diverged.merged()
    diverged.check()
    file = cache_file(diverged)
    stored = json.loads(file.read_bytes().partition(b"\n")[2])
    for reading in stored.values():
        if isinstance(reading, list) and reading[0] == "c1":
            reading[4] = "from the cache"
    data = json.dumps(stored).encode()
    file.write_bytes(b"%08x\n" % zlib.crc32(data) + data)
    assert "from the cache" in diverged.migmerge("check").stdout


def test_a_file_where_the_cache_should_be_is_no_reason_to_fail(diverged: Project) -> None:
    diverged.write(".git/migmerge", "in the way")
    assert diverged.migmerge("check").returncode == 0
