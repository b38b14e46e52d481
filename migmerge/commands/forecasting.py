"""Looking at what every active branch would bring, without a checkout: one walk for the bases, one git for all objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ..core.diagnosis import diagnose
from ..core.errors import MigmergeError
from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.forecast import Merged, Outlook, Scripts, merge_scripts, new_findings
from ..core.operations.operation import Operations
from ..core.provenance import Provenance
from ..core.revision import Reading, Script
from ..core.script.reading import place, read_carefully
from ..core.snapshot import Snapshot
from ..repository.cache import ReadingCache
from ..repository.merging import can_merge_trees
from ..repository.objects import Objects
from ..repository.references import Branch
from ..repository.unmerged import merge_bases
from .examining import MOST_COMPARED
from .options import Options
from .snapshots import CAREFUL
from .survey import Survey
from .trial import needs_trial, outlook_of_trial

_TOO_OLD = "it moves or configures scripts, which git 2.38 or newer could merge for a trial"
_TOO_SHALLOW = "this shallow clone does not have where it left HEAD: git fetch --unshallow"
Group = tuple[Branch, ...]
"""Branches that end in the same commit."""


def outlooks(survey: Survey, options: Options, groups: Sequence[Group], head: str) -> Iterator[Outlook | None]:
    """Yield what each group of branches would bring; None where that is no migration, or it has no history with HEAD."""
    bases = merge_bases(survey.repository.git, [group[0].commit for group in groups], head)
    can_try = can_merge_trees(survey.repository.git)
    with Objects(survey.repository.git) as objects:
        readings = _Readings(objects, ReadingCache(survey.repository.storage))
        here = [_Here(snapshot, objects, readings, head) for snapshot in survey.snapshots]
        for group in groups:
            base = bases.get(group[0].commit)
            if not base:
                yield _unknown(group, _TOO_SHALLOW) if survey.repository.shallow else None
                continue
            try:
                moves = _moves(survey, objects, group, base, here)
                only_adds = all(each.only_adds(base, group[0].commit) for each in here)
                if can_try and (moves or not only_adds):
                    yield outlook_of_trial(survey, options, group, {each.path: each.findings for each in here})
                else:
                    yield _unknown(group, _TOO_OLD) if moves else _outlook(group, base, here)
            except MigmergeError as error:  # a configuration that it broke, or blobs that a partial clone lacks
                yield _unknown(group, str(error))
        readings.save(here)


def _moves(survey: Survey, objects: Objects, group: Group, base: str, here: Sequence[_Here]) -> bool:
    """Say whether a folder or a configuration is another one on either side, so that comparing lists would not do."""
    if any(not each.has_all_scripts or each.was_elsewhere(base) for each in here):
        return True
    folders = {folder for each in here for folder in each.snapshot.environment.versions}
    return needs_trial(survey.snapshots, objects.changed(base, group[0].commit, but_for=folders))


def _unknown(group: Group, reason: str) -> Outlook:
    names = tuple(each.name for each in group)
    return Outlook(names, group[0].commit, group[0].author, group[0].date, (), (), (), reason)


def _outlook(group: Group, base: str, here: Sequence[_Here]) -> Outlook | None:
    branch = group[0]
    merges = [(each, each.merged_with(branch.commit, base)) for each in here]
    changed = [(each, merged) for each, merged in merges if merged != Merged(each.scripts, ())]
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
    return Outlook(names, branch.commit, branch.author, branch.date, tuple(brought), conflicts, tuple(findings))


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
        from ..core.operations.upgrade import read_operations

        if blob not in self._operations:
            self._operations[blob] = read_operations(self._objects.content(blob))
        return self._operations[blob]

    def save(self, here: Sequence[_Here]) -> None:
        self._cache.save({blob for each in here for blob in each.scripts.values()} | self._known.keys())


class _Here:
    """One environment as HEAD has it, to which every branch is compared."""

    def __init__(self, snapshot: Snapshot, objects: Objects, readings: _Readings, head: str) -> None:
        self.snapshot = snapshot
        self._objects = objects
        self._readings = readings
        self._head = head
        self._elsewhere: dict[str, bool] = {}
        self._listed: dict[str, Scripts] = {}
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

    def merged_with(self, commit: str, base: str) -> Merged:
        return merge_scripts(self._scripts(base), self.scripts, self._scripts(commit))

    def _scripts(self, commit: str) -> Scripts:
        environment = self.snapshot.environment
        if commit not in self._listed:
            found = [self._objects.scripts(commit, folder, recursive=environment.recursive) for folder in environment.versions]
            self._listed[commit] = found[0] if len(found) == 1 else {path: blob for each in found for path, blob in each.items()}
        return self._listed[commit]

    def snapshot_of(self, scripts: Scripts) -> Snapshot:
        """Read the scripts that are other ones than here; the rest is known."""
        kept = {path: script for path, script in self._ours.items() if scripts.get(path) == self.scripts.get(path)}
        new = {path: place(self._readings.identifiers(blob), path) for path, blob in scripts.items() if path not in kept}
        return Snapshot(self.snapshot.environment, (*kept.values(), *new.values()))

    @cached_property
    def _ours(self) -> dict[str, Script]:
        return {script.path: script for script in self.snapshot.scripts}

    def operations_in(self, snapshot: Snapshot, scripts: Scripts) -> dict[str, Operations]:
        """Read what the sides of a divergence do, where it is not so old that nobody would compare them by hand."""
        diverging = snapshot.graph.diverging if len(snapshot.graph.diverging) <= MOST_COMPARED else ()
        return {name: self._readings.operations(scripts[snapshot.graph[name].path]) for name in sorted(diverging)}
