"""What `init` of each program writes, untouched, is found, and its heads are those that Alembic sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import alembic
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from migmerge.core.environment import Environment
from migmerge.core.graph import RevisionGraph
from migmerge.core.revision import Revision
from migmerge.core.script.read import read_script, script_at
from migmerge.environment.discovery import find_environments
from migmerge.environment.layout import script_paths, signs_of_environments, with_packages_found
from migmerge.environment.unconfigured import find_unconfigured, read_candidate, unread_candidates
from tests.support.paths import ROOT
from tests.support.project import script_text

LAYOUTS = json.loads((ROOT / "tests/data/layouts/layouts.json").read_text("utf-8"))
READS_TOML = tuple(map(int, alembic.__version__.split(".")[:2])) >= (1, 16)


def files_of(name: str) -> dict[str, bytes]:
    """Return a layout's files, with three scripts in the folder where its program would write them: two heads on one base."""
    texts, paths = LAYOUTS["texts"], LAYOUTS["layouts"][name]
    files = {path: (texts[number] if number is not None else "").encode() for path, number in paths.items()}
    (template,) = (path for path in paths if path.endswith("script.py.mako"))
    folder = template.removesuffix("/script.py.mako") + ("" if name.startswith("Flask-Alembic") else "/versions")
    scripts = {"a1": None, "b2": "a1", "c3": "a1"}
    return files | {f"{folder}/{each}.py": script_text(each, parent).encode() for each, parent in scripts.items()}


def environment_in(files: dict[str, bytes]) -> Environment:
    paths = sorted(files)
    configured = find_environments(signs_of_environments(paths), lambda wanted: {path: files[path] for path in wanted})
    known = [with_packages_found(each, paths) for each in configured]
    scripts = {path: read_candidate(files[path]) for path in unread_candidates(known, paths)}
    found = find_unconfigured(known, paths, scripts)
    (environment,) = found.environments
    assert found.unread == ()
    return environment


def heads_by_alembic(environment: Environment, top: Path) -> list[str]:
    """Return the heads of Alembic's own directory, made as the program of the layout makes it."""
    folder = str(top / environment.path)
    options: dict[str, Any] = {}
    if environment.config is None:
        return sorted(ScriptDirectory(folder, version_locations=[str(top / each) for each in environment.versions]).get_heads())
    if environment.config.endswith(".toml"):
        options = {"toml_file": str(top / environment.config)}
    config = Config(str(top / environment.config).replace("pyproject.toml", "alembic.ini"), **options)
    if environment.path.count("/") or environment.kind == "flask-migrate":
        config.set_main_option("script_location", folder)
    return sorted(ScriptDirectory.from_config(config).get_heads())


@pytest.mark.parametrize("name", LAYOUTS["layouts"])
def test_a_layout_is_found_as_alembic_sees_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(name)
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    environment = environment_in(files)
    assert environment.problem is None
    read = (script_at(read_script(files[path]), path) for path in script_paths(environment, sorted(files)))
    heads = RevisionGraph(each for each in read if isinstance(each, Revision)).heads
    assert heads == ("b2", "c3")
    if READS_TOML or "pyproject" not in name:
        monkeypatch.chdir(tmp_path / environment.project)
        assert heads_by_alembic(environment, tmp_path) == [*heads]
