"""Backups of real databases: whole or not at all, verified, with a way back that works; and databases made empty."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.backup import Backup, backup_name, conninfo, postgresql_restore_commands, sqlite_restore_commands
from migmerge.core.errors import MigmergeError
from migmerge.database.backup.copy import back_up
from migmerge.database.backup.dump_tools import client_of
from migmerge.database.backup.verify import verify
from migmerge.database.recreate import recreate
from tests.support.databases import DIALECTS, database

SERVERS = tuple(name for name in DIALECTS if name != "sqlite")
PASSWORD = "p'\"%@ :\\#$ x "
RIGHTS = {"postgresql": "CREATEDB", "mariadb": "ALL PRIVILEGES"}
State = dict[str, list[tuple[object, ...]]]


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    with database(request.param, tmp_path) as found:
        yield sa.make_url(found)


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[sa.URL]:
    with database("postgresql", tmp_path) as found:
        yield sa.make_url(found)


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[sa.URL]:
    with database("mariadb", tmp_path) as found:
        yield sa.make_url(found)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a SQLite file with one table of two rows."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.executescript(
            "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO item (name) VALUES ('a'), ('b')"
        )
    return tmp_path / "shop.db"


def at(path: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(path))


def run(url: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def quoted(url: sa.URL, name: str) -> str:
    return sa.create_engine(url).dialect.identifier_preparer.quote_identifier(name).replace("%%", "%")


def ask(url: sa.URL, query: str) -> list[tuple[object, ...]]:
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def fill(url: sa.URL) -> None:
    """Make tables of all kinds of names and texts, a view, a sequence and a foreign key."""
    metadata = sa.MetaData()
    order = sa.Table("order", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("from", sa.String(99)))
    mixed = sa.Table(
        "Mixed Case %",
        metadata,
        sa.Column("Id", sa.Integer, primary_key=True),
        sa.Column("order id", sa.ForeignKey(order.c.id, ondelete="RESTRICT")),
        sa.Column("picture", sa.LargeBinary),
    )
    sa.Table("naïve_表", metadata, sa.Column("id", sa.Integer, primary_key=True))
    if url.get_backend_name() != "sqlite":
        sa.Sequence("Number", metadata=metadata, start=7)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    nul = "" if url.get_backend_name() == "postgresql" else "\0"
    texts = ["it's", None, f"l'été \U0001f600 \\n\r\n\t{nul};--", "\n-- Dumping events for database "]
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(order.insert(), [{"id": number, "from": text} for number, text in enumerate(texts, 1)])
        connection.execute(mixed.insert(), [{"Id": 1, "order id": 2, "picture": bytes(range(256))}])
        quote = engine.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"CREATE VIEW {quote('a view')} AS SELECT * FROM {quote('order')}")


def state(url: sa.URL) -> State:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        return {
            name: sorted(map(tuple, connection.execute(sa.select(sa.text("*")).select_from(sa.table(name)))), key=repr)
            for name in sorted(names)
        }


def change(url: sa.URL) -> None:
    """Do to a database what a branch may: a table that refers to another is new, rows and a table are gone."""
    order, mixed, view, other = (quoted(url, name) for name in ("order", "Mixed Case %", "a view", "naïve_表"))
    run(
        url,
        f"DELETE FROM {mixed}",
        f"DROP VIEW {view}",
        f"CREATE TABLE later (id INTEGER PRIMARY KEY, o INTEGER, FOREIGN KEY (o) REFERENCES {order} (id))",
        "INSERT INTO later VALUES (1, 3)",
        f"DROP TABLE {other}",
    )


def go_back(backup: Backup, **environment: str) -> None:
    for command in backup.restore_commands:
        done = subprocess.run(["bash", "-c", command], env={**os.environ, **environment}, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def refusal(work: object, *arguments: object, **named: object) -> tuple[str, str | None]:
    assert callable(work)
    with pytest.raises(MigmergeError) as caught:
        work(*arguments, **named)
    return str(caught.value), caught.value.hint


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_the_way_back_restores_what_was(url: sa.URL, tmp_path: Path) -> None:
    fill(url)
    before = state(url)
    backup = verify(back_up(url, tmp_path / "backups here" / "b"), url)
    how = "its integrity checked" if backup.dialect == "sqlite" else "restored into a scratch database"
    assert backup.verified == f"{how}: 3 tables, 5 rows, the same"
    assert len(before) == 4 and backup.size == Path(backup.path).stat().st_size
    assert Path(backup.path).stat().st_mode & 0o777 == 0o600
    assert left(tmp_path / "backups here") == ["b"]
    change(url)
    assert state(url) != before
    go_back(backup)
    assert state(url) == before


def test_a_sequence_goes_on(postgresql: sa.URL, mariadb: sa.URL, tmp_path: Path) -> None:
    for number, (url, query) in enumerate(
        ((postgresql, """SELECT nextval('"Number"')"""), (mariadb, "SELECT nextval(`Number`)"))
    ):
        fill(url)
        backup = back_up(url, tmp_path / f"b{number}")
        assert ask(url, query) == [(7,)]
        go_back(backup)
        assert ask(url, query) == [(7,)]


@contextmanager
def awkward(url: sa.URL) -> Iterator[sa.URL]:
    """Make a database whose name is no identifier, no option and no connection string."""
    name = f"-a=b://'c\" %d ü {url.database}"
    run(url, f"CREATE DATABASE {quoted(url, name)}")
    try:
        yield url.set(database=name)
    finally:
        run(url, f"DROP DATABASE {quoted(url, name)}")


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_database_may_have_any_name(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as usual, awkward(sa.make_url(usual)) as url:
        fill(url)
        before = state(url)
        backup = verify(back_up(url, tmp_path / "it's"), url)
        change(url)
        go_back(backup)
        assert (backup.database, state(url)) == (url.database, before)
        recreate(url)
        assert state(url) == {}


@pytest.mark.parametrize("made", ["relative", "uri", "asynchronous", "link"])
def test_sqlite_is_found_wherever_its_url_leads(file: Path, tmp_path: Path, made: str) -> None:
    awkward = file.rename(tmp_path / "it's a #1?%41.db")
    (tmp_path / "link.db").symlink_to(awkward)
    urls = {
        "relative": at(Path(awkward.name)),
        "uri": sa.make_url("sqlite:///file:it's%20a%20%25231%253f%252541.db?uri=true&mode=ro"),
        "asynchronous": at(awkward).set(drivername="sqlite+aiosqlite"),
        "link": at(tmp_path / "link.db"),
    }
    if made == "uri" and "%23" not in str(urls[made].database):  # SQLAlchemy before 2.1 hands on the name as it is
        urls[made] = sa.make_url("sqlite:///file:it's%20a%20%231%3f%2541.db?uri=true&mode=ro")
    backup = verify(back_up(urls[made], Path("copy")), urls[made])
    assert (backup.path, backup.database) == (str(tmp_path / "copy"), str(awkward))
    assert backup.verified == "its integrity checked: 1 table, 2 rows, the same"
    recreate(urls[made])
    assert not awkward.exists()
    go_back(backup)
    assert state(at(awkward)) == {"item": [(1, "a"), (2, "b")]}


def test_a_write_ahead_log_with_an_open_writer(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.executescript("PRAGMA journal_mode = WAL; INSERT INTO item VALUES (3, 'in the log'); BEGIN IMMEDIATE")
        writer.execute("INSERT INTO item VALUES (4, 'not committed')")
        backup = verify(back_up(at(file), tmp_path / "b"), at(file))
        writer.execute("COMMIT")
        log = Path(f"{file}-wal").read_bytes()
    assert backup.verified == "its integrity checked: 1 table, 3 rows, the same"
    Path(f"{file}-wal").write_bytes(log)  # as after a crash: it would be replayed into the restored file
    go_back(backup)
    assert state(at(file)) == {"item": [(1, "a"), (2, "b"), (3, "in the log")]}


def test_reading_a_write_ahead_log_leaves_nothing_beside(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
    content = file.read_bytes()
    verify(back_up(at(file), tmp_path / "b"), at(file))
    assert left(tmp_path) == ["b", "home", "shop.db"]
    assert file.read_bytes() == content


def test_what_is_wrong_with_both_is_said(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.create_collation("german", lambda one, other: (one > other) - (one < other))
        connection.execute("CREATE INDEX named ON item (name COLLATE german)")
    assert verify(back_up(at(file), tmp_path / "b"), at(file)).verified == (
        "its integrity checked: 1 table, 2 rows, the same; integrity_check says of both: no such collation sequence: german"
    )


def test_nothing_is_overwritten(url: sa.URL, tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to("nowhere")
    assert refusal(back_up, url, tmp_path / "b") == (f"{tmp_path}/b is there already", f"rm {tmp_path}/b")


def test_a_folder_that_cannot_be_made(url: sa.URL, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert refusal(back_up, url, tmp_path / "taken" / "b") == (f"{tmp_path}/taken/b: File exists", None)


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("sqlite://", "a database in memory has no file", "pass --no-backup to go on without"),
        ("sqlite:///file:x?mode=memory&uri=true", "a database in memory has no file", "pass --no-backup to go on without"),
        ("sqlite:///nowhere.db", "{tmp_path}/nowhere.db is not there", "pass --no-backup to go on without"),
        (
            "sqlite+pysqlcipher://:secret@/x.db",
            "SQLite through pysqlcipher is no file that migmerge can copy",
            "back it up yourself and pass --no-backup to go on without",
        ),
        (
            "mssql+pyodbc://sa:secret@h/x",
            "migmerge cannot back up mssql",
            "back it up yourself and pass --no-backup to go on without",
        ),
        ("oracle://h/x", "migmerge cannot back up oracle", "back it up yourself and pass --no-backup to go on without"),
        ("postgresql+psycopg://h", "the URL names no database", "put its name into the URL, or pass --no-backup"),
        (
            "postgresql+psycopg://:secret@127.0.0.1:1/x",
            'pg_dump: connection to server at "127.0.0.1", port 1 failed: Connection refused',
            "correct that, or pass --no-backup",
        ),
    ],
)
def test_what_cannot_be_backed_up(address: str, message: str, hint: str, tmp_path: Path) -> None:
    assert refusal(back_up, sa.make_url(address), tmp_path / "b") == (message.format(tmp_path=tmp_path), hint)
    assert left(tmp_path) == ["home"]


@pytest.mark.parametrize(
    ("dialect", "tool", "package"),
    [
        ("postgresql+asyncpg", "pg_dump", "postgresql-client"),
        ("mariadb+pymysql", "mariadb-dump", "mariadb-client"),
        ("mysql+pymysql", "mysqldump", "default-mysql-client"),
    ],
)
def test_a_missing_tool(dialect: str, tool: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    url = sa.make_url(f"{dialect}://u:secret@h/x")
    why = f"{tool} is not installed; --no-backup goes on without a backup"
    assert refusal(back_up, url, tmp_path / "b") == (why, f"apt install {package}")


@contextmanager
def locked(url: sa.URL) -> Iterator[None]:
    """Hold a table so that nobody else can read it."""
    statement = "LOCK TABLE item" if url.get_backend_name() == "postgresql" else "LOCK TABLES item WRITE"
    run(url, "CREATE TABLE item (id INTEGER)")
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        connection.execute(sa.text(statement))
        yield


def test_a_lock_is_not_waited_for_without_end(url: sa.URL, tmp_path: Path) -> None:
    dialect = url.get_backend_name()
    if dialect == "sqlite":
        run(url, "CREATE TABLE item (id INTEGER)")
        with closing(sqlite3.connect(str(url.database))) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            told, _ = refusal(back_up, url, tmp_path / "b", timeout=0.5)
        assert told == f"{url.database} is locked; which process holds {Path(str(url.database)).name} is not known here"
    else:
        with locked(url):
            message, _ = refusal(back_up, url, tmp_path / "b", timeout=1)
        ended = f"{'pg_dump' if dialect == 'postgresql' else 'mariadb-dump'} did nothing for 1 s and was ended"
        # pg_dump gives up by itself, unless the machine is so slow that we are the first to end the wait.
        assert ended in message or (dialect == "postgresql" and "canceling statement due to statement timeout" in message)
    assert left(tmp_path) == ["home", "test.db"] if dialect == "sqlite" else ["home"]


@pytest.mark.parametrize("dialect", SERVERS)
def test_an_interrupt_leaves_no_half_file_and_no_secret_is_seen(dialect: str, tmp_path: Path) -> None:
    script = (
        "import sys, sqlalchemy as sa, pathlib; from migmerge.database.backup.copy import back_up;"
        "back_up(sa.make_url(sys.stdin.read()), pathlib.Path('b'))"
    )
    with database(dialect, tmp_path) as usual, user(sa.make_url(usual), RIGHTS[dialect]) as url, locked(url):
        command = [sys.executable, "-c", script]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdin and process.stderr
            process.stdin.write(url.render_as_string(hide_password=False))
            process.stdin.close()
            while not (seen := [words for words in commands(tmp_path) if "dump" in words]):
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            assert "KeyboardInterrupt" in process.stderr.read()
        assert "p'" not in "".join(seen)
        assert not any("dump" in words for words in commands(tmp_path))
    assert left(tmp_path) == ["home"]


def commands(folder: Path) -> list[str]:
    """Return the command lines of the processes that were started in this folder, as `ps` shows them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").resolve() == folder.resolve():
                found.append(process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@contextmanager
def user(url: sa.URL, right: str) -> Iterator[sa.URL]:
    """Make a user who owns, or may use, this database alone, and whose password needs every kind of quoting."""
    name = f"{url.database}_u"
    secret = PASSWORD.replace("'", "''")
    if url.get_backend_name() == "postgresql":
        who = quoted(url, name)
        made = [f"CREATE ROLE {who} LOGIN {right} PASSWORD '{secret}'", f"ALTER DATABASE {url.database} OWNER TO {who}"]
        gone = [f"REASSIGN OWNED BY {who} TO CURRENT_USER", f"DROP OWNED BY {who}", f"DROP ROLE {who}"]
    else:
        who, secret = f"{quoted(url, name)}@'127.0.0.1'", secret.replace("\\", "\\\\")
        made = [f"CREATE USER {who} IDENTIFIED BY '{secret}'", f"GRANT {right} ON {url.database}.* TO {who}"]
        gone = [f"DROP USER {who}"]
    run(url, *made)
    try:
        yield url.set(username=name, password=PASSWORD)
    finally:
        run(url, *gone)


def test_the_password_is_only_in_a_file_of_ours(mariadb: sa.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home" / ".my.cnf").write_text("[client]\npassword=wrong\nport=1\n")
    monkeypatch.setenv("MYSQL_PWD", "wrong")
    with user(mariadb, "ALL PRIVILEGES") as url:
        fill(url)
        backup = verify(back_up(url, tmp_path / "b"), url)
        assert backup.verified.startswith("its list of contents: 3 tables (not restored: ")
        assert f"Access denied for user '{url.username}'@'127.0.0.1' to database 'migmerge_scratch_" in backup.verified
        assert PASSWORD not in repr((backup, client_of(url)))
        assert all(f"-u {url.username} -p " in command for command in backup.restore_commands)
        wrong = url.set(password="no")
        assert refusal(back_up, wrong, tmp_path / "c") == (
            f"mariadb: ERROR 1045 (28000): Access denied for user '{url.username}'@'127.0.0.1' (using password: YES)",
            "correct that, or pass --no-backup",
        )


def test_a_role_that_may_not_make_a_scratch_database(postgresql: sa.URL, tmp_path: Path) -> None:
    with user(postgresql, "NOCREATEDB") as url:
        fill(url)
        backup = verify(back_up(url, tmp_path / "b"), url)
        assert backup.verified.startswith("its list of contents: 3 tables (not restored: ")
        assert "permission denied to create database" in backup.verified
        message, _ = refusal(recreate, url)
        assert message == f"{url.database} cannot be recreated: permission denied to create database"
        assert len(state(url)) == 4


def test_a_user_who_may_drop_and_not_create(mariadb: sa.URL) -> None:
    fill(mariadb)
    with user(mariadb, "SELECT, DROP") as url:
        message, _ = refusal(recreate, url)
        assert message.startswith(f"{url.database} cannot be recreated: Access denied for user ")
    assert len(state(mariadb)) == 4


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("INSERT INTO {} VALUES (9, 'new')", "{}order: 4 rows in the backup, 5 in the database"),
        ("CREATE TABLE more (id INTEGER)", "the table {}more, which only the database has"),
        ("DROP TABLE more2", "the table {}more2, which only the backup has"),
    ],
)
def test_a_backup_of_something_else_is_noticed(url: sa.URL, tmp_path: Path, statement: str, what: str) -> None:
    fill(url)
    run(url, "CREATE TABLE more2 (id INTEGER)")
    backup = back_up(url, tmp_path / "b")
    run(url, statement.format(quoted(url, "order")))
    schema = "public." if backup.dialect == "postgresql" else ""
    assert refusal(verify, backup, url) == (
        f"the backup {tmp_path}/b is not what the database is: {what.format(schema)}",
        "end what writes to the database, and try again",
    )


