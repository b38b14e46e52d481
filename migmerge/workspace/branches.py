"""Forecasts of what merging each active branch would do: one walk for the merge bases, one git for all objects.

A branch that only adds scripts is merged by comparing lists of blob ids. A branch that does more is merged by git for a trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..core.branch_merge import BlobByPath, BranchForecast, MergedScripts, merge_scripts, new_findings
from ..core.errors import MigmergeError
from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.findings.scripts import diagnose
from ..core.operations.operation import Operations
from ..core.options import Options
from ..core.provenance import Provenance
from ..core.revision import Reading, Script
from ..core.script.names import is_script_name
from ..core.script.read import read_carefully, script_at
from ..core.snapshot import Snapshot
from ..output.progress import tracked
from ..repository.diff import changes_between
from ..repository.merge_tree import can_merge_trees, merged_tree
from ..repository.objects import Objects
from ..repository.refs import Branch, active_branches, merge_bases
from .branch_changes import BranchChanges, Comparison, Reach
from .evidence import MOST_COMPARED, configuration_of, operations_of, provenance_in
from .snapshots import CAREFUL
from .workspace import Workspace, workspace_of_merge

_TOO_OLD = "it moves or configures scripts, which git 2.38 or newer could merge for a trial"
_TOO_SHALLOW = "this shallow clone does not have where it left HEAD: git fetch --unshallow"

BranchGroup = tuple[Branch, ...]
"""Branches that end in the same commit."""


def forecast_branches(
    workspace: Workspace, options: Options, groups: Sequence[BranchGroup], head: str
) -> Iterator[BranchForecast | None]:
    """Yield a forecast for each group of branches; None for one that brings no migration, or shares no history with HEAD."""
    git = workspace.repository.git
    bases = merge_bases(git, [group[0].commit for group in groups], head)
    pairs = [(base, commit) for commit, each in bases.items() for base in each]
    with Objects(git) as objects, closing(changes_between(git, pairs)) as changes:
        forecaster = _Forecaster(workspace, options, objects, head)
        for group in groups:
            if left := bases.get(group[0].commit):
                yield forecaster.forecast(group, [(base, next(changes)) for base in left])
            else:
                yield _unknown(group, _TOO_SHALLOW) if workspace.repository.shallow else None
        forecaster.save()


def _unknown(group: BranchGroup, reason: str) -> BranchForecast:
    branch = group[0]
    return BranchForecast(_names(group), branch.commit, branch.author, branch.date, unknown=reason)


def _names(group: BranchGroup) -> tuple[str, ...]:
    return tuple(each.name for each in group)


@dataclass(frozen=True, slots=True)
class _MergedEnvironment:
    """Hold one environment as the merge would leave it, and the findings that it has at HEAD."""

    snapshot: Snapshot
    before: tuple[Finding, ...]
    operations: Mapping[str, Operations]


@dataclass(frozen=True, slots=True)
class _Merge:
    """Hold what a merge would bring: revision ids, the paths on which git would stop, and the environments after it."""

    brought: tuple[str, ...]
    conflicts: tuple[str, ...]
    environments: tuple[_MergedEnvironment, ...]


class _Forecaster:
    """Compare branches with HEAD, whose scripts are read once."""

    def __init__(self, workspace: Workspace, options: Options, objects: Objects, head: str) -> None:
        self._workspace = workspace
        self._options = options
        self._objects = objects
        self._can_merge = can_merge_trees(workspace.repository.git)
        self._readings = _Readings(objects, workspace)
        self._changes = BranchChanges(workspace, objects, head)
        self._at_head = [_HeadScripts(snapshot, objects, self._readings, head) for snapshot in workspace.snapshots]

    def save(self) -> None:
        self._readings.save({blob for each in self._at_head for blob in each.scripts.values()})

    def forecast(self, group: BranchGroup, comparisons: Sequence[Comparison]) -> BranchForecast | None:
        """Return what merging a group's commit would bring; unknown where this clone or this git cannot tell."""
        commit, bases = group[0].commit, [base for base, _ in comparisons]
        reach = self._changes.reach(commit, comparisons)
        if reach is Reach.NOTHING:
            return None
        try:
            moves_scripts = reach is Reach.PLACES or not all(each.has_all_scripts for each in self._at_head)
            if self._can_merge and (moves_scripts or len(bases) > 1 or not self._only_adds(commit, bases[0])):
                merge = self._merged_by_git(commit)
            elif moves_scripts:
                return _unknown(group, _TOO_OLD)
            else:
                merge = self._merged_by_path(commit, bases[0])
        except MigmergeError as error:  # a configuration that the branch broke, or blobs that a partial clone lacks
            return _unknown(group, str(error))
        return _forecast(group, merge) if merge else None

    def _only_adds(self, commit: str, base: str) -> bool:
        return all(each.only_adds(base, commit) for each in self._at_head)

    def _merged_by_path(self, commit: str, base: str) -> _Merge | None:
        merges = [(each, each.merged_with(commit, base)) for each in self._at_head]
        changed = [(each, merged) for each, merged in merges if merged != MergedScripts(each.scripts, ())]
        if not changed:
            return None
        environments = tuple(each.after(merged) for each, merged in changed)
        brought = [
            name
            for (each, _), after in zip(changed, environments, strict=True)
            for name in sorted(after.snapshot.graph.revisions.keys() - each.snapshot.graph.revisions.keys())
        ]
        return _Merge(tuple(brought), tuple(path for _, merged in changed for path in merged.conflicts), environments)

    def _merged_by_git(self, commit: str) -> _Merge | None:
        before = {each.path: each.findings for each in self._at_head}
        workspace = self._workspace
        with merged_tree(workspace.repository, workspace.tips[-1], commit) as merged:
            after = workspace_of_merge(workspace, self._options, merged, since=workspace)
            conflicts = tuple(path for path in merged.conflicts if _is_script(after, path))
            if not conflicts and _loaded(after) == _loaded(workspace):
                return None
            environments = tuple(
                _MergedEnvironment(
                    snapshot,
                    before.get(snapshot.environment.name, ()),
                    operations_of(after, snapshot, snapshot.graph.diverging),
                )
                for snapshot in after.snapshots
            )
        return _Merge(tuple(sorted(_revisions(after) - _revisions(workspace))), conflicts, environments)


