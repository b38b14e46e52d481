"""What the repository holds at a commit, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.diagnosis import Evidence, diagnose
from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..core.finding import Finding
from ..core.provenance import Provenance
from ..core.reading import place, read_carefully
from ..core.revision import Script
from ..core.settings import Settings
from ..core.snapshot import Snapshot
from ..environment.layout import signs_of_environments
from ..repository.git import Git, GitFailed
from ..repository.isolation import keep_out_of_imports
from ..repository.repository import Repository, open_repository
from ..repository.tree import Tree, start_tree, tree_of, work_tree_paths
from ..repository.work_tree import script_files
from .configured import read_settings
from .options import Options
from .snapshots import take_snapshots


@dataclass(frozen=True, slots=True)
class Survey:
    """A repository, one commit of it (None before the first), and the environments that were chosen there."""

    repository: Repository
    settings: Settings
    commit: str | None
    tree: Tree
    snapshots: tuple[Snapshot, ...]


def survey_commit(options: Options, revision: str | None = None, *, required: bool = True) -> Survey:
    """Look at HEAD, or at the commit that `revision` names; there has to be an environment where one is `required`.

    Raises:
        MigmergeError: where there is no repository, no such commit, no such environment, or a broken configuration.
    """
    here = Git(options.folder)
    asked = f"{'HEAD' if revision is None else revision}^{{commit}}"
    # Three gits at once: each takes 2 to 10 ms, mostly of waiting.
    naming = here.start("rev-parse", "--verify", "--quiet", "--end-of-options", asked)
    listing = start_tree(here, asked)
    repository = open_repository(options.folder)
    keep_out_of_imports(repository.top)
    try:
        commit: str | None = naming.text().strip()
        tree = tree_of(repository.git, listing)
    except GitFailed as error:
        if revision is not None:
            raise MigmergeError(f"{revision} names no commit", hint="git log --oneline --all") from error
        commit, tree = None, Tree({})
    snapshots = take_snapshots(repository, tree)
    if not snapshots and revision is None:
        snapshots = _uncommitted_environments(repository)
    settings = read_settings(repository, [snapshot.environment for snapshot in snapshots])
    return Survey(repository, settings, commit, tree, choose(repository, snapshots, options, settings, required=required))


def choose(
    repository: Repository, snapshots: Sequence[Snapshot], options: Options, settings: Settings, *, required: bool
) -> tuple[Snapshot, ...]:
    """Keep the environments that were asked for, by the folder of their env.py or of their scripts.

    Raises:
        MigmergeError: where one that was asked for is not there, or there is none at all.
    """
    asked = [repository.relative(os.path.join(options.folder, path)) for path in options.environments]
    wanted = asked or [path.strip("/") for path in settings.environments]
    known = [snapshot.environment for snapshot in snapshots]
    for path in wanted if required else ():
        if not any(_is_meant(path, environment) for environment in known):
            found = ", ".join(environment.path or "." for environment in known) or "none"
            raise MigmergeError(f"no environment at {path or '.'}", hint=f"found: {found}")
    if required and not known:
        raise MigmergeError(
            "no Alembic or Flask-Migrate environment in this repository", hint="flask db init, or alembic init migrations"
        )
    return tuple(each for each in snapshots if not wanted or any(_is_meant(path, each.environment) for path in wanted))


def _is_meant(path: str, environment: Environment) -> bool:
    return path in (environment.path, environment.config, *environment.versions)


def _uncommitted_environments(repository: Repository) -> tuple[Snapshot, ...]:
    """Find the environments of a project that was begun and never committed; they have no scripts that git knows."""
    from ..environment.discovery import find_environments

    signs = [path for path in signs_of_environments(work_tree_paths(repository.git)) if os.path.isfile(repository.absolute(path))]
    found = find_environments(signs, lambda paths: {path: _on_disk(repository, path) for path in paths}) if signs else ()
    return tuple(Snapshot(environment, ()) for environment in found)


def _on_disk(repository: Repository, path: str) -> bytes:
    with open(repository.absolute(path), "rb") as file:
        return file.read()


def uncommitted_scripts(survey: Survey, environment: Environment) -> tuple[Script, ...]:
    """Read the scripts that Alembic would load here and that the commit does not have."""
    top, recursive = survey.repository.top, environment.recursive
    paths = (path for folder in environment.versions for path in script_files(top, folder, recursive=recursive))
    new = sorted({path for path in paths if path not in survey.tree.blobs})
    return tuple(place(read_carefully(_on_disk(survey.repository, path)), path) for path in new)


def examine(
    survey: Survey, *, with_uncommitted: bool, also: Mapping[str, Iterable[str]] | None = None
) -> tuple[tuple[Finding, ...], Mapping[str, Evidence]]:
    """Return the findings of every environment, and the evidence by environment.

    Git is asked only about the revisions that something is wrong with, and those named in `also`, by environment.
    """
    findings: list[Finding] = []
    evidence: dict[str, Evidence] = {}
    for snapshot in survey.snapshots:
        path = snapshot.environment.path
        uncommitted = uncommitted_scripts(survey, snapshot.environment) if with_uncommitted else ()
        first = diagnose(snapshot, Evidence(uncommitted=uncommitted))
        concerned = {name for each in first if each.code not in ("MM009", "MM011") for name in each.revisions}
        concerned.update((also or {}).get(path, ()))
        evidence[path] = _gather(survey, snapshot, concerned, uncommitted)
        findings += diagnose(snapshot, evidence[path]) if first else ()
    return tuple(findings), evidence


def _gather(survey: Survey, snapshot: Snapshot, concerned: set[str], uncommitted: tuple[Script, ...]) -> Evidence:
    missing = sorted({reference for _, reference in snapshot.graph.missing})
    if not concerned:
        return Evidence(uncommitted=uncommitted)
    from ..repository.history import whereabouts_of

    found = whereabouts_of(survey.repository, missing, snapshot.environment.versions)
    return Evidence(provenance(survey, snapshot, concerned), found, uncommitted)


def provenance(survey: Survey, snapshot: Snapshot, names: Iterable[str], *, all_branches: bool = False) -> dict[str, Provenance]:
    """Ask git where revisions come from, by id; those that the snapshot lacks are left out."""
    from ..repository.history import provenance_of

    graph = snapshot.graph
    paths = {name: graph[name].path for name in sorted(names) if name in graph}
    if survey.commit is None:
        return {}
    return provenance_of(survey.repository, paths, survey.commit, all_branches=all_branches)
