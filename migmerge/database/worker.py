"""The loop of a worker: one request after the other, until the pipe is closed."""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import secrets  # noqa: F401 (before the project's own folder is on sys.path, where a module can have this name)
import sys
from functools import partial
from typing import Any, BinaryIO

from ..core.database.obstacle import ObstacleError
from ..core.errors import MigmergeError
from ..core.redaction import without_secrets
from .applied import AppliedWatch
from .project import Project, open_project
from .requests import function_of

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Some ten MB that scripts can leave behind; at Python's 700 a fifth of the time that an upgrade takes goes there."""


def serve() -> None:
    """Answer requests on the original standard input and output; the application's output goes to standard error."""
    AppliedWatch.is_off = True
    gc.disable()  # what is imported now stays
    atexit.register(gc.freeze)  # the last collections, 90 ms, free what the end of the process frees anyway
    requests, answers = _own_streams()
    project: Project | None = None
    while request := _next(requests):
        name, arguments = request
        try:
            if name == "open":
                project = open_project(**arguments, on_progress=partial(_send, answers, "progress"))
                project.lock_watch.start(requests.fileno())
                _collect_garbage_seldom()
                answer: tuple[object, ...] = ("done", None)
            else:
                assert project
                answer = ("done", _answer(project, name, arguments))
        except MigmergeError as error:
            obstacle = error.obstacle if isinstance(error, ObstacleError) else None
            answer = ("failed", without_secrets(str(error)), error.hint, obstacle)
        _send(answers, *answer)


def _collect_garbage_seldom() -> None:
    """Leave out of all collections what Alembic and SQLAlchemy consist of."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    gc.enable()


def _next(requests: BinaryIO) -> tuple[str, dict[str, Any]] | None:
    try:
        name, arguments = pickle.load(requests)  # noqa: S301 (from our own parent)
    except EOFError:
        return None
    return name, arguments


def _answer(project: Project, name: str, arguments: dict[str, Any]) -> object:
    # After `open_project`, which reports that the project has no Alembic.
    return function_of(name)(project, **arguments)


def _send(answers: BinaryIO, *answer: object) -> None:
    pickle.dump(answer, answers)
    answers.flush()


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Duplicate the pipes, so that the application can read from 0 and print to 1."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    return requests, answers
