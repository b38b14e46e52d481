"""What the databases at hand have run: the last thing that a choice among the cures has to know."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.database.state import Database
from ..core.errors import MigmergeError
from ..core.snapshot import Snapshot
from ..repository.repository import Repository
from .checking_up import open_session, phantom_lineages
from .options import Options
from .work_tree import WorkTree, read_work_tree

_PATIENCE = 20
"""Seconds; somebody waits for a menu, which there is without an answer too."""


def applied_revisions(
    repository: Repository, snapshot: Snapshot, options: Options, named: tuple[str, ...]
) -> frozenset[str] | None:
    """Return the revisions that any database of an environment has run; None where one does not answer, or not clearly."""
    try:
        with open_session(repository, snapshot.environment, options, named) as session:
            databases: tuple[Database, ...] = session.ask("look", patience=_PATIENCE)
        return applied_by(repository, read_work_tree(repository, snapshot.environment), databases)
    except MigmergeError:
        return None


def applied_by(repository: Repository, tree: WorkTree, databases: Iterable[Database]) -> frozenset[str] | None:
    """Return what databases have run, through phantoms too; None where one records what is nowhere to be found."""
    graph = tree.snapshot.graph
    recorded = {name for database in databases for name in database.recorded}
    lineages = phantom_lineages(repository, tree, recorded)
    if recorded - graph.revisions.keys() - lineages.keys():
        return None
    below = (parent for each in lineages.values() for revision in each.revisions for parent in revision.down_revisions)
    return graph.implied([*recorded, *below])
