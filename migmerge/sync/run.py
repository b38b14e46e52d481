"""Going a planned way with a database: backed up before, one revision at a time, looked at afterwards."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..core.database.sync_plan import Downgrade, Rerun, Stamp, SyncPlan, SyncStep, Upgrade
from ..core.errors import MigmergeError
from ..core.revision import Revision
from ..core.script.read import read_script, script_at
from ..database.session import Session
from ..output.screen import Screen
from ..output.text.sync_plan import report_done, report_undo
from ..repository.files import write_below
from .backups import mark_finished
from .inspect import Inspection

DONE, REFUSED = 0, 1


def run_plan(session: Session, inspection: Inspection, sync_plan: SyncPlan, screen: Screen, undo: Sequence[str]) -> int:
    """Go one step after the other and stop at the first that fails, with the way back to before the first."""
    """Go one step after the other and stop at the first that fails; then say where the databases are."""
    failure: MigmergeError | None = None
    with temporary_scripts(inspection) as versions:
        for step in sync_plan.steps:
            try:
                _run_step(session, step, versions)
            except MigmergeError as error:
                failure = error
                break
            except KeyboardInterrupt:
                screen.say(("interrupted; ", "error"), "where the database is now: ", ("migmerge doctor", "command"))
                report_undo(screen, undo)
                raise
            report_done(screen, step)
    if failure:
        screen.say(("stopped: ", "error"), str(failure))
    else:
        mark_finished(undo)
    report_undo(screen, undo)
    return REFUSED if failure or sync_plan.notes else DONE


def _run_step(session: Session, step: SyncStep, versions: tuple[str, ...]) -> None:
    match step:
        case Downgrade():
            session.ask("run", revision=step.revision, direction="downgrade", versions=versions)
        case Rerun():
            session.ask("rerun", revision=step.revision)
        case Upgrade():
            session.ask("run", revision=step.revision, direction="upgrade")
        case Stamp():
            session.ask("stamp", revisions=step.after, bind=step.bind)


@contextmanager
def temporary_scripts(inspection: Inspection) -> Iterator[tuple[str, ...]]:
    """Write the scripts and yield the folders that hold them; the work tree is not touched.

    Where the checkout and a phantom's commit have a revision of one id, it is the checkout's.
    """
    here = dict(inspection.tree.texts)
    known = set(inspection.tree.snapshot.graph.revisions)
    there: dict[str, bytes] = {}
    for path, data in sorted(inspection.files.items()):
        name = _revision(path, data)
        if name is None or name not in known:
            there[path] = data
            known |= {name} if name else set()
    with tempfile.TemporaryDirectory(prefix="migmerge-") as folder:
        top = Path(folder)
        write_below(top / "here", here)
        write_below(top / "there", there)
        yield (*_folders(top / "here", here), *_folders(top / "there", there))


def _revision(path: str, data: bytes) -> str | None:
    script = script_at(read_script(data), path) if path.endswith(".py") else None
    return script.revision if isinstance(script, Revision) else None


def _folders(top: Path, files: dict[str, bytes]) -> list[str]:
    return [str(top / folder) for folder in sorted({posixpath.dirname(path) for path in files if path.endswith(".py")})]


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What the user told `migmerge sync`; `stamp` stands for a recorded revision that is nowhere to be found."""

    yes: bool = False
    dry_run: bool = False
    backup: bool = True
    stamp: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
