"""A workspace: the repository at a moment, with its settings and its environments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from ..core.environment import Environment, upgrade_command
from ..core.errors import MigmergeError, NoEnvironment, UnknownWord
from ..core.options import Options
from ..core.settings import Settings
from ..core.snapshot import Snapshot
from ..repository.begun import BegunFiles
from ..repository.facts import GitFacts, ask_git
from ..repository.git import Git, GitFailed
from ..repository.isolation import keep_out_of_imports
from ..repository.refs import Branches, branches_of, start_branches
from ..repository.repository import Repository, open_repository, repository_of
from ..repository.tree import Tree, index_tree, start_tree, tree_of, unmerged_paths
from .settings import read_settings
from .snapshots import take_snapshots, work_tree_snapshots

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import Literal

    from ..core.immovable import Immovable
    from ..repository.merge_tree import MergedTree


NO_ENVIRONMENT = "no Alembic or Flask-Migrate environment in this repository"


class Moment(NamedTuple):
    """Hold a tree, and HEAD or the commit that has it; None before the first commit.

    `committed` is the tree of HEAD where `tree` is the work tree or the index. Where `against` names a second commit the tree
    is the one that merging the first into it would give. `conflicts` are the files on which git stopped, or would stop, `begun`
    those among which environments were looked for that are not committed.
    """

    kind: Literal["worktree", "index", "commit", "merge"]
    tree: Tree
    commit: str | None = None
    against: str | None = None
    conflicts: tuple[str, ...] = ()
    committed: Tree | None = None
    begun: BegunFiles | None = None


class Workspace:
    """A repository at a moment, with its settings and the environments that were selected."""

    def __init__(self, repository: Repository, settings: Settings, moment: Moment, snapshots: tuple[Snapshot, ...]) -> None:
        self.repository = repository
        self.settings = settings
        self.snapshots = snapshots
        self._moment = moment
        self.kind, self.tree, self.commit, self.against, self.conflicts, self.committed, self.begun = moment

        self.ownership: dict[str, tuple[Snapshot, frozenset[str], Immovable]] = {}
        """What git was asked of who may move, by environment: the snapshot, the revisions, and the answer."""

    def with_snapshots(self, snapshots: tuple[Snapshot, ...]) -> Workspace:
        return Workspace(self.repository, self.settings, self._moment, snapshots)

    @property
    def tips(self) -> tuple[str, ...]:
        """Return the commits from which the tree's history is walked."""
        return tuple(commit for commit in (self.against, self.commit) if commit)

    @property
    def script_blobs(self) -> dict[str, str]:
        """Return the blob ids of the scripts, by path."""
        return {script.path: self.tree.blobs[script.path] for each in self.snapshots for script in each.scripts}

    @cached_property
    def branches(self) -> Branches:
        """Return the branches, about which git is asked once."""
        return branches_of(start_branches(self.repository), self.settings.default_branch)


def open_workspace(options: Options, revision: str | None = None, *, required: bool = True) -> Workspace:
    """Open the work tree, or the commit that `revision` names; there has to be an environment where one is `required`.

    Raises:
        MigmergeError: where there is no repository, no such commit, no such environment, or a broken configuration.
    """
    if revision is None and (facts := ask_git(options.folder)):
        return work_tree_of(options, facts, required=required)
    repository = open_repository(options.folder)
    keep_out_of_imports(repository.top)
    if revision is None:  # before the first commit
        committed = Tree({})
        tree, snapshots = work_tree_snapshots(repository, committed, begun=BegunFiles(repository.git))
        moment = Moment("worktree", tree, committed=committed)
    else:
        commit, tree = _commit_and_tree(repository, revision)
        moment, snapshots = Moment("commit", tree, commit), take_snapshots(repository, tree)
    settings = read_settings(repository, [snapshot.environment for snapshot in snapshots])
    selected = select_environments(repository, snapshots, options, settings, required=required)
    return Workspace(repository, settings, moment, selected)


def open_or_empty(opened: Callable[[bool], Workspace]) -> Workspace:
    """Open a workspace in which an environment is required, and where the repository has none, without."""
    try:
        return opened(True)
    except NoEnvironment:
        return opened(False)


def work_tree_of(options: Options, facts: GitFacts, *, required: bool = True) -> Workspace:
    """Open the work tree of a repository about which git was asked already; raises like `open_workspace`."""
    repository = repository_of(facts)
    keep_out_of_imports(repository.top)
    begun = BegunFiles(repository.git)
    committed = tree_of(repository.git, start_tree(repository.git, facts.tree))
    tree, snapshots = work_tree_snapshots(repository, committed, begun=begun)
    settings = read_settings(repository, [snapshot.environment for snapshot in snapshots], facts.configuration)
    selected = select_environments(repository, snapshots, options, settings, required=required)
    moment = Moment("worktree", tree, facts.commit, committed=committed, begun=begun)
    return Workspace(repository, settings, moment, selected)


