"""The worker: it connects as the project does, nowhere else, and survives whatever the project's code does."""

from __future__ import annotations

import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migmerge.core.database.backup import Backup, NoBackup, WhyNoBackup
from migmerge.core.database.database import Address
from migmerge.core.database.selection import Selection
from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.database.runtime import ProjectRuntime, project_runtime
from migmerge.database.session import Session
from tests.support.databases import DIALECTS, database, tables
from tests.support.project import TEMPLATE
from tests.support.shop import TEMPLATES, Shop, creating

FLASK_MIGRATE = Environment("migrations", "flask-migrate", ("migrations/versions",), "migrations/alembic.ini")
DECLINED = {"": NoBackup("shop", WhyNoBackup.DECLINED)}


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Return a project at revision a, with its variables set."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        for name, value in shop.variables.items():
            monkeypatch.setenv(name, value)
        yield shop


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project on SQLite whose database was not made yet."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'small.db'}")
    for name, value in shop.variables.items():
        monkeypatch.setenv(name, value)
    return shop


def session(shop: Shop, *trusted: str, names: tuple[str, ...] = (), environment: Environment = FLASK_MIGRATE) -> Session:
    return Session(project_runtime(environment, str(shop.project.top), str(shop.project.top)), Selection(names, trusted))


def test_looking_tells_what_is_recorded_and_what_is_there(shop: Shop) -> None:
    with session(shop) as asked:
        (found,) = asked.ask("inspect")
    assert (found.recorded, found.has_version_table, found.bind) == (("a",), True, "")
    assert {name: table.columns for name, table in found.schema.tables.items()} == {"a": frozenset({"id"})}
    assert found.address.name == shop.url.rpartition("/")[2]


