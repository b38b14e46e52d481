"""The loop of a worker: one request after the other, until the pipe is closed."""

from __future__ import annotations

import os
import pickle
import sys
from functools import partial
from typing import Any, BinaryIO

from ..core.database.obstacle import ObstacleError
from ..core.errors import MigmergeError
from ..core.redaction import without_secrets
from .applied import AppliedWatch
from .project import Project, open_project


def serve() -> None:
    """Answer requests on the original standard input and output; the application's output goes to standard error."""
    AppliedWatch.is_off = True
    requests, answers = _own_streams()
    project: Project | None = None
    while request := _next(requests):
        name, arguments = request
        try:
            if name == "open":
                project = open_project(**arguments, on_progress=partial(_send, answers, "progress"))
                project.lock_watch.start(requests.fileno())
                answer: tuple[object, ...] = ("done", None)
            else:
                assert project
                answer = ("done", _answer(project, name, arguments))
        except MigmergeError as error:
            obstacle = error.obstacle if isinstance(error, ObstacleError) else None
            answer = ("failed", without_secrets(str(error)), error.hint, obstacle)
        _send(answers, *answer)


def _next(requests: BinaryIO) -> tuple[str, dict[str, Any]] | None:
    try:
        name, arguments = pickle.load(requests)  # noqa: S301 (from our own parent)
    except EOFError:
        return None
    return name, arguments


def _answer(project: Project, name: str, arguments: dict[str, Any]) -> object:
    from .requests import REQUESTS  # after `open_project`, which reports that the project has no Alembic

    return REQUESTS[name](project, **arguments)


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
