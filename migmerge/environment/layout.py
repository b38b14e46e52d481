"""Which files of a tree show environments, and which are an environment's scripts: by name alone."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from ..core.environment import Environment
from ..core.script.names import COMPILED, is_script_name

PACKAGE = "//"
"""Stands before a version location in a package, which may be in the repository or not; no path begins with two slashes."""

_SIGNS = (".ini", "pyproject.toml", "env.py", "script.py.mako")
_FOREIGN = ("node_modules/", "site-packages/", f"{COMPILED}/", "{{")
"""Parts of paths that belong to an installed package, to what Python compiled, or to the template of another project."""


def signs_of_environments(files: Iterable[str]) -> list[str]:
    """Return the files on which `find_environments` depends."""
    return [path for path in files if path.endswith(_SIGNS) and not is_foreign(path)]


def is_foreign(path: str) -> bool:
    """Say whether a file belongs to an installed package, or to the template of another project."""
    return any(part in path for part in _FOREIGN)


def package_path(location: str) -> str:
    """Return the path, from where packages are imported, of a location as `package:path`."""
    package, _, path = location.partition(":")
    return posixpath.join(package.replace(".", "/"), path.replace(":", "/")).strip("/")


def with_packages_found(environment: Environment, files: Sequence[str]) -> Environment:
    """Resolve the version locations in packages; those of no package in the repository lead outside.

    `files` are the tree's paths, sorted.
    """
    if not any(folder.startswith(PACKAGE) for folder in environment.versions):
        return environment
    found = {folder: _folder_of(folder, environment, files) for folder in environment.versions}
    return environment._replace(
        versions=tuple(dict.fromkeys(each for each in found.values() if each is not None)),
        outside=(*environment.outside, *(folder.removeprefix(PACKAGE) for folder, each in found.items() if each is None)),
    )


def _folder_of(folder: str, environment: Environment, files: Sequence[str]) -> str | None:
    if not folder.startswith(PACKAGE):
        return folder
    written = package_path(folder.removeprefix(PACKAGE))
    return next((each for each in _candidates(written, environment) if has_files(each, files)), None)


def _candidates(written: str, environment: Environment) -> Iterator[str]:
    above = [environment.project, environment.path]
    while above[-1]:
        above.append(posixpath.dirname(above[-1]))
    for base in dict.fromkeys((*above, *(posixpath.join(each, "src") for each in above))):
        yield posixpath.normpath(posixpath.join(base, written))


def has_files(folder: str, files: Sequence[str]) -> bool:
    """Say whether any of the sorted `files` lies in a folder or below it."""
    start = bisect_left(files, f"{folder}/")
    return start < len(files) and files[start].startswith(f"{folder}/")


def usual_versions(path: str, files: Sequence[str]) -> str:
    """Return the folder of an environment's scripts where nothing names one: `versions`, else the environment's own."""
    usual = posixpath.join(path, "versions")
    return usual if has_files(usual, files) else path


def script_paths(environment: Environment, files: Sequence[str]) -> list[str]:
    """Return the paths of an environment's scripts among `files`, which are sorted as git sorts them."""
    found: dict[str, None] = {}
    for folder in environment.versions:
        prefix = f"{folder}/" if folder else ""
        start, end = bisect_left(files, prefix), bisect_left(files, f"{folder}0") if folder else len(files)
        for path in files[start:end]:
            name = path[len(prefix) :]
            if "/" in name and (not environment.recursive or f"{COMPILED}/" in name):
                continue
            if is_script_name(name.rpartition("/")[2]):
                found[path] = None
    return list(found)
