"""What a script for several databases does in each of them."""

from __future__ import annotations

from migmerge.core.operations.operation import Action, ObjectKind, Operation, Operations, Unread

MADE = Operation(Action.CREATE, ObjectKind.TABLE, "t", None, 1)
PLAIN, USERS, LOGS = Unread(1, "x"), Unread(2, "y", database="users"), Unread(3, "z", database="logs")


def test_a_script_has_named_databases_where_any_part_names_one() -> None:
    assert not Operations((MADE,), (PLAIN,)).has_named_databases
    assert Operations((MADE,), (USERS,)).has_named_databases
    assert Operations((Operation(Action.CREATE, ObjectKind.TABLE, "t", None, 1, database=""),)).has_named_databases


def test_what_cannot_be_read_of_other_databases_is_left_out() -> None:
    found = Operations((MADE,), (PLAIN, USERS, LOGS)).of("users")
    assert found == Operations((MADE,), (PLAIN, USERS))
