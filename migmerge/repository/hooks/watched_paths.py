"""Which files the installed hooks look at, before they start Python."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable

from ..files import replace_file
from ..repository import Repository

_ALWAYS = (":(glob)**/versions/**", ":(glob)**/alembic.ini", ":(glob)**/script.py.mako")
"""What shows that an environment arrived which nobody knew when the hooks were installed."""


def pathspecs(folders: Iterable[str]) -> tuple[str, ...]:
    """Return what git has to compare: what is usual, and the versions directories that have another name."""
    unusual = (folder for folder in folders if folder and "versions" not in folder.split("/"))
    return (*_ALWAYS, *(f":(literal){folder}" for folder in sorted(set(unusual))))


def watch_folders(repository: Repository, folders: Iterable[str]) -> None:
    """Let installed hooks look at these versions directories too, whatever was known when they were installed."""
    look = os.path.join(repository.storage, "hooks", "look")
    try:
        with open(look, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except OSError:
        return
    known = re.search(r"--quiet -- (.*) 2>", text)
    wanted = shlex.join(pathspecs(folders))
    if known and known[1] != wanted:
        replace_file(look, text.replace(known[1], wanted).encode("utf-8", "surrogateescape"), 0o644)
