"""Steps that run together: one run of env.py, one transaction a step, each reported once it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from migmerge.core.database.backup import NoBackup, WhyNoBackup
from migmerge.core.database.selection import Selection
from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.database.runtime import project_runtime
from migmerge.database.session import Session
from tests.support.databases import DIALECTS, database
from tests.support.shop import Shop, creating

FLASK_MIGRATE = Environment("migrations", "flask-migrate", ("migrations/versions",), "migrations/alembic.ini")
CONFIGURED = "        with context.begin_transaction():\n            context.run_migrations()\n"
DECLINED = {bind: NoBackup("test", WhyNoBackup.DECLINED) for bind in ("", "app")}
"""Where env.py sets the search path, the schema is a tenant's."""
UP = [(name, "upgrade") for name in "bcd"]


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Return a project at revision a, with b, c and d pending, and an env.py that notes each of its runs."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        for name, parent in ("ba", "cb", "dc"):
            shop.creates(name, parent)
        for name, value in shop.variables.items():
            monkeypatch.setenv(name, value)
        env_py(shop, CONFIGURED)
        yield shop


only_postgresql = pytest.mark.parametrize("shop", ["postgresql"], indirect=True)


def env_py(shop: Shop, configured: str) -> None:
    """Write an env.py that ends in its own way."""
    file = shop.project.top / "migrations/env.py"
    text = file.read_text().removeprefix("open('runs', 'a').write('.')\n")
    file.write_text("open('runs', 'a').write('.')\n" + text.replace(CONFIGURED, configured.replace("INDENT", " " * 12)))


def session(shop: Shop) -> Session:
    return Session(project_runtime(FLASK_MIGRATE, str(shop.project.top), str(shop.project.top)), Selection(()))


def ran(shop: Shop, steps: list[tuple[str, str]]) -> tuple[list[int], int]:
    """Run steps; return what was reported, and how often env.py ran for it."""
    runs, reported = shop.project.top / "runs", list[int]()
    with session(shop) as asked:
        asked.ask("inspect")
        runs.unlink()
        try:
            asked.ask("run steps", steps=steps, saved=DECLINED, on_progress=lambda done, total: reported.append(done))
        finally:
            count = len(runs.read_text())
    return reported, count


def test_many_steps_take_one_run_of_env_py(shop: Shop) -> None:
    assert ran(shop, UP) == ([1, 2, 3], 1)
    assert (shop.recorded, shop.tables) == ({"d"}, set("abcd"))
    assert ran(shop, [(name, "downgrade") for name in "dcb"]) == ([1, 2, 3], 1)
    assert (shop.recorded, shop.tables) == ({"a"}, {"a"})


def test_many_steps_drop_nothing_without_a_backup_or_a_reason_for_having_none(shop: Shop) -> None:
    shop.upgrade()
    with session(shop) as asked:
        asked.ask("inspect")
        with pytest.raises(MigmergeError, match="was not backed up: nothing is changed in it"):
            asked.ask("run steps", steps=[(name, "downgrade") for name in "dcb"])
    assert (shop.recorded, shop.tables) == ({"d"}, set("abcd"))


def test_what_is_done_already_is_passed_over(shop: Shop) -> None:
    shop.upgrade("c")
    assert ran(shop, UP) == ([1, 2, 3], 1)
    assert (shop.recorded, shop.tables) == ({"d"}, set("abcd"))


def test_a_failure_leaves_the_steps_before_it(shop: Shop) -> None:
    shop.creates("c", "b", upgrade="op.create_table('c', sa.Column('id', sa.Integer))\n    op.execute('SELECT no_such_thing')")
    reported = list[int]()
    with session(shop) as asked:
        asked.ask("inspect")
        with pytest.raises(MigmergeError, match=r"^c: .*; the statement was: SELECT no_such_thing"):
            asked.ask("run steps", steps=UP, saved=DECLINED, on_progress=lambda done, total: reported.append(done))
    assert (reported, shop.recorded) == ([1], {"b"})
    assert shop.tables - {"c"} == {"a", "b"} and ("c" in shop.tables) == shop.url.startswith("mariadb")


