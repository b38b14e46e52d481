"""Looking at what every active branch would bring, without a checkout: one walk for the bases, one git for all objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from ..core.branch_merge import BlobByPath, BranchForecast, MergedScripts, merge_scripts, new_findings
from ..core.errors import MigmergeError
from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.findings.scripts import diagnose
from ..core.operations.operation import Operations
from ..core.options import Options
from ..core.provenance import Provenance
from ..core.revision import Reading, Script
from ..core.script.read import read_carefully, script_at
from ..core.snapshot import Snapshot
from ..repository.cache import ReadingCache
from ..repository.merge_tree import MergedTree, can_merge_trees, merged_tree
from ..repository.objects import Objects
from ..repository.refs import Branch, merge_bases
from ..repository.tree import start_tree, tree_of
from .evidence import MOST_COMPARED, operations_of
from .snapshots import CAREFUL, take_snapshots
from .workspace import Workspace, select_environments

_TOO_OLD = "it moves or configures scripts, which git 2.38 or newer could merge for a trial"
_TOO_SHALLOW = "this shallow clone does not have where it left HEAD: git fetch --unshallow"
BranchGroup = tuple[Branch, ...]
"""Branches that end in the same commit."""


def forecast_branches(
    workspace: Workspace, options: Options, groups: Sequence[BranchGroup], head: str
) -> Iterator[BranchForecast | None]:
    """Yield what each group of branches would bring; None where that is no migration, or it has no history with HEAD."""
    bases = merge_bases(workspace.repository.git, [group[0].commit for group in groups], head)
    can_try = can_merge_trees(workspace.repository.git)
    with Objects(workspace.repository.git) as objects:
        readings = _Readings(objects, ReadingCache(workspace.repository.storage))
        here = [_HeadScripts(snapshot, objects, readings, head) for snapshot in workspace.snapshots]
        for group in groups:
            base = bases.get(group[0].commit)
            if not base:
                yield _unknown(group, _TOO_SHALLOW) if workspace.repository.shallow else None
                continue
            try:
                moves = _moves(workspace, objects, group, base, here)
                only_adds = all(each.only_adds(base, group[0].commit) for each in here)
                if can_try and (moves or not only_adds):
                    yield forecast_by_trial_merge(workspace, options, group, {each.path: each.findings for each in here})
                else:
                    yield _unknown(group, _TOO_OLD) if moves else _forecast(group, base, here)
            except MigmergeError as error:  # a configuration that it broke, or blobs that a partial clone lacks
                yield _unknown(group, str(error))
        readings.save(here)


def _moves(workspace: Workspace, objects: Objects, group: BranchGroup, base: str, here: Sequence[_HeadScripts]) -> bool:
    """Say whether a folder or a configuration is another one on either side, so that comparing lists would not do."""
    if any(not each.has_all_scripts or each.was_elsewhere(base) for each in here):
        return True
    folders = {folder for each in here for folder in each.snapshot.environment.versions}
    return needs_trial(workspace.snapshots, objects.changed(base, group[0].commit, but_for=folders))


def _unknown(group: BranchGroup, reason: str) -> BranchForecast:
    names = tuple(each.name for each in group)
    return BranchForecast(names, group[0].commit, group[0].author, group[0].date, (), (), (), reason)


def _forecast(group: BranchGroup, base: str, here: Sequence[_HeadScripts]) -> BranchForecast | None:
    branch = group[0]
    merges = [(each, each.merged_with(branch.commit, base)) for each in here]
    changed = [(each, merged) for each, merged in merges if merged != MergedScripts(each.scripts, ())]
    if not changed:
        return None
    brought: list[str] = []
    findings: list[Finding] = []
    for each, merged in changed:
        snapshot = each.snapshot_of(merged.scripts)
        new = snapshot.graph.revisions.keys() - each.snapshot.graph.revisions.keys()
        brought += sorted(new)
        author = Provenance(branch.commit, branch.author, "", branch=branch.name)
        evidence = Evidence(dict.fromkeys(new, author), operations=each.operations_in(snapshot, merged.scripts))
        findings += new_findings(each.findings, diagnose(snapshot, evidence))
    conflicts = tuple(path for _, merged in changed for path in merged.conflicts)
    names = tuple(each.name for each in group)
    return BranchForecast(names, branch.commit, branch.author, branch.date, tuple(brought), conflicts, tuple(findings))


class _Readings:
    """Read each blob once: its identifiers, and what it does where that is asked for."""

    def __init__(self, objects: Objects, cache: ReadingCache) -> None:
        self._objects = objects
        self._cache = cache
        self._known: dict[str, Reading] = {}
        self._operations: dict[str, Operations] = {}

    def identifiers(self, blob: str) -> Reading:
        """Return what a new script says, parsed as a whole, so that what Python cannot load is found."""
        if blob not in self._known:
            key = f"{blob}{CAREFUL}"
            reading = self._cache.get(key) or read_carefully(self._objects.content(blob))
            self._cache.put({key: reading})
            self._known[blob] = reading
        return self._known[blob]

    def operations(self, blob: str) -> Operations:
        # `ast` takes 25 ms to import, which only a collision pays.
        from ..core.operations.interpreter.statements import read_operations

        if blob not in self._operations:
            self._operations[blob] = read_operations(self._objects.content(blob))
        return self._operations[blob]

    def save(self, here: Sequence[_HeadScripts]) -> None:
        self._cache.save({blob for each in here for blob in each.scripts.values()} | self._known.keys())


class _HeadScripts:
    """One environment as HEAD has it, to which every branch is compared."""

    def __init__(self, snapshot: Snapshot, objects: Objects, readings: _Readings, head: str) -> None:
        self.snapshot = snapshot
        self._objects = objects
        self._readings = readings
        self._head = head
        self._elsewhere: dict[str, bool] = {}
        self._listed: dict[str, BlobByPath] = {}
        self.scripts = self._scripts(head)

    @property
    def path(self) -> str:
        return self.snapshot.environment.path

    @cached_property
    def has_all_scripts(self) -> bool:
        """Say whether the scripts lie where the configuration says, and not behind links."""
        return {script.path for script in self.snapshot.scripts} == self.scripts.keys()

    def only_adds(self, base: str, commit: str) -> bool:
        """Say whether a commit has all scripts of its base as they were."""
        return self._scripts(base).items() <= self._scripts(commit).items()

    def was_elsewhere(self, base: str) -> bool:
        """Say whether a commit had this environment in other folders, or none."""
        if base not in self._elsewhere:
            config = self.snapshot.environment.config
            moved = config is not None and self._objects.get(f"{base}:{config}") != self._objects.get(f"{self._head}:{config}")
            here = all(self._objects.get(f"{base}:{folder}") for folder in self.snapshot.environment.versions)
            self._elsewhere[base] = moved or not here
        return self._elsewhere[base]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return diagnose(self.snapshot, Evidence(operations=self.operations_in(self.snapshot, self.scripts)))

    def merged_with(self, commit: str, base: str) -> MergedScripts:
        return merge_scripts(self._scripts(base), self.scripts, self._scripts(commit))

    def _scripts(self, commit: str) -> BlobByPath:
        environment = self.snapshot.environment
        if commit not in self._listed:
            found = [self._objects.scripts(commit, folder, recursive=environment.recursive) for folder in environment.versions]
            self._listed[commit] = found[0] if len(found) == 1 else {path: blob for each in found for path, blob in each.items()}
        return self._listed[commit]

    def snapshot_of(self, scripts: BlobByPath) -> Snapshot:
        """Read the scripts that are other ones than here; the rest is known."""
        kept = {path: script for path, script in self._ours.items() if scripts.get(path) == self.scripts.get(path)}
        new = {path: script_at(self._readings.identifiers(blob), path) for path, blob in scripts.items() if path not in kept}
        return Snapshot(self.snapshot.environment, (*kept.values(), *new.values()))

    @cached_property
    def _ours(self) -> dict[str, Script]:
        return {script.path: script for script in self.snapshot.scripts}

    def operations_in(self, snapshot: Snapshot, scripts: BlobByPath) -> dict[str, Operations]:
        """Read what the sides of a divergence do, where it is not so old that nobody would compare them by hand."""
        diverging = snapshot.graph.diverging if len(snapshot.graph.diverging) <= MOST_COMPARED else ()
        return {name: self._readings.operations(scripts[snapshot.graph[name].path]) for name in sorted(diverging)}


_SIGNS = ("alembic.ini", "env.py", "script.py.mako")


def needs_trial(snapshots: Iterable[Snapshot], changed: Iterable[str]) -> bool:
    """Say whether a branch changes, outside of the folders with scripts, what tells where scripts are."""
    environments = [snapshot.environment for snapshot in snapshots]
    configured = {environment.config for environment in environments}
    return any(path in configured or path.rpartition("/")[2] in _SIGNS or _is_like_a_script(path) for path in changed)


def _is_like_a_script(path: str) -> bool:
    return path.endswith(".py") and "versions" in path.split("/")


def forecast_by_trial_merge(
    workspace: Workspace, options: Options, group: tuple[Branch, ...], now: Mapping[str, tuple[Finding, ...]]
) -> BranchForecast | None:
    """Look at the tree that merging a branch would give; None where it brings no migration.

    `now` are the findings of HEAD, by the environment's path.

    Raises:
        MigmergeError: where git is too old for it, or has no common history for the two.
    """
    branch = group[0]
    with merged_tree(workspace.repository, workspace.tips[-1], branch.commit) as merged:
        after = _merged_workspace(workspace, options, merged)
        conflicts = tuple(path for path in merged.conflicts if any(each.environment.holds(path) for each in after.snapshots))
        if not conflicts and _scripts(workspace) == _scripts(after):
            return None
        brought = sorted(_revisions(after) - _revisions(workspace))
        author = Provenance(branch.commit, branch.author, "", branch=branch.name)
        found: list[Finding] = []
        for snapshot in after.snapshots:
            done = operations_of(after, snapshot, snapshot.graph.diverging)
            known = Evidence(dict.fromkeys(brought, author), operations=done)
            found += new_findings(now.get(snapshot.environment.path, ()), diagnose(snapshot, known))
    # The markers of a conflict are no finding beside it.
    told = tuple(finding for finding in found if not finding.kind.follows_from_conflict or set(finding.paths) - set(conflicts))
    names = tuple(each.name for each in group)
    return BranchForecast(names, branch.commit, branch.author, branch.date, tuple(brought), conflicts, told)


def _merged_workspace(workspace: Workspace, options: Options, merged: MergedTree) -> Workspace:
    repository = merged.repository
    tree = tree_of(repository.git, start_tree(repository.git, merged.oid))
    found = take_snapshots(repository, tree, since=workspace.tree)
    snapshots = select_environments(repository, found, options, workspace.settings, required=False)
    return replace(workspace, repository=repository, tree=tree, snapshots=snapshots)


def _revisions(workspace: Workspace) -> set[str]:
    return {name for snapshot in workspace.snapshots for name in snapshot.graph.revisions}


def _scripts(workspace: Workspace) -> dict[str, str]:
    return {script.path: workspace.tree.blobs[script.path] for each in workspace.snapshots for script in each.scripts}
