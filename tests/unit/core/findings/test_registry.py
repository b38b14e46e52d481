"""The registry of finding codes: complete and unique. `tests/test_docs.py` has what the documentation prints of it."""

from __future__ import annotations

import re

import pytest

from migmerge.core.finding import FindingKind
from migmerge.core.findings.registry import DIVERGENT_HEADS, MISSING_PARENT, REGISTRY, symptom_of


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes = [kind.code for kind in REGISTRY]
    assert codes == sorted(set(codes))
    assert len({kind.name for kind in REGISTRY}) == len(codes)
    assert all(re.fullmatch(r"MM[012]\d\d", code) for code in codes)


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
