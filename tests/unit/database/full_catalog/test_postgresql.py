"""What PostgreSQL has few of, asked for as one: it arrives as it is, whatever characters and empty values are in it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from migmerge.core.database.schema_catalog import CatalogKey
from migmerge.database.full_catalog.read import read_catalog
from tests.support.databases import database

STATEMENTS = (
    "CREATE SCHEMA app",
    "CREATE TYPE mood AS ENUM ('a', 'b \"é\"', 'c\\d')",
    "CREATE TYPE nothing AS ENUM ()",
    "CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CHECK (VALUE > 0)",
    "CREATE DOMAIN app.anything AS text",
    "CREATE TABLE t (id integer PRIMARY KEY)",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n\tRETURN NEW; -- 'x' \"y\"\nEND $$",
    "CREATE FUNCTION g(a integer, b text) RETURNS integer LANGUAGE sql AS 'select 1'",
    "CREATE TRIGGER noted BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
    "ALTER TABLE t DISABLE TRIGGER noted",
    "CREATE POLICY own ON t FOR SELECT USING (id > 0)",
)
FACTS = {
    CatalogKey("schema", "app"): "",
    CatalogKey("enum", "mood"): "",
    CatalogKey("value", "mood", "a"): "",
    CatalogKey("value", "mood", 'b "é"'): "",
    CatalogKey("value", "mood", "c\\d"): "",
    CatalogKey("enum", "nothing"): "",
    CatalogKey("domain", "positive"): "integer NOT NULL DEFAULT 1",
    CatalogKey("domain", "app.anything"): "text",
    CatalogKey("trigger", "t", "noted"): "CREATE TRIGGER noted BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION f() (D)",
    CatalogKey("policy", "t", "own"): "r (id > 0)",
}


def test_what_there_are_few_of_arrives_as_it_is(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url, sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        for statement in STATEMENTS:
            connection.exec_driver_sql(statement)
        found = read_catalog(connection, "alembic_version")
    assert {key: value for key, value in found.items() if key in FACTS} == FACTS
    (body,) = (value for key, value in found.items() if key == CatalogKey("function", "f()"))
    assert "RETURN NEW; -- 'x' \"y\" END" in body
    assert CatalogKey("function", "g(a integer, b text)") in found
