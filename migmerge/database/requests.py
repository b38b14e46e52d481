"""The requests that a worker answers, by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.database.backup import Backup, BackupsWanted, NoBackup, Saved, WhyNoBackup, backup_name
from ..core.database.database import Address, Forward
from ..core.database.replay import Replay, ReplayRequest
from ..core.errors import MigmergeError
from ..core.redaction import without_secrets
from .backup.copy import back_up, remove_partial_files
from .backup.saved import require_saved
from .backup.verify import verify
from .drop_tables import count_rows, drop_all_but
from .first_migration import create_environment, create_first_revision, upgrade_to_head
from .guard import address_of
from .inspect import inspect_databases, list_databases, read_catalogs
from .leftovers import discard
from .merge_script import load_env_py, render_merge_script, run_merge_script_hooks
from .project import Project
from .recreate import recreate
from .rehearsal.databases import rehearse_plan
from .rehearsal.replay import ReplayPlace, replay
from .run_revision import rerun, run_revision, stamp
from .sqlite_location import file_of_url
from .tenant import qualified

if TYPE_CHECKING:
    from sqlalchemy import URL
from .run_revision import run_steps


def back_up_databases(project: Project, folder: str, now: datetime, wanted: BackupsWanted) -> dict[str, Backup | NoBackup]:
    """Back up the databases that were inspected into a folder; return by bind the backup, or why there is none."""
    project.guard.allow_changes()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    remove_partial_files(Path(folder))
    binds = [bind for bind in project.urls if wanted.binds is None or bind in wanted.binds]
    made = {project.urls[bind]: bind for bind in reversed(binds)}  # the tenants of a database have one backup
    saved = {bind: _backed_up(project, bind, Path(folder), now, wanted) for bind in binds if bind in made.values()}
    return {bind: saved[made[project.urls[bind]]] for bind in binds}


def _backed_up(project: Project, bind: str, folder: Path, now: datetime, wanted: BackupsWanted) -> Backup | NoBackup:
    url = project.urls[bind]
    address = address_of(url)
    project.guard.allow(address)
    if reason := _nothing_to_copy(url, wanted):
        return NoBackup(address.name, reason)
    name = f"{address.name}-{bind}" if bind and not project.tenants.get(bind) else address.name
    try:
        backup = back_up(url, _unused_path(folder, name, address.dialect, now))
        return replace(verify(backup, url) if wanted.verified else backup, url=address.url, bind=bind)
    except MigmergeError as error:
        return NoBackup(address.name, WhyNoBackup.FAILED, without_secrets(str(error)), error.hint)


def _nothing_to_copy(url: URL, wanted: BackupsWanted) -> WhyNoBackup | None:
    if url.get_backend_name() == "sqlite":
        file = file_of_url(url)
        if not file:
            return WhyNoBackup.IN_MEMORY
        if not os.path.exists(file):
            return WhyNoBackup.NO_FILE
    return None if wanted.any else WhyNoBackup.DECLINED


def _unused_path(folder: Path, name: str, dialect: str, now: datetime) -> Path:
    """Return the path of a backup with the time `now`, or with the first later second that is not in use."""
    times = (now + timedelta(seconds=number) for number in count())
    return next(path for each in times if not (path := folder / backup_name(name, dialect, each)).exists())


def recreate_databases(project: Project, saved: Saved) -> None:
    """Replace every database that was inspected by an empty one."""
    empty_databases(project, {}, saved)


def empty_databases(project: Project, kept: Mapping[str, Sequence[str]], saved: Saved) -> None:
    """Recreate every database that was inspected, or drop its tables where some of them are kept, by bind."""
    project.guard.allow_changes()
    project.close_connections()
    for bind, url in project.urls.items():
        project.guard.allow(address_of(url))
        require_saved(saved, bind, address_of(url).name)
    for bind, url in project.urls.items():
        if kept.get(bind):
            drop_all_but(url, kept[bind])
        else:
            recreate(url)


def prepare_post_write_hooks(project: Project) -> None:
    """Load env.py, which registers post-write hooks in this process."""
    load_env_py(project)


def count_table_rows(project: Project, tables: Mapping[str, Sequence[str]]) -> dict[str, Mapping[str, int | None]]:
    """Return the number of rows of tables, by bind."""
    return {bind: dict(_counted(project, bind, names)) for bind, names in tables.items() if names}


def _counted(project: Project, bind: str, names: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    full = {name: qualified(name, project.tenants.get(bind, "")) for name in names}
    counts = count_rows(project.urls[bind], full.values())
    yield from ((name, counts[full[name]]) for name in names)


def replay_scripts(project: Project, wanted: ReplayRequest, folder: str, scripts: Sequence[str]) -> Replay:
    """Replay scripts on the server of the database of a bind, which was inspected."""
    project.guard.allow_changes()
    url = project.urls[wanted.bind]
    project.guard.allow(address_of(url))
    project.guard.may_create_files = True
    expected, done = len(wanted.order), count(1)
    place = ReplayPlace(
        url,
        [Path(each) for each in scripts],
        Path(folder),
        project.naming_conventions.get(wanted.bind),
        lambda: project.on_progress(next(done), expected),
    )
    return replay(place, wanted)


def doubtful_forwards(project: Project) -> tuple[tuple[Address, Forward], ...]:
    """Return the inspected databases behind forwards that the user has not trusted."""
    return project.guard.doubtful


def trust(project: Project, names: Sequence[str]) -> None:
    """Trust databases until the end of the session."""
    project.guard.trusted = (*project.guard.trusted, *names)


REQUESTS: Mapping[str, Callable[..., object]] = {
    "inspect": inspect_databases,
    "doubtful forwards": doubtful_forwards,
    "trust": trust,
    "list": list_databases,
    "run": run_revision,
    "run steps": run_steps,
    "rerun": rerun,
    "stamp": stamp,
    "discard": discard,
    "back up": back_up_databases,
    "recreate": recreate_databases,
    "empty": empty_databases,
    "count rows": count_table_rows,
    "rehearse": rehearse_plan,
    "render merge script": render_merge_script,
    "load env.py": prepare_post_write_hooks,
    "run post-write hooks": run_merge_script_hooks,
    "read catalogs": read_catalogs,
    "replay": replay_scripts,
    "create environment": create_environment,
    "create first revision": create_first_revision,
    "upgrade to head": upgrade_to_head,
}
