"""The dialect of the SQL in scripts, as data tell it."""

from __future__ import annotations

import pytest

from migmerge.core.operations.dialect import agreed, dialect_of, read_scripts


@pytest.mark.parametrize(
    ("texts", "configuration", "expected"),
    [
        ([], b"", None),
        ([b"from alembic import op\n"], b"[alembic]\nscript_location = migrations\n", None),
        ([], b"[alembic]\nsqlalchemy.url = postgresql+psycopg2://ann@localhost/shop\n", "postgresql"),
        ([], b"[alembic]\nsqlalchemy.url: mysql+pymysql://localhost/shop\n", "mysql"),
        ([], b'[tool.alembic]\n"sqlalchemy.url" = "sqlite:///shop.db"\n', "sqlite"),
        ([], b"[alembic]\nsqlalchemy.url = driver://user:pass@localhost/dbname\n", None),
        ([], b"[alembic]\nsqlalchemy.url = %(DB_URL)s\n", None),
        ([], b"[alembic]\n# sqlalchemy.url = mysql://localhost/shop\n", None),
        ([], b"[one]\nsqlalchemy.url = mysql://a/b\n[two]\nsqlalchemy.url = mariadb://a/c\n", "mysql"),
        ([], b"[one]\nsqlalchemy.url = mysql://a/b\n[two]\nsqlalchemy.url = sqlite:///c\n", None),
        ([b"import sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n"], b"", "postgresql"),
        ([b"from sqlalchemy.dialects import postgresql as pg  # types\n"], b"", "postgresql"),
        ([b"from sqlalchemy.dialects.mysql import LONGTEXT\r\n"], b"", "mysql"),
        ([b"import sqlalchemy.dialects.sqlite\n"], b"", "sqlite"),
        ([b"def upgrade():\n    from sqlalchemy.dialects import (\n        mysql,\n    )\n"], b"", "mysql"),
        ([b"from sqlalchemy.dialects import mysql, postgresql\n"], b"", None),
        ([b"from sqlalchemy.dialects import mysql\n", b"from sqlalchemy.dialects import postgresql\n"], b"", None),
        ([b"from sqlalchemy.dialects import mysql\n"], b"sqlalchemy.url = sqlite:///a.db\n", None),
        ([b"from sqlalchemy.dialects import registry\n"], b"sqlalchemy.url = sqlite:///a.db\n", "sqlite"),
        ([b"# from sqlalchemy.dialects import mysql\n"], b"", None),
        ([b"from sqlalchemy.dialects import \xff\n"], b"", None),
    ],
)
def test_only_what_all_signals_say_counts(texts: list[bytes], configuration: bytes, expected: str | None) -> None:
    assert dialect_of(texts, configuration) == expected


def test_databases_agree_or_none_is_known() -> None:
    assert (agreed(["mariadb", "mysql"]), agreed(["sqlite", "mysql"]), agreed([])) == ("mysql", None, None)


@pytest.mark.parametrize(
    ("sql", "dialect", "columns", "unread"),
    [
        ('UPDATE users SET name = "phone"', "mysql", {"name"}, False),
        ('UPDATE users SET name = "phone"', "postgresql", {"name", "phone"}, False),
        ("ALTER TABLE `users` MODIFY `name` TEXT", "mysql", {"name"}, False),
        ("ALTER TABLE `users` MODIFY `name` TEXT", "postgresql", set(), True),
        ("ALTER TABLE users DROP PRIMARY KEY, ADD PRIMARY KEY (name)", "mysql", set(), False),
        ("ALTER TYPE status ADD VALUE 'new'", "postgresql", {"new"}, False),
        ("INSERT INTO users (name) VALUES ('a') ON CONFLICT (name) DO NOTHING", "postgresql", {"name"}, False),
        ("UPDATE OR IGNORE users SET name = 1", "sqlite", {"name"}, False),
    ],
)
def test_a_statement_is_read_as_its_database_reads_it(sql: str, dialect: str, columns: set[str], unread: bool) -> None:
    script = f"from alembic import op\ndef upgrade():\n    op.execute({sql!r})\n".encode()
    read = read_scripts({"b": script}, dialect)["b"]
    assert {each.name for each in read.done if each.name} == columns
    assert bool(read.unread) is unread


@pytest.mark.parametrize(
    "sql", ["ALTER TABLE users DROP PRIMARY KEY, ADD PRIMARY KEY (name)", "UPDATE OR REPLACE users SET name = 1"]
)
def test_where_nobody_knows_the_database_the_first_that_reads_all_of_it_counts(sql: str) -> None:
    script = f"from alembic import op\ndef upgrade():\n    op.execute({sql!r})\n".encode()
    assert not read_scripts({"b": script}, None)["b"].unread
