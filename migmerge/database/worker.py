"""The worker's loop: one request after the other, until nobody asks any more."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import BinaryIO

from ..core.database.backup import Backup, backup_name
from ..core.database.rehearsal import Rehearsal, RehearsalPlan
from ..core.errors import MigmergeError
from .backup.copy import back_up
from .backup.verify import verify
from .guard import address_of
from .project import Project, failures_told, opened
from .recreate import recreate
from .rehearsal.rehearse import rehearse

Request = Callable[..., object]


def serve() -> None:
    """Answer requests on what was standard input and output; what the application prints goes to standard error."""
    requests, answers = _own_streams()
    project: Project | None = None
    while True:
        try:
            name, given = pickle.load(requests)  # noqa: S301 (from our own parent)
        except EOFError:
            return
        answer: tuple[object, ...]
        try:
            if name == "open":
                project = opened(**given, tell=partial(_send, answers, "progress"))
                answer = ("done", None)
            else:
                assert project
                answer = ("done", _requests()[name](project, **given))
        except MigmergeError as error:
            answer = ("failed", str(error), error.hint)
        _send(answers, *answer)


def _send(answers: BinaryIO, *answer: object) -> None:
    pickle.dump(answer, answers)
    answers.flush()


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to ourselves: the application may read from 0 and print to 1 as it likes."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    return requests, answers


def _requests() -> Mapping[str, Request]:
    from .inspect import inspect_databases
    from .run_revision import rerun, run_revision, stamp

    return {
        "look": inspect_databases,
        "move": run_revision,
        "rerun": rerun,
        "stamp": stamp,
        "back up": back_up_all,
        "recreate": recreate_all,
        "rehearse": rehearse_on,
    }


def back_up_all(project: Project, folder: str, now: datetime, *, verified: bool) -> tuple[Backup, ...]:
    """Back up every database that was looked at into a folder; a SQLite file that is not there yet has nothing to lose."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    found = []
    for bind, url in project.urls.items():
        address = address_of(url)
        project.guard.allow(address)
        if address.dialect == "sqlite" and not os.path.exists(url.database or ""):
            continue
        name = f"{address.name}-{bind}" if bind else address.name
        backup = back_up(url, _free(Path(folder), name, address.dialect, now))
        found.append(verify(backup, url) if verified else backup)
    return tuple(found)


def _free(folder: Path, name: str, dialect: str, now: datetime) -> Path:
    """Return the file for a backup of this second, or of the next for which there is none."""
    later = (now + timedelta(seconds=number) for number in count())
    return next(path for each in later if not (path := folder / backup_name(name, dialect, each)).exists())


def recreate_all(project: Project) -> None:
    """Make every database that was looked at empty, as new; they are backed up already."""
    project.let_go()
    for url in project.urls.values():
        project.guard.allow(address_of(url))
        recreate(url)


def rehearse_on(project: Project, plan: RehearsalPlan, folder: str, scripts: Sequence[str], *, downgrade: bool) -> Rehearsal:
    """Rehearse beside the first database that was looked at, or on SQLite where none was; in the application if it starts."""
    from sqlalchemy import make_url

    with suppress(MigmergeError), failures_told(project.environment):
        project.config()
    url = next(iter(project.urls.values()), make_url("sqlite://"))
    project.guard.allow(address_of(url))
    project.guard.looking = False
    expected = len(plan.base) + (4 + downgrade) * len(plan.orders[0])
    done = count(1)
    return rehearse(
        url,
        [Path(each) for each in scripts],
        plan,
        Path(folder),
        downgrade=downgrade,
        naming_convention=project.naming_convention,
        progress=lambda _: project.tell(number := next(done), max(number, expected)),
    )
