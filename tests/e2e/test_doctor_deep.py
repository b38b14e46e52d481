"""`doctor --deep`: what only a replay of the scripts tells, what nothing tells, and what each hint leads to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.full_histories import full_history
from tests.support.shop import Shop, creating, on_sqlite

LONGER = "with op.batch_alter_table('b') as batch: batch.alter_column('name', type_=sa.String(40), existing_type=sa.String(20))"
NAMED = "op.create_table('b', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(20)))"


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project with the table b, whose revision c makes a column longer, and a database at b."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.project.revision("b", "a", upgrade=NAMED, downgrade="op.drop_table('b')")
        shop.upgrade()
        shop.project.revision("c", "b", upgrade=LONGER)
        yield shop


def report(shop: Shop, *arguments: str) -> tuple[int, dict[str, dict[str, Any]], dict[str, Any]]:
    """Return the exit status of doctor, its findings about databases by code, and the first database."""
    ran = shop.run("doctor", "--format", "json", *arguments)
    answer = json.loads(ran.stdout)
    found = {each["code"]: each for each in answer["findings"] if each["code"].startswith("MM1")}
    return ran.returncode, found, answer["databases"][0]


def test_an_alteration_that_was_stamped_over_is_found_and_cured_as_the_hint_says(shop: Shop) -> None:
    shop.flask("stamp", "c")
    status, found, there = report(shop)
    assert (status, list(found)) == (0, ["MM108"])
    assert found["MM108"]["hint"] == "migmerge doctor --deep"
    assert there["coverage"]["unproven"] == ["c"] == found["MM108"]["revisions"]
    status, found, there = report(shop, "--deep")
    assert (status, list(found), there["skipped"]) == (1, ["MM103"], ["c"])
    assert "of the column b.name is not there" in found["MM103"]["message"]
    assert found["MM103"]["hint"] == "migmerge sync"
    said = shop.done("sync", "--yes")
    assert "again c" in said
    assert report(shop)[:2] == (0, {})
    assert report(shop)[2]["coverage"] == {
        "deep": True,
        "judged": True,
        "reason": None,
        "revisions": 3,
        "verified": ["a", "b", "c"],
        "unproven": [],
        "assumed": [],
        "foreign_tables": [],
        "foreign_parts": [],
    }


@on_sqlite
def test_what_changes_only_rows_is_unproven_until_the_user_vouches_for_it(shop: Shop) -> None:
    shop.project.revision("d", "c", message="fill", upgrade="op.execute(\"update b set name = 'x'\")")
    shop.upgrade()
    shop.execute("create table scribbles (id integer)")
    status, found, there = report(shop, "--deep")
    assert (status, list(found)) == (0, ["MM108"])
    name = shop.url.rpartition("/")[2]
    assert found["MM108"]["message"] == (
        f'{name}: 4 revisions: 3 verified, 1 of which the schema tells nothing (1 may change rows): d "fill"; '
        "read their scripts, then vouch for them, or migmerge sync --rerun d"
    )
    assert there["coverage"]["foreign_tables"] == ["scribbles"]
    assert found["MM108"]["hint"] == "migmerge doctor --deep --assume-applied"
    shop.done("doctor", "--deep", "--assume-applied")
    assert report(shop)[:2] == (0, {})
    assert "1 by your word" in shop.done("doctor")
    shop.project.write("migrations/versions/d.py", (shop.project.top / "migrations/versions/d.py").read_text() + "\n")
    assert list(report(shop, "--deep")[1]) == ["MM108"]


@on_sqlite
def test_a_script_that_cannot_be_replayed_is_not_healthy_until_the_user_vouches_for_it(shop: Shop) -> None:
    shop.project.revision("d", "c", upgrade="op.get_bind().execute(sa.text('select id from b')).one()")
    shop.execute("insert into b (id, name) values (1, 'x')")
    shop.creates("e", "d")
    shop.upgrade()
    shop.execute("drop table e")
    status, found, there = report(shop, "--deep")
    assert (status, list(found), there["skipped"]) == (1, ["MM103", "MM108"], ["e"])
    assert "could not be judged wholly by a replay: d " in found["MM108"]["message"]
    assert "fails on an empty database: NoResultFound" in found["MM108"]["message"]
    assert (there["coverage"]["judged"], there["coverage"]["verified"]) == (False, ["a"])
    shop.run("sync", "--yes")
    assert "e" in shop.tables and report(shop)[0] == 1
    shop.done("doctor", "--assume-applied")
    assert report(shop)[:2] == (0, {})


@on_sqlite
def test_a_script_that_may_do_anything_and_fails_leaves_the_texts_to_judge(shop: Shop) -> None:
    shop.project.revision("d", "c", upgrade="__import__('no_such_module').run(op)")
    shop.upgrade("c")
    shop.flask("stamp", "d")
    status, found, there = report(shop, "--deep")
    assert (status, list(found)) == (1, ["MM108"])
    assert "could not be judged by a replay: d " in found["MM108"]["message"]
    assert "by their text, 4 revisions: 2 verified" in found["MM108"]["message"]
    assert (there["coverage"]["deep"], there["coverage"]["judged"]) == (False, False)


@on_sqlite
def test_the_second_look_replays_nothing(shop: Shop) -> None:
    shop.upgrade()
    shop.done("doctor", "--deep")
    (kept,) = (shop.project.top / ".git/migmerge/replays").iterdir()
    before = kept.stat().st_ino
    shop.done("doctor", "--deep")
    assert [each.stat().st_ino for each in kept.parent.iterdir()] == [before]
    shop.creates("d", "c")
    assert report(shop)[2]["coverage"]["deep"]
    shop.upgrade()
    assert not report(shop)[2]["coverage"]["deep"]


@on_sqlite
def test_a_phantom_is_replayed_with_the_script_that_git_has(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("d", "c")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    status, found, there = report(shop, "--deep")
    assert (status, list(found)) == (1, ["MM101"])
    assert there["coverage"]["verified"] == ["a", "b", "c", "d"]


@on_sqlite
def test_what_was_changed_by_hand_is_a_warning_and_no_skipped_revision(shop: Shop) -> None:
    shop.upgrade()
    shop.execute("drop table b")
    shop.execute("create table b (id integer not null primary key, name text)")
    status, found, there = report(shop, "--deep")
    assert (status, list(found), there["skipped"]) == (0, ["MM103"], [])
    assert found["MM103"]["severity"] == "warning"
    assert "the type of the column b.name is TEXT, not VARCHAR(40): something else changed it" in found["MM103"]["message"]


@on_sqlite
def test_mm109_a_script_whose_types_were_edited_after_it_ran_comes_back_as_the_hint_says(shop: Shop) -> None:
    shop.upgrade()
    shop.done("doctor")
    path = shop.project.top / "migrations/versions/b.py"
    ran = path.read_bytes()
    path.write_bytes(ran.replace(b"sa.Column('name', sa.String(20))", b"sa.Column('name', sa.Text, nullable=False)"))
    shop.project.commit("another null")
    status, found, _ = report(shop, "--deep")
    assert (status, list(found), found["MM109"]["revisions"]) == (1, ["MM109"], ["b"])
    assert "b.name" in found["MM109"]["message"] and "it was edited since then" in found["MM109"]["message"]
    subprocess.run(found["MM109"]["hint"], shell=True, cwd=shop.project.top, check=True)
    assert path.read_bytes() == ran
    assert report(shop, "--deep")[:2] == (0, {})


@on_sqlite
def test_a_database_that_cannot_be_asked_does_not_end_well(shop: Shop) -> None:
    shop.project.write("app.py", "raise RuntimeError('not today')")
    for arguments in ([], ["--deep"]):
        ran = shop.run("doctor", "--format", "json", *arguments)
        findings = [each["code"] for each in json.loads(ran.stdout)["findings"] if each["severity"] != "info"]
        assert (ran.returncode, "MM106" in findings) == (1, True)
    assert shop.run("doctor", "--no-db").returncode == 0


@on_sqlite
def test_sync_proves_what_it_leaves_and_names_what_nothing_tells_of(shop: Shop) -> None:
    shop.project.revision("d", "c", message="fill", upgrade="op.execute(\"update b set name = 'x'\")")
    shop.upgrade()
    shop.creates("e", "d")
    said = shop.done("sync", "--yes")
    assert "MM108 unproven-revision" in said and 'd "fill"' in said
    shop.project.revision("f", "e", **creating("f"))
    assert "MM108" in shop.done("sync", "--yes", "--no-deep")


@on_sqlite
def test_a_data_step_that_was_stamped_over_is_named_before_consent_and_run_where_the_user_wants(shop: Shop) -> None:
    shop.execute("insert into b (id, name) values (1, 'ann')")
    shop.project.revision("d", "c", message="shout", upgrade="op.execute('update b set name = upper(name)')")
    shop.creates("e", "d")
    shop.flask("stamp", "e")
    said = shop.done("sync", "--dry-run")
    assert [line.split()[1] for line in said.splitlines() if line.startswith("  again")] == ["e"]
    assert "note: only a replay of the scripts tells what else was skipped: migmerge doctor --deep" in said
    assert 'note: nothing in test.db tells whether d "shout" ran; migmerge sync --rerun d runs it' in said
    said = shop.done("sync", "--rerun", "d", "--yes")
    assert [line.split()[-1] for line in said.splitlines() if "done" in line] == ["c", "d", "e"]
    with shop.connected() as connection:
        assert connection.exec_driver_sql("select name from b").scalar() == "ANN"
    assert report(shop)[:2] == (0, {})
    assert report(shop)[2]["coverage"]["assumed"] == ["d"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_history_with_every_kind_of_operation_that_alembic_ran_is_right(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        steps = full_history(dialect, seed=4, length=40)
        for step in steps:
            shop.project.script(step.revision, step.parent or "a", upgrade=step.upgrade, downgrade=step.downgrade)
        shop.project.commit("forty revisions")
        shop.upgrade()
        status, found, there = report(shop, "--deep")
    data = {step.revision for step in steps if step.kind.startswith("data")}
    assert (status, list(found), there["skipped"]) == (0, ["MM108"], [])
    assert data <= set(there["coverage"]["unproven"])
    assert len(there["coverage"]["verified"]) + len(there["coverage"]["unproven"]) == len(steps) + 1


_DECODED = "import codecs\n    op.execute(codecs.decode({!r}, 'rot13'))"
"""Nothing in the text says what it does."""


def test_what_is_pending_and_sure_to_fail_is_an_error_with_its_statement(shop: Shop) -> None:
    shop.project.revision("d", "c", upgrade=_DECODED.format("QEBC GNOYR arire_znqr"))
    status, found, _ = report(shop)
    assert (status, list(found)) == (0, ["MM102"])
    status, found, _ = report(shop, "--deep")
    said = found["MM102"]["message"]
    assert (status, found["MM102"]["severity"]) == (1, "error")
    assert "d would fail: " in said and said.endswith("the statement was: DROP TABLE never_made")
    assert shop.run(*found["MM102"]["hint"].split()[1:]).returncode == 0
    assert (shop.tables, shop.recorded) == ({"a", "b"}, {"b"})


def test_what_is_pending_and_runs_is_no_error(shop: Shop) -> None:
    shop.project.revision("d", "c", upgrade=_DECODED.format("PERNGR GNOYR q (vq VAGRTRE)"))
    status, found, _ = report(shop, "--deep")
    assert (status, found["MM102"]["severity"], found["MM102"]["hint"]) == (0, "warning", "flask db upgrade")
    assert (shop.tables, shop.recorded) == ({"a", "b"}, {"b"})


@on_sqlite
def test_of_what_only_rows_decide_nobody_knows_whether_it_runs(shop: Shop) -> None:
    shop.project.revision("d", "c", upgrade="[only] = op.get_bind().execute(sa.text('SELECT id FROM b')).all()")
    shop.execute("INSERT INTO b (id) VALUES (1)")
    status, found, _ = report(shop, "--deep")
    assert (status, found["MM102"]["severity"]) == (1, "warning")
    assert "nobody knows whether they run: d fails on an empty copy: ValueError" in found["MM102"]["message"]
    shop.upgrade()
