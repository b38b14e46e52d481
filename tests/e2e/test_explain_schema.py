"""`migmerge explain --schema`: what every command prints with `--format json` follows it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from migmerge.arguments import COMMANDS
from tests.support.project import MIGMERGE
from tests.support.shop import Shop, creating

WITH_JSON = [
    name for name, (_, arguments) in COMMANDS.items() if any("json" in settings.get("choices", ()) for _, settings in arguments)
]
_LINES: dict[str, list[tuple[str, ...]]] = {
    "check": [("--against", "feature"), ("--staged",), ()],
    "doctor": [()],
    "forecast": [("--days", "36500")],
    "rehearse": [("--against", "feature")],
    "graph": [("--all",)],
    "sync": [("--dry-run",), ("--yes",)],
    "reset": [("--dry-run",), ("stamp", "--database", "shop.db")],
    "undo": [("--list",), ("--dry-run",), ("--yes",)],
    "fix": [("--dry-run", "--strategy", "reparent"), ("--dry-run",), ("--yes",)],
    "explain": [("MM001",), ()],
}
"""Further arguments, where others than none lead to more of a document."""

_BEFORE = {"fix": ["merge", "--quiet", "--no-edit", "feature"]}
"""What git does first, for a command to have something to do."""


@pytest.fixture(scope="module")
def schema() -> Any:
    done = subprocess.run([MIGMERGE, "explain", "--schema"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    Draft202012Validator.check_schema(found)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a diverged project with a database that records a phantom, a backup and a change in the journal."""
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'shop.db'}")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "--create", "other")
    shop.creates("d", "a")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    shop.done("sync", "--yes")
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a")
    shop.project.git("switch", "--quiet", "--create", "joined", "main")
    shop.creates("b", "a")
    shop.project.git("merge", "--quiet", "--no-edit", "other")
    shop.project.fix("--no-db")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    shop.project.revision("e", "a", **creating("e"))
    return shop


def test_every_document_has_a_schema(schema: Any) -> None:
    assert sorted(each["$ref"] for each in schema["anyOf"]) == sorted(f"#/$defs/{name}" for name in WITH_JSON)


@pytest.mark.parametrize("command", WITH_JSON)
def test_what_a_command_prints_follows_the_schema(command: str, shop: Shop, schema: Any) -> None:
    own = {"$ref": f"#/$defs/{command}", "$defs": schema["$defs"]}
    if command in _BEFORE:
        shop.project.git(*_BEFORE[command])
    for arguments in _LINES.get(command, [()]):
        done = shop.run(command, *arguments, "--format", "json")
        document = json.loads(done.stdout)
        Draft202012Validator(own).validate(document)
        assert document["version"] == 1
        lists = [value for value in document.values() if isinstance(value, list)]
        assert any(lists) or command == "uninstall"


def test_the_schema_refuses_another_document(schema: Any) -> None:
    own = {"$ref": "#/$defs/check", "$defs": schema["$defs"]}
    assert not Draft202012Validator(own).is_valid({"version": 1, "environments": []})
