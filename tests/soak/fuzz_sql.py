"""SQL in scripts: any text is read, in a bounded time, and what nobody knows is said to be unread."""

from __future__ import annotations

from random import Random

from migmerge.core.operations.operation import Operation, Unread
from migmerge.core.operations.sql.text import read_sql
from tests.soak.fuzz_target import Counts, Target
from tests.support.byte_mutations import mutated_bytes

_STATEMENTS = tuple(
    text.encode()
    for text in (
        *(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', FOREIGN KEY (a) REFERENCES u (b))",
            "DROP TABLE t",
        ),
        *("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t (lower(a), b DESC) WHERE a > 1", "DROP INDEX IF EXISTS i, j"),
        *(
            "ALTER TABLE t ADD COLUMN a VARCHAR(10), DROP COLUMN b",
            "ALTER TABLE ONLY t RENAME COLUMN a TO b",
            "TRUNCATE t, u CASCADE",
        ),
        *(
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a IN ('x', 'y')) NOT VALID",
            "ALTER TABLE t VALIDATE CONSTRAINT c",
            "VACUUM FULL t",
        ),
        *("ALTER TYPE e ADD VALUE 'x' BEFORE 'y'", "ALTER TYPE e RENAME VALUE 'x' TO 'y'", "CREATE TYPE e AS ENUM ('x', 'y')"),
        *(
            "UPDATE OR IGNORE t SET a = (SELECT max(b) FROM u WHERE u.id = t.id) WHERE a IS NULL",
            "DELETE FROM t USING u WHERE u.a = t.a",
        ),
        *(
            "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y') ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *",
            "SELECT f(a) FROM t",
        ),
        *("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)",),
        *(
            "WITH x AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM x",
            "COMMENT ON TABLE t IS 'x'",
            "RENAME TABLE t TO u, v TO w",
        ),
        *(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN ALTER TABLE t ADD a INT; END IF; END $$",
            "ALTER TABLE t MODIFY COLUMN a INT NOT NULL",
        ),
        *(
            "CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $x$ BEGIN RETURN NEW; END; $x$ LANGUAGE plpgsql",
            "SET search_path TO s",
        ),
        *(
            "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
            "GRANT SELECT ON t TO u",
            "PRAGMA foreign_keys=ON",
        ),
        *(
            "CREATE VIEW v AS SELECT a, count(*) FROM t GROUP BY a",
            "CREATE MATERIALIZED VIEW v AS SELECT 1",
            "REFRESH MATERIALIZED VIEW v",
        ),
        *(
            "ALTER TABLE t ALTER COLUMN a TYPE INT USING a::int, ALTER b SET DEFAULT now()",
            "CREATE TABLE t AS SELECT * FROM u",
            "LOCK t",
        ),
        *(
            "REPLACE INTO `t` (`a`) VALUES (1)",
            "CREATE TABLE t (a INT) ENGINE=InnoDB",
            "CREATE EXTENSION hstore",
            "COPY t FROM STDIN",
        ),
        *(
            "",
            ";",
            "-- x",
            "/* x */",
            "SELECT 1; SELECT 2;",
            "BEGIN; COMMIT",
            "CREATE SCHEMA s",
            "CREATE SEQUENCE q",
            "DROP TYPE e",
        ),
    )
)
_TOKENS = tuple(
    text.encode()
    for text in (
        *(
            "SELECT",
            "FROM",
            "TABLE",
            "ALTER",
            "DROP",
            "CREATE",
            "ADD",
            "COLUMN",
            "IF EXISTS",
            "(",
            ")",
            "((",
            "))",
            ",",
            ";",
            "'",
            '"',
        ),
        *(
            "`",
            "$$",
            "$x$",
            "--",
            "/*",
            "*/",
            "%s",
            ":x",
            "%(x)s",
            "?",
            "@",
            "#",
            "::",
            "||",
            ".",
            "*",
            "\\",
            "\n",
            "\0",
            "\x1b",
            "ü",
        ),
        *(
            "E'\\''",
            "N'x'",
            "0x",
            "1e999",
            "NULL",
            "TO",
            "AS",
            "ON",
            "SET",
            "t",
            "a",
            "s.t",
            '"T"."a b"',
            "[t]",
            "{x}",
            "<>",
            "->>",
        ),
        *("(" * 300, "CASE WHEN a THEN " * 60, "a AND " * 200, "(SELECT " * 60, "NOT " * 300, "- " * 300, "[" * 200, "{" * 200),
    )
)
_DIALECTS = (None, None, "postgresql", "mysql", "mariadb", "sqlite", "oracle")
_Asked = tuple[str, str | None]


def _draw(random: Random) -> _Asked:
    statements = [random.choice(_STATEMENTS) for _ in range(random.choice((1, 1, 1, 2)))]
    data = b"; ".join(statements)
    if random.random() < 0.9:
        data = mutated_bytes(data, _STATEMENTS, random, _TOKENS)
    return data.decode("utf-8", random.choice(("replace", "surrogateescape"))), random.choice(_DIALECTS)


def _judge(asked: _Asked, counts: Counts) -> str | None:
    sql, dialect = asked
    effects = list(read_sql(sql, 3, "op.execute", dialect))
    unread = [each for each in effects if isinstance(each, Unread)]
    counts["unread" if unread else "with effects" if effects else "without effects"] += 1
    strange = [each for each in effects if not isinstance(each, Operation | Unread) or each.line != 3]
    return f"{strange}" if strange else None


TARGETS = (Target("SQL", 40, _draw, _judge),)
