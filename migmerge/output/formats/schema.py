"""The JSON schema of what commands print with `--format json`."""

from __future__ import annotations

from pathlib import Path


def schema() -> str:
    """Return the schema of all documents; `$defs` has one for each command."""
    return Path(__file__).with_name("schema.json").read_text(encoding="utf-8").rstrip("\n")