def open_index(options: Options, *, required: bool = True) -> Workspace:
    """Open what the next commit would hold; raises like `open_workspace`."""
    repository = open_repository(options.folder)
    keep_out_of_imports(repository.top)
    # `git commit -a` and `git commit PATH` let their hooks look at an index of their own.
    if index := os.environ.get("GIT_INDEX_FILE"):
        repository = repository.with_git(Git(repository.top, {"GIT_INDEX_FILE": os.path.abspath(index)}))
    tree, commit = index_tree(repository.git), repository.git.line("rev-parse", "--verify", "--quiet", "HEAD")
    committed = tree_of(repository.git, start_tree(repository.git, "HEAD")) if commit else Tree({})
    snapshots = take_snapshots(repository, tree, since=committed, committed=committed)
    settings = read_settings(repository, [snapshot.environment for snapshot in snapshots])
    selected = select_environments(repository, snapshots, options, settings, required=required)
    moment = Moment("index", tree, commit, conflicts=unmerged_paths(repository.git), committed=committed)
    return Workspace(repository, settings, moment, selected)


def _commit_and_tree(repository: Repository, revision: str) -> tuple[str, Tree]:
    # Two gits at once: each takes 2 to 10 ms, mostly of waiting.
    named = f"{revision}^{{commit}}"
    naming = repository.git.start("rev-parse", "--verify", "--quiet", "--end-of-options", named)
    listing = start_tree(repository.git, named)
    try:
        return naming.text().strip(), tree_of(repository.git, listing)
    except GitFailed as error:
        if revision == "HEAD":
            raise MigmergeError("HEAD has no commit yet", hint="git commit") from error
        raise _no_commit(repository, revision) from error


def _no_commit(repository: Repository, revision: str) -> UnknownWord:
    from ..core.suggestion import nearest  # only an error needs it

    names = repository.git.text("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags").split()
    message = f"{revision} names no commit"
    return UnknownWord(message, word=revision, near=nearest(revision, names, cutoff=0.75), hint="git log --oneline --all")


def workspace_of_merge(
    workspace: Workspace, options: Options, merged: MergedTree, *, since: Workspace, required: bool = False
) -> Workspace:
    """Return the workspace with the tree that merging its commit into that of another one, or the other way, would give.

    Scripts that are new `since` that other workspace are parsed as a whole. Where an environment is `required` the
    settings are read for those that the merged tree has.
    """
    repository = merged.repository
    tree = tree_of(repository.git, start_tree(repository.git, merged.oid))
    found = take_snapshots(repository, tree, since=since.tree)
    settings = read_settings(repository, [each.environment for each in found]) if required else workspace.settings
    snapshots = select_environments(repository, found, options, settings, required=required)
    against = since.commit if since is not workspace else None
    return Workspace(repository, settings, Moment("merge", tree, workspace.commit, against, merged.conflicts), snapshots)


def select_environments(
    repository: Repository, snapshots: Sequence[Snapshot], options: Options, settings: Settings, *, required: bool
) -> tuple[Snapshot, ...]:
    """Keep the environments that were asked for, by the folder of their env.py or of their scripts.

    Raises:
        MigmergeError: where one that was asked for is not there, or there is none at all.
    """
    asked = [(repository.relative(os.path.join(options.folder, text)), text) for text in options.environments]
    wanted = asked or [(text.strip("/"), text) for text in settings.environments]
    known = [snapshot.environment for snapshot in snapshots]
    for path, text in wanted if required else ():
        if not any(_is_meant(path, text, environment) for environment in known):
            raise _no_environment(path, text, [environment.name or "." for environment in known])
    if required and not known:
        raise NoEnvironment(NO_ENVIRONMENT, hint="flask db init, or alembic init migrations")
    return tuple(
        each for each in snapshots if not wanted or any(_is_meant(*each_wanted, each.environment) for each_wanted in wanted)
    )


def _no_environment(path: str, text: str, names: Sequence[str]) -> UnknownWord:
    import shlex  # only an error needs these

    from ..core.suggestion import nearest
    from ..core.text import enumerate_names

    near = nearest(path, names, cutoff=0)
    message = f"no environment at {path or '.'}: there is {enumerate_names(names) or 'none'}"
    hint = f"migmerge check --environment {shlex.quote(near)}" if near else "flask db init, or alembic init migrations"
    return UnknownWord(message, word=text, near=near, hint=hint)


def _is_meant(path: str, text: str, environment: Environment) -> bool:
    """Say whether an environment is meant by a path, by its name, or by the section that tells it from others of its path."""
    by_name = text in (environment.name, environment.label)
    return by_name or path in (environment.name, environment.path, environment.config, *environment.versions)


def upgrade_commands(workspace: Workspace, snapshots: Iterable[Snapshot]) -> list[str]:
    """Return the configured commands, or one for each environment, as it will be once divergent heads are joined."""
    commands = (
        configured_upgrade(workspace, each.environment) or upgrade_command(each.environment, heads=each.graph.heads_once_joined)
        for each in snapshots
    )
    return list(dict.fromkeys(commands))


def hidden_environments(workspace: Workspace) -> frozenset[str]:
    """Return the names of the environments that are judged as HEAD has them, for a sparse checkout hides all of them."""
    if workspace.kind != "worktree":
        return frozenset()
    known = (snapshot.environment for snapshot in workspace.snapshots if snapshot.scripts)
    return frozenset(each.name for each in known if not os.path.isdir(workspace.repository.absolute(each.path)))


def configured_upgrade(workspace: Workspace, environment: Environment) -> str | None:
    """Return the command that the team wants for an environment, or for all of them; None where Alembic's own will do."""
    return environment.own_upgrade or workspace.settings.upgrade_command
