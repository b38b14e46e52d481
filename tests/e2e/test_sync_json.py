"""`migmerge sync`, `reset` and the undo of both for a program: one document on stdout, and no question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.shop import Shop, creating


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a clone whose database has run d, which only another branch has, and lacks b."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'shop.db'}")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "--create", "other")
    shop.creates("d", "a")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    shop.creates("b", "a")
    return shop


def run(shop: Shop, *words: str) -> tuple[int, Any]:
    done = shop.run(*words, "--format", "json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def state(shop: Shop) -> tuple[set[str], set[str]]:
    return shop.tables - {"alembic_version"}, shop.recorded


def test_a_dry_run_has_the_plan(shop: Shop) -> None:
    before = state(shop)
    status, document = run(shop, "sync", "--dry-run")
    (environment,) = document["environments"]
    assert (status, environment["state"], environment["loses"], environment["backups"]) == (0, "planned", True, [])
    assert [(each["kind"], each["revision"], each["done"]) for each in environment["steps"]] == [
        ("down", "d", False),
        ("up", "b", False),
    ]
    assert environment["steps"][0]["warnings"] and environment["steps"][0]["body"] == ["op.drop_table('d')"]
    assert [each["recorded"] for each in environment["databases"]] == [["d"]]
    assert state(shop) == before


def test_what_was_done_is_said_and_taken_back(shop: Shop) -> None:
    before = state(shop)
    status, document = run(shop, "sync", "--yes")
    (environment,) = document["environments"]
    assert (status, environment["state"], environment["failure"], environment["undo"]) == (0, "done", None, "migmerge undo")
    assert [each["done"] for each in environment["steps"]] == [True, True]
    assert [each["recorded"] for each in environment["after"]] == [["b"]]
    (backup,) = environment["backups"]
    assert Path(backup["path"]).is_file() and Path(backup["restore_script"]).is_file()
    assert state(shop) == ({"a", "b"}, {"b"})

    status, document = run(shop, "undo", "--yes")
    assert (status, document["state"]) == (0, "undone")
    assert [each["restore_script"] for each in document["plan"]["databases"]] == [backup["restore_script"]]
    assert state(shop) == before


def test_nothing_to_do_needs_no_answer(shop: Shop) -> None:
    shop.done("sync", "--yes")
    status, document = run(shop, "sync")
    assert (status, [each["state"] for each in document["environments"]]) == (0, ["nothing to do"])


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["sync"], "migmerge sync --yes --format json, or migmerge sync --dry-run --format json to look first"),
        (["reset", "stamp"], "migmerge reset stamp --database shop.db --format json"),
    ],
)
def test_no_question_is_asked(shop: Shop, words: list[str], hint: str) -> None:
    before = state(shop)
    done = shop.run(*words, "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: --format json asks no question\nhint: {hint}\n"
    assert state(shop) == before


def test_a_step_that_fails_stops_the_others(shop: Shop) -> None:
    fails = "if op.get_bind().execute(sa.text('SELECT id FROM a')).all():\n        op.drop_table('nowhere')"
    shop.creates("c", "b", upgrade=fails)
    shop.creates("e", "c")
    shop.execute("INSERT INTO a (id) VALUES (9)")
    status, document = run(shop, "sync", "--yes")
    (environment,) = document["environments"]
    assert (status, environment["state"], environment["undo"]) == (1, "failed", None)
    assert [(each["revision"], each["done"]) for each in environment["steps"]] == [
        ("d", True),
        ("b", True),
        ("c", False),
        ("e", False),
    ]
    assert "no such table: nowhere" in environment["failure"]
    assert Path(environment["backups"][0]["restore_script"]).is_file()


def test_a_refusal_says_why(shop: Shop) -> None:
    shop.project.revision("z", "gone", **creating("z"))
    status, document = run(shop, "sync", "--yes")
    (environment,) = document["environments"]
    assert (status, environment["state"], environment["steps"]) == (1, "refused", [])
    assert environment["refusal"]["message"] and environment["refusal"]["hint"]


def test_reset_has_the_plans_of_all_depths(shop: Shop) -> None:
    shop.done("sync", "--yes")
    shop.execute("CREATE TABLE own (id INTEGER)")
    status, document = run(shop, "reset", "--dry-run")
    assert (status, document["state"], document["environment"]) == (0, "planned", "migrations")
    plans = {each["depth"]: each for each in document["plans"]}
    assert plans["stamp"]["revisions"] == ["b"]
    assert plans["database"]["databases"] == [
        {"name": "shop.db", "bind": "", "foreign": [{"name": "own", "rows": 0}], "kept": ["own"]}
    ]
    assert plans["migrations"]["reason"].startswith("no revision makes own")
    assert state(shop) == ({"a", "b", "own"}, {"b"})


def test_reset_says_what_it_did(shop: Shop) -> None:
    shop.done("sync", "--yes")
    shop.execute("INSERT INTO a VALUES (1)")
    status, document = run(shop, "reset", "database", "--database", "shop.db")
    assert (status, document["state"], document["failure"], len(document["undo"])) == (0, "done", None, 1)
    assert document["undo"][0].endswith(document["backups"][0]["restore_script"].rpartition("/")[2])
    assert (state(shop), shop.rows("a")) == (({"a", "b"}, {"b"}), [])
