"""What a checkout of the model of a team holds: its scripts, its database, and whether Alembic is content with them."""

from __future__ import annotations

import ast
import re
import sqlite3
import sys
import warnings
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

from alembic.script import ScriptDirectory

from tests.support.project import Project
from tests.support.warm_python import warm_environment

VERSIONS = "migrations/versions"
_IDENTIFIERS = re.compile(r"^(revision|down_revision) = (.*)$", re.MULTILINE)
_CREATED = re.compile(r"create_table\('(\w+)'")

# Alembic runs in this process: a script that was rewritten within the same second must not be taken from the cache.
sys.dont_write_bytecode = True


class Script(NamedTuple):
    """What a script says: its parents, and the table that it creates; a merge revision creates none."""

    parents: tuple[str, ...]
    creates: str | None
    text: str


class Recorded(NamedTuple):
    """What a database records, and its tables."""

    revisions: frozenset[str]
    tables: frozenset[str]


class State(NamedTuple):
    """What migmerge must not change."""

    status: str
    work: str | None
    created: frozenset[str]
    loads: bool


class Committed(NamedTuple):
    """What an undo brings back."""

    tree: str
    scripts: Mapping[str, Script]
    database: Recorded


@dataclass
class Checkout(Project):
    """One work tree with the database of its developer; a Python that starts quickly is that of the project."""

    def environment(self, **more: str) -> dict[str, str]:
        """Return the sealed environment; hooks never ask, whatever terminal the tests are run in."""
        return super().environment(MIGMERGE="print", VIRTUAL_ENV=str(warm_environment()), **more)

    @property
    def state(self) -> State:
        work = self.top / "work.txt"
        created = frozenset(script.creates for script in self.scripts.values() if script.creates)
        return State(self.status(), work.read_text() if work.exists() else None, created, self.loads)

    @property
    def committed(self) -> Committed:
        return Committed(self.git("rev-parse", "HEAD^{tree}"), self.scripts, self.database)

    @property
    def scripts(self) -> dict[str, Script]:
        found = {}
        for path in sorted((self.top / VERSIONS).glob("*.py")):
            text = path.read_text()
            values = {key: ast.literal_eval(value) for key, value in _IDENTIFIERS.findall(text)}
            parents = values["down_revision"] or ()
            created = _CREATED.search(text)
            parents = (parents,) if isinstance(parents, str) else tuple(parents)
            found[values["revision"]] = Script(parents, created[1] if created else None, text)
        return found

    @property
    def own_heads(self) -> list[str]:
        scripts = self.scripts
        return sorted(scripts.keys() - {parent for script in scripts.values() for parent in script.parents})

    @property
    def database(self) -> Recorded:
        path = self.top / "dev.db"
        if not path.exists():
            return Recorded(frozenset(), frozenset())
        with closing(sqlite3.connect(path)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            recorded = connection.execute("SELECT version_num FROM alembic_version") if "alembic_version" in tables else ()
            return Recorded(frozenset(row[0] for row in recorded), frozenset(tables))

    @property
    def loads(self) -> bool:
        """Say whether Alembic loads the scripts and finds every parent."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Alembic only warns of a missing parent
                list(ScriptDirectory(str(self.top / "migrations")).walk_revisions())
        except Exception:  # noqa: BLE001 (a KeyError, a CommandError, whatever a broken tree leads to)
            return False
        return True

    @property
    def phantoms(self) -> frozenset[str]:
        return self.database.revisions - self.scripts.keys()

    @property
    def branch(self) -> str:
        return self.run_git("symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip()

    def lacking(self) -> set[tuple[str, str]]:
        """Return what the database records, with each ancestor whose table is not there."""
        recorded, there = self.database
        scripts = self.scripts
        return {
            (head, each)
            for head in recorded & scripts.keys()
            for each in ancestors(scripts, [head])
            if each in scripts and (table := scripts[each].creates) and table not in there
        }


def ancestors(scripts: Mapping[str, Script], revisions: Iterable[str]) -> set[str]:
    """Return revisions with all that they follow."""
    found, todo = set[str](), [*revisions]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += scripts[name].parents if name in scripts else ()
    return found


def has_cycle(scripts: Mapping[str, Script]) -> bool:
    return any(name in ancestors(scripts, script.parents) for name, script in scripts.items())
