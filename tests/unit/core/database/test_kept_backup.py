"""Which backups stay, and which one a name means."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.database.database import Address, Database
from migmerge.core.database.kept_backup import (
    KEPT_FOR,
    MOST_KEPT,
    KeptBackup,
    Occasion,
    find_backup,
    newest_first,
    plan_restore,
    superfluous,
)
from migmerge.core.errors import MigmergeError

NOW = datetime(2024, 6, 1, 12, 0)
SHOP, STOCK = "sqlite:////a/shop.db", "postgresql://localhost/stock"


def backup(days: float, url: str = SHOP, *, finished: bool = True, bind: str = "") -> KeptBackup:
    time = NOW - timedelta(days=days)
    name = f"{url.rpartition('/')[2]}-{time:%Y%m%d-%H%M%S}.dump"
    return KeptBackup(name, f"/b/{name}", time, 1, finished, "shop", bind, url, Occasion("sync"), f"/b/{name}.restore.sh")


def test_the_last_ten_of_each_database_and_those_of_a_month_stay() -> None:
    old = [backup(100 + number) for number in range(12)]
    assert superfluous(old, (), NOW) == old[10:]
    young = [backup(number) for number in range(20)]
    assert superfluous([*young, *old], (), NOW) == old
    assert superfluous([*(backup(number, STOCK) for number in range(20)), *old], (), NOW) == old[10:]


def test_what_is_needed_or_did_not_end_well_stays() -> None:
    recent = [backup(number) for number in range(10)]
    last, broken, gone = backup(200), backup(300, finished=False), backup(400)
    assert superfluous([*recent, last, broken, gone], {last.path}, NOW) == [gone]


KEPT = st.lists(
    st.builds(
        backup, st.floats(0, 400), st.sampled_from((SHOP, STOCK, "")), finished=st.booleans(), bind=st.sampled_from(("", "x"))
    ),
    max_size=40,
    unique_by=lambda each: (each.path, each.bind),
)


@given(KEPT, st.sets(st.integers(0, 39)))
def test_nothing_goes_that_has_to_stay(kept: list[KeptBackup], needed: set[int]) -> None:
    paths = {each.path for number, each in enumerate(kept) if number in needed}
    going = superfluous(kept, paths, NOW)
    for each in going:
        assert each.finished and each.path not in paths and NOW - each.time > KEPT_FOR
        newer = [other for other in kept if other.of == each.of and other not in going]
        assert len(newer) >= MOST_KEPT
        assert newest_first(newer)[0].time >= each.time


def test_a_name_or_its_beginning_means_one_backup() -> None:
    one, other = backup(1), backup(2, STOCK)
    assert find_backup([one, other], one.name) == find_backup([one, other], "shop") == one
    for kept, name, message in (
        ([one, backup(3)], "shop", "2 backups begin with shop"),
        ([one], "shup.db", f"no backup is called shup.db; the nearest is {one.name}"),
        ([], "x", "there is no backup yet"),
    ):
        with pytest.raises(MigmergeError) as refused:
            find_backup(kept, name)
        assert str(refused.value) == message


def test_a_backup_goes_back_to_its_own_database_alone() -> None:
    one = backup(1)
    here = Database(Address(SHOP, "sqlite", "shop.db"))
    assert plan_restore(one, [Database(Address(STOCK, "postgresql", "stock")), here]).database == here
    for url, bind in ((STOCK, ""), (SHOP, "logs")):
        with pytest.raises(MigmergeError, match=f"is of {SHOP}, to which nothing here connects"):
            plan_restore(one, [Database(Address(url, "x", "x"), bind)])


def test_the_occasion_of_a_backup_in_words() -> None:
    assert [*map(str, (Occasion("sync"), Occasion("fix", "downgrade of c")))] == ["sync", "fix: downgrade of c"]
