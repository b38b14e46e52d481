"""No module of a repository answers an import of ours, wherever it lies and however migmerge is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.project import MIGMERGE, Project

COMMANDS = (
    ("check",),
    ("check", "--format", "json"),
    ("graph",),
    ("fix", "--dry-run", "--no-db"),
    ("doctor", "--no-db"),
    ("forecast", "--days", "36500"),
    ("hook", "post-merge", "0"),
    ("uninstall",),
)
RUN = """
import atexit, json, sys
sys.argv = ["migmerge", *sys.argv[2:]]
at_start = sorted(sys.modules)
from migmerge.cli import main
atexit.register(lambda: open({file!r}, "w").write(json.dumps(sorted(sys.modules))))
sys.exit(main())
"""
BEFORE_US = "import re, runpy, sys; print(*sys.modules)"
"""What Python's own start, the installer's wrapper and `python -m` import before our first line."""


_IMPORTED: set[str] = set()
"""What the commands import, which is found once."""


@pytest.fixture
def planted(diverged: Project, request: pytest.FixtureRequest) -> Project:
    diverged.merged()
    ran = diverged.top.parent / "ran"
    ran.mkdir()
    if not _IMPORTED:
        _IMPORTED.update(name for command in COMMANDS for name in _imported_by(diverged, command))
    body = f"open({str(ran)!r} + '/' + __name__, 'w')\n"
    for name in sorted(_IMPORTED - _imported_before_us()):
        diverged.write(f"{name}/__init__.py" if request.param == "packages" else f"{name}.py", body)
    diverged.commit("canaries")
    assert list(diverged.top.glob("git*")) and list(diverged.top.glob("rich*"))
    return diverged


def _imported_by(project: Project, command: tuple[str, ...]) -> set[str]:
    file = str(project.top.parent / "modules")
    subprocess.run([sys.executable, "-I", "-c", RUN.format(file=file), "", *command], cwd=project.top, capture_output=True)
    names = {name.partition(".")[0] for name in json.loads(Path(file).read_text())}
    return {*names, "__future__"} - {"migmerge", "__main__", *sys.builtin_module_names}


@cache
def _imported_before_us() -> set[str]:
    done = subprocess.run([sys.executable, "-c", BEFORE_US], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def _ran(project: Project) -> list[str]:
    return sorted(os.listdir(project.top.parent / "ran"))


both = pytest.mark.parametrize("planted", ["files", "packages"], indirect=True)


@both
def test_the_console_script_runs_none(planted: Project) -> None:
    for command in COMMANDS:
        done = planted.migmerge(*command, PYTHONPATH=".")
        assert (_ran(planted), done.returncode in (0, 1)) == ([], True), (command, done.stderr)


@both
def test_from_another_folder_it_runs_none(planted: Project) -> None:
    elsewhere = planted.top.parent / "elsewhere"
    elsewhere.mkdir()
    for path in (str(planted.top), "../" + planted.top.name):
        for option in (["-C", str(planted.top)], [f"-C{planted.top}"], ["-qC", str(planted.top)]):
            done = subprocess.run(
                [MIGMERGE, *option, "check"], cwd=elsewhere, env={**os.environ, "PYTHONPATH": path}, check=False
            )
            assert (_ran(planted), done.returncode) == ([], 1)


@both
def test_python_m_runs_none(planted: Project) -> None:
    done = subprocess.run([sys.executable, "-m", "migmerge", "check"], cwd=planted.top, check=False)
    assert (_ran(planted), done.returncode) == ([], 1)


@both
def test_flask_runs_none_where_it_only_looks(planted: Project) -> None:
    """What Flask itself imports before it calls a command is its own affair; the application is not loaded."""
    planted.write("app.py", "open('loaded', 'w')\n")
    flask = str(Path(MIGMERGE).with_name("flask"))
    done = subprocess.run([flask, "--app", "app", "migmerge", "check"], cwd=planted.top, check=False)
    assert (_ran(planted), done.returncode, (planted.top / "loaded").exists()) == ([], 1, False)


def test_there_is_no_second_start_where_nothing_could_answer(diverged: Project) -> None:
    diverged.merged()
    empty = diverged.top.parent / "empty"
    empty.mkdir()
    for path, imports in (("", True), (str(empty), True), (".", False)):
        done = diverged.migmerge("check", PYTHONPATH=path, PYTHONPROFILEIMPORTTIME="1")
        assert ("migmerge.commands.check" in done.stderr) is imports
