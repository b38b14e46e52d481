"""`--database` selects among the databases that are found: the others are neither changed nor shown, and a wrong name is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import tables
from tests.support.project import TEMPLATE
from tests.support.shop import TEMPLATES, Shop

COMMANDS = (
    ("sync", "--yes"),
    ("sync", "--dry-run"),
    ("doctor",),
    ("rehearse",),
    ("reset", "database"),
    ("reset", "stamp", "--to", "a"),
    ("fix", "--yes"),
)

TWO = """

def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()


def upgrade_():
    op.create_table({name!r}, sa.Column('id', sa.Integer, primary_key=True))


def downgrade_():
    op.drop_table({name!r})


def upgrade_logs():
    op.create_table({name!r} + '_log', sa.Column('id', sa.Integer, primary_key=True))


def downgrade_logs():
    op.drop_table({name!r} + '_log')
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a project with two databases, main.db and audit.db of the bind logs, both at a; b is pending in both."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'main.db'}")
    app = (shop.project.top / "app.py").read_text()
    binds = f'app.config["SQLALCHEMY_BINDS"] = {{"logs": "sqlite:///{tmp_path / "audit.db"}"}}\ndb = SQL'
    shop.project.write("app.py", app.replace("db = SQL", binds))
    for name in ("env.py", "alembic.ini.mako"):
        shop.project.write(f"migrations/{name.removesuffix('.mako')}", (TEMPLATES / "flask-multidb" / name).read_bytes())
    shop.project.write("migrations/script.py.mako", TEMPLATE)
    writes(shop, "a")
    shop.project.commit("two databases")
    shop.upgrade()
    shop.creates("b", "a")
    writes(shop, "b")
    shop.project.commit("two databases, too")
    return shop


def writes(shop: Shop, name: str) -> None:
    path = f"migrations/versions/{name}.py"
    text = (shop.project.top / path).read_text()
    shop.project.write(path, text[: text.index("\n\ndef upgrade")] + TWO.format(name=name))


def state(shop: Shop) -> dict[str, tuple[set[str], list[str]]]:
    """Return the tables and the records of both databases."""
    found = {}
    for name in ("main.db", "audit.db"):
        url = f"sqlite:///{shop.project.top.parent / name}"
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            found[name] = tables(url), list(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())
        engine.dispose()
    return found


BEFORE = {"main.db": ({"a"}, ["a"]), "audit.db": ({"a_log"}, ["a"])}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_that_fits_no_database_is_an_error_and_changes_nothing(shop: Shop, command: tuple[str, ...]) -> None:
    refused = shop.run(*command, "--database", "mian.db")
    assert (refused.returncode, refused.stdout) == (2, "")
    shown = " ".join(command[: 2 if command[0] == "reset" else 1])
    assert refused.stderr == (
        "error: no database is called mian.db; the nearest is main.db (of main.db, audit.db, logs)\n"
        f"hint: migmerge {shown} --database main.db\n"
    )
    assert state(shop) == BEFORE


@pytest.mark.parametrize("name", ["logs", "audit.db", "audit"])
def test_sync_changes_and_shows_only_the_selected_one(shop: Shop, name: str) -> None:
    printed = shop.done("sync", "--yes", "--database", name)
    assert "main.db" not in printed
    assert state(shop) == {**BEFORE, "audit.db": ({"a_log", "b_log"}, ["b"])}
    shop.done("sync", "--yes")
    assert state(shop) == {"main.db": ({"a", "b"}, ["b"]), "audit.db": ({"a_log", "b_log"}, ["b"])}


def test_reset_recreates_only_the_selected_one(shop: Shop) -> None:
    printed = shop.done("reset", "database", "--database", "main.db")
    assert "audit.db" not in printed
    assert state(shop) == {**BEFORE, "main.db": ({"a", "b"}, ["b"])}


