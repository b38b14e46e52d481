"""Who holds a lock, in words without secrets, and the command that ends such a session."""

from __future__ import annotations

import pytest

from migmerge.core.database.database import Address
from migmerge.core.database.lock_wait import Blocker, describe_file_wait, describe_wait, ending_command

PSQL = Blocker(12, "psql", "ann", "idle in transaction", "10:11:12", "UPDATE a SET token = 'secret'")
POSTGRESQL = Address("", "postgresql", "shop", "127.0.0.1", "5433")
MARIADB = Address("", "mariadb", "shop", "127.0.0.1", "3306")


@pytest.mark.parametrize(
    ("blockers", "said"),
    [
        ((), "the server does not say who holds the lock"),
        (
            (PSQL,),
            "the lock is held by 12 (psql of ann, idle in transaction since 10:11:12, UPDATE a SET token = …)",
        ),
        ((Blocker(7), Blocker(8, user="bob")), "the lock is held by 7 (), 8 (bob)"),
        (
            (Blocker(9, user="bob", state="Sleep", since="10:11:12", is_certain=False),),
            "these have open transactions: 9 (bob, Sleep since 10:11:12)",
        ),
        ((Blocker(9, user="bob", host="10.0.0.5", on="a"),), "the lock on a is held by 9 (bob@10.0.0.5)"),
    ],
)
def test_who_holds_it_is_said(blockers: tuple[Blocker, ...], said: str) -> None:
    assert describe_wait(blockers) == said.replace("7 ()", "7")


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("ALTER ROLE x PASSWORD 'a''b' VALID", "ALTER ROLE x PASSWORD … VALID"),
        ("INSERT INTO a VALUES ('unfinished", "INSERT INTO a VALUES (…"),
        ("DO $$ secret", "DO …"),
        ("SELECT " + "x" * 80, "SELECT " + "x" * 52 + "…"),
    ],
)
def test_its_statement_is_short_and_without_literals(statement: str, shown: str) -> None:
    assert str(Blocker(1, statement=statement)) == f"1 ({shown})"


def test_the_command_ends_a_session_only_where_it_is_sure() -> None:
    assert ending_command(POSTGRESQL, "ann", ()) is None
    ends = "psql -h 127.0.0.1 -p 5433 -U ann shop -c 'SELECT pg_terminate_backend(12)'"
    assert ending_command(POSTGRESQL, "ann", (PSQL,)) == ends
    unsure = Blocker(9, is_certain=False)
    assert ending_command(MARIADB, "", ()) == ending_command(MARIADB, "", (unsure,))
    assert ending_command(MARIADB, "", (unsure,)) == "mariadb -h 127.0.0.1 -P 3306 -e 'SHOW FULL PROCESSLIST'"


def test_nobody_is_named_where_the_system_does_not_tell() -> None:
    assert describe_file_wait("shop.db", ()) == "which process holds shop.db is not known here"
    assert describe_file_wait("shop.db", (Blocker(7, on="shop.db"),)) == "the lock on shop.db is held by 7"
