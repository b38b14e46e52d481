"""The scripts that Alembic would load here: those on disk, committed or not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ..core.environment import Environment
from ..core.revision import Revision
from ..core.script.reading import place, read_script
from ..core.snapshot import Snapshot
from ..repository.repository import Repository
from ..repository.work_tree import script_files


@dataclass(frozen=True, slots=True)
class WorkTree:
    """Hold an environment's scripts as they lie on disk, with their texts by path."""

    snapshot: Snapshot
    texts: Mapping[str, bytes]

    @property
    def by_revision(self) -> dict[str, tuple[Revision, bytes]]:
        return {name: (revision, self.texts[revision.path]) for name, revision in self.snapshot.graph.revisions.items()}


def read_work_tree(repository: Repository, environment: Environment) -> WorkTree:
    """Read the scripts of an environment from the disk; links that lead nowhere and pipes are passed over."""
    recursive = environment.recursive
    found = {path for folder in environment.versions for path in script_files(repository.top, folder, recursive=recursive)}
    texts = {path: repository.on_disk(path) for path in sorted(found) if os.path.isfile(repository.absolute(path))}
    return WorkTree(Snapshot(environment, tuple(place(read_script(text), path) for path, text in texts.items())), texts)
