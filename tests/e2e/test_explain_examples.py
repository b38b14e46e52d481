"""The example of each finding code: what it says happened is done, and the command that it ends with says what it quotes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migmerge.core.finding import FindingKind
from migmerge.core.findings.examples import EXAMPLES
from migmerge.core.findings.registry import REGISTRY
from tests.support.example_world import ExampleWorld

_FOUND = re.compile(r"^(?:error|warning|info) (MM\d{3}) ", re.MULTILINE)


@pytest.mark.parametrize("kind", REGISTRY, ids=lambda kind: kind.code)
def test_an_example_shows_its_finding_and_no_other(kind: FindingKind, tmp_path: Path) -> None:
    example = EXAMPLES[kind.code]
    said = ExampleWorld(tmp_path, example).run(example.command)
    assert sorted(_FOUND.findall(said)) == sorted([kind.code, *example.beside])
    lines = said[re.search(rf"^\w+ {kind.code} {kind.name} ", said, re.MULTILINE).start() :].splitlines()  # type: ignore[union-attr]
    symptom = [f"  you see: {example.symptom}"] if example.symptom else []
    quoted = [f"  {example.message}", *symptom, f"  hint: {example.hint}"]
    assert [without_commits(line) for line in lines[1 : 1 + len(quoted)]] == [without_commits(line) for line in quoted]


def without_commits(line: str) -> str:
    """Leave out the ids of commits, which are others on another machine."""
    return re.sub(r"\b[0-9a-f]{9,10}\b", "…", line)


def test_every_code_has_an_example() -> None:
    assert list(EXAMPLES) == [kind.code for kind in REGISTRY]