def test_a_damaged_backup_is_noticed(url: sa.URL, tmp_path: Path) -> None:
    fill(url)
    backup = back_up(url, tmp_path / "b")
    content = Path(backup.path).read_bytes()
    for damaged in (b"", content[:-300], content[: len(content) // 2], content[:50] + b"\xff" * 4000 + content[4050:]):
        Path(backup.path).write_bytes(damaged)
        message, _ = refusal(verify, backup, url)
        assert f"the backup {backup.path} " in message
    Path(backup.path).unlink()
    assert refusal(verify, backup, url) == (f"the backup {backup.path} is not there", None)


def test_the_events_of_a_scratch_database_do_not_run(mariadb: sa.URL, tmp_path: Path) -> None:
    event = "CREATE EVENT again ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t VALUES (1)"
    run(mariadb, "CREATE TABLE t (id INTEGER)", event, "CREATE FUNCTION one() RETURNS INTEGER RETURN 1")
    backup = back_up(mariadb, tmp_path / "b")
    text = Path(backup.path).read_text()
    # A scratch database would refuse it as well, were it restored: its body is no longer SQL.
    Path(backup.path).write_text(text.replace("DO INSERT INTO t", "DO INSERTED INTO t"))
    assert "DO INSERT INTO t" in text
    assert verify(backup, mariadb).verified == "restored into a scratch database: 1 table, 0 rows, the same"
    Path(backup.path).write_text(text)
    run(mariadb, "DROP EVENT again", "DROP FUNCTION one")
    go_back(backup)
    assert ask(mariadb, "SELECT one()") == [(1,)]
    assert len(ask(mariadb, "SHOW EVENTS")) == 1


def test_recreated_empty(url: sa.URL, tmp_path: Path) -> None:
    fill(url)
    beside = [tmp_path / f"test.db{end}" for end in ("-wal", "-shm", "-journal")]
    recreate(url)
    assert not any(each.exists() for each in (tmp_path / "test.db", *beside))
    assert state(url) == {}
    fill(url)
    assert len(state(url)) == 4


def test_a_postgresql_database_keeps_what_it_is(postgresql: sa.URL) -> None:
    with user(postgresql, "CREATEDB") as url:
        who, name = quoted(url, url.username or ""), url.database
        run(
            postgresql,
            f"ALTER DATABASE {name} SET search_path = 'a b', public",
            f"ALTER DATABASE {name} SET default_transaction_read_only = off",
            f"ALTER ROLE {who} IN DATABASE {name} SET \"my.word\" = 'it''s 100%'",
            f"ALTER DATABASE {name} CONNECTION LIMIT 7",
            f"COMMENT ON DATABASE {name} IS '100% \\ ours'",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
            f"GRANT TEMPORARY ON DATABASE {name} TO {who} WITH GRANT OPTION",
            'CREATE SCHEMA "Ext"',
            'CREATE EXTENSION citext SCHEMA "Ext"',
            "CREATE EXTENSION adminpack",
            "CREATE TABLE t (id INTEGER)",
        )
        before = facts(postgresql)
        recreate(postgresql)
        assert facts(postgresql) == before
        assert ask(postgresql, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


def facts(url: sa.URL) -> list[list[tuple[object, ...]]]:
    return [
        ask(
            url,
            "SELECT pg_get_userbyid(datdba), encoding, datcollate, datctype, datconnlimit, datacl::text, "
            "shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()",
        ),
        ask(
            url,
            "SELECT setrole, setconfig::text FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = setdatabase "
            "WHERE datname = current_database() ORDER BY setrole",
        ),
        ask(url, "SELECT extname, nspname FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace ORDER BY 1"),
    ]


def test_a_mariadb_database_keeps_what_it_is(mariadb: sa.URL) -> None:
    run(mariadb, f"ALTER DATABASE {mariadb.database} CHARACTER SET latin1 COLLATE latin1_swedish_ci COMMENT '100% it''s'")
    before = ask(mariadb, f"SHOW CREATE DATABASE {mariadb.database}")
    assert "latin1" in str(before)
    recreate(mariadb)
    assert ask(mariadb, f"SHOW CREATE DATABASE {mariadb.database}") == before


def test_an_extension_that_may_not_be_created_again(postgresql: sa.URL) -> None:
    with user(postgresql, "CREATEDB") as url:
        run(postgresql, "CREATE EXTENSION adminpack", "CREATE TABLE t (id INTEGER)")
        message, _ = refusal(recreate, url)
        assert message == f'{url.database} cannot be recreated: permission denied to create extension "adminpack"'
        assert list(state(postgresql)) == ["t"]
        assert ask(postgresql, "SELECT datname FROM pg_database WHERE datname LIKE 'migmerge_fresh_%'") == []


def test_a_postgresql_database_in_use_stays(postgresql: sa.URL) -> None:
    fill(postgresql)
    before = state(postgresql)
    engine = sa.create_engine(postgresql, connect_args={"application_name": "the shop"})
    with engine.connect() as connection:
        (pid,) = connection.execute(sa.text("SELECT pg_backend_pid()")).scalars()
        assert refusal(recreate, postgresql) == (
            f"{postgresql.database} is in use by the shop (pid {pid}, from 127.0.0.1)",
            "end what is connected to it, and try again",
        )
    engine.dispose()
    assert state(postgresql) == before


def test_a_mariadb_database_in_use_stays(mariadb: sa.URL) -> None:
    fill(mariadb)
    with sa.create_engine(mariadb, poolclass=sa.NullPool).connect() as connection:
        connection.execute(sa.text("SELECT * FROM `order`"))
        message, _ = refusal(recreate, mariadb)
    assert message == f"{mariadb.database} cannot be recreated: Lock wait timeout exceeded; try restarting transaction"
    assert len(state(mariadb)) == 4


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_sqlite_file_in_use_stays(file: Path, mode: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
        other.execute("SELECT * FROM item").fetchall() if mode == "WAL" else other.execute("BEGIN IMMEDIATE")
        assert refusal(recreate, at(file)) == (f"{file} is in use", "end what has it open, and try again")
    assert state(at(file)) == {"item": [(1, "a"), (2, "b")]}


def test_what_is_no_database_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database, and long enough for one\n" * 100)
    assert refusal(recreate, at(tmp_path / "notes.txt")) == (f"{tmp_path}/notes.txt: file is not a database", None)
    assert left(tmp_path) == ["home", "notes.txt"]
    recreate(at(tmp_path / "nowhere.db"))


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("sqlite://", "a database in memory has no file", "pass --no-backup to go on without"),
        ("mssql+pyodbc://sa:secret@h/x", "migmerge cannot recreate a database of mssql", "drop and create it yourself"),
    ],
)
def test_what_cannot_be_recreated(address: str, message: str, hint: str) -> None:
    assert refusal(recreate, sa.make_url(address)) == (message, hint)


def test_a_server_that_has_no_such_database(url: sa.URL, tmp_path: Path) -> None:
    other = url.set(database="no_such_database" if url.get_backend_name() != "sqlite" else str(tmp_path / "no_such.db"))
    assert "no_such" in refusal(back_up, other, tmp_path / "b")[0]
    if url.get_backend_name() != "sqlite":
        message, _ = refusal(recreate, other)
        assert "no_such_database" in message


@pytest.mark.parametrize(
    ("name", "dialect", "made"),
    [
        ("shop", "postgresql", "shop-20261123-231500.dump"),
        ("shop", "mariadb", "shop-20261123-231500.sql"),
        ("shop.db", "sqlite", "shop-20261123-231500.sqlite3"),
        ("shop.db-users", "sqlite", "shop.db-users-20261123-231500.sqlite3"),
        ("/srv/a b/../sh op.sqlite3", "sqlite", "sh-op-20261123-231500.sqlite3"),
        ("../../-rf; $(x)\n", "postgresql", "rf-x-20261123-231500.dump"),
        (".", "mysql", "database-20261123-231500.sql"),
        ("表" * 300, "mysql", "表" * 50 + "-20261123-231500.sql"),
    ],
)
def test_the_name_of_a_backup(name: str, dialect: str, made: str) -> None:
    assert backup_name(name, dialect, datetime(2026, 11, 23, 23, 15)) == made


def test_the_way_back_as_it_is_printed() -> None:
    assert sqlite_restore_commands("/a b.db", "/c") == ("rm -f '/a b.db-wal' '/a b.db-shm' '/a b.db-journal' && cp /c '/a b.db'",)
    assert postgresql_restore_commands("postgres", "/c d", ("-U", "it's"), {"PGSSLMODE": "require"}) == (
        """{ PGSSLMODE=require psql -U 'it'"'"'s' -d template1 -tAc """
        """'SELECT (rolsuper OR rolcreatedb)::int FROM pg_roles WHERE rolname = current_user' | grep -q 1 || """
        """{ echo 'this role may not create databases: nothing was changed' >&2; false; }; } && """
        """PGSSLMODE=require dropdb -U 'it'"'"'s' --if-exists postgres && """
        """PGSSLMODE=require pg_restore -U 'it'"'"'s' --create -d template1 '/c d'""",
    )


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("postgresql+psycopg://u:p@h:1/x?sslmode=require", "-h h -p 1 -U u PGSSLMODE=require"),
        ("postgresql+psycopg2://u:p@/x?host=/run&service=s", "-h /run -U u PGSERVICE=s"),
        ("postgresql+psycopg://u:p@/x?host=a:1&host=b:2", "-h a,b -p 1,2 -U u"),
        ("postgresql+psycopg://u@/x?password=p", "-U u"),
        ("postgresql+asyncpg://u:p@/x?host=a:1&host=b:2&ssl=true", "-h a,b -p 1,2 -U u PGSSLMODE=require"),
        ("postgresql+pg8000://u:p@/x?unix_sock=/run/.s.PGSQL.5433", "-h /run -p 5433 -U u"),
        ("postgresql://:p@/x", ""),
        ("mysql+pymysql://u:p@localhost/x", "-h localhost --protocol=tcp -u u"),
        ("mysql+pymysql://u:p@/x", "--protocol=tcp -u u"),
        ("mysql+mysqldb://u:p@localhost:1/x", "-h localhost -P 1 -u u"),
        ("mariadb+pymysql://u:p@h/x?unix_socket=/run/s&ssl_ca=/ca", "-S /run/s -u u --ssl-ca=/ca"),
    ],
)
def test_what_the_tools_are_told(address: str, options: str) -> None:
    client = client_of(sa.make_url(address))
    settings = (f"{name}={value}" for name, value in client.settings.items())
    assert (" ".join((*client.options, *settings)), client.database, client.password) == (options, "x", "p")


def test_a_name_that_is_more_than_a_name() -> None:
    assert conninfo("shop-1") == "shop-1"
    assert conninfo("a=b'\\") == r"dbname='a=b\'\\'"
