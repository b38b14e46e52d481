"""The rules of the house: which room may reach where, and what names may stand for."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import migmerge
from tests.support.paths import ROOT

PACKAGE = Path(migmerge.__file__).parent
BELOW = {"output", "repository", "environment", "database", "core"}
MAY_IMPORT = {
    "core": {"core"},
    "output": {"core", "output"},
    "repository": {"core", "repository"},
    "environment": {"core", "environment"},
    "database": {"core", "environment", "database"},
    "workspace": {"workspace", *BELOW},
    "sync": {"sync", "workspace", *BELOW},
    "fix": {"fix", "sync", "workspace", *BELOW},
    "demo": {"core", "output", "repository", "demo"},
    "commands": {"fix", "sync", "workspace", "demo", *BELOW},
}
LAYERS = ("script", "operations", "fix_plan", "findings")
"""Inside core: each may import those before it, `database` stands beside `fix_plan`."""
MODULES = [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in sorted(PACKAGE.rglob("*.py"))]
IN_ROOMS = [each for each in MODULES if Path(str(each.values[0])).parent != PACKAGE]
COMMANDS = [each for each in IN_ROOMS if str(each.id).startswith("commands/")]
IN_CORE = [each for each in IN_ROOMS if str(each.id).startswith("core/")]


@pytest.mark.parametrize("path", IN_ROOMS)
def test_a_module_imports_only_the_rooms_it_may(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    for imported in ours_imported_by(path):
        assert imported[0] in MAY_IMPORT[room], f"{path} reaches into {'.'.join(imported)}"


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_does_nothing_itself(path: Path) -> None:
    names = {name.split(".")[0] for name in imported_packages(path)}
    assert not names & {"os", "subprocess", "tempfile", "shutil", "io", "pathlib"}
    calls = (node.func for node in nodes_of(path) if isinstance(node, ast.Call))
    assert not any(isinstance(function, ast.Name) and function.id == "open" for function in calls)


@pytest.mark.parametrize("path", MODULES)
def test_only_the_command_line_imports_commands(path: Path) -> None:
    if path != PACKAGE / "cli.py":
        assert [imported for imported in ours_imported_by(path) if imported[0] == "commands"] == []


@pytest.mark.parametrize("path", IN_CORE)
def test_core_uses_the_standard_library_alone(path: Path) -> None:
    reads_sql = path.parent == PACKAGE / "core" / "operations" / "sql"
    names = {name for name in imported_packages(path) if not (reads_sql and name.split(".")[0] == "sqlglot")}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert not names & {"os", "subprocess", "pathlib", "time", "random", "io", "shutil", "tempfile", "socket"}


@pytest.mark.parametrize("path", IN_CORE)
def test_core_is_layered(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[1]
    for imported in ours_imported_by(path):
        other = imported[1] if len(imported) > 1 else ""
        if layer in LAYERS and other in LAYERS:
            assert LAYERS.index(other) <= LAYERS.index(layer), f"{path} imports {'.'.join(imported)}"
        if layer == "database":
            assert other != "findings", f"{path} imports {'.'.join(imported)}"
        if layer in ("script", "operations"):
            assert other != "database", f"{path} imports {'.'.join(imported)}"


def test_a_public_type_has_one_meaning() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in public_types(parsed(path)):
            found[name].append(str(path.relative_to(PACKAGE)))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_no_file_is_named_by_a_gerund() -> None:
    assert {path.stem for path in PACKAGE.rglob("*.py") if path.stem.endswith("ing")} <= {"finding"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return (*ast.walk(parsed(path)),)


@cache
def ours_imported_by(path: Path) -> set[tuple[str, ...]]:
    """Return the modules of ours that a module names in its imports, at the top or inside a function."""
    modules = set()
    package = path.relative_to(PACKAGE).parts[:-1]
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = (*base, *filter(None, (node.module or "").split(".")))
            modules |= {module} if node.module else {(*module, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.module.startswith("migmerge"), f"{path} imports absolutely"
    return modules - {("__version__",)}


def imported_packages(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def public_types(module: ast.Module) -> Iterator[str]:
    """Yield the classes and the aliases of types that a module defines."""
    for node in module.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if re.fullmatch(r"[A-Z][a-z]\w*", name):
                yield name


@pytest.mark.parametrize("path", MODULES)
def test_a_finding_code_stands_in_the_registry_alone(path: Path) -> None:
    if path.parent != PACKAGE / "core" / "findings":
        module = parsed(path)
        docstrings = {id(node) for node in docstrings_of(module)}
        texts = (node for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str))
        assert [node.lineno for node in texts if re.search(r"MM\d{3}", str(node.value)) and id(node) not in docstrings] == []


@pytest.mark.parametrize("path", MODULES)
def test_a_path_in_a_docstring_exists(path: Path) -> None:
    for node in docstrings_of(parsed(path)):
        for named in re.findall(
            r"`((?:tests|benchmarks|docs|hooks|migmerge|core|repository|database)/[\w./-]+)`", str(node.value)
        ):
            assert (ROOT / named).exists() or (PACKAGE / named).exists(), named


def docstrings_of(module: ast.Module) -> Iterator[ast.Constant]:
    """Yield the docstrings of a module, and the strings that document a name below it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def test_the_tests_mirror_the_package() -> None:
    tests = ROOT / "tests"
    unit = {path: PACKAGE / path.parent.relative_to(tests / "unit") for path in (tests / "unit").rglob("test_*.py")}
    e2e = dict.fromkeys((tests / "e2e").rglob("test_*.py"), PACKAGE / "commands")
    strays = [
        path
        for path, folder in {**unit, **e2e}.items()
        if not any((folder / f"{name}.py").exists() for name in beginnings(path.stem))
    ]
    assert strays == []


