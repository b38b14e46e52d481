"""The worker's loop: one request after the other, until nobody asks any more."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO

from ..core.errors import MigmergeError
from .project import Project, opened

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
    from .looking import look
    from .moving import move, rerun, stamp
    from .requests import back_up_all, recreate_all, rehearse_on

    return {
        "look": look,
        "move": move,
        "rerun": rerun,
        "stamp": stamp,
        "back up": back_up_all,
        "recreate": recreate_all,
        "rehearse": rehearse_on,
    }
