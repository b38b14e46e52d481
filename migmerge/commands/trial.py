"""One branch merged for a trial: exact, whatever it does to scripts and folders, and slower than comparing lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..core.diagnosis import diagnose
from ..core.evidence import Evidence
from ..core.finding import Finding
from ..core.forecast import Outlook, new_findings
from ..core.provenance import Provenance
from ..core.snapshot import Snapshot
from ..repository.merging import MergedTree, merged_tree
from ..repository.references import Branch
from ..repository.tree import start_tree, tree_of
from .examining import operations
from .options import Options
from .snapshots import take_snapshots
from .survey import Survey, choose

_OF_MARKERS = ("MM005", "MM011")
_SIGNS = ("alembic.ini", "env.py", "script.py.mako")


def needs_trial(snapshots: Iterable[Snapshot], changed: Iterable[str]) -> bool:
    """Say whether a branch changes, outside of the folders with scripts, what tells where scripts are."""
    environments = [snapshot.environment for snapshot in snapshots]
    configured = {environment.config for environment in environments}
    return any(path in configured or path.rpartition("/")[2] in _SIGNS or _is_like_a_script(path) for path in changed)


def _is_like_a_script(path: str) -> bool:
    return path.endswith(".py") and "versions" in path.split("/")


def outlook_of_trial(
    survey: Survey, options: Options, group: tuple[Branch, ...], now: Mapping[str, tuple[Finding, ...]]
) -> Outlook | None:
    """Look at the tree that merging a branch would give; None where it brings no migration.

    `now` are the findings of HEAD, by the environment's path.

    Raises:
        MigmergeError: where git is too old for it, or has no common history for the two.
    """
    branch = group[0]
    with merged_tree(survey.repository, survey.tips[-1], branch.commit) as merged:
        after = _merged_survey(survey, options, merged)
        conflicts = tuple(path for path in merged.conflicts if any(each.environment.holds(path) for each in after.snapshots))
        if not conflicts and _scripts(survey) == _scripts(after):
            return None
        brought = sorted(_revisions(after) - _revisions(survey))
        author = Provenance(branch.commit, branch.author, "", branch=branch.name)
        found: list[Finding] = []
        for snapshot in after.snapshots:
            done = operations(after, snapshot, snapshot.graph.diverging)
            known = Evidence(dict.fromkeys(brought, author), operations=done)
            found += new_findings(now.get(snapshot.environment.path, ()), diagnose(snapshot, known))
    # The markers of a conflict are no finding beside it.
    told = tuple(finding for finding in found if finding.code not in _OF_MARKERS or set(finding.paths) - set(conflicts))
    names = tuple(each.name for each in group)
    return Outlook(names, branch.commit, branch.author, branch.date, tuple(brought), conflicts, told)


def _merged_survey(survey: Survey, options: Options, merged: MergedTree) -> Survey:
    repository = merged.repository
    tree = tree_of(repository.git, start_tree(repository.git, merged.oid))
    found = take_snapshots(repository, tree, since=survey.tree)
    snapshots = choose(repository, found, options, survey.settings, required=False)
    return replace(survey, repository=repository, tree=tree, snapshots=snapshots)


def _revisions(survey: Survey) -> set[str]:
    return {name for snapshot in survey.snapshots for name in snapshot.graph.revisions}


def _scripts(survey: Survey) -> dict[str, str]:
    return {script.path: survey.tree.blobs[script.path] for each in survey.snapshots for script in each.scripts}
