"""The state of an environment's databases, compared with the scripts on disk and with the phantoms in git."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..core.database.database import Address, Database, Unreachable
from ..core.database.renumbered import Renumbered
from ..core.database.script_set import ScriptSet
from ..core.database.selection import Selection, require_known
from ..core.database.status import applied_in, status_of
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.findings.database_report import DatabaseReport
from ..core.operations.dialect import agreed
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..database.runtime import project_runtime
from ..database.session import Session
from ..repository.operations_cache import read_known_scripts
from ..repository.ownership import other_worktrees
from ..repository.repository import Repository, open_repository
from ..workspace.snapshots import WorkTreeScripts, read_work_tree_scripts
from .backups import restore_scripts_of
from .phantom_scripts import Found, find_phantom_scripts
from .seen import note_what_ran, settled_by_ledger

TIMEOUT = 60
"""Seconds for an application to start and its databases to answer."""

_MENU_TIMEOUT = 20
"""Seconds, while a user waits for a menu, which can be shown without the answer."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Hold a report with its sources; `files` are those in the versions directories of the phantoms' commits, by path.

    `of_database` are the scripts as the database of each bind reads their SQL, `said` the revisions of which the user says
    that they ran in it.
    """

    report: DatabaseReport
    tree: WorkTreeScripts
    scripts: ScriptSet
    files: Mapping[str, bytes]
    of_database: Mapping[str, ScriptSet] = field(default_factory=dict)
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def scripts_for(self, database: Database) -> ScriptSet:
        """Return the scripts with what they do in a database."""
        return self.of_database.get(database.bind, self.scripts)


def open_session(repository: Repository, environment: Environment, options: Options, selection: Selection) -> Session:
    """Start the worker that connects as the project does, to the selected databases; trusted ones can be on any host."""
    return Session(project_runtime(environment, repository.top, options.folder), selection)


def inspect_databases(repository: Repository, environment: Environment, session: Session) -> Inspection:
    """Ask the databases and compare them with the scripts on disk; the report says where they cannot be asked."""
    tree = read_work_tree_scripts(repository, environment)
    try:
        graph = tree.snapshot.graph
        databases: tuple[Database, ...] = session.ask("inspect", heads=graph.heads, known=tuple(graph.revisions), timeout=TIMEOUT)
    except MigmergeError as error:
        unreachable = Unreachable(str(error), error.hint or "migmerge doctor --no-db", session.asked_python)
        return Inspection(DatabaseReport(tree.snapshot, unreachable=unreachable), tree, ScriptSet(tree.snapshot.graph), {})
    return inspection_of(repository, tree, databases)


def inspect_reachable(repository: Repository, environment: Environment, session: Session) -> Inspection:
    """Inspect the databases like `inspect_databases`.

    Raises:
        MigmergeError: where they cannot be asked.
    """
    inspection = inspect_databases(repository, environment, session)
    if unreachable := inspection.report.unreachable:
        raise MigmergeError(unreachable.reason, hint=unreachable.hint)
    return inspection


def inspection_of(repository: Repository, tree: WorkTreeScripts, databases: tuple[Database, ...]) -> Inspection:
    """Compare inspected databases with the scripts on disk, and with the phantoms in git."""
    found = find_phantom_scripts(repository, tree, databases)
    dialect = agreed(database.address.dialect for database in databases)
    scripts = replace(
        _script_set(repository, tree, found.scripts, dialect), older=found.older, moved=found.moved, edited=found.edited
    )
    settled = [settled_by_ledger(repository, tree, database) for database in databases]
    of_database = {
        each.bind: _with_renumbered(_as_read_by(repository, each, scripts, dialect), found.renumbered.get(each.bind, {}))
        for each in databases
    }
    statuses = tuple(
        status_of(each, of_database[each.bind], found.chains, known) for each, known in zip(databases, settled, strict=True)
    )
    note_what_ran(repository, tree, scripts, statuses)
    beside = {path: data for each in found.files for path, data in each.items()}
    restore_scripts = restore_scripts_of(repository, databases)
    report = DatabaseReport(tree.snapshot, statuses, found.chains, restore_scripts=restore_scripts)
    return Inspection(report, tree, scripts, beside, of_database)


def _as_read_by(repository: Repository, database: Database, scripts: ScriptSet, dialect: str | None) -> ScriptSet:
    """Read the SQL of scripts, known in a dialect, as one of several databases does."""
    own = agreed([database.address.dialect])
    operations = scripts.operations if own == dialect else read_known_scripts(repository.storage, scripts.texts, own)
    if not any(each.has_named_databases for each in operations.values()):
        return scripts if own == dialect else replace(scripts, operations=operations)
    return replace(scripts, operations={name: each.of(database.bind) for name, each in operations.items()})


def _with_renumbered(scripts: ScriptSet, renumbered: Mapping[str, Renumbered]) -> ScriptSet:
    """Add what ran in one database under ids that the checkout gives to other scripts."""
    versions = {name: each.version for name, each in renumbered.items() if name not in scripts.older}
    unsure = frozenset(name for name in versions if not renumbered[name].is_sure)
    return replace(scripts, older={**scripts.older, **versions}, unsure=unsure) if versions else scripts


def _script_set(repository: Repository, tree: WorkTreeScripts, found: Iterable[Found], dialect: str | None) -> ScriptSet:
    """Join the scripts of the checkout and of the phantoms; where both have a revision, the checkout's script counts."""
    texts: dict[str, bytes] = {}
    for each in (tree.by_revision, *found):
        texts = {name: text for name, (_, text) in each.items()} | texts
    operations = read_known_scripts(repository.storage, texts, dialect)
    return ScriptSet(tree.snapshot.graph, texts, operations, tree.snapshot.unreadable)


