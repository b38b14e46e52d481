"""Find the environments of a tree from its file names and its configuration files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..core.environment import Environment
from ..core.errors import MigmergeError
from .config_files import HERE, DescribedEnvironment, read_ini, read_toml

ReadFiles = Callable[[Sequence[str]], Mapping[str, bytes]]


def find_environments(signs: Sequence[str], read: ReadFiles) -> tuple[Environment, ...]:
    """Return the environments that ini and toml files describe and those that only a folder's content shows, by path.

    `signs` are paths relative to the top of the repository, `read` returns the bytes of several at once. Nothing is
    imported or run; a `package:path` is searched among the folders.

    Raises:
        MigmergeError: where an Alembic configuration cannot be read.
    """
    folders = {posixpath.dirname(path) for path in signs if posixpath.basename(path) in ("env.py", "script.py.mako")}
    configs = [path for path in signs if path.endswith((".ini", "pyproject.toml"))]
    texts = read(configs) if configs else {}
    found: dict[str, Environment] = {}
    broken: list[MigmergeError] = []
    for path in sorted(texts, key=_prominence):
        for described in _described(path, texts[path], broken):
            if environment := _located(path, described, folders):
                known = found.get(environment.path)
                found[environment.path] = _joined(known, environment) if known else environment
    if broken and not found:
        raise broken[0]
    for folder in _unclaimed(signs, folders - found.keys()):
        found[folder] = Environment(folder, "alembic", (posixpath.join(folder, "versions"),))
    return tuple(found[path] for path in sorted(found))


def _prominence(path: str) -> tuple[bool, int, str]:
    """Sort `alembic.ini` before its variants, such as one for the tests, and the top before deeper folders."""
    return posixpath.basename(path) != "alembic.ini", path.count("/"), path


def _described(path: str, data: bytes, broken: list[MigmergeError]) -> tuple[DescribedEnvironment, ...]:
    """Read a configuration file; an unreadable one goes to `broken`, for it may be the fixture of a test."""
    try:
        if path.endswith(".toml"):
            return read_toml(data, path)
        if posixpath.basename(path) == "alembic.ini" or b"script_location" in data:
            return read_ini(data, path)
    except MigmergeError as error:
        broken.append(error)
    return ()


def _located(config: str, described: DescribedEnvironment, folders: set[str]) -> Environment | None:
    """Resolve the paths of a configuration file to folders of the tree; None where the environment's folder is not among them."""
    here = posixpath.dirname(config)
    if described.script_location is None:
        # Flask-Migrate passes the folder itself, so its ini names none.
        if here not in folders:
            return None
        script_folder, base, kind = here, posixpath.dirname(here), "flask-migrate"
    else:
        located = _script_folder(described.script_location, here, folders)
        if located is None:
            return None
        script_folder, base = located
        kind = "alembic"
    versions = tuple(_resolved(location, here, base) for location in described.version_locations)
    return Environment(
        script_folder,
        kind,
        tuple(dict.fromkeys(versions)) or (posixpath.join(script_folder, "versions"),),
        config,
        described.section,
        described.recursive,
    )


def _script_folder(location: str, here: str, folders: set[str]) -> tuple[str, str] | None:
    """Return the environment's folder and the folder that the configuration's relative paths start from."""
    if location.startswith(HERE):
        folder = _resolved(location, here, here)
        return (folder, here) if folder in folders else None
    written = _package_path(location)
    for base in dict.fromkeys((here, "", posixpath.join(here, "src"), "src")):
        if (folder := _normal(posixpath.join(base, written))) in folders:
            return folder, base
    if ":" not in location:
        return None
    deeper = sorted(folder for folder in folders if folder.endswith(f"/{written}"))
    return (deeper[0], deeper[0].removesuffix(written).rstrip("/")) if deeper else None


def _package_path(location: str) -> str:
    package, colon, path = location.partition(":")
    return posixpath.join(package.replace(".", "/"), path).strip("/") if colon else location


def _resolved(location: str, here: str, base: str) -> str:
    if location.startswith(HERE):
        path = posixpath.join(here, location.removeprefix(HERE).lstrip("/"))
    else:
        path = posixpath.join(base, _package_path(location))
    return _normal(path)


def _normal(path: str) -> str:
    """Return a path in its shortest form; the empty one for the top of the repository."""
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal


def _joined(first: Environment, second: Environment) -> Environment:
    """Join what two configuration files say of one folder; the more prominent file stays its configuration."""
    versions = tuple(dict.fromkeys((*first.versions, *second.versions)))
    return first._replace(versions=versions, recursive=first.recursive or second.recursive)


def _unclaimed(signs: Sequence[str], folders: set[str]) -> Iterator[str]:
    """Yield the folders that hold both an env.py and a script.py.mako: an application may configure Alembic in code."""
    files = set(signs)
    for folder in sorted(folders):
        if {posixpath.join(folder, name) for name in ("env.py", "script.py.mako")} <= files:
            yield folder
