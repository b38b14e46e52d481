"""Which version of a script ran: what the work tree had checked out, told apart by the schema; nothing is recorded that never ran."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.shop import Shop, creating, on_sqlite


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        yield shop


def adding(column: str, table: str = "a") -> dict[str, str]:
    return {
        "upgrade": f"op.add_column({table!r}, sa.Column({column!r}, sa.Integer))",
        "downgrade": f"op.drop_column({table!r}, {column!r})",
    }


def test_an_id_that_another_script_took_over(shop: Shop) -> None:
    """Mine ran as 2; main brought another 2 and a 3, and mine became 4 in the rebase."""
    git = shop.project.git
    git("switch", "--quiet", "--create", "mine")
    shop.project.revision("2", "a", message="mine", **adding("x"))
    shop.upgrade()
    shop.execute("INSERT INTO a (id, x) VALUES (1, 7)")
    git("switch", "--quiet", "main")
    shop.project.revision("2", "a", message="theirs", **creating("b"))
    shop.creates("3", "2")
    git("switch", "--quiet", "mine")
    git("reset", "--quiet", "--hard", "main")
    shop.project.revision("4", "3", message="mine", **adding("x"))
    printed = shop.run("doctor").stdout
    assert "MM103" in printed and 'records 2 for "mine"' in printed
    steps = [line for line in shop.done("sync", "--yes").splitlines() if line.startswith("  done")]
    assert steps == ["  done  stamp a", "  done  up 2", "  done  up 3", "  done  stamp 4"]
    assert (shop.recorded, shop.rows("a", "x")) == ({"4"}, [7])
    assert shop.run("doctor").returncode == 0


def test_what_ran_under_an_id_that_another_script_took_over_is_taken_back_where_nothing_here_is_like_it(shop: Shop) -> None:
    git = shop.project.git
    git("switch", "--quiet", "--create", "mine")
    shop.project.revision("2", "a", message="mine", **creating("mine"))
    shop.upgrade()
    git("switch", "--quiet", "main")
    shop.project.revision("2", "a", message="theirs", **creating("b"))
    shop.creates("3", "2")
    printed = shop.done("sync", "--yes")
    assert "what ran under this id, as commit" in " ".join(printed.split())
    steps = [line for line in printed.splitlines() if line.startswith("  done")]
    assert steps == ["  done  down 2", "  done  up 2", "  done  up 3"]
    assert (shop.recorded, shop.tables) == ({"3"}, {"a", "b", "3"})
    shop.done("undo", "--yes")
    assert (shop.recorded, shop.tables) == ({"2"}, {"a", "mine"})
    shop.done("sync", "--yes")
    assert shop.run("doctor", "--deep").returncode == 0


@on_sqlite
def test_a_phantom_goes_down_in_the_version_that_was_checked_out_when_it_ran(shop: Shop) -> None:
    """The revision was moved onto another one elsewhere; here it ran on a, and what it follows now has not run."""
    git = shop.project.git
    shop.execute("INSERT INTO a VALUES (1)")
    git("switch", "--quiet", "--create", "feature")
    shop.creates("f", "a")
    shop.upgrade()
    git("switch", "--quiet", "main")
    shop.project.revision("m", "a", upgrade='op.execute("UPDATE a SET id = 5 WHERE id = 1")')
    tree = git("rev-parse", "main")
    shop.project.script("f", "m", **creating("f"))
    git("add", "--all")
    git("branch", "--force", "feature", git("commit-tree", git("write-tree"), "-p", tree, "-m", "f moved"))
    git("reset", "--quiet", "--hard", "main")
    shop.done("sync", "--yes")
    assert (shop.recorded, shop.rows("a"), shop.tables) == ({"m"}, [5], {"a"})


@on_sqlite
def test_where_nothing_tells_two_versions_apart_the_user_is_asked(shop: Shop) -> None:
    """Both versions make nothing that a catalogue shows, and are taken back in different ways; none recorded which one ran."""
    git = shop.project.git
    git("config", "migmerge.record", "false")
    git("switch", "--quiet", "--create", "feature")
    bodies = [
        {"upgrade": f"op.execute('UPDATE a SET id = {n}')", "downgrade": f"op.execute('UPDATE a SET id = -{n}')"} for n in (1, 2)
    ]
    for body in bodies:
        shop.project.revision("f", "a", message="f", **body)
    shop.upgrade()
    git("switch", "--quiet", "main")
    refused = shop.run("sync", "--yes")
    assert refused.returncode == 1
    assert "tells whether f ran as commit" in refused.stdout and refused.stdout.endswith("hint: migmerge sync\n")
    assert shop.recorded == {"f"}


@pytest.fixture
def renumbered(shop: Shop) -> Shop:
    """My 2 and 3 ran; main brought another 2, and they became 3 and 4 in the rebase. All of them change rows alone."""
    git, changes = shop.project.git, {"mine": "+ 10", "more": "+ 100", "theirs": "* 2"}
    bodies = {name: {"upgrade": f"op.execute('UPDATE a SET id = id {change}')"} for name, change in changes.items()}
    shop.execute("INSERT INTO a VALUES (1)")
    git("switch", "--quiet", "--create", "mine")
    shop.project.revision("2", "a", message="mine", **bodies["mine"])
    shop.project.revision("3", "2", message="more", **bodies["more"])
    shop.upgrade()
    git("switch", "--quiet", "main")
    shop.project.revision("2", "a", message="theirs", **bodies["theirs"])
    git("switch", "--quiet", "mine")
    git("reset", "--quiet", "--hard", "main")
    shop.project.revision("3", "2", message="mine", **bodies["mine"])
    shop.project.revision("4", "3", message="more", **bodies["more"])
    return shop


def test_a_change_of_rows_that_is_known_to_have_run_under_another_id_runs_once(renumbered: Shop) -> None:
    for _ in range(2):  # a look forgets nothing
        printed = renumbered.run("doctor").stdout
        assert 'records 2 for "mine"' in printed and 'records 3 for "more"' in printed and "hint: migmerge sync" in printed
    steps = [line for line in renumbered.done("sync", "--yes").splitlines() if line.startswith("  done")]
    assert steps == ["  done  stamp a", "  done  up 2", "  done  stamp 4"]
    assert (renumbered.recorded, renumbered.rows("a")) == ({"4"}, [222])
    assert renumbered.done("sync", "--yes").endswith("nothing to do\n")
    renumbered.done("doctor", "--deep", "--assume-applied")


@on_sqlite
def test_a_change_of_rows_that_may_have_run_under_another_id_is_asked_about(
    renumbered: Shop,
) -> None:
    for each in ("ledger.json", "ran.log"):
        (renumbered.project.top / ".git/migmerge" / each).unlink(missing_ok=True)
    renumbered.project.git("config", "migmerge.record", "false")
    for _ in range(2):  # a look settles nothing
        printed = " ".join(renumbered.run("doctor").stdout.split())
        assert 'nothing in test.db tells whether 2 "theirs" ran' in printed and 'which is 3 "mine" here' in printed
        assert "MM103" not in printed and "have not run" not in printed and "has not run" not in printed
    refused = renumbered.run("sync", "--yes")
    assert refused.returncode == 1 and 'not known: nothing in test.db tells whether 2 "theirs" ran' in refused.stdout
    assert refused.stdout.endswith("hint: migmerge sync\n")
    assert (renumbered.recorded, renumbered.rows("a")) == ({"3"}, [111])
    renumbered.upgrade()
    assert "which is" not in renumbered.run("doctor").stdout


@on_sqlite
def test_where_all_tables_are_gone_everything_runs_from_the_start(shop: Shop) -> None:
    """A data migration leaves no trace: it runs too, for nothing of the database that it changed is there any more."""
    shop.project.revision("b", "a", upgrade='op.execute("INSERT INTO a VALUES (7)")')
    shop.creates("c", "b")
    shop.upgrade()
    for table in "ac":
        shop.execute(f"DROP TABLE {table}")
    shop.done("sync", "--yes")
    assert (shop.recorded, shop.rows("a"), shop.tables) == ({"c"}, [7], {"a", "c"})


@on_sqlite
def test_a_revision_without_a_trace_beside_skipped_ones_is_asked_about(shop: Shop) -> None:
    shop.project.revision("b", "a", message="upper", upgrade='op.execute("UPDATE a SET id = id + 1")')
    shop.creates("c", "b")
    shop.execute("INSERT INTO a VALUES (1)")
    shop.flask("stamp", "c")
    printed = shop.run("sync", "--yes").stdout
    assert 'note: nothing in test.db tells whether b "upper" ran; migmerge sync --rerun b runs it' in printed
    assert printed.rstrip().endswith("hint: migmerge sync --rerun b")
    assert (shop.tables, shop.rows("a")) == ({"a", "c"}, [1])
    shop.done("sync", "--yes", "--rerun", "b")
    assert shop.rows("a") == [2]


@on_sqlite
def test_a_script_that_was_never_committed_is_kept_once_a_look_has_seen_that_it_ran(shop: Shop) -> None:
    path = shop.project.script("x", "a", **creating("x"))
    shop.upgrade()
    shop.run("doctor")
    (shop.project.top / path).unlink()
    shop.project.git("gc", "--quiet", "--prune=now")
    for _ in range(2):  # a look at the phantom forgets nothing
        assert "in no commit, kept since a database here ran it" in " ".join(shop.run("doctor").stdout.split())
        shop.project.git("gc", "--quiet", "--prune=now")
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded) == ({"a"}, {"a"})


@on_sqlite
def test_what_was_seen_to_have_run_decides_between_two_versions(shop: Shop) -> None:
    git = shop.project.git
    git("switch", "--quiet", "--create", "feature")
    shop.execute("INSERT INTO a VALUES (1)")
    for sign, back in ("+-", "-+"):
        there, undo = (f"op.execute('UPDATE a SET id = id {each} 5')" for each in (sign, back))
        shop.project.revision("f", "a", message="f", upgrade=there, downgrade=undo)
        if sign == "+":
            shop.upgrade()
            shop.run("doctor")
    git("switch", "--quiet", "main")
    shop.done("sync", "--yes")
    assert (shop.recorded, shop.rows("a")) == ({"a"}, [1])
