"""Backups: their names, the commands that put them back, and the comparison with the copy that was restored."""

from __future__ import annotations

from datetime import datetime

import pytest

from migmerge.core.database.backup import (
    Backup,
    NoBackup,
    Safeguards,
    WhyNoBackup,
    backup_name,
    compare_rows,
    conninfo,
    mysql_restore_commands,
    postgresql_restore_commands,
    sqlite_restore_commands,
)
from migmerge.core.errors import MigmergeError

BACKUP = Backup("shop.dump", "postgresql", "shop", 1)


@pytest.mark.parametrize(
    ("rows", "complaint", "words"),
    [
        ({}, "", "0 tables, 0 rows, the same"),
        ({"a": 1}, "", "1 table, 1 row, the same"),
        ({"a": 1, "s.b": 4}, "warned", "2 tables, 5 rows, the same; warned"),
    ],
)
def test_equal_counts(rows: dict[str, int], complaint: str, words: str) -> None:
    assert compare_rows(BACKUP, rows, dict(rows), complaint) == words


@pytest.mark.parametrize(
    ("source", "copy", "words"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, "the table b, which only the database has"),
        ({"a": 1}, {"a": 1, "b": 0}, "the table b, which only the backup has"),
        ({"a": 2, "b": 1}, {"a": 3, "b": 4}, "a: 3 rows in the backup, 2 in the database"),
    ],
)
@pytest.mark.parametrize("complaint", ["", "warned"])
def test_the_first_table_that_differs_is_named(source: dict[str, int], copy: dict[str, int], words: str, complaint: str) -> None:
    with pytest.raises(MigmergeError) as caught:
        compare_rows(BACKUP, source, copy, complaint)
    shown = f" ({complaint})" if complaint else ""
    assert str(caught.value) == f"the backup shop.dump is not what the database is: {words}{shown}"


@pytest.mark.parametrize(
    ("name", "dialect", "file"),
    [
        ("/data/it's shop.db", "sqlite", "it-s-shop-20240601-120000.sqlite3"),
        ("shop", "postgresql", "shop-20240601-120000.dump"),
        ("shop/1", "mysql", "shop-1-20240601-120000.sql"),
        ("..", "sqlite", "database-20240601-120000.sqlite3"),
        ("-?-", "mariadb", "database-20240601-120000.sql"),
        ("x" * 300, "mariadb", f"{'x' * 50}-20240601-120000.sql"),
    ],
)
def test_the_name_of_a_backup_is_safe_everywhere(name: str, dialect: str, file: str) -> None:
    made = backup_name(name, dialect, datetime(2024, 6, 1, 12))
    assert made == file


def test_why_there_is_no_backup() -> None:
    declined, absent = NoBackup("shop", WhyNoBackup.DECLINED), NoBackup("shop", WhyNoBackup.NO_FILE)
    failed = NoBackup("shop", WhyNoBackup.FAILED, "pg_dump is not installed")
    assert [*map(str, (declined, absent, failed))] == [
        "shop has no backup: --no-backup was given",
        "shop has no backup: its file does not exist yet",
        "pg_dump is not installed",
    ]
    assert [each.reason.is_harmless for each in (declined, absent, failed)] == [False, True, False]


def test_the_scripts_that_put_backups_back() -> None:
    saved = Safeguards({"": BACKUP, "logs": NoBackup("logs", WhyNoBackup.NO_FILE)})
    assert saved.scripts == {"": "shop.dump.restore.sh"}


def test_sqlite_is_restored_without_what_lies_beside_it() -> None:
    assert sqlite_restore_commands("a b.db", "b.db") == ("rm -f 'a b.db-wal' 'a b.db-shm' 'a b.db-journal' && cp b.db 'a b.db'",)


@pytest.mark.parametrize(
    ("name", "settings", "other", "before", "dropped"),
    [
        ("shop", {}, "postgres", "", "shop"),
        ("postgres", {"PGPORT": "5 4"}, "template1", "PGPORT='5 4' ", "postgres"),
        ("-shop", {}, "postgres", "", "-- -shop"),
    ],
)
def test_postgresql_is_dropped_only_where_it_can_be_made_again(
    name: str, settings: dict[str, str], other: str, before: str, dropped: str
) -> None:
    (command,) = postgresql_restore_commands(name, "shop.dump", ("-h", "db"), settings)
    asked, guard, drop, restore = command.split(" && ")[0].partition("{ echo")[0], *command.split(" && ")
    assert asked.startswith(f"{{ {before}psql -h db -d {other} -tAc ")
    assert guard.endswith("| grep -q 1 || { echo 'this role may not create databases: nothing was changed' >&2; false; }; }")
    assert drop == f"{before}dropdb -h db --if-exists {dropped}"
    assert restore == f"{before}pg_restore -h db --create -d {other} shop.dump"


def test_mysql_is_emptied_before_it_is_restored() -> None:
    (command,) = mysql_restore_commands("shop", "a b.sql", ("mysql", "-u", "me"), "DROP TABLE t")
    assert command == "mysql -u me -e 'DROP TABLE t' && mysql -u me -D shop < 'a b.sql'"


@pytest.mark.parametrize(
    ("name", "said"),
    [("shop-1.x", "shop-1.x"), ("a=b", "dbname='a=b'"), (r"it's\me", r"dbname='it\'s\\me'"), ("é", "dbname='é'")],
)
def test_a_name_is_no_connection_string(name: str, said: str) -> None:
    assert conninfo(name) == said