class ComparedBranches(NamedTuple):
    """Hold the forecasts of the branches that bring migrations, the number of all that were compared, and of those left out."""

    forecasts: tuple[BranchForecast, ...]
    total: int
    left_out: int = 0


def compare_recent(workspace: Workspace, options: Options, *, since: int, limit: int | None = None) -> ComparedBranches:
    """Compare with HEAD the branches that somebody worked on since a time, in seconds, the `limit` most recent of them at most.

    The workspace is that of HEAD; progress is shown unless the user wants quiet.
    """
    assert workspace.commit
    active = active_branches(workspace.branches.each, since=since, head=workspace.commit)
    compared = active[:limit]
    forecasts = forecast_branches(workspace, options, compared, workspace.commit)
    known = tuple(each for each in tracked(forecasts, "branches", len(compared), shown=not options.quiet) if each)
    return ComparedBranches(known, len(compared), len(active) - len(compared))


def authors_met(workspace: Workspace, forecasts: Sequence[BranchForecast]) -> dict[str, tuple[str, ...]]:
    """Return who wrote what of HEAD the branches collide with, by the commit of the branch."""
    concerned = {each.commit: {name for finding in each.findings for name in finding.revisions} for each in forecasts}
    names = {name for each in concerned.values() for name in each}
    known: dict[str, Provenance] = {}
    for snapshot in workspace.snapshots if names else ():
        known |= provenance_in(workspace, snapshot, names)
    return {commit: tuple(sorted({known[name].author for name in names if name in known})) for commit, names in concerned.items()}


def _loaded(workspace: Workspace) -> tuple[dict[str, str], list[str | None]]:
    """Return all on which it depends what Alembic loads: the scripts, and what keeps it from reading a configuration."""
    return workspace.script_blobs, [each.environment.problem for each in workspace.snapshots]


def _is_script(workspace: Workspace, path: str) -> bool:
    return is_script_name(path.rpartition("/")[2]) and any(each.environment.holds(path) for each in workspace.snapshots)


def _revisions(workspace: Workspace) -> set[str]:
    return {name for snapshot in workspace.snapshots for name in snapshot.graph.revisions}


def _forecast(group: BranchGroup, merge: _Merge) -> BranchForecast:
    """Diagnose the environments after a merge; the findings that conflict markers cause are left out beside the conflict."""
    branch = group[0]
    author = Provenance(branch.commit, branch.author, "", branch=branch.name)
    found: list[Finding] = []
    for each in merge.environments:
        evidence = Evidence(dict.fromkeys(merge.brought, author), operations=each.operations)
        found += new_findings(each.before, diagnose(each.snapshot, evidence))
    conflicts = set(merge.conflicts)
    findings = tuple(each for each in found if not each.kind.follows_from_conflict or set(each.paths) - conflicts)
    return BranchForecast(_names(group), branch.commit, branch.author, branch.date, merge.brought, merge.conflicts, findings)


