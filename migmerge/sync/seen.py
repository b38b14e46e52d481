"""What a look at databases adds to the ledger of the clone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from ..core.database.database import Database
from ..core.database.script_set import ScriptSet
from ..core.database.status import DatabaseStatus
from ..repository.ledger import STAMPED, Ledger
from ..repository.ran_log import database_key
from ..repository.repository import Repository
from ..repository.script_versions import blob_id
from ..workspace.snapshots import WorkTreeScripts


def ledger_key(repository: Repository, database: Database) -> str:
    """Return the name of a database in the ledger; a file with a relative path is another one in each work tree."""
    url = database.address.url
    where = f"{repository.top} " if url.startswith("sqlite:///") and not url.startswith("sqlite:////") else ""
    return database_key(f"{where}{url}", database.bind)


def note_what_ran(repository: Repository, tree: WorkTreeScripts, scripts: ScriptSet, statuses: Iterable[DatabaseStatus]) -> None:
    """Write into the ledger what the databases have run, as far as nothing speaks against it."""
    ledger, here = Ledger(repository), tree.by_revision
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    for status in statuses:
        doubtful = {*(each.revision for each in status.skipped), *status.unproven, *(each.revision for each in status.others)}
        doubtful |= {*status.remainders, *(each.successor for each in status.unsure_ids if each.successor)}
        ran = {name: (here[name][0].path, here[name][1]) for name in status.applied - doubtful if name in here}
        ran |= {
            name: (older.revision.path, older.text) for name, older in scripts.older.items() if name in status.applied & doubtful
        }
        key = ledger_key(repository, status.database)
        stays = {*status.rewritten, *status.remainders, *(each.revision for each in status.others if each.successor)}
        if not status.phantoms:  # below a phantom there may be more that the checkout lacks
            ledger.forget(key, ledger.of(key).keys() - ran.keys() - stays)
        if ran and not status.lost:
            ledger.note(key, ran, now, "seen")


def settled_by_ledger(repository: Repository, tree: WorkTreeScripts, database: Database) -> frozenset[str]:
    """Return the revisions that ran in a database from the scripts that are here."""
    entries, here = Ledger(repository).of(ledger_key(repository, database)), tree.by_revision
    ran = ((name, each) for name, each in entries.items() if name in here and each.by != STAMPED)
    return frozenset(name for name, each in ran if each.blob == blob_id(here[name][1]))


def blobs_that_ran(
    repository: Repository, tree: WorkTreeScripts, database: Database, revisions: Collection[str]
) -> dict[str, str]:
    """Return the ids of the blobs from which revisions ran, of those whose script here is another one."""
    entries, here = Ledger(repository).of(ledger_key(repository, database)) if revisions else {}, tree.by_revision
    ran = {name: each for name, each in entries.items() if name in here and name in revisions and each.by != STAMPED}
    return {name: each.blob for name, each in ran.items() if each.blob != blob_id(here[name][1])}


def note_steps(repository: Repository, tree: WorkTreeScripts, database: Database, revisions: Iterable[str]) -> None:
    """Write into the ledger what migmerge itself has run, from the scripts that are here."""
    here, now = tree.by_revision, datetime.now().astimezone().isoformat(timespec="seconds")
    ran = {name: (here[name][0].path, here[name][1]) for name in revisions if name in here}
    Ledger(repository).replace(ledger_key(repository, database), ran, now, "sync")


def forget_what_ran(repository: Repository, databases: Sequence[Database], revisions: Iterable[str]) -> None:
    """Forget from which scripts revisions ran that were taken back or have run again."""
    ledger, gone = Ledger(repository), tuple(revisions)
    for database in databases:
        ledger.forget(ledger_key(repository, database), gone)
