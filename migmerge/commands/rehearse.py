"""`migmerge rehearse`: both sides of a divergence in both orders, on scratch databases."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..core.database.rehearsal import Rehearsal, RehearsalPlan, RehearsalVerdict, rehearsals_for
from ..core.options import Options
from ..core.snapshot import Snapshot
from ..output.progress import progress_bar
from ..output.screen import Screen
from ..output.text.rehearsal import report_rehearsal
from ..repository.files import write_below
from ..repository.tree import read_blobs
from ..sync.inspect import TIMEOUT, open_session
from ..workspace.merge_preview import open_merge_preview
from ..workspace.workspace import Workspace, open_workspace

SAME, DIFFERENT = 0, 1


def rehearse(options: Options, *, against: str | None, downgrade: bool, on_server: bool, named: tuple[str, ...]) -> int:
    """Print how the two orders differ, or that they do not; return 1 where they differ or one of them fails."""
    if against is None:
        return _rehearse(open_workspace(options), options, downgrade, on_server, named)
    with open_merge_preview(options, None, against) as (workspace, _):
        return _rehearse(workspace, options, downgrade, on_server, named)


def _rehearse(workspace: Workspace, options: Options, downgrade: bool, on_server: bool, named: tuple[str, ...]) -> int:
    screen = Screen(sys.stdout, options.color, quiet=options.quiet)
    results = []
    for snapshot in workspace.snapshots:
        plans = rehearsals_for(snapshot.graph)
        if not plans:
            screen.say(
                (snapshot.environment.path or ".", "heading"),
                "  nothing to rehearse: no divergent heads, no merge revision on top",
            )
        for plan, rehearsal in zip(
            plans, _rehearsed(workspace, snapshot, plans, options, downgrade, on_server, named), strict=True
        ):
            report_rehearsal(screen, snapshot, plan, rehearsal, downgrade=downgrade)
            results.append(rehearsal.verdict)
    return DIFFERENT if any(verdict is not RehearsalVerdict.SAME for verdict in results) else SAME


def _rehearsed(
    workspace: Workspace,
    snapshot: Snapshot,
    plans: Sequence[RehearsalPlan],
    options: Options,
    downgrade: bool,
    on_server: bool,
    named: tuple[str, ...],
) -> list[Rehearsal]:
    """Lay out the scripts of the commit and let the worker run them beside the development database, never on it."""
    if not plans:
        return []
    with (
        tempfile.TemporaryDirectory(prefix="migmerge-") as folder,
        open_session(workspace.repository, snapshot.environment, options, named) as session,
        progress_bar("rehearsing", shown=not options.quiet) as told,
    ):
        scripts = _laid_out(workspace, snapshot, Path(folder))
        if on_server:
            session.ask("inspect", timeout=TIMEOUT)
        return [
            session.ask("rehearse", on_progress=told, plan=plan, folder=folder, scripts=scripts, downgrade=downgrade)
            for plan in plans
        ]


def _laid_out(workspace: Workspace, snapshot: Snapshot, folder: Path) -> tuple[str, ...]:
    beside = tuple(f"{top}/" for top in snapshot.environment.versions)
    blobs = {path: blob for path, blob in workspace.tree.blobs.items() if path.startswith(beside)}
    contents = read_blobs(workspace.repository.git, blobs.values())
    write_below(folder / "scripts", {path: contents[blob] for path, blob in blobs.items()})
    places = {path.rpartition("/")[0] for path in blobs if path.endswith(".py")}
    return tuple(str(folder / "scripts" / place) for place in sorted(places))
