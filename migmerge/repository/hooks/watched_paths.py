"""Which files the installed hooks compare, before they start Python."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable

from ..files import replace_file
from ..repository import Repository

_ALWAYS = (":(glob)**/versions/**", ":(glob)**/alembic.ini", ":(glob)**/script.py.mako")
"""Files that show a new environment, unknown when the hooks were installed."""


def pathspecs(folders: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that git has to compare: the usual ones, and versions directories with another name."""
    unusual = (folder for folder in folders if folder and "versions" not in folder.split("/"))
    return (*_ALWAYS, *(f":(literal){folder}" for folder in sorted(set(unusual))))


def watch_folders(repository: Repository, folders: Iterable[str]) -> None:
    """Let installed hooks compare these versions directories too, known or not when the hooks were installed."""
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
