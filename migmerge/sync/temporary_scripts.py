"""Scripts in a temporary folder, from which the worker runs them without touching the work tree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..core.database.sync_steps import Downgrade, SyncPlan
from ..core.revision import Revision
from ..core.script.read import read_script, script_at
from ..repository.files import write_below
from ..repository.held_folder import held_folder
from .inspect import Inspection


class TemporaryScripts(NamedTuple):
    """Hold the temporary folder, and the folders in it that hold scripts."""

    folder: str
    versions: tuple[str, ...]


@contextmanager
def temporary_scripts(**files: Mapping[str, bytes]) -> Iterator[TemporaryScripts]:
    """Write each set of files, by path, below a folder with its name, and remove all folders at the end."""
    with held_folder() as folder:
        for name, texts in files.items():
            write_below(Path(folder, name), texts)
        versions = (str(Path(folder, name, each)) for name, texts in files.items() for each in _script_folders(texts))
        yield TemporaryScripts(folder, tuple(versions))


def phantom_files(inspection: Inspection, sync_plan: SyncPlan) -> Mapping[str, bytes]:
    """Return the files of the phantoms' commits, without scripts whose revision the checkout or another commit has.

    Of a script whose downgrade was stopped, it is what is left.
    """
    known = set(inspection.tree.snapshot.graph.revisions)
    rests = {step.revision: step.text for step in sync_plan.steps if isinstance(step, Downgrade) and step.text}
    files: dict[str, bytes] = {}
    for path, data in sorted(inspection.files.items()):
        revision = revision_in(path, data)
        if revision is None or revision not in known:
            files[path] = rests.get(revision or "", data)
            known |= {revision} if revision else set()
    return files


def reused_files(inspection: Inspection, sync_plan: SyncPlan) -> Mapping[str, bytes]:
    """Return by the paths of the checkout's scripts what ran under their ids and is taken back."""
    graph = inspection.tree.snapshot.graph
    downs = (step for step in sync_plan.steps if isinstance(step, Downgrade) and step.text and step.revision in graph)
    return {graph[step.revision].path: step.text for step in downs if step.text}


def revision_in(path: str, data: bytes) -> str | None:
    """Return the id in a file; None where it is no script of a revision."""
    script = script_at(read_script(data), path) if path.endswith(".py") else None
    return script.revision if isinstance(script, Revision) else None


def _script_folders(paths: Mapping[str, bytes]) -> list[str]:
    return sorted({posixpath.dirname(path) for path in paths if path.endswith(".py")})
