"""Which files of a tree show environments, and which are an environment's scripts: by name alone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ..core.environment import Environment
from ..core.script.names import is_script_name

_SIGNS = (".ini", "pyproject.toml", "env.py", "script.py.mako")
_FOREIGN = ("node_modules/", "site-packages/", "{{")
"""Parts of paths that belong to an installed package, or to the template of another project."""


def signs_of_environments(files: Iterable[str]) -> list[str]:
    """Return the files on which `find_environments` depends."""
    return [path for path in files if path.endswith(_SIGNS) and not any(part in path for part in _FOREIGN)]


def script_paths(environment: Environment, files: Sequence[str]) -> list[str]:
    """Return the paths of an environment's scripts among `files`, which are sorted as git sorts them."""
    found: dict[str, None] = {}
    for folder in environment.versions:
        prefix = f"{folder}/" if folder else ""
        start, end = bisect_left(files, prefix), bisect_left(files, f"{folder}0") if folder else len(files)
        for path in files[start:end]:
            name = path[len(prefix) :]
            if (environment.recursive or "/" not in name) and is_script_name(name.rpartition("/")[2]):
                found[path] = None
    return list(found)
