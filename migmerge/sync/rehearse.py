"""The rehearsals of one environment, with the scripts of a commit, on scratch databases beside the development database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.database.rehearsal import Rehearsal, RehearsalPlan
from ..core.database.selection import ALL, Selection
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..output.progress import progress_bar
from ..workspace.workspace import Workspace
from .inspect import TIMEOUT, open_session
from .temporary_scripts import temporary_scripts


@dataclass(frozen=True, slots=True)
class RehearseOptions:
    """Hold the options of `migmerge rehearse`; `on_server` asks the development database for its server."""

    against: str | None = None
    downgrade: bool = False
    on_server: bool = True
    selection: Selection = ALL
    output: str = "text"


def run_rehearsals(
    workspace: Workspace,
    snapshot: Snapshot,
    plans: Sequence[RehearsalPlan],
    options: Options,
    rehearse_options: RehearseOptions,
) -> list[tuple[Rehearsal, ...]]:
    """Return the results of each plan, one for each named database."""
    if not plans:
        return []
    selection = rehearse_options.selection.trusting(workspace.settings.trusted_databases)
    with (
        temporary_scripts(scripts=_committed_files(workspace, snapshot)) as scripts,
        open_session(workspace.repository, snapshot.environment, options, selection) as session,
        progress_bar("rehearsing", shown=not options.quiet) as on_progress,
    ):
        if rehearse_options.on_server:
            session.ask("inspect", timeout=TIMEOUT)
        return [
            session.ask(
                "rehearse",
                on_progress=on_progress,
                plan=plan,
                folder=scripts.folder,
                scripts=scripts.versions,
                downgrade=rehearse_options.downgrade,
            )
            for plan in plans
        ]


def _committed_files(workspace: Workspace, snapshot: Snapshot) -> dict[str, bytes]:
    """Return the files in the versions directories, by path, for scripts can read or import others."""
    folders = tuple(f"{folder}/" for folder in snapshot.environment.versions)
    blobs = {path: blob for path, blob in workspace.tree.blobs.items() if path.startswith(folders)}
    contents = workspace.tree.read(workspace.repository.git, blobs.values())
    return {path: contents[blob] for path, blob in blobs.items()}