def test_a_database_without_a_version_table_that_is_not_selected_gets_none(shop: Shop) -> None:
    (shop.project.top.parent / "audit.db").unlink()
    shop.done("sync", "--yes", "--database", "main.db")
    audit = shop.project.top.parent / "audit.db"
    assert not audit.exists() or tables(f"sqlite:///{audit}") == set()
    engine = sa.create_engine(f"sqlite:///{audit}")
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_migrations_start_over_for_all_databases_or_none(shop: Shop) -> None:
    refused = shop.run("reset", "migrations", "--database", "main.db")
    assert (refused.returncode, refused.stderr) == (
        2,
        "error: the migrations are those of audit.db too: they start over together\n"
        "hint: migmerge reset migrations --dry-run --database main.db --database audit.db\n",
    )
    assert state(shop) == BEFORE


def test_doctor_asks_all_and_shows_the_selected_one(shop: Shop) -> None:
    printed = shop.run("doctor", "--database", "logs").stdout
    assert ("audit.db" in printed, "main.db" in printed) == (True, False)


def test_a_downgrade_before_a_re_parenting_needs_all_databases_that_have_run_it(shop: Shop) -> None:
    project = shop.project
    project.git("init", "--quiet", "--bare", str(project.top.parent / "origin.git"))
    project.git("remote", "add", "origin", str(project.top.parent / "origin.git"))
    project.git("push", "--quiet", "--set-upstream", "origin", "main")
    project.git("switch", "--quiet", "--create", "feature", "HEAD~2")
    shop.creates("c", "a")
    writes(shop, "c")
    project.commit("two databases, too")
    shop.upgrade()
    before = state(shop)
    project.git("merge", "--quiet", "--no-edit", "main")
    command = ("fix", "--yes", "--strategy", "reparent", "--take-back")
    refused = shop.run(*command, "--database", "main.db")
    assert refused.returncode == 1
    assert refused.stdout.endswith(
        "not fixed: audit.db has run c too, and is not selected: this needs all of them\n"
        "hint: migmerge fix --strategy reparent --take-back\n",
    )
    assert state(shop) == before
    shop.done(*command)
    assert state(shop) == {"main.db": ({"a", "b", "c"}, ["c"]), "audit.db": ({"a_log", "b_log", "c_log"}, ["c"])}


def test_a_revision_that_one_bind_has_skipped_runs_again_there_alone(shop: Shop) -> None:
    shop.done("sync", "--yes", "--database", "logs", "--no-deep")
    engine = sa.create_engine(f"sqlite:///{shop.project.top.parent / 'audit.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE b_log"))
    engine.dispose()
    steps = [line for line in shop.done("sync", "--yes").splitlines() if line.startswith("  done")]
    assert steps == ["  done  again b  in audit.db", "  done  up b  in main.db"]
    assert state(shop) == {"main.db": ({"a", "b"}, ["b"]), "audit.db": ({"a_log", "b_log"}, ["b"])}


def test_a_bind_that_cannot_be_asked_is_named_and_does_not_look_healthy(shop: Shop) -> None:
    (shop.project.top.parent / "audit.db").write_bytes(b"no database at all" * 100)
    asked = shop.run("doctor")
    assert asked.returncode == 1
    assert "audit.db: DatabaseError: file is not a database" in asked.stdout


def test_a_phantom_of_one_bind_is_taken_back_there_alone(shop: Shop) -> None:
    shop.done("sync", "--yes", "--no-deep")
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "b")
    writes(shop, "c")
    shop.project.commit("two databases")
    shop.done("sync", "--yes", "--no-deep", "--database", "logs")
    shop.project.git("switch", "--quiet", "main")
    steps = [line for line in shop.done("sync", "--yes", "--no-deep").splitlines() if line.startswith("  done")]
    assert steps == ["  done  down c  in audit.db"]
    assert state(shop) == {"main.db": ({"a", "b"}, ["b"]), "audit.db": ({"a_log", "b_log"}, ["b"])}
