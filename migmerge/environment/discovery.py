"""Find the environments of a tree from its file names and its configuration files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..core.environment import Environment, told_apart
from .config_files import HERE, DescribedEnvironment, read_ini, read_toml
from .layout import PACKAGE, package_path

ReadFiles = Callable[[Sequence[str]], Mapping[str, bytes]]


def find_environments(signs: Sequence[str], read: ReadFiles) -> tuple[Environment, ...]:
    """Return the environments that ini and toml files describe and those that only a folder's content shows, by path.

    `signs` are paths relative to the top of the repository, `read` returns the bytes of several at once. Nothing is
    imported or run; a `package:path` is searched among the folders, and stays behind `PACKAGE` as a version location.
    A file that Alembic could not read is an environment with a problem.
    """
    folders = {posixpath.dirname(path) for path in signs if posixpath.basename(path) in ("env.py", "script.py.mako")}
    configs = [path for path in signs if path.endswith((".ini", "pyproject.toml"))]
    texts = read(configs) if configs else {}
    described = [(path, each) for path in sorted(texts, key=_prominence) for each in _described(path, texts[path])]
    located = [environment for config, each in described if (environment := _located(config, each, folders))]
    unclaimed = set(_unclaimed(signs, folders - {each.path for each in located}))
    for config, each in described:
        if each.problem and not any(known.config == config for known in located):
            broken = _with_problem(config, each.problem, folders, unclaimed)
            unclaimed.difference_update(environment.path for environment in broken)
            located += broken
    located += [Environment(folder, "alembic", (posixpath.join(folder, "versions"),)) for folder in unclaimed]
    return told_apart(_without_repetitions(located))


def folders_named(texts: Mapping[str, bytes]) -> list[str]:
    """Return the folders that configurations, given by path, may mean as those of environments, whether they are there or not."""
    described = [(posixpath.dirname(path), each) for path in texts for each in _described(path, texts[path])]
    named = (folder for here, each in described if each.script_location for folder in _named(each.script_location, here))
    return list(dict.fromkeys(named))


def _named(location: str, here: str) -> Iterator[str]:
    if location.startswith("/"):
        yield from filter(None, [_from_here(location, here)])
        return
    written = package_path(location) if ":" in location else location
    yield from (_normal(posixpath.join(base, written)) for base, _ in _bases(here))


def _prominence(path: str) -> tuple[bool, int, str]:
    """Sort `alembic.ini` before its variants, such as one for the tests, and the top before deeper folders."""
    return posixpath.basename(path) != "alembic.ini", path.count("/"), path


def _described(path: str, data: bytes) -> Sequence[DescribedEnvironment]:
    if path.endswith(".toml"):
        return read_toml(data)
    if posixpath.basename(path) == "alembic.ini" or b"script_location" in data:
        return sorted(read_ini(data), key=lambda each: each.section != "alembic")
    return ()


def _located(config: str, described: DescribedEnvironment, folders: set[str]) -> Environment | None:
    """Resolve the paths of a configuration file to folders of the tree; None where the environment's folder is not among them."""
    here = posixpath.dirname(config)
    # Flask-Migrate passes the folder itself, so its ini names none.
    kind = "flask-migrate" if described.script_location is None else "alembic"
    base: str | None
    if described.script_location is None:
        script_folder, base = here, posixpath.dirname(here)
    else:
        script_folder, base = _script_folder(described.script_location, here, folders)
    if script_folder not in folders:
        return None
    written = described.version_locations
    locations = [_version_location(location, here, base) for location in written]
    return Environment(
        script_folder,
        kind,
        tuple(dict.fromkeys(each for each in locations if each is not None)) or _usual(script_folder, described),
        config,
        described.section,
        described.recursive,
        tuple(text.replace(HERE, "%(here)s") for text, each in zip(written, locations, strict=True) if each is None),
        folder=base if kind == "alembic" and (base or here) else None,
        problem=described.problem,
    )


def _usual(script_folder: str, described: DescribedEnvironment) -> tuple[str, ...]:
    return () if described.version_locations else (posixpath.join(script_folder, "versions"),)


def _script_folder(location: str, here: str, folders: set[str]) -> tuple[str, str]:
    """Return the environment's folder and the one in which Alembic has to be run for it.

    Alembic resolves a relative path against the folder it is run in: that of the file, one above it, or, where only one
    folder of the tree ends like that, another one. With `%(here)s` any would do, were it not for the paths of databases.
    Some programs pass the folder of an ini that lies in it themselves.
    """
    if location.startswith("/"):
        folder = _from_here(location, here)
        return ("", here) if folder is None else (folder, _shared(folder, here))
    written = _normal(package_path(location) if ":" in location else location)
    for base, above in _bases(here):
        if (folder := _normal(posixpath.join(base, written))) in folders:
            return folder, above if ":" in location else base
    deeper = sorted(folder for folder in folders if folder.endswith(f"/{written}"))
    if deeper and ":" in location:
        return deeper[0], here
    if len(deeper) == 1:
        return deeper[0], deeper[0].removesuffix(written).rstrip("/")
    return here, posixpath.dirname(here)


def _shared(one: str, other: str) -> str:
    """Return the deepest folder that has both folders: from there `alembic` finds what lies beside either."""
    return posixpath.commonpath([one, other]) if one and other else ""


def _bases(here: str) -> Iterator[tuple[str, str]]:
    """Yield the folders that a relative path may start from, each with the folder in which Alembic is run then."""
    above = [here]
    while above[-1]:
        above.append(posixpath.dirname(above[-1]))
    yield from ((folder, folder) for folder in above)
    yield from ((posixpath.join(folder, "src"), folder) for folder in above)


def _version_location(location: str, here: str, base: str) -> str | None:
    """Return a folder of the repository, or the location behind `PACKAGE`; None where it lies outside of the repository."""
    if location.startswith("/"):
        return _from_here(location, here)
    if ":" in location:
        return PACKAGE + location
    return _inside(posixpath.join(base, location))


def _from_here(location: str, here: str) -> str | None:
    if not location.startswith(HERE):
        return None
    return _inside(posixpath.join(here, location.removeprefix(HERE).lstrip("/")))


def _inside(path: str) -> str | None:
    normal = _normal(path)
    return None if normal == ".." or normal.startswith("../") else normal


def _normal(path: str) -> str:
    """Return a path in its shortest form; the empty one for the top of the repository."""
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal


def _with_problem(config: str, problem: str, folders: set[str], unclaimed: set[str]) -> list[Environment]:
    """Return the environments that a file may describe of which no folder is known; one without folders where there is none."""
    here = posixpath.dirname(config)
    beside = [here] if here in folders else []
    below = beside or sorted(folder for folder in unclaimed if not here or folder.startswith(f"{here}/"))
    kind = "flask-migrate" if beside else "alembic"
    found = [Environment(each, kind, (posixpath.join(each, "versions"),), config, problem=problem) for each in below]
    return found or [Environment(config, kind, (), config, problem=problem)]


def _unclaimed(signs: Sequence[str], folders: Iterable[str]) -> Iterator[str]:
    """Yield the folders that hold both an env.py and a script.py.mako: an application may configure Alembic in code."""
    files = set(signs)
    for folder in folders:
        if {posixpath.join(folder, name) for name in ("env.py", "script.py.mako")} <= files:
            yield folder


def _without_repetitions(environments: Iterable[Environment]) -> list[Environment]:
    """Keep one of the environments that read the same scripts: sections may differ in the database alone."""
    found: dict[object, Environment] = {}
    for each in environments:
        found.setdefault((each.path, each.versions, each.outside, each.recursive), each)
    return list(found.values())
