"""Asking the databases of an environment how they stand, and git where their phantoms are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..core.database.condition import Lineage, Scripts, condition_of
from ..core.database.diagnosis import Checkup
from ..core.database.phantom import Phantom, lineage, scripts_in
from ..core.database.state import Database, Unreachable
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.operations.upgrade import read_operations
from ..core.revision import Revision
from ..database.place import place_of
from ..database.session import Session
from ..repository.phantoms import find_phantoms, scripts_of
from ..repository.repository import Repository
from .backups import way_back_of
from .options import Options
from .work_tree import WorkTree, read_work_tree

PATIENCE = 60
"""Seconds in which an application has to start and its databases to answer."""


Found = Mapping[str, tuple[Revision, bytes]]
"""Scripts with their texts, by revision id."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Hold a checkup with all it was made from; `files` are what the phantoms' commits have beside them, by path."""

    checkup: Checkup
    tree: WorkTree
    scripts: Scripts
    files: Mapping[str, bytes]


def open_session(repository: Repository, environment: Environment, options: Options, named: tuple[str, ...]) -> Session:
    """Start the worker that connects as the project does; the databases in `named` may be anywhere."""
    return Session(place_of(environment, repository.top, options.folder), named)


def check_up(repository: Repository, environment: Environment, session: Session) -> Examination:
    """Ask the databases and compare them with the scripts on disk; one that cannot be asked is an answer too."""
    tree = read_work_tree(repository, environment)
    try:
        databases: tuple[Database, ...] = session.ask("look", heads=tree.snapshot.graph.heads, patience=PATIENCE)
    except MigmergeError as error:
        unreachable = Unreachable(str(error), error.hint or "migmerge doctor --no-db")
        return Examination(Checkup(tree.snapshot, unreachable=unreachable), tree, Scripts(tree.snapshot.graph), {})
    return examined(repository, tree, databases)


def examined(repository: Repository, tree: WorkTree, databases: tuple[Database, ...]) -> Examination:
    """Compare databases that were looked at with the scripts on disk and with what git has of their phantoms."""
    files = _files_of_phantoms(repository, tree, {name for database in databases for name in database.recorded})
    there = {phantom.revision: scripts_in(each) for phantom, each in files.items()}
    lineages = _lineages(there, files, tree)
    scripts = _scripts(tree, there.values())
    conditions = tuple(condition_of(database, scripts, lineages) for database in databases)
    beside = {path: data for each in files.values() for path, data in each.items()}
    ways_back = way_back_of(repository, databases)
    return Examination(Checkup(tree.snapshot, conditions, lineages, ways_back=ways_back), tree, scripts, beside)


def phantom_lineages(repository: Repository, tree: WorkTree, recorded: Iterable[str]) -> dict[str, Lineage]:
    """Return the way down from each recorded revision that the checkout lacks, by its id, as far as git has the scripts."""
    files = _files_of_phantoms(repository, tree, recorded)
    return _lineages({phantom.revision: scripts_in(each) for phantom, each in files.items()}, files, tree)


def _files_of_phantoms(repository: Repository, tree: WorkTree, recorded: Iterable[str]) -> dict[Phantom, Mapping[str, bytes]]:
    environment, graph = tree.snapshot.environment, tree.snapshot.graph
    missing = sorted(name for name in recorded if name not in graph)
    found = find_phantoms(repository, missing, environment, tree.by_revision) if missing else {}
    return {phantom: scripts_of(repository, phantom, environment) for phantom in found.values()}


def _lineages(there: Mapping[str, Found], phantoms: Iterable[Phantom], tree: WorkTree) -> dict[str, Lineage]:
    """Leave out a phantom that lacks a script in between: it is as lost as one that is nowhere."""
    found = {}
    for phantom in phantoms:
        scripts = there[phantom.revision]
        with suppress(MigmergeError):
            names = lineage(phantom.revision, scripts, tree.snapshot.graph.revisions)
            found[phantom.revision] = Lineage(phantom, tuple(scripts[name][0] for name in names))
    return found


def _scripts(tree: WorkTree, found: Iterable[Found]) -> Scripts:
    """Join the checkout's scripts with those of the phantoms; the checkout's come first where both have one."""
    texts: dict[str, bytes] = {}
    for each in (tree.by_revision, *found):
        texts = {name: text for name, (_, text) in each.items()} | texts
    return Scripts(tree.snapshot.graph, texts, {name: read_operations(text) for name, text in texts.items()})