def test_one_revision_up_and_down(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.creates("c", "b")
    with session(shop) as asked:
        asked.ask("inspect")
        asked.ask("run", revision="b", direction="upgrade", saved=DECLINED)
        assert (shop.tables, shop.recorded) == ({"a", "b"}, {"b"})
        asked.ask("run", revision="b", direction="upgrade", saved=DECLINED)
        with pytest.raises(MigmergeError, match="was not backed up: nothing is changed in it"):
            asked.ask("run", revision="b", direction="downgrade")
        assert (shop.tables, shop.recorded) == ({"a", "b"}, {"b"})
        asked.ask("run", revision="b", direction="downgrade", saved=DECLINED)
    assert (shop.tables, shop.recorded) == ({"a"}, {"a"})


@pytest.mark.parametrize(
    ("request_name", "arguments"), [("recreate", {}), ("empty", {"kept": {}}), ("empty", {"kept": {"": ["a"]}})]
)
def test_no_database_is_emptied_without_a_backup_or_a_reason(shop: Shop, request_name: str, arguments: dict[str, Any]) -> None:
    shop.execute("INSERT INTO a VALUES (7)")
    with session(shop) as asked:
        asked.ask("inspect")
        with pytest.raises(MigmergeError, match="was not backed up: nothing is changed in it"):
            asked.ask(request_name, saved={}, **arguments)
        gone = {"": Backup("/nowhere", "sqlite", "x", 0)}
        with pytest.raises(MigmergeError, match=r"the backup of .* is gone: /nowhere"):
            asked.ask(request_name, saved=gone, **arguments)
    assert shop.rows("a") == [7]


def test_a_skipped_revision_runs_again_and_the_record_stays(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.creates("c", "b")
    shop.upgrade()
    shop.execute("DROP TABLE b")
    with session(shop) as asked:
        asked.ask("inspect")
        asked.ask("rerun", revision="b", binds=[""], saved=DECLINED)
    assert (shop.tables, shop.recorded) == ({"a", "b", "c"}, {"c"})


def test_stamping_runs_nothing(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    with session(shop) as asked:
        asked.ask("inspect")
        asked.ask("stamp", revisions=["b"], bind="")
    assert (shop.tables, shop.recorded) == ({"a"}, {"b"})


def test_a_failing_revision_names_its_statement_and_leaves_the_record(shop: Shop) -> None:
    shop.project.revision("b", "a", upgrade="op.execute('UPDATE nowhere SET x = 1')")
    with session(shop) as asked:
        asked.ask("inspect")
        with pytest.raises(MigmergeError, match=r"^b: .*; the statement was: UPDATE nowhere SET x = 1$"):
            asked.ask("run", revision="b", direction="upgrade", saved=DECLINED)
        (found,) = asked.ask("inspect")
    assert found.recorded == ("a",)


def test_on_sqlite_a_revision_that_fails_half_way_leaves_nothing(small: Shop) -> None:
    small.upgrade()
    body = creating("b")["upgrade"]
    small.project.revision("b", "a", upgrade=f"{body}\n    op.execute('nonsense')")
    with session(small) as asked:
        asked.ask("inspect")
        with pytest.raises(MigmergeError, match="nonsense"):
            asked.ask("run", revision="b", direction="upgrade", saved=DECLINED)
    assert (small.tables, small.recorded) == ({"a"}, {"a"})


def test_a_python_without_alembic_is_named(small: Shop, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = str(tmp_path / "bare/bin/python")
    runtime = ProjectRuntime(python, str(small.project.top), str(small.project.top), FLASK_MIGRATE)
    with Session(runtime) as asked, pytest.raises(MigmergeError, match=rf"^{python} \(named\) has no Alembic$"):
        asked.ask("inspect")


def test_an_old_python_is_refused_before_anything_is_imported(small: Shop, tmp_path: Path) -> None:
    old = tmp_path / "python"
    start = "code, sys.argv, sys.version_info = sys.argv[2], ['-c', sys.argv[3]], (3, 9, 18)"
    old.write_text(f"#!{sys.executable}\nimport sys\n{start}\nexec(code)\n")
    old.chmod(0o755)
    runtime = ProjectRuntime(str(old), str(small.project.top), str(small.project.top), FLASK_MIGRATE)
    with Session(runtime) as asked:
        for _ in range(2):
            with pytest.raises(MigmergeError) as raised:
                asked.ask("inspect", timeout=20)
    refused = "migmerge needs Python 3.10 or newer in the project to ask its databases"
    assert (str(raised.value), raised.value.hint) == (f"{refused}; {old} (named) is 3.9.18", "migmerge doctor --no-db")


def test_an_old_sqlalchemy_is_refused(small: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old/sqlalchemy").mkdir(parents=True)
    (tmp_path / "old/sqlalchemy/__init__.py").write_text("__version__ = '1.4.54'\n")
    (tmp_path / "old/alembic").mkdir()
    (tmp_path / "old/alembic/__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "old"))
    with (
        session(small) as asked,
        pytest.raises(MigmergeError, match=r"needs SQLAlchemy 2\.0 or newer .* has 1\.4\.54$") as raised,
    ):
        asked.ask("inspect")
    assert raised.value.hint == "migmerge doctor --no-db"


def test_an_import_that_fails_names_the_python_and_how_to_name_another(small: Shop) -> None:
    small.project.write("app.py", "import shop.models\n")
    with (
        session(small) as asked,
        pytest.raises(MigmergeError, match=r"^ModuleNotFoundError: No module named 'shop'; asked in /.*\)$") as raised,
    ):
        asked.ask("inspect")
    assert raised.value.hint == "install shop into it, or name the project's environment: VIRTUAL_ENV=… migmerge doctor"


def test_the_url_that_alembic_init_writes(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", "")
    engine = "sa.create_engine(context.config.get_main_option('sqlalchemy.url'))"
    shop.project.write("migrations/env.py", f"import sqlalchemy as sa\nfrom alembic import context\n{engine}\n")
    ini = "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = driver://user:pass@localhost/dbname\n"
    shop.project.write("alembic.ini", ini)
    environment = Environment("migrations", "alembic", ("migrations/versions",), "alembic.ini")
    with session(shop, environment=environment) as asked, pytest.raises(MigmergeError, match="dialects:driver") as raised:
        asked.ask("inspect")
    assert raised.value.hint == "edit alembic.ini: sqlalchemy.url is as alembic init wrote it"


def test_a_url_of_parts_whose_host_is_not_set(small: Shop) -> None:
    parts = "f\"postgresql+psycopg://ann:{os.getenv('DB_PASSWORD')}@{os.getenv('DB_HOST')}/shop\""
    app = (small.project.top / "app.py").read_text()
    small.project.write("app.py", app.replace('os.environ["DATABASE_URL"]', parts))
    small.project.write(".env.example", "DB_PASSWORD=x\nDB_HOST=localhost\n")
    with session(small) as asked, pytest.raises(MigmergeError) as raised:
        asked.ask("inspect")
    missing = "the variable DB_HOST is not set, or empty: .env.example shows how"
    assert str(raised.value) == f"the database's URL names a server called None; {missing}"
    assert raised.value.hint == "DB_HOST=… migmerge doctor"


def test_what_flask_migrate_refuses_is_reported_with_its_reason(small: Shop) -> None:
    with session(small) as asked, pytest.raises(MigmergeError, match=r"^Directory .*migrations already exists and is not empty$"):
        asked.ask("create environment")


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit(5)\n", "migrations/env.py, or the application, ended with: 5"),
        ("raise KeyError('DATABASE')\n", "KeyError: 'DATABASE'"),
        ("raise ValueError('no postgresql://u:secret@h/d')\n", "ValueError: no postgresql://u:***@h/d"),
        ("import os\nos._exit(3)\n", "the project's Python ended with 3: it said nothing"),
        ("from flask import Flask\napp = Flask('shop')\n", "the application shop has no Flask-Migrate"),
        ("x = 1\n", "NoAppException: Failed to find Flask application or factory in module 'app'."),
    ],
)
def test_what_the_application_does_is_told_in_a_line(small: Shop, app: str, message: str) -> None:
    small.project.write("app.py", app)
    with session(small) as asked, pytest.raises(MigmergeError) as caught:
        asked.ask("inspect")
    assert str(caught.value).startswith(message)


def test_what_the_project_prints_is_kept_apart_from_the_answers(small: Shop) -> None:
    with session(small) as asked:
        asked.ask("list")
        before = asked.output
        assert before.startswith("the application starts\n")
        asked.ask("inspect")
        assert asked.output.startswith(before) and "INFO  [alembic" in asked.output[len(before) :]


def test_the_application_has_a_garbage_collector(small: Shop) -> None:
    small.project.write("app.py", "import gc\nraise ValueError(f'{gc.isenabled()} {gc.get_freeze_count() > 10_000}')\n")
    with session(small) as asked, pytest.raises(MigmergeError, match="ValueError: True True"):
        asked.ask("inspect")


def test_an_application_ends_as_python_does(small: Shop) -> None:
    small.project.write("app.py", "import atexit\natexit.register(lambda: open('ended', 'w').close())\nraise ValueError\n")
    with session(small) as asked, pytest.raises(MigmergeError, match="ValueError"):
        asked.ask("inspect")
    assert Path(small.project.top, "ended").exists()


def test_an_application_that_hangs_is_ended(small: Shop) -> None:
    small.project.write("app.py", "import time\ntime.sleep(600)\n")
    with session(small) as asked, pytest.raises(MigmergeError, match="no answer in time"):
        asked.ask("inspect", timeout=1)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql+psycopg://ann:secret@db.example.invalid/shop", "db.example.invalid is not this machine"),
        ("mysql+pymysql://ann:secret@10.1.2.3/shop", "10.1.2.3 is not this machine"),
        ("postgresql+psycopg://postgres@127.0.0.1:5432/shop_production", "its name says production"),
        ("sqlite:////tmp/prod.db", "its name says prod"),
    ],
)
def test_other_databases_are_not_touched_unless_they_are_trusted(
    small: Shop, monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with session(small) as asked, pytest.raises(MigmergeError, match=message) as caught:
        asked.ask("inspect")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [{"dsn": "host=db.example.invalid"}, {"service": "shop"}, {"hostaddr": "10.1.2.3"}, {"host": "a.example.invalid"}],
)
def test_nor_where_the_connection_hides_its_host(small: Shop, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, str]) -> None:
    options = f"app.config['SQLALCHEMY_ENGINE_OPTIONS'] = {{'connect_args': {arguments!r}}}\ndb = SQL"
    small.project.write("app.py", (small.project.top / "app.py").read_text().replace("db = SQL", options))
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg:///shop")
    with session(small) as asked, pytest.raises(MigmergeError, match="is only touched where it is trusted"):
        asked.ask("inspect")


def test_not_even_while_the_application_starts(small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    small.project.write("app.py", (small.project.top / "app.py").read_text() + "with app.app_context():\n    db.create_all()\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://ann@db.example.invalid/shop")
    with session(small) as asked, pytest.raises(MigmergeError, match="is only touched where it is trusted"):
        asked.ask("inspect")


def test_libpq_takes_its_host_from_the_environment(small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg:///shop")
    monkeypatch.setenv("PGHOST", "db.example.invalid")
    with session(small) as asked, pytest.raises(MigmergeError, match="is not this machine"):
        asked.ask("inspect")


def test_a_trusted_one_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'live.db'}")
    shop.upgrade()
    for name, value in shop.variables.items():
        monkeypatch.setenv(name, value)
    with session(shop, "localhost/live.db") as asked:
        (found,) = asked.ask("inspect")
    assert found.recorded == ("a",)


@pytest.mark.parametrize(
    ("host", "name", "why"),
    [
        ("", "shop", None),
        ("localhost", "shop", None),
        ("127.0.0.1", "products", None),
        ("::1", "deliveries", None),
        ("/var/run/postgresql", "shop", None),
        ("laptop", "shop", None),
        ("db", "shop", "db is not this machine"),
        ("localhost.example.org", "shop", "localhost.example.org is not this machine"),
        ("localhost", "shop_prod", "its name says prod"),
        ("localhost", "ShopProduction2", "its name says Production"),
        ("localhost", "live", "its name says live"),
    ],
)
def test_what_has_to_be_trusted(host: str, name: str, why: str | None) -> None:
    assert Address("", "postgresql", name, host).why_to_be_trusted("laptop") == why


def test_several_binds_are_several_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'main.db'}")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    app = (
        (shop.project.top / "app.py")
        .read_text()
        .replace("db = SQL", f'app.config["SQLALCHEMY_BINDS"] = {{"other": {other!r}}}\ndb = SQL')
    )
    shop.project.write("app.py", app)
    for name in ("env.py", "alembic.ini.mako"):
        shop.project.write(f"migrations/{name.removesuffix('.mako')}", (TEMPLATES / "flask-multidb" / name).read_bytes())
    shop.project.write("migrations/script.py.mako", TEMPLATE)
    both = "globals()['upgrade_%s' % engine_name]()"
    text = "def upgrade(engine_name):\n    " + both + "\n\n\ndef downgrade(engine_name):\n    pass\n\n\n"
    text += (
        "def upgrade_():\n    " + creating("a")["upgrade"] + "\n\n\ndef upgrade_other():\n    " + creating("o")["upgrade"] + "\n"
    )
    script = (shop.project.top / "migrations/versions/a.py").read_text()
    shop.project.write("migrations/versions/a.py", script[: script.index("def upgrade")] + text)
    for name, value in shop.variables.items():
        monkeypatch.setenv(name, value)
    with session(shop) as asked:
        asked.ask("inspect")
        asked.ask("run", revision="a", direction="upgrade", saved={**DECLINED, "other": DECLINED[""]})
        found = asked.ask("inspect")
    assert [(each.bind, each.address.name, each.recorded) for each in found] == [
        ("", "main.db", ("a",)),
        ("other", "other.db", ("a",)),
    ]
    assert (tables(shop.url), tables(other)) == ({"a"}, {"o"})


def test_plain_alembic_by_its_ini_and_by_pyproject(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'plain.db'}")
    env = (
        "import sqlalchemy as sa\nfrom alembic import context\n"
        f"engine = sa.create_engine({shop.url!r})\n"
        "with engine.connect() as connection:\n    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n"
    )
    shop.project.write("migrations/env.py", env)
    shop.project.write("conf/alembic.ini", "[other]\nscript_location = %(here)s/../migrations\n")
    shop.project.write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    for config, section in (("conf/alembic.ini", "other"), ("pyproject.toml", "alembic")):
        environment = Environment("migrations", "alembic", ("migrations/versions",), config, section)
        with session(shop, environment=environment) as asked:
            asked.ask("inspect")
            asked.ask("run", revision="a", direction="upgrade", saved=DECLINED)
            (found,) = asked.ask("inspect")
        assert found.recorded == ("a",)


def test_the_python_of_the_activated_environment_connects(small: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "environment"
    (own / "bin").mkdir(parents=True)
    (own / "bin" / "python").symlink_to(sys.executable)

    def chosen() -> str:
        return project_runtime(FLASK_MIGRATE, str(small.project.top), str(small.project.top)).python

    monkeypatch.setenv("VIRTUAL_ENV", str(own))
    assert chosen() == sys.executable  # it has no Alembic
    (own / "lib/python3.11/site-packages/alembic").mkdir(parents=True)
    assert chosen() == str(own / "bin" / "python")
    monkeypatch.delenv("VIRTUAL_ENV")
    assert chosen() == sys.executable


RECIPE = """import sqlalchemy as sa
from alembic import context

engine = sa.create_engine({url!r}{options})

@sa.event.listens_for({target}, "connect")
def connect(connection, record):
    connection.isolation_level = None

@sa.event.listens_for({target}, "begin")
def begin(connection):
    connection.exec_driver_sql("BEGIN")

with engine.{how}() as connection:
    context.configure(connection=connection, version_table="versions"{more})
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.mark.parametrize("target", ["engine", "sa.Engine"])
@pytest.mark.parametrize("how", ["connect", "begin"])
@pytest.mark.parametrize("more", ["", ", transaction_per_migration=True"])
@pytest.mark.parametrize("options", ["", ", poolclass=sa.NullPool"])
def test_sqlite_s_recipe_for_transactions_in_env_py(tmp_path: Path, target: str, how: str, more: str, options: str) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'recipe.db'}")
    shop.creates("b", "a")
    shop.project.write("migrations/env.py", RECIPE.format(url=shop.url, target=target, how=how, more=more, options=options))
    shop.project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    environment = Environment("migrations", "alembic", ("migrations/versions",), "alembic.ini")
    with session(shop, environment=environment) as asked:
        asked.ask("inspect")
        for revision in ("a", "b"):
            asked.ask("run", revision=revision, direction="upgrade", saved=DECLINED)
        (found,) = asked.ask("inspect")
        asked.ask("run", revision="b", direction="downgrade", saved=DECLINED)
    assert (found.recorded, shop.tables) == (("b",), {"a", "versions"})
