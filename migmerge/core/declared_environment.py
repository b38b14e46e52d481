"""`[[tool.migmerge.environment]]`: an environment that the team declares, or what it adds to one that is found."""

from __future__ import annotations

import json
import posixpath
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .environment import Environment
from .errors import MigmergeError
from .settings import nearest_known
from .suggestion import nearest

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import Any

KEYS = ("path", "versions", "recursive", "template", "config", "section", "upgrade-command", "external")
_LISTS = ("versions", "external")


class DeclaredEnvironment(NamedTuple):
    """Hold one declaration; what it does not say is None. Paths are relative to the top of the repository."""

    path: str
    versions: tuple[str, ...] | None = None
    recursive: bool | None = None
    template: str | None = None
    config: str | None = None
    section: str | None = None
    upgrade_command: str | None = None
    external: tuple[str, ...] | None = None

    def over(self, environment: Environment) -> Environment:
        """Return an environment as the declaration has it."""
        values = {
            "versions": self.versions,
            "recursive": self.recursive,
            "own_template": self.template,
            "config": self.config,
            "section": self.section,
            "own_upgrade": self.upgrade_command,
            "external": self.external,
        }
        given: dict[str, Any] = {key: value for key, value in values.items() if value is not None}
        return environment._replace(declared=True, **given)


def read_declarations(values: object, source: str) -> tuple[DeclaredEnvironment, ...]:
    """Check the tables of the pyproject.toml `source`, to whose folder their paths are relative.

    Raises:
        MigmergeError: for a key or a value that migmerge does not know, naming the nearest it does.
    """
    if not isinstance(values, list) or not all(isinstance(table, dict) for table in values):
        raise MigmergeError(f"{source}: environment must be a list of tables", hint="[[tool.migmerge.environment]]")
    return tuple(_declaration(table, source) for table in values)


def _declaration(table: Mapping[str, object], source: str) -> DeclaredEnvironment:
    where = f"{source}: [[tool.migmerge.environment]]"
    for key, value in table.items():
        if key not in KEYS:
            raise MigmergeError(f"{where}: unknown key {key!r}", hint=nearest_known(key, KEYS))
        if not _fits(key, value):
            raise MigmergeError(f"{where}: {key} must be {_expected(key)}, not {value!r}", hint=f"{key} = {_EXAMPLES[key]}")
    if "path" not in table:
        raise MigmergeError(f"{where}: path is missing", hint=f"path = {_EXAMPLES['path']}")
    return DeclaredEnvironment(**{key.replace("-", "_"): _placed(key, value, source) for key, value in table.items()})


_EXAMPLES = {
    "path": '"migrations"',
    "versions": '["migrations/versions"]',
    "recursive": "true",
    "template": '"migrations/script.py.mako"',
    "config": '"alembic.ini"',
    "section": '"alembic"',
    "upgrade-command": '"alembic upgrade head"',
    "external": '["a_package"]',
}


def _fits(key: str, value: object) -> bool:
    if key == "recursive":
        return isinstance(value, bool)
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    return isinstance(value, str) and (bool(value) or key == "path")


def _expected(key: str) -> str:
    return "true or false" if key == "recursive" else "a list of texts" if key in _LISTS else "a text"


def _placed(key: str, value: Any, source: str) -> Any:
    if key == "versions":
        return tuple(_from_top(item, source) for item in value)
    if key in ("path", "template", "config"):
        return _from_top(value, source)
    return tuple(value) if key == "external" else value


def _from_top(path: str, source: str) -> str:
    """Return a path relative to the top of the repository.

    Raises:
        MigmergeError: where it leads out of the repository.
    """
    placed = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if placed.startswith(("..", "/")):
        raise MigmergeError(f"{source}: {path} leads out of the repository", hint="name a package of another place as external")
    return "" if placed == "." else placed


def folders_of(declared: DeclaredEnvironment) -> Iterator[tuple[str, str]]:
    """Yield the folders that have to be there, each with the key that names it; git has none for scripts that are to come."""
    if declared.path:
        yield "path", declared.path
    begun = f"{declared.path}/versions" if declared.path else "versions"
    yield from (("versions", folder) for folder in declared.versions or () if folder not in ("", begun))


def no_such_folder(key: str, folder: str, source: str, known: Iterable[str]) -> MigmergeError:
    """Return the error of a declared folder that is not there, with the nearest of the known ones."""
    near = nearest(folder, known, cutoff=0.5)
    hint = f"did you mean {near}?" if near else "git ls-files '*env.py'"
    return MigmergeError(f"{source}: [[tool.migmerge.environment]]: {key}: there is no folder {folder}", hint=hint)


def with_declarations(
    found: Sequence[Environment], declared: Iterable[DeclaredEnvironment], usual_versions: Mapping[str, str]
) -> list[Environment]:
    """Return what is found under what is declared; `usual_versions` has a versions directory for each declared path."""
    environments = list(found)
    for each in declared:
        meant = [place for place, environment in enumerate(environments) if _is_meant(each, environment)]
        if meant:
            for place in meant:
                environments[place] = each.over(environments[place])
        else:
            environments.append(each.over(Environment(each.path, "alembic", (usual_versions[each.path],))))
    return environments


def _is_meant(declared: DeclaredEnvironment, environment: Environment) -> bool:
    section = declared.section
    return declared.path == environment.path and (section is None or section == environment.section or not environment.is_located)


def declaration_command(path: str, versions: Iterable[str]) -> str:
    """Return the command that declares an environment, to be run at the top of the repository."""
    listed = ", ".join(map(_toml_text, versions))
    lines = ("", "[[tool.migmerge.environment]]", f"path = {_toml_text(path or '.')}", f"versions = [{listed}]")
    return shlex.join(["printf", r"%s\n", *lines]) + " >> pyproject.toml"


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
