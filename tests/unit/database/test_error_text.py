"""An error in one line: the driver's reason, the type's name where that helps, no password."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from migmerge.database.error_text import code_of, is_of_schema, named_reason_of, project_reason_of, reason_of, unqualified


class DriverError(Exception):
    """Stand for the error of a driver."""


def wrapped(*args: object) -> OperationalError:
    return OperationalError("SELECT 1", {}, DriverError(*args))


@pytest.mark.parametrize(
    ("error", "reason", "named", "project", "code"),
    [
        (ValueError("\n  no\n\nmore"), "no", "ValueError: no", "ValueError: no", ""),
        (ValueError(), "ValueError", "ValueError", "ValueError: no reason given", ""),
        (FileNotFoundError(2, "none", "f"), "[Errno 2] none: 'f'", "FileNotFoundError: [Errno 2] none: 'f'", None, ""),
        (wrapped("refused\nDETAIL: x"), "refused", "refused", "DriverError: refused", ""),
        (wrapped(1045, "denied"), "denied", "denied", "DriverError: (1045, 'denied')", "1045"),
        (wrapped(), "DriverError", "DriverError", "DriverError: no reason given", ""),
    ],
)
def test_reasons(error: Exception, reason: str, named: str, project: str | None, code: str) -> None:
    assert (reason_of(error), named_reason_of(error), code_of(error)) == (reason, named, code)
    assert project_reason_of(error) == (project or named)


class CodedError(DriverError):
    """Stand for the error of a driver of PostgreSQL."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("refused")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("", {}, CodedError("42P01")), True),
        (OperationalError("", {}, CodedError("2BP01")), True),
        (OperationalError("", {}, CodedError("42501")), False),
        (OperationalError("", {}, CodedError("23505")), False),
        (wrapped(1146, "no table"), True),
        (wrapped(1205, "a lock"), False),
        (wrapped("no such table: a"), True),
        (wrapped("database is locked"), False),
        (RuntimeError("table a already exists"), False),
    ],
)
def test_what_is_refused_for_the_schema_alone(error: Exception, expected: bool) -> None:
    assert is_of_schema(error) is expected


def test_the_traceback_in_a_message_of_flask_is_left_out() -> None:
    message = "While importing 'app', an error was raised:\n\nTraceback (most recent call last):\n  File ...\nKeyError: 'x'"
    assert project_reason_of(RuntimeError(message)) == "KeyError: 'x'"


def test_a_reason_holds_no_secret() -> None:
    error = wrapped("cannot log in as ann with the password 'hunter2'\nDETAIL: x")
    for reason in (reason_of, named_reason_of, project_reason_of):
        assert "hunter2" not in reason(error)
        assert "cannot log in as ann" in reason(error)


def test_the_name_of_a_scratch_database_is_left_out() -> None:
    assert unqualified("Table 'x.a', `x`.`b`", "x") == "Table 'a', `b`"
    assert unqualified("x.a", None) == "x.a"
