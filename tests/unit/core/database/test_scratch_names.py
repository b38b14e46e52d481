"""Which scratch databases on a server are surely left by a run of this machine that lives no more."""

from __future__ import annotations

from migmerge.core.database.scratch_names import Maker, left_databases, scratch_name

HERE = Maker("0a1b2c3d", 4711, 1_700_000_000)
HOUR = 3600


def left(made: Maker, *living: int) -> bool:
    name = scratch_name(made, "abcdef")
    assert len(name) <= 50
    return left_databases([name, "shop", "migmerge_scratch_0123456789ab", f"{name}_x"], HERE, living.__contains__) == [name]


def test_what_a_process_of_this_machine_left_hours_ago_goes() -> None:
    assert left(Maker(HERE.machine, 12, HERE.time - 2 * HOUR))


def test_what_a_live_process_made_stays() -> None:
    assert not left(Maker(HERE.machine, 12, HERE.time - 2 * HOUR), 12)


def test_what_this_process_made_stays() -> None:
    assert not left(Maker(HERE.machine, HERE.process, HERE.time - 2 * HOUR))


def test_what_another_machine_made_stays() -> None:
    assert not left(Maker("ffffffff", 12, HERE.time - 200 * HOUR))


def test_what_is_young_stays() -> None:
    assert not left(Maker(HERE.machine, 12, HERE.time - HOUR // 2))