def applied_revisions(
    repository: Repository, snapshot: Snapshot, options: Options, selection: Selection
) -> frozenset[str] | None:
    """Return the revisions that any database of an environment has run, also those of the other work trees of this clone.

    None where one cannot be asked or is not understood. Databases that are not selected are asked too: one that has run a
    revision would skip what is put before it.
    """
    environment = snapshot.environment
    applied = set[str]()
    for each in (repository, *_other_work_trees(repository, environment)):
        there = options if each is repository else Options(each.top)
        try:
            with open_session(each, environment, there, selection.of_all) as session:
                databases: tuple[Database, ...] = session.ask("inspect", timeout=_MENU_TIMEOUT)
            found = applied_by(each, read_work_tree_scripts(each, environment), databases)
        except MigmergeError:
            return None
        if found is None:
            return None
        applied |= found
    return frozenset(applied)


def _other_work_trees(repository: Repository, environment: Environment) -> Iterator[Repository]:
    """Yield the other work trees of a clone in which the environment is: each may have a database of its own."""
    for top in other_worktrees(repository):
        other = open_repository(top)
        if os.path.exists(other.absolute(environment.config or environment.path)):
            yield other


def applied_by(repository: Repository, tree: WorkTreeScripts, databases: Sequence[Database]) -> frozenset[str] | None:
    """Return the revisions that databases have run, also phantoms and those below; None where one is found nowhere."""
    graph = tree.snapshot.graph
    recorded = {name for database in databases for name in database.recorded}
    chains = find_phantom_scripts(repository, tree, databases).chains
    if recorded - graph.revisions.keys() - chains.keys():
        return None
    # What is a phantom in the work tree that has the database can be a script in the one that asks.
    phantoms = {revision.revision for chain in chains.values() for revision in chain.revisions}
    return applied_in(graph, recorded, chains) | recorded | phantoms


def selected_snapshots(
    repository: Repository, snapshots: Sequence[Snapshot], options: Options, selection: Selection
) -> tuple[Snapshot, ...]:
    """Return the environments that have a selected database; all of them, unasked, where no name was given.

    Raises:
        MigmergeError: for a name that fits no database of any environment, or where one that decides cannot be asked.
    """
    if not selection.names:
        return tuple(snapshots)
    found: dict[str, tuple[tuple[Address, str], ...]] = {}
    failures: list[MigmergeError] = []
    for snapshot in snapshots:
        try:
            with open_session(repository, snapshot.environment, options, selection.of_all) as session:
                found[snapshot.environment.name] = session.ask("list", timeout=TIMEOUT)
        except MigmergeError as error:
            failures.append(error)
    try:
        require_known(selection, [each for listed in found.values() for each in listed])
    except MigmergeError as error:
        raise (failures or [error])[0] from error
    return tuple(each for each in snapshots if any(selection.has(*one) for one in found.get(each.environment.name, ())))
