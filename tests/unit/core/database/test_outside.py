"""Statements that leave the database in which they run, on each dialect, and those that only look like it."""

from __future__ import annotations

import pytest

from migmerge.core.database.outside import reaches_outside

OWN = "migmerge_1_a"


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("postgresql", "CREATE ROLE reader"),
        ("postgresql", "DO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_roles) THEN\n    CREATE USER reader;\n  END IF;\nEND $$"),
        ("postgresql", "GRANT admins TO reader"),
        ("postgresql", "ALTER DATABASE shop SET search_path = a"),
        ("postgresql", "ALTER SYSTEM SET work_mem = '1MB'"),
        ("postgresql", "DROP TABLESPACE fast"),
        ("mariadb", "CREATE USER reader@localhost"),
        ("mariadb", "GRANT SELECT ON a TO reader@localhost"),
        ("mysql", "SET GLOBAL foreign_key_checks = 0"),
        ("mysql", "ALTER DATABASE shop CHARACTER SET utf8mb4"),
        ("mysql", "CREATE DATABASE IF NOT EXISTS archive"),
        ("mariadb", "ALTER TABLE `shop`.`a` ADD COLUMN b INTEGER"),
        ("mariadb", "insert into shop.a values (1)"),
        ("sqlite", "ATTACH DATABASE 'logs.db' AS logs"),
        ("sqlite", "VACUUM INTO 'copy.db'"),
    ],
)
def test_it_reaches_outside(dialect: str, statement: str) -> None:
    assert reaches_outside(statement, dialect, OWN, ["shop"] if dialect in ("mysql", "mariadb") else ())


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("postgresql", "GRANT SELECT ON a TO reader"),
        ("postgresql", "CREATE USER MAPPING FOR reader SERVER files"),
        ("postgresql", f"ALTER DATABASE {OWN} SET search_path = a"),
        ("postgresql", f'ALTER DATABASE "{OWN}" SET search_path = a'),
        ("postgresql", "CREATE TABLE users (id INTEGER)"),
        ("postgresql", "UPDATE shop.a SET id = 1"),
        ("mysql", "ALTER DATABASE CHARACTER SET utf8mb4"),
        ("mysql", "ALTER DATABASE DEFAULT COLLATE utf8mb4_bin"),
        ("mariadb", f"ALTER TABLE `{OWN}`.a ADD COLUMN b INTEGER"),
        ("mariadb", "UPDATE a SET id = shop.id"),
        ("sqlite", "CREATE TABLE user (attach INTEGER)"),
        ("sqlite", "ALTER TABLE role RENAME TO user"),
    ],
)
def test_it_stays_inside(dialect: str, statement: str) -> None:
    assert not reaches_outside(statement, dialect, OWN, ["shop"] if dialect in ("mysql", "mariadb") else ())
