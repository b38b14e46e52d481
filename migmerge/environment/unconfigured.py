"""Environments that no configuration describes, found by their scripts, and the scripts that no environment reads."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..core.environment import Environment, told_apart
from ..core.revision import Identifiers, Reading, Unreadable
from ..core.script.budget import ReadingBudget
from ..core.script.names import is_script_name
from ..core.script.read import read_script
from .layout import has_files, is_foreign, script_paths

_WORDS = ("version", "alembic", "migrat", "revision")
_LIKELY_WORDS = (*_WORDS, *(word.capitalize() for word in _WORDS))
_LIKELY_NAME = re.compile(r"[/\n][0-9a-f]{12}[_.-]")
_ASSIGNED = tuple(re.compile(rb"^%s[ \t]*[:=]" % name, re.MULTILINE) for name in (b"revision", b"down_revision"))
_NO_REVISION = "it assigns no revision and down_revision"


class FoundEnvironments(NamedTuple):
    """Hold the environments of a tree, and the paths of files that look like revisions and that none of them reads."""

    environments: tuple[Environment, ...]
    unread: tuple[str, ...]


def unread_candidates(known: Sequence[Environment], files: Sequence[str]) -> list[str]:
    """Return the files that no known environment reads and that may be revisions, judged by their paths alone."""
    likely: dict[str, bool] = {}
    found = []
    # Most files that look like scripts are those of the known environments.
    read = {path for environment in known for path in script_paths(environment, files)}
    for path in sorted(_likely_paths(path for path in files if path not in read)):
        folder, _, name = path.rpartition("/")
        if not is_script_name(name) or name == "env.py" or is_foreign(path) or not _has(path, files):
            continue
        if folder not in likely:
            likely[folder] = not any(environment.holds(path) for environment in known)
        if likely[folder]:
            found.append(path)
    return found


def _likely_paths(files: Iterable[str]) -> set[str]:
    """Return the paths with a likely word in a folder's name, or with an id in the file's.

    Searching one long text takes a tenth of the time of looking at each path, which in a large repository is 10 ms.
    """
    text = "\n".join(["", *files, ""])
    found = set()
    for word in _LIKELY_WORDS:
        place = text.find(word)
        while place >= 0:
            path = _line_at(text, place)
            if word in path.rpartition("/")[0]:
                found.add(path)
            place = text.find(word, text.find("\n", place))
    return found.union(_line_at(text, match.end() - 1) for match in _LIKELY_NAME.finditer(text))


def _line_at(text: str, place: int) -> str:
    return text[text.rfind("\n", 0, place) + 1 : text.find("\n", place)]


def read_candidate(data: bytes, budget: ReadingBudget | None = None) -> Reading:
    """Read a file that may be a revision; one that does not assign both identifiers at the margin is not parsed."""
    return read_script(data, budget) if all(name.search(data) for name in _ASSIGNED) else Unreadable(_NO_REVISION)


def looks_like_revision(reading: Reading) -> bool:
    return isinstance(reading, Identifiers) or reading.reason != _NO_REVISION


def find_unconfigured(known: Sequence[Environment], files: Sequence[str], scripts: Mapping[str, Reading]) -> FoundEnvironments:
    """Add the environments that can be seen in `scripts`, which look like revisions and which no `known` one reads.

    These are a folder that has its script.py.mako among its scripts, a folder `versions` without an env.py beside it, and
    the folders below a `versions` whose scripts follow one another. `files` are the tree's paths, sorted.
    """
    if not scripts:
        return FoundEnvironments(told_apart(known), ())
    by_folder: dict[str, list[Reading]] = defaultdict(list)
    for path, reading in scripts.items():
        by_folder[posixpath.dirname(path)].append(reading)
    found: list[Environment] = []
    configured = {each.path for each in known if each.is_located}
    for folder in list(by_folder):
        if folder not in configured and _is_flat(folder, files):
            found.append(Environment(folder, "alembic", (folder,)))
            del by_folder[folder]
    taken = {each.path for each in found}
    kept = [each for each in known if each.path not in taken]
    found += _below_versions(by_folder, {each.path for each in (*kept, *found)})
    read = {folder for each in found for folder in each.versions}
    unread = tuple(path for path in scripts if posixpath.dirname(path) not in read)
    return FoundEnvironments(told_apart([*kept, *found]), unread)


def _is_flat(folder: str, files: Sequence[str]) -> bool:
    """Say whether a folder is an environment whose scripts lie beside its template, as Flask-Alembic has them."""
    return _has(posixpath.join(folder, "script.py.mako"), files) and not has_files(posixpath.join(folder, "versions"), files)


def _below_versions(by_folder: Mapping[str, Sequence[Reading]], taken: set[str]) -> Iterator[Environment]:
    nested: dict[str, dict[str, Sequence[Reading]]] = defaultdict(dict)
    for folder, readings in by_folder.items():
        if top := _versions_above(folder):
            nested[top][folder] = readings
        elif posixpath.basename(folder) == "versions":
            parent = posixpath.dirname(folder)
            yield Environment(folder if parent in taken else parent, "alembic", (folder,))
    for each in nested.values():
        groups = _connected(each)
        for group in groups:
            shared = posixpath.commonpath(group)
            others = [folder for other in groups if other is not group for folder in other]
            alone = not any(f"{folder}/".startswith(f"{shared}/") for folder in others)
            yield Environment(shared if alone and shared not in taken else group[0], "alembic", group)


def _versions_above(folder: str) -> str | None:
    parts = folder.split("/")[:-1]
    if "versions" not in parts:
        return None
    return "/".join(parts[: len(parts) - parts[::-1].index("versions")])


def _connected(folders: Mapping[str, Sequence[Reading]]) -> list[tuple[str, ...]]:
    """Group folders whose scripts name revisions of one another; an id that several other folders have connects none."""
    ids = {folder: {each.revision for each in readings} for folder, readings in folders.items()}
    holders: dict[str | None, list[str]] = defaultdict(list)
    for folder, names in ids.items():
        for name in names:
            holders[name].append(folder)
    group = {folder: {folder} for folder in folders}
    for folder, readings in folders.items():
        for name in _references(readings) - ids[folder]:
            if len(holders.get(name, ())) == 1:
                joined = group[folder] | group[holders[name][0]]
                group.update(dict.fromkeys(joined, joined))
    return sorted({tuple(sorted(each)) for each in group.values()})


def _references(readings: Iterable[Reading]) -> set[str | None]:
    known = (each for each in readings if isinstance(each, Identifiers))
    return {name for each in known for name in (*each.down_revisions, *each.depends_on)}


def _has(path: str, files: Sequence[str]) -> bool:
    place = bisect_left(files, path)
    return place < len(files) and files[place] == path
