"""The requests that a worker answers, by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from ..core.database.backup import Backup, backup_name
from ..core.database.rehearsal import Rehearsal, RehearsalPlan
from ..core.database.replay import Replay, ReplayRequest
from ..core.errors import MigmergeError
from .backup.copy import back_up
from .backup.verify import verify
from .drop_tables import count_rows, drop_all_but
from .first_migration import create_environment, create_first_revision, upgrade_to_head
from .guard import address_of
from .inspect import inspect_databases, list_databases, read_catalogs
from .leftovers import discard
from .merge_script import load_env_py, render_merge_script, run_merge_script_hooks
from .project import Project
from .recreate import recreate
from .rehearsal.rehearse import RehearsalOptions, rehearse
from .rehearsal.replay import ReplayPlace, replay
from .run_revision import rerun, run_revision, stamp
from .sqlite_location import file_of_url


def back_up_databases(project: Project, folder: str, now: datetime, *, verified: bool) -> tuple[Backup, ...]:
    """Back up every database that was inspected into a folder, except a SQLite file that does not exist."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    backups = []
    for bind, url in project.urls.items():
        address = address_of(url)
        project.guard.allow(address)
        if address.dialect == "sqlite" and (file := file_of_url(url)) and not os.path.exists(file):
            continue
        name = f"{address.name}-{bind}" if bind else address.name
        backup = replace(back_up(url, _unused_path(Path(folder), name, address.dialect, now)), url=address.url)
        backups.append(verify(backup, url) if verified else backup)
    return tuple(backups)


def _unused_path(folder: Path, name: str, dialect: str, now: datetime) -> Path:
    """Return the path of a backup with the time `now`, or with the first later second that is not in use."""
    times = (now + timedelta(seconds=number) for number in count())
    return next(path for each in times if not (path := folder / backup_name(name, dialect, each)).exists())


def recreate_databases(project: Project) -> None:
    """Replace every database that was inspected by an empty one; the caller has backed them up."""
    project.close_connections()
    for url in project.urls.values():
        project.guard.allow(address_of(url))
        recreate(url)


def empty_databases(project: Project, kept: Mapping[str, Sequence[str]]) -> None:
    """Recreate every database that was inspected, or drop its tables where some of them are kept, by bind."""
    project.close_connections()
    for bind, url in project.urls.items():
        project.guard.allow(address_of(url))
        if kept.get(bind):
            drop_all_but(url, kept[bind])
        else:
            recreate(url)


def prepare_post_write_hooks(project: Project) -> None:
    """Load env.py, which registers post-write hooks in this process."""
    load_env_py(project)


def count_table_rows(project: Project, tables: Mapping[str, Sequence[str]]) -> dict[str, Mapping[str, int | None]]:
    """Return the number of rows of tables, by bind."""
    return {bind: count_rows(project.urls[bind], names) for bind, names in tables.items() if names}


def rehearse_plan(project: Project, plan: RehearsalPlan, folder: str, scripts: Sequence[str], *, downgrade: bool) -> Rehearsal:
    """Rehearse on the server of the first database that was inspected, or on SQLite where none was.

    The scripts run in the context of the application, if it starts.
    """
    from sqlalchemy import make_url

    with suppress(MigmergeError), project.errors_translated():
        project.config()
    url = next(iter(project.urls.values()), make_url("sqlite://"))
    project.guard.allow(address_of(url))
    project.guard.may_create_files = True
    expected, done = plan.expected_steps(downgrade=downgrade), count(1)

    def progress(_: str) -> None:
        number = next(done)
        project.on_progress(number, max(number, expected))

    options = RehearsalOptions(downgrade, project.naming_convention, progress)
    return rehearse(url, [Path(each) for each in scripts], plan, Path(folder), options)


def replay_scripts(project: Project, wanted: ReplayRequest, folder: str, scripts: Sequence[str]) -> Replay:
    """Replay scripts on the server of the database of a bind, which was inspected."""
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


REQUESTS: Mapping[str, Callable[..., object]] = {
    "inspect": inspect_databases,
    "list": list_databases,
    "run": run_revision,
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
