"""The scripts of phantoms as git has them, in the version that the databases have run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ..core.database.database import Database
from ..core.database.phantom import Fate, Phantom, phantom_chain, scripts_in, successors_of
from ..core.database.renumbered import Renumbered
from ..core.database.script_set import ScriptVersion
from ..core.database.script_versions import (
    ChosenVersion,
    edited_texts,
    former_parents,
    version_that_ran,
)
from ..core.database.status import PhantomChain
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.operations.interpreter.statements import read_operations
from ..core.revision import Revision
from ..repository.find_revision import files_at, files_of_phantom, find_phantoms
from ..repository.ledger import Ledger
from ..repository.repository import Repository
from ..repository.script_versions import blob_id, versions_checked_out
from ..workspace.snapshots import WorkTreeScripts
from .kept_scripts import Kept, kept_since_left, kept_since_run, with_kept_versions
from .seen import ledger_key
from .versions_that_ran import VersionsThatRan

Found = Mapping[str, tuple[Revision, bytes]]
"""Scripts with their texts, by revision id."""


@dataclass(frozen=True, slots=True)
class PhantomScripts:
    """Hold what databases have run and the checkout lacks.

    `chains` go by recorded id, `files` are those in the versions directories of the phantoms' commits, `scripts` the
    readable ones of each phantom, `older` the versions of scripts that ran before the checkout's, and `moved` the parents
    that scripts of the checkout had before they got the present ones; of `edited` scripts other texts were here. By bind,
    `renumbered` are the versions that ran, or may have run, under ids that the checkout gives to other scripts.
    """

    chains: Mapping[str, PhantomChain] = field(default_factory=dict)
    files: tuple[Mapping[str, bytes], ...] = ()
    scripts: tuple[Found, ...] = ()
    older: Mapping[str, ScriptVersion] = field(default_factory=dict)
    moved: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    edited: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    renumbered: Mapping[str, Mapping[str, Renumbered]] = field(default_factory=dict)


def find_phantom_scripts(repository: Repository, tree: WorkTreeScripts, databases: Sequence[Database]) -> PhantomScripts:
    """Find what databases have run and the checkout lacks, where git or another work tree has all scripts."""
    environment, graph = tree.snapshot.environment, tree.snapshot.graph
    recorded = sorted({name for database in databases for name in database.recorded})
    if not recorded:
        return PhantomScripts()
    checked_out = versions_checked_out(repository, environment, tree.texts.values())
    versions = with_kept_versions(repository, tree, databases, checked_out)
    missing = [name for name in recorded if name not in graph]
    phantoms = find_phantoms(repository, missing, environment, tree.by_revision) if missing else {}
    chains, files, scripts = dict[str, PhantomChain](), list[Mapping[str, bytes]](), list[Found]()
    ran = kept_since_run(repository, databases, missing)
    left = kept_since_left(repository, [name for name in missing if name not in ran])
    noted = {**left, **ran}
    for name, phantom in (_phantoms_noted(left, Fate.LEFT) | _phantoms_noted(ran, Fate.LOST) | phantoms).items():
        chosen = _chosen(repository, tree, phantom, versions.get(name, ()), databases)
        if name in noted and _is_preferred(noted[name], name, chosen):
            chosen, beside = None, noted[name]
        else:
            beside = _files(repository, phantom, chosen, environment)
        files.append(beside)
        scripts.append(scripts_in(files[-1]))
        chains |= _chain(phantom, chosen, scripts[-1], tree)
    here = {name: ScriptVersion(*tree.by_revision[name], "") for name in versions.keys() & graph.revisions.keys()}
    moved = {name: parents for name, each in here.items() if (parents := former_parents(each, versions[name]))}
    edited = {name: texts for name, each in here.items() if (texts := edited_texts(each, versions[name]))}
    edited |= _edited_by_ledger(repository, tree, databases)
    ran_here = VersionsThatRan(repository, tree, databases, chains, scripts)
    return PhantomScripts(
        chains,
        tuple(files),
        tuple(scripts),
        ran_here.older(here, versions),
        moved,
        edited,
        ran_here.renumbered({name: each for name, each in here.items() if name in edited}, versions),
    )


def _edited_by_ledger(
    repository: Repository, tree: WorkTreeScripts, databases: Sequence[Database]
) -> dict[str, tuple[bytes, ...]]:
    """Return the texts from which scripts of the checkout ran that do something else now, as the ledger has them."""
    ledger, found = Ledger(repository), dict[str, tuple[bytes, ...]]()
    for database in databases:
        entries, here = ledger.of(ledger_key(repository, database)), tree.by_revision
        other = {name: each for name, each in entries.items() if name in here and each.blob != blob_id(here[name][1])}
        texts = ledger.texts(other.values()) if other else {}
        for name, each in other.items():
            ran = [ScriptVersion(here[name][0], texts[each.path], "")] if each.path in texts else []
            if different := edited_texts(ScriptVersion(*here[name], ""), ran):
                found[name] = different
    return found


def _phantoms_noted(noted: Kept, fate: Fate) -> dict[str, Phantom]:
    """Return phantoms for what only the ledger, or the record of what left, has."""
    found = {}
    for name, texts in noted.items():
        if script := scripts_in(texts).get(name):
            found[name] = Phantom(name, "", script[0].path, message=script[0].message, fate=fate)
    return found


def _is_preferred(noted: Mapping[str, bytes], name: str, chosen: ChosenVersion | None) -> bool:
    """Say whether what is kept decides: git has nothing, or nothing else tells the versions apart."""
    script = scripts_in(noted).get(name)
    return script is not None and (chosen is None or bool(chosen.others) or script[1] == chosen.version.text)


def _chosen(
    repository: Repository,
    tree: WorkTreeScripts,
    phantom: Phantom,
    checked_out: Sequence[ScriptVersion],
    databases: Sequence[Database],
) -> ChosenVersion | None:
    """Choose among the versions that were checked out here; where none was, among all that git has."""
    candidates = checked_out or tuple(_in_git(repository, phantom, tree.snapshot.environment))
    if not candidates:
        return None
    operations = {name: read_operations(text) for name, (_, text) in tree.by_revision.items()} if len(candidates) > 1 else {}
    return version_that_ran(candidates, databases, operations)


def _in_git(repository: Repository, phantom: Phantom, environment: Environment) -> Iterator[ScriptVersion]:
    """Yield the versions that git has of a phantom with several, its own first."""
    for commit, path in ((phantom.commit, phantom.path), *phantom.versions) if phantom.commit and phantom.versions else ():
        for revision, text in scripts_in(files_at(repository, commit, environment, path)).values():
            if revision.revision == phantom.revision:
                yield ScriptVersion(revision, text, commit)


def _files(
    repository: Repository, phantom: Phantom, chosen: ChosenVersion | None, environment: Environment
) -> Mapping[str, bytes]:
    """Return a phantom's script with those beside it, as they were where it ran."""
    if chosen is None:
        return files_of_phantom(repository, phantom, environment)
    return files_at(repository, chosen.version.commit, environment, chosen.version.revision.path)


def _chain(phantom: Phantom, chosen: ChosenVersion | None, scripts: Found, tree: WorkTreeScripts) -> dict[str, PhantomChain]:
    """Return the chain by revision id, or none where a script on the way to the checkout is missing."""
    with suppress(MigmergeError):
        names = phantom_chain(phantom.revision, scripts, tree.snapshot.graph.revisions)
        successors = successors_of(reversed(names), scripts, tree.by_revision)
        unsure = tuple(each.commit for each in chosen.others) if chosen else ()
        if chosen and unsure:
            unsure = (chosen.version.commit, *unsure)
        return {phantom.revision: PhantomChain(phantom, tuple(scripts[name][0] for name in names), successors, unsure)}
    return {}
