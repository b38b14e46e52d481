"""The file that a name of SQLite's leads to, compared with the file that SQLite opens."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.core.database.database import Address
from migmerge.database.guard import Guard, address_of
from migmerge.database.sqlite_location import file_in, file_of_url, located


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the current one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


NAMES = (
    ("app.db", False),
    ("file:app.db", True),
    ("file:app.db?mode=rwc", True),
    ("file:app.db?mode=rwc&cache=shared#part", True),
    ("file:a%20b%3fc%23.db", True),
    ("file:it's%20a%2541.db", True),
    ("file:f%c3%bcr.db", True),
    ("file:{here}/app.db?mode=rwc", True),
    ("file://{here}/app.db", True),
    ("file://localhost{here}/app.db", True),
    ("{here}/file:app.db", True),
    ("file::memory:", True),
    ("file:x?mode=memory&cache=shared", True),
    ("file:/x?vfs=memdb", True),
    ("file:?mode=rwc", True),
    (":memory:", False),
    (":memory:", True),
    ("", False),
)


@pytest.mark.parametrize(("name", "is_uri"), NAMES)
def test_a_name_leads_where_sqlite_goes(name: str, is_uri: bool, here: Path) -> None:
    name = name.format(here=here)
    with closing(sqlite3.connect(name, uri=is_uri)) as connection:
        connection.execute("CREATE TABLE a (id INTEGER)")
        made = [str(path) for path in here.iterdir()]
        file = file_in(name, is_uri=is_uri)
    assert ([os.path.abspath(file)] if file else []) == made


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///app.db", "{here}/app.db"),
        ("sqlite:///file:app.db?mode=rwc&uri=true", "{here}/app.db"),
        ("sqlite+aiosqlite:///file:{here}/app.db?mode=ro&uri=true", "{here}/app.db"),
        ("sqlite://", ""),
        ("sqlite:///file:x?mode=memory&cache=shared&uri=true", ""),
    ],
)
def test_a_url_leads_where_sqlalchemy_goes(url: str, file: str, here: Path) -> None:
    made = sa.make_url(url.format(here=here))
    file = file.format(here=here)
    assert file_of_url(made) == file
    name = "app.db" if file else ":memory:"
    assert address_of(made) == Address(f"sqlite:///{file or ':memory:'}", "sqlite", name)


def test_a_connection_tells_the_file_that_only_the_application_knows(here: Path) -> None:
    file = here / "app.db"
    sqlite3.connect(file).close()
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(file))
    with engine.connect() as connection:
        assert located(connection).database == str(file)
        assert not connection.in_transaction()
    engine.dispose()


def test_a_link_keeps_the_name_that_the_user_knows(here: Path) -> None:
    (here / "real").mkdir()
    sqlite3.connect(here / "real/data").close()
    (here / "app.db").symlink_to(here / "real/data")
    engine = sa.create_engine(f"sqlite:///file:{here}/app.db?mode=rw&uri=true")
    with engine.connect() as connection:
        assert located(connection).database == str(here / "app.db")
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["sqlite:///{here}/new.db", "sqlite:///file:{here}/new.db?mode=rwc&uri=true", "sqlite:///file:new.db?uri=true"]
)
def test_looking_makes_no_file_and_knows_which_one_is_missing(url: str, here: Path) -> None:
    engine = sa.create_engine(url.format(here=here))
    guard = Guard(())
    sa.event.listen(engine, "do_connect", guard.before_connect)
    with engine.connect() as connection:
        assert located(connection).database == str(here / "new.db")
    assert list(here.iterdir()) == []
    engine.dispose()
    guard.may_create_files = True
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE a (id INTEGER)")
        assert located(connection).database == str(here / "new.db")
    assert [path.name for path in here.iterdir()] == ["new.db"]
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite:///{here}/prod.db", "sqlite:///file:{here}/prod.db?mode=rw&uri=true"])
def test_a_file_by_uri_is_trusted_like_any_file(url: str, here: Path) -> None:
    engine = sa.create_engine(url.format(here=here))
    sa.event.listen(engine, "do_connect", Guard(()).before_connect)
    with pytest.raises(Exception, match="its name says prod"):
        engine.connect()
    engine.dispose()
