"""The versions of a script under one id, and the one of them that a database has run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..operations.interpreter.statements import read_operations
from ..operations.operation import Operations
from ..script.functions import function_code
from .catalog_check import CatalogCheck, CheckedItem
from .database import Database
from .expected_schema import expected_after
from .phantom import is_same_script
from .script_set import ScriptVersion


class ChosenVersion(NamedTuple):
    """Hold the version that ran, as far as that is known, and the versions that may have run instead."""

    version: ScriptVersion
    others: tuple[ScriptVersion, ...] = ()


def distinct(versions: Iterable[ScriptVersion]) -> tuple[ScriptVersion, ...]:
    """Return the first of all versions that do the same on the same parents."""
    found: list[ScriptVersion] = []
    for each in versions:
        if not any(_is_same(each, other) for other in found):
            found.append(each)
    return tuple(found)


def _is_same(one: ScriptVersion, other: ScriptVersion) -> bool:
    return one.text == other.text or (set(_needs(one)) == set(_needs(other)) and is_same_script(one.text, other.text))


def version_that_ran(
    versions: Sequence[ScriptVersion], databases: Iterable[Database], operations: Mapping[str, Operations]
) -> ChosenVersion:
    """Choose among versions, the likeliest first, by what the databases that record the id have of them.

    `operations` are those of the revisions on which they may be built: what only one version is built on tells them apart.
    """
    different = distinct(versions)
    concerned = [each for each in databases if versions[0].revision.revision in each.recorded]
    lacking = {each: sum(_lacking(each, different, database, operations) for database in concerned) for each in different}
    least = min(lacking.values())
    first, *others = (each for each in different if lacking[each] == least)
    return ChosenVersion(first, tuple(each for each in others if _goes_elsewhere(first, each)))


def _goes_elsewhere(one: ScriptVersion, other: ScriptVersion) -> bool:
    """Say whether it matters which of two versions is taken back: they have other parents, or take back another upgrade."""
    if set(_needs(one)) != set(_needs(other)):
        return True
    return all(function_code(one.text, each) != function_code(other.text, each) for each in ("upgrade", "downgrade"))


def _lacking(
    version: ScriptVersion, versions: Sequence[ScriptVersion], database: Database, operations: Mapping[str, Operations]
) -> int:
    """Count what a database lacks of a version, and of those parents that not all versions have."""
    shared = set.intersection(*(set(each.revision.down_revisions) for each in versions))
    own = [name for name in version.revision.down_revisions if name not in shared and name in operations]
    made = {**{name: operations[name] for name in own}, version.revision.revision: read_operations(version.text)}
    return lacking_of(made, database)


def lacking_of(made: Mapping[str, Operations], database: Database) -> int:
    """Count what revisions make, each looked at alone, that a database lacks."""
    check = CatalogCheck(database.schema)
    expected = (expected_after((name,), {name: each}, database.bind) for name, each in made.items())
    return sum(checked.missing for each in expected for checked in check.look(each))


def lacks_of(version: ScriptVersion, database: Database) -> bool:
    """Say whether a database lacks something of a version, looked at alone."""
    made = {version.revision.revision: read_operations(version.text)}
    return bool(database.schema.tables and lacking_of(made, database))


class RanAfter(NamedTuple):
    """Hold a database with what has run in it after a revision, which may have renamed or dropped what that made."""

    database: Database
    later: Mapping[str, Operations]

    def lacks(self, version: ScriptVersion) -> bool:
        """Say whether the database lacks something of a version, as what ran later has left it."""
        return any(each.missing for each in self._checked(version))

    def shows(self, version: ScriptVersion) -> bool:
        """Say whether something in the database proves that a version ran."""
        return any(each.proof and not each.item.guarded for each in self._checked(version))

    def _checked(self, version: ScriptVersion) -> Iterator[CheckedItem]:
        name = version.revision.revision
        made = {name: read_operations(version.text), **self.later}
        checked = CatalogCheck(self.database.schema).look(expected_after(tuple(made), made, self.database.bind))
        return (each for each in checked if each.revision == name)


def ran_in_an_older_version(
    current: ScriptVersion, versions: Sequence[ScriptVersion], databases: Iterable[RanAfter]
) -> ScriptVersion | None:
    """Return the version of a recorded script of which the databases lack nothing, where they lack a part of the current one."""
    concerned = [each for each in databases if each.database.schema.tables]
    if not any(each.lacks(current) for each in concerned):
        return None
    for each in distinct((current, *versions))[1:]:
        if not is_same_script(each.text, current.text) and not any(one.lacks(each) for one in concerned):
            return each
    return None


def edited_texts(current: ScriptVersion, versions: Iterable[ScriptVersion]) -> tuple[bytes, ...]:
    """Return the texts of the versions that do something else than the current one."""
    now = function_code(current.text, "upgrade")
    return tuple(dict.fromkeys(each.text for each in versions if function_code(each.text, "upgrade") != now))


def former_parents(current: ScriptVersion, versions: Sequence[ScriptVersion]) -> tuple[tuple[str, ...], ...]:
    """Return what versions of a script that do the same followed and depended on, where that was something else."""
    now = _needs(current)
    alike = (each for each in versions if set(_needs(each)) != set(now) and is_same_script(each.text, current.text))
    return tuple(dict.fromkeys(map(_needs, alike)))


def _needs(version: ScriptVersion) -> tuple[str, ...]:
    return *version.revision.down_revisions, *version.revision.depends_on
