"""The cache of replays: by scripts and server, within a budget."""

from __future__ import annotations

import os
from pathlib import Path

from migmerge.repository.replays import ReplayCache


def test_a_replay_is_found_by_its_scripts_in_their_order_and_by_the_server(tmp_path: Path) -> None:
    cache = ReplayCache(str(tmp_path))
    cache.put(["a 1", "b 2"], ["sqlite 3"], [["a", [], False, False]])
    assert cache.get(["a 1", "b 2"], ["sqlite 3"]) == [["a", [], False, False]]
    assert cache.has(["a 1", "b 2"])
    assert cache.get(["a 1", "b 2"], ["sqlite 4"]) is None
    assert cache.get(["b 2", "a 1"], ["sqlite 3"]) is None and not cache.has(["b 2", "a 1"])


def test_a_damaged_file_is_no_replay(tmp_path: Path) -> None:
    cache = ReplayCache(str(tmp_path))
    cache.put(["a 1"], ["x"], [])
    (path,) = (tmp_path / "replays").iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert cache.get(["a 1"], ["x"]) is None


def test_the_oldest_are_removed(tmp_path: Path) -> None:
    cache = ReplayCache(str(tmp_path))
    for number in range(25):
        cache.put([str(number)], ["x"], [number])
        for path in (tmp_path / "replays").iterdir():
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 1_000_000_000))
    assert len(list((tmp_path / "replays").iterdir())) == 20
    assert cache.get(["24"], ["x"]) == [24] and cache.get(["0"], ["x"]) is None


def test_a_folder_that_cannot_be_written_to_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "replays").write_text("a file")
    ReplayCache(str(tmp_path)).put(["a 1"], ["x"], [])