def beginnings(stem: str) -> Iterator[str]:
    """Yield what a test's file may be about: `test_fix_reparent` is about `fix_reparent`, or about `fix`."""
    words = stem.removeprefix("test_").split("_")
    yield from ("_".join(words[:count]) for count in range(len(words), 0, -1))


def test_contributing_shows_every_module() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("```\nmigmerge/")[2].partition("```")[0]
    shown = set(re.findall(r"\w+", tree))
    assert {path.stem for path in PACKAGE.rglob("*.py") if path.stem != "__init__"} - shown == set()


@pytest.mark.parametrize(
    ("made", "allowed"),
    [
        ("Shown", ("output/text/",)),
        ("Consent", ("output/consent.py", "core/consent.py")),
        ("Safeguards", ("sync/backups.py",)),
    ],
)
def test_a_plan_is_shown_consented_to_and_secured_by_what_prints_asks_and_backs_up(made: str, allowed: tuple[str, ...]) -> None:
    calls = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == made
    }
    assert calls
    assert [path for path in calls if not path.startswith(allowed)] == []


def test_the_tests_that_the_trust_model_names_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text(encoding="utf-8")))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    assert named and named <= there


def test_each_promise_is_held_by_tests() -> None:
    page = (ROOT / "docs/safe.md").read_text(encoding="utf-8").partition("## What it never does")[2]
    promises = re.findall(r"^- It (\w+ \w+ \w+)", page, re.MULTILINE)
    table = (ROOT / "docs/security.md").read_text(encoding="utf-8").partition("## What it never does")[2]
    assert promises
    assert len(promises) == len(re.findall(r"^\| .*`test_", table, re.MULTILINE))


def test_the_oldest_versions_that_are_tested_are_the_lower_bounds() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (dependencies,) = re.findall(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    bounds = re.findall(r'^    "([\w-]+)>=([\d.]+)', dependencies, re.MULTILINE)
    assert len(bounds) == len(dependencies.splitlines())
    pinned = dict(line.split("==") for line in (ROOT / "tests/oldest.txt").read_text(encoding="utf-8").split())
    assert {name: without_zeros(version) for name, version in bounds} == {name: without_zeros(pinned[name]) for name in pinned}


def without_zeros(version: str) -> tuple[int, ...]:
    numbers = [int(each) for each in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


WITHOUT_POSIX = """
import importlib, pathlib, sys
for name in ("fcntl", "grp", "pwd", "readline", "resource", "termios", "tty"):
    sys.modules[name] = None
package = pathlib.Path(sys.argv[1])
for path in sorted(package.rglob("*.py")):
    name = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
    if not name.endswith((".__main__", ".worker")):
        importlib.import_module(name)
"""


def test_every_module_is_imported_where_there_is_no_posix() -> None:
    """Windows has none of these modules; whoever uses one does without it there."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_POSIX, str(PACKAGE)], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
