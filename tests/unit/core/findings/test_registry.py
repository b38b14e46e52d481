"""The registry of finding codes: complete, unique, and what README.md prints."""

from __future__ import annotations

import re

import pytest

from migmerge.core.finding import FindingKind
from migmerge.core.findings.registry import DIVERGENT_HEADS, MISSING_PARENT, REGISTRY, symptom_of
from tests.support.paths import ROOT


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes = [kind.code for kind in REGISTRY]
    assert codes == sorted(set(codes))
    assert len({kind.name for kind in REGISTRY}) == len(codes)
    assert all(re.fullmatch(r"MM[012]\d\d", code) for code in codes)


def test_the_readme_prints_the_registry() -> None:
    rows = re.findall(r"^\| MM.*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [row_of(kind) for kind in REGISTRY]


def row_of(kind: FindingKind) -> str:
    return f"| {kind.code} | {kind.name} | {kind.severity.value} | {kind.title} | {kind.cure} |"


@pytest.mark.parametrize(
    ("kind", "revisions", "symptom"),
    [
        (DIVERGENT_HEADS, (), "Multiple head revisions are present for given argument 'head'"),
        (MISSING_PARENT, ("b", "gone"), "KeyError: 'gone'"),
        (MISSING_PARENT, (), None),
    ],
)
def test_a_symptom_names_the_revisions(kind: FindingKind, revisions: tuple[str, ...], symptom: str | None) -> None:
    assert symptom_of(kind, revisions) == symptom
