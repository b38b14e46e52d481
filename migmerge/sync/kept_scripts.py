"""The scripts that the clone keeps for its databases: those that are known to have run, and those that left with a git event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ..core.database.database import Database
from ..core.database.script_set import ScriptVersion
from ..core.revision import Revision
from ..core.script.read import read_script, script_at
from ..repository.ledger import STAMPED, Ledger, Ran
from ..repository.left_scripts import LeftScript, left_scripts
from ..repository.objects import Objects
from ..repository.repository import Repository
from ..repository.work_tree import blob_id
from ..workspace.snapshots import WorkTreeScripts
from .seen import ledger_key

Versions = Mapping[str, tuple[ScriptVersion, ...]]
"""Versions of scripts by revision id, the likeliest first."""


Kept = Mapping[str, Mapping[str, bytes]]
"""For a revision, the texts of its script and of those beside it, by path."""


def kept_since_run(repository: Repository, databases: Sequence[Database], missing: Iterable[str]) -> Kept:
    """Return, for the recorded revisions that the checkout lacks, all scripts that the ledger has of their database."""
    ledger, found = Ledger(repository), dict[str, Mapping[str, bytes]]()
    for database in databases:
        entries = ledger.of(ledger_key(repository, database))
        concerned = [name for name in missing if name in entries and name in database.recorded]
        if concerned:
            texts = ledger.texts(entries.values())
            found |= {name: texts for name in concerned if entries[name].path in texts}
    return found


def kept_since_left(repository: Repository, names: Collection[str]) -> Kept:
    """Return, for revisions, the scripts that left together with the last one of that id."""
    left = left_scripts(repository) if names else ()
    texts = _texts(repository, left) if left else {}
    found: dict[str, Mapping[str, bytes]] = {}
    for each in left:
        script = script_at(read_script(texts[each.blob]), each.path) if each.blob in texts else None
        if isinstance(script, Revision) and script.revision in names and script.revision not in found:
            found[script.revision] = _beside(each, left, texts)
    return found


def _beside(script: LeftScript, left: Sequence[LeftScript], texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a script with the others as they were when it left: of each path the last text until then."""
    before = [each for each in left if each.time <= script.time and each.blob in texts]
    return {each.path: texts[each.blob] for each in (*reversed(before), script)}


def with_kept_versions(
    repository: Repository, tree: WorkTreeScripts, databases: Sequence[Database], checked_out: Versions
) -> Versions:
    """Add to the versions that were checked out those that ran, in front, and those that left, behind.

    What no commit has is added for the scripts of the checkout alone: those of phantoms are `Kept`.
    """
    here = tree.by_revision
    known = {each.text: each for each in chain(*checked_out.values())}
    texts_here = {text for _, text in here.values()}
    blobs = {blob_id(text, of_length=40) for text in (*known, *texts_here)}
    left = [each for each in left_scripts(repository) if each.blob not in blobs]
    found: dict[str, dict[bytes, ScriptVersion]] = defaultdict(dict)
    for each in chain(_read(repository, _ran(repository, databases)), *checked_out.values(), _read(repository, left)):
        if each.text not in texts_here and (each.commit or each.revision.revision in here):
            found[each.revision.revision].setdefault(each.text, known.get(each.text, each))
    return {name: tuple(versions.values()) for name, versions in found.items()}


def _ran(repository: Repository, databases: Iterable[Database]) -> list[Ran]:
    ledger = Ledger(repository)
    entries = (each for database in databases for each in ledger.of(ledger_key(repository, database)).values())
    return [each for each in entries if each.by != STAMPED]


def _read(repository: Repository, scripts: Sequence[Ran | LeftScript]) -> Iterator[ScriptVersion]:
    """Yield the scripts that this clone has and that can be read."""
    texts = _texts(repository, scripts) if scripts else {}
    for each in scripts:
        script = script_at(read_script(texts[each.blob]), each.path) if each.blob in texts else None
        if isinstance(script, Revision):
            yield ScriptVersion(script, texts[each.blob], "", each.blob)


def _texts(repository: Repository, scripts: Iterable[Ran | LeftScript]) -> dict[str, bytes]:
    with Objects(repository.git) as objects:
        found = {each.blob: objects.get(each.blob) for each in scripts}
    return {blob: each[1] for blob, each in found.items() if each}
