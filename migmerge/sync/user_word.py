"""The user's word for revisions of which nothing tells whether they ran, by database and script."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..core.database.database import Database
from ..core.database.sync_steps import Rerun, Stamp
from ..repository.repository import Repository
from ..repository.vouched import VouchedRevisions
from ..repository.work_tree import blob_id
from .inspect import Inspection


def vouch(repository: Repository, inspection: Inspection, database: Database, names: Iterable[str]) -> None:
    """Remember the user's word for revisions of a database, as their scripts are."""
    if blobs := blobs_of(inspection, names):
        VouchedRevisions(repository.storage).add(_key(database), blobs)


def vouch_for_rerun(repository: Repository, inspection: Inspection, step: Rerun) -> None:
    """Remember that a revision has run now, for nothing else may tell it."""
    for status in inspection.report.statuses:
        if status.database.bind in step.binds:
            vouch(repository, inspection, status.database, [step.revision])


def vouch_for_said(repository: Repository, inspection: Inspection, step: Stamp) -> None:
    """Remember of the revisions that the user says ran in a database those that are recorded now."""
    said, recorded = inspection.said.get(step.bind, ()), inspection.scripts.graph.implied(step.after)
    for status in inspection.report.statuses:
        if status.database.bind == step.bind:
            vouch(repository, inspection, status.database, [name for name in said if name in recorded])


def vouched_revisions(
    repository: Repository, inspection: Inspection, database: Database, names: Collection[str]
) -> frozenset[str]:
    """Return the revisions of a database for which the user has vouched with just these scripts."""
    return VouchedRevisions(repository.storage).of(_key(database), blobs_of(inspection, names)) if names else frozenset()


def blobs_of(inspection: Inspection, names: Iterable[str]) -> dict[str, str]:
    """Return the blob ids of scripts, by revision."""
    texts = inspection.scripts.texts
    return {name: blob_id(texts[name], of_length=40) for name in names if name in texts}


def _key(database: Database) -> str:
    return f"{database.address.url} {database.bind}"
