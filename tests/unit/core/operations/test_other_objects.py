"""Views, sequences and functions that SQL makes, changes and drops, by their names."""

from __future__ import annotations

import pytest

from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.operation import Action, OtherKind, OtherObject
from tests.support.project import script_text

VIEW, SEQUENCE, FUNCTION = OtherKind.VIEW, OtherKind.SEQUENCE, OtherKind.FUNCTION
MAKES, DROPS = Action.CREATE, Action.DROP


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("CREATE VIEW Named AS SELECT id FROM users", [OtherObject(MAKES, VIEW, "named")]),
        ('CREATE VIEW "Named" (a) AS SELECT id FROM users', [OtherObject(MAKES, VIEW, "Named")]),
        ("CREATE OR REPLACE VIEW named AS SELECT 1", [OtherObject(MAKES, VIEW, "named", guarded=True)]),
        ("CREATE VIEW IF NOT EXISTS audit.named AS SELECT 1", [OtherObject(MAKES, VIEW, "audit.named", guarded=True)]),
        ("CREATE TEMPORARY VIEW named AS SELECT 1", []),
        ("CREATE MATERIALIZED VIEW m AS SELECT 1", [OtherObject(MAKES, OtherKind.MATERIALIZED_VIEW, "m")]),
        ("CREATE SEQUENCE public.order_no START 5", [OtherObject(MAKES, SEQUENCE, "order_no")]),
        ("ALTER SEQUENCE order_no OWNED BY t.c", [OtherObject(Action.ALTER, SEQUENCE, "order_no")]),
        ("CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'select 1'", [OtherObject(MAKES, FUNCTION, "one")]),
        (
            "CREATE FUNCTION f() RETURNS trigger AS $$ begin return new; end $$ LANGUAGE plpgsql",
            [OtherObject(MAKES, FUNCTION, "f")],
        ),
        (
            "CREATE FUNCTION f(a int) RETURNS int AS $$ begin return a; end $$ LANGUAGE plpgsql",
            [OtherObject(MAKES, FUNCTION, "f", guarded=True)],
        ),
        ("ALTER VIEW a RENAME TO b", [OtherObject(Action.ALTER, VIEW, "a"), OtherObject(Action.ALTER, VIEW, "b")]),
        ("DROP VIEW a, b", [OtherObject(DROPS, VIEW, "a"), OtherObject(DROPS, VIEW, "b")]),
        ("DROP VIEW IF EXISTS a", [OtherObject(DROPS, VIEW, "a", guarded=True)]),
        ("GRANT SELECT ON a TO b", []),
        ("CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()", []),
    ],
)
def test_what_a_statement_says_of_other_objects(sql: str, found: list[OtherObject]) -> None:
    done = read_operations(script_text("r", upgrade=f"op.execute({sql!r})").encode(), dialect="postgresql").done
    assert [each.other for each in done if each.other] == found
