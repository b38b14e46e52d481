"""The question of `sync` about revisions that leave no trace, where the database records nothing or a lost id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop
from tests.support.terminal import DOWN, ENTER, Terminal

QUESTION = "Which of these has run in test.db?"
AGREE = "bring test.db to this checkout"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Return a project in which b and c add rows to the table of a, and d makes another one; the database is at a."""
    with database("sqlite", tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        for name, parent, row in (("b", "a", 7), ("c", "b", 8)):
            shop.project.revision(name, parent, message=f"add row {row}", upgrade=f"op.execute('INSERT INTO a VALUES ({row})')")
        shop.creates("d", "c")
        yield shop


def synced(shop: Shop, *arguments: str) -> Terminal:
    return Terminal(shop.project, MIGMERGE, "sync", *arguments, env=shop.variables, CI="")


@pytest.mark.parametrize(
    ("keys", "rows", "steps"),
    [
        pytest.param((ENTER,), [7, 8], ["stamp a  instead of gone", "up    b", "up    c", "up    d"], id="none of them"),
        pytest.param((" ", ENTER), [8], ["stamp b  instead of gone", "up    c", "up    d"], id="the first"),
        pytest.param(
            (DOWN, " ", ENTER), [7], ["stamp a  instead of gone", "up    b", "stamp c  instead of b", "up    d"], id="the second"
        ),
        pytest.param(("a", ENTER), [], ["stamp c  instead of gone", "up    d"], id="all"),
    ],
)
def test_what_the_user_marks_is_recorded_and_the_rest_is_run(
    shop: Shop, keys: tuple[str, ...], rows: list[int], steps: list[str]
) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    terminal = synced(shop).wait_for(QUESTION).wait_for('b "add row 7"').wait_for('c "add row 8"').wait_for("c.py").type(*keys)
    status, seen = terminal.wait_for("Change test.db?").wait_for("not now").type("y").finish()
    assert (status, shop.recorded, shop.rows("a"), shop.tables) == (0, {"d"}, rows, {"a", "d"}), seen
    assert "to look first: git fetch --all" in seen
    plan = [line.strip() for line in seen.splitlines() if line.startswith(("  stamp", "  up "))]
    assert [line[: len(step)] for line, step in zip(plan, steps, strict=True)] == steps


def test_the_users_word_is_kept_and_undo_takes_it_all_back(shop: Shop) -> None:
    shop.execute("DELETE FROM alembic_version")
    terminal = synced(shop).wait_for(QUESTION).wait_for("c.py").type("a", ENTER).wait_for("not now").type("y")
    status, seen = terminal.finish()
    assert status == 0 and "test.db has the tables of revisions and records none" in seen
    assert "MM108" not in seen, seen
    assert "MM108" not in shop.done("doctor")
    shop.done("undo", "--yes")
    assert (shop.recorded, shop.tables) == (set(), {"a"})


def test_who_leaves_the_question_has_the_refusal_with_its_hint(shop: Shop) -> None:
    shop.execute("DELETE FROM alembic_version")
    status, seen = synced(shop).wait_for(QUESTION).wait_for("c.py").type("q").finish()
    assert (status, shop.recorded) == (1, set())
    assert "hint: migmerge sync --stamp a\n" in seen


def test_without_an_unproven_revision_the_plan_is_shown_at_once(shop: Shop) -> None:
    shop.upgrade()
    shop.execute("DELETE FROM alembic_version")
    status, seen = synced(shop).wait_for("not now").type("y").finish()
    assert (status, shop.recorded) == (0, {"d"}), seen
    assert QUESTION not in seen and "stamp d  instead of nothing" in seen


@pytest.mark.parametrize(("keys", "recorded"), [((ENTER,), {"gone"}), (("y",), {"d"})])
def test_where_nothing_fits_base_is_recorded_and_all_is_run_if_the_user_says_so(
    shop: Shop, keys: tuple[str, ...], recorded: set[str]
) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    shop.execute("DROP TABLE a")
    terminal = synced(shop).wait_for("Run all revisions in test.db?").wait_for("run all 4").type(*keys)
    if recorded == {"d"}:
        terminal.wait_for(AGREE).wait_for("not now").type("y")
    status, seen = terminal.finish()
    assert (status, shop.recorded) == (int(recorded == {"gone"}), recorded), seen
    assert ("hint: git fetch --all && migmerge reset stamp --to base --database test.db\n" in seen) == (recorded == {"gone"})


@pytest.mark.parametrize("argument", ["--dry-run", "--yes"])
def test_an_option_that_answers_is_asked_nothing(shop: Shop, argument: str) -> None:
    shop.execute("DELETE FROM alembic_version")
    status, seen = synced(shop, argument).finish()
    assert (status, shop.recorded) == (1, set())
    assert QUESTION not in seen and "hint: migmerge sync --stamp a\n" in seen
