"""A room reaches only where it may."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import migmerge

ROOT = Path(migmerge.__file__).parent
MAY_IMPORT = {
    "core": {"core"},
    "terminal": {"core", "terminal"},
    "repository": {"core", "repository"},
    "environment": {"core", "environment"},
    "database": {"core", "environment", "database"},
    "demo": set[str](),
    "commands": {"core", "terminal", "repository", "environment", "database", "demo", "commands"},
}
MODULES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in sorted(ROOT.rglob("*.py")) if path.parent != ROOT]


@pytest.mark.parametrize("path", MODULES)
def test_a_module_imports_only_the_rooms_it_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for imported in ours_imported_by(path):
        assert imported in MAY_IMPORT[room], f"{path} reaches into {imported}"


@pytest.mark.parametrize("path", [each for each in MODULES if "core" in Path(str(each.values[0])).relative_to(ROOT).parts])
def test_core_uses_the_standard_library_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert not names & {"os", "subprocess", "pathlib", "time", "random", "io", "shutil", "tempfile", "socket"}


def ours_imported_by(path: Path) -> set[str]:
    """Return the rooms that a module names in its relative imports, at the top or inside a function."""
    rooms = set()
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            parts = (*base, *(node.module or "").split("."))
            rooms.add(next(part for part in parts if part) if any(parts) else package[0])
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.module.startswith("migmerge"), f"{path} imports absolutely"
    return rooms - {"__version__"}