def test_each_step_is_committed_when_it_is_reported(shop: Shop) -> None:
    waits = "while not __import__('os').path.exists('go'): __import__('time').sleep(0.02)"
    shop.creates("c", "b", upgrade=f"{creating('c')['upgrade']}\n    {waits}")
    seen = list[set[str]]()

    def on_progress(done: int, total: int) -> None:
        with shop.connected() as connection:
            seen.append(set(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()))
        (shop.project.top / "go").touch()

    with session(shop) as asked:
        asked.ask("inspect")
        asked.ask("run steps", steps=UP[:2], saved=DECLINED, on_progress=on_progress)
    assert seen == [{"b"}, {"c"}]


def test_what_env_py_does_after_the_migrations_is_committed(shop: Shop) -> None:
    insert = "connection.exec_driver_sql('INSERT INTO a (id) VALUES (7)')"
    env_py(shop, f"{CONFIGURED}INDENTif context.get_context().get_current_heads() == ('c',):\nINDENT    {insert}\n")
    assert ran(shop, UP[:2]) == ([1, 2], 1)
    assert 7 in shop.rows("a")


@only_postgresql
def test_what_env_py_sets_for_its_transaction_holds_for_each_step(shop: Shop) -> None:
    shop.execute("CREATE SCHEMA app")
    local = "INDENTconnection.exec_driver_sql('SET LOCAL search_path TO app, public')\n"
    env_py(shop, CONFIGURED.replace("            context.run", f"{local}            context.run"))
    assert ran(shop, UP) == ([1, 2, 3], 3)
    assert shop.recorded == {"d"} and shop.tables == {"a"}


@only_postgresql
def test_a_transaction_of_env_py_itself_is_one_for_each_step(shop: Shop) -> None:
    outer = "        connection.begin()\n        context.configure(connection=connection)\n        context.run_migrations()\n"
    env_py(shop, f"{outer}        connection.get_transaction().commit()\n")
    assert ran(shop, UP) == ([1, 2, 3], 3)
    assert (shop.recorded, shop.tables) == ({"d"}, set("abcd"))


@only_postgresql
def test_an_autocommit_block_runs_outside_of_the_transaction(shop: Shop) -> None:
    block = "op.create_table('b', sa.Column('id', sa.Integer))\n    with op.get_context().autocommit_block():\n"
    block += "        op.create_index('ix_b', 'b', ['id'], postgresql_concurrently=True)\n    op.create_table('b2')"
    shop.creates("b", "a", upgrade=block)
    assert ran(shop, UP) == ([1, 2, 3], 1)
    assert (shop.recorded, shop.tables) == ({"d"}, {"a", "b", "b2", "c", "d"})


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_several_databases_go_step_by_step(shop: Shop) -> None:
    twice = "        for _ in range(2):\n            context.configure(connection=connection)\n"
    env_py(shop, f"{twice}            with context.begin_transaction():\n                context.run_migrations()\n")
    assert ran(shop, UP) == ([1, 2, 3], 3)
    assert (shop.recorded, shop.tables) == ({"d"}, set("abcd"))


def test_an_upgrade_and_a_rerun_that_drop_need_a_backup_or_a_reason_too(shop: Shop) -> None:
    shop.upgrade("b")
    shop.project.revision("e", "b", upgrade="op.drop_table('a')")
    refused = "was not backed up: nothing is changed in it"
    with session(shop) as asked:
        asked.ask("inspect")
        with pytest.raises(MigmergeError, match=refused):
            asked.ask("run steps", steps=[("e", "upgrade")])
        with pytest.raises(MigmergeError, match=refused):
            asked.ask("run", revision="e", direction="upgrade")
        shop.execute("UPDATE alembic_version SET version_num = 'e'")
        with pytest.raises(MigmergeError, match=refused):
            asked.ask("rerun", revision="e", binds=[""])
    assert shop.tables == {"a", "b"}
