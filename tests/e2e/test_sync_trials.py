"""A plan is tried on an empty copy of the database before it is shown: what the texts do not tell, the copy does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.shop import Shop, on_sqlite

_DECODED = "import codecs\n    op.execute(codecs.decode({!r}, 'rot13'))"
MAKES_B = _DECODED.format("PERNGR GNOYR o (vq VAGRTRE ABG AHYY CEVZNEL XRL)")
DROPS_B = _DECODED.format("QEBC GNOYR o")
DROPS_NEVER_MADE = _DECODED.format("QEBC GNOYR arire_znqr")
CREATES_B = "op.create_table('b', sa.Column('id', sa.Integer, primary_key=True, autoincrement=False))"
"""Nothing in the text of the others says what they do."""


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        shop.execute("INSERT INTO a (id) VALUES (1)")
        yield shop


def left_behind(shop: Shop, upgrade: str, downgrade: str) -> None:
    """Run a revision b on a branch that is gone then."""
    shop.project.git("switch", "--quiet", "--create", "topic")
    shop.project.revision("b", "a", upgrade=upgrade, downgrade=downgrade, message="add b")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    shop.project.git("branch", "-D", "topic")


def said(text: str) -> str:
    return " ".join(text.split())


def test_what_the_checkout_makes_too_is_recorded_though_no_text_says_so(shop: Shop) -> None:
    left_behind(shop, MAKES_B, DROPS_B)
    shop.execute("INSERT INTO b (id) VALUES (7)")
    shop.project.revision("n", "a", upgrade=CREATES_B)
    printed = shop.done("sync", "--yes")
    assert (shop.rows("b"), shop.recorded) == ([7], {"n"})
    assert "stamp n" in said(printed) and "down" not in printed.split()
    assert "the schema ends as this checkout makes it" in said(printed)
    assert shop.run("doctor", "--deep").returncode == 0


def test_what_cannot_be_taken_back_is_recorded_where_the_checkout_makes_it(shop: Shop) -> None:
    left_behind(shop, MAKES_B, "raise NotImplementedError('no way back')")
    shop.execute("INSERT INTO b (id) VALUES (7)")
    shop.project.revision("n", "a", upgrade=CREATES_B)
    shop.done("sync", "--yes")
    assert (shop.rows("b"), shop.recorded) == ([7], {"n"})


def test_a_step_that_would_fail_is_refused_before_the_first_write(shop: Shop) -> None:
    left_behind(shop, MAKES_B, DROPS_NEVER_MADE)
    shop.execute("INSERT INTO b (id) VALUES (7)")
    shop.creates("c", "a")
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1
    assert "b would fail in" in said(ran.stderr + ran.stdout) and "never_made" in ran.stderr + ran.stdout
    assert (shop.tables, shop.recorded, shop.rows("b")) == ({"a", "b"}, {"b"}, [7])
    assert "backed up" not in ran.stdout
    (hint,) = (line.removeprefix("hint: ") for line in ran.stdout.splitlines() if line.startswith("hint: "))
    shop.done(*shlex.split(hint)[1:])
    shop.done("sync", "--yes")
    assert (shop.tables, shop.recorded, shop.rows("b")) == ({"a", "b", "c"}, {"c"}, [7])
    assert shop.run("doctor").returncode == 0


def test_what_only_rows_decide_is_said_and_done(shop: Shop) -> None:
    left_behind(shop, MAKES_B, "[kept] = op.get_bind().execute(sa.text('SELECT id FROM a')).scalars().all()\n    " + DROPS_B)
    shop.creates("c", "a")
    printed = shop.done("sync", "--yes")
    assert "note: not tried on a copy of" in printed and "ValueError" in printed
    assert (shop.tables, shop.recorded) == ({"a", "c"}, {"c"})


@on_sqlite
def test_what_may_have_changed_rows_already_is_run_on_your_word_alone(shop: Shop) -> None:
    git = shop.project.git
    git("switch", "--quiet", "--create", "topic")
    shop.project.revision("r", "a", upgrade=_DECODED.format("VAFREG VAGB n (vq) INYHRF (5)"))
    shop.project.revision("b", "r", upgrade=MAKES_B, downgrade=DROPS_B)
    shop.upgrade()
    git("switch", "--quiet", "main")
    git("branch", "-D", "topic")
    shop.creates("m", "a")
    shop.project.revision("s", "m", upgrade="op.execute('INSERT INTO a (id) VALUES (5)')")
    shop.project.revision("n", "s", upgrade=CREATES_B)
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1 and "--yes settles no doubt" in said(ran.stdout + ran.stderr)
    assert "nothing tells whether what s does to rows was done already in test.db" in said(ran.stdout)
    assert (shop.rows("a"), shop.recorded, shop.tables) == ([1, 5], {"b"}, {"a", "b"})


@on_sqlite
def test_the_plan_that_drops_the_least_is_taken_though_another_one_ends_better(shop: Shop) -> None:
    left_behind(shop, f"{MAKES_B}\n    op.execute('DROP TABLE a')", f"{DROPS_B}\n    op.execute('CREATE TABLE a (id INTEGER)')")
    shop.execute("INSERT INTO b (id) VALUES (7)")
    shop.project.revision("n", "a", upgrade=CREATES_B)
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1 and "the schema still differs from this checkout's then" in said(ran.stdout)
    shop.done("sync", "--yes")
    assert (shop.tables, shop.rows("b"), shop.recorded) == ({"a", "b"}, [7], {"n"})
    assert shop.run("doctor", "--deep").returncode == 0


@pytest.mark.parametrize("shop", ["mariadb"], indirect=True)
def test_half_of_a_revision_is_never_left_where_nothing_takes_it_back(shop: Shop) -> None:
    shop.project.revision("c", "a", upgrade=f"{CREATES_B}\n    {DROPS_NEVER_MADE}")
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1 and "c would fail in" in said(ran.stdout)
    assert (shop.tables, shop.recorded) == ({"a"}, {"a"})


def test_what_is_recorded_and_is_not_quite_so_is_said_before(shop: Shop) -> None:
    added = "op.add_column('a', sa.Column('age', sa.{}))"
    left_behind(shop, added.format("Text"), "op.drop_column('a', 'age')")
    shop.execute("UPDATE a SET age = 'old'")
    shop.project.revision("n", "a", upgrade=added.format("Date"), downgrade="op.drop_column('a', 'age')")
    ran = shop.run("sync", "--yes")
    assert ran.returncode == 1
    assert "note: n will be recorded in" in said(ran.stdout) and "the type of the column a.age" in said(ran.stdout)
    assert shop.rows("a", "age") == ["old"]


@on_sqlite
def test_a_dry_run_runs_no_script(shop: Shop) -> None:
    left_behind(shop, MAKES_B, DROPS_B)
    shop.creates("c", "a")
    mark = shop.project.top / "ran"
    for path in (shop.project.top / "migrations/versions").glob("*.py"):
        path.write_text(path.read_text() + f"\nopen({str(mark)!r}, 'w').close()\n")
    printed = shop.done("sync", "--dry-run")
    assert not mark.exists() and "not tried on a copy of test.db: a dry run runs no script" in printed
