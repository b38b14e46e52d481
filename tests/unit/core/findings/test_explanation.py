"""What `explain` says: a text for every code, and the nearest name for what is none."""

from __future__ import annotations

import pytest

from migmerge.core.errors import UnknownWord
from migmerge.core.finding import FindingKind
from migmerge.core.findings.explanation import LIST, explain_kind, kind_named
from migmerge.core.findings.registry import REGISTRY


@pytest.mark.parametrize("kind", REGISTRY, ids=lambda kind: kind.code)
def test_every_code_is_explained(kind: FindingKind) -> None:
    found = explain_kind(kind)
    assert found.said[0] == f"{kind.severity.value} {kind.code} {kind.name}" and found.said[-1].startswith("hint: ")
    assert found.happened[0].startswith('on main: a1 "create users"')
    assert found.page.endswith(f"/findings/{kind.code}/")
    assert kind_named(kind.code.lower()) is kind_named(kind.name.upper()) is kind


def test_a_misspelled_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownWord) as raised:
        kind_named("divergent-head")
    error = raised.value
    assert (str(error), error.word, error.near, error.hint) == (
        "no finding divergent-head",
        "divergent-head",
        "divergent-heads",
        LIST,
    )


def test_a_code_that_nothing_has_is_near_to_no_other() -> None:
    with pytest.raises(UnknownWord) as raised:
        kind_named("MM999")
    assert raised.value.near is None