class _Readings:
    """Read each blob once: its identifiers, and on demand what it does."""

    def __init__(self, objects: Objects, workspace: Workspace) -> None:
        self._objects = objects
        self._workspace = workspace
        self._cache = workspace.repository.readings
        self._configurations: dict[str, bytes] = {}
        self._known: dict[str, Reading] = {}
        self._contents: dict[str, bytes] = {}
        self._operations: dict[tuple[str, str | None], Operations] = {}

    def identifiers(self, blob: str) -> Reading:
        """Return the identifiers of a new script, parsed as a whole, so that what Python cannot load is found."""
        if blob not in self._known:
            key = f"{blob}{CAREFUL}"
            self._known[blob] = self._cache.get(key) or read_carefully(self._objects.content(blob), self._cache.budget)
            if not self._cache.budget.is_spent:
                self._cache.put({key: self._known[blob]})
        return self._known[blob]

    def operations(self, snapshot: Snapshot, blobs: Mapping[str, str]) -> dict[str, Operations]:
        """Return what scripts of an environment do, by the keys of their blobs."""
        # `ast` takes 25 ms to import, which only a collision pays.
        from ..core.operations.dialect import dialect_of
        from ..core.operations.interpreter.statements import read_operations

        name = snapshot.environment.name
        if name not in self._configurations:
            self._configurations[name] = configuration_of(self._workspace, snapshot)
        dialect = dialect_of(map(self._content, blobs.values()), self._configurations[name])
        for blob in blobs.values():
            if (blob, dialect) not in self._operations:
                self._operations[blob, dialect] = read_operations(self._content(blob), dialect=dialect)
        return {name: self._operations[blob, dialect] for name, blob in blobs.items()}

    def _content(self, blob: str) -> bytes:
        """Return a blob's content; the sides of one branch are mostly those of another."""
        if blob not in self._contents:
            self._contents[blob] = self._objects.content(blob)
        return self._contents[blob]

    def save(self, used: set[str]) -> None:
        self._cache.used |= used | self._known.keys()
        self._cache.save()


class _HeadScripts:
    """Hold one environment as HEAD has it, to which every branch is compared."""

    def __init__(self, snapshot: Snapshot, objects: Objects, readings: _Readings, head: str) -> None:
        self.snapshot = snapshot
        self._objects = objects
        self._readings = readings
        self._listed: dict[str, BlobByPath] = {}
        self.scripts = self._scripts(head)

    @property
    def path(self) -> str:
        return self.snapshot.environment.name

    @cached_property
    def has_all_scripts(self) -> bool:
        """Say whether the scripts lie where the configuration says, and not behind links."""
        return {script.path for script in self.snapshot.scripts} == self.scripts.keys()

    def only_adds(self, base: str, commit: str) -> bool:
        """Say whether a commit has all scripts of its base unchanged."""
        return self._scripts(base).items() <= self._scripts(commit).items()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return diagnose(self.snapshot, Evidence(operations=self._operations_in(self.snapshot, self.scripts)))

    def merged_with(self, commit: str, base: str) -> MergedScripts:
        return merge_scripts(self._scripts(base), self.scripts, self._scripts(commit))

    def after(self, merged: MergedScripts) -> _MergedEnvironment:
        """Read the scripts that a merge changes; the other ones are known."""
        kept = {path: script for path, script in self._known.items() if merged.scripts.get(path) == self.scripts.get(path)}
        new = {path: blob for path, blob in merged.scripts.items() if path not in kept}
        read = (script_at(self._readings.identifiers(blob), path) for path, blob in new.items())
        snapshot = Snapshot(self.snapshot.environment, (*kept.values(), *read))
        return _MergedEnvironment(snapshot, self.findings, self._operations_in(snapshot, merged.scripts))

    def _scripts(self, commit: str) -> BlobByPath:
        environment = self.snapshot.environment
        if commit not in self._listed:
            found = [self._objects.scripts(commit, folder, recursive=environment.recursive) for folder in environment.versions]
            self._listed[commit] = found[0] if len(found) == 1 else {path: blob for each in found for path, blob in each.items()}
        return self._listed[commit]

    @cached_property
    def _known(self) -> dict[str, Script]:
        return {script.path: script for script in self.snapshot.scripts}

    def _operations_in(self, snapshot: Snapshot, scripts: BlobByPath) -> dict[str, Operations]:
        """Read what the sides of a divergence do, unless it is so old that nobody would compare them by hand."""
        diverging = snapshot.graph.diverging if len(snapshot.graph.diverging) <= MOST_COMPARED else ()
        blobs = {name: scripts[snapshot.graph[name].path] for name in sorted(diverging)}
        return self._readings.operations(self.snapshot, blobs) if blobs else {}
