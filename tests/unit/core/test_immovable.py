"""Why a revision must stay where it is: what is not known counts as the worst."""

from __future__ import annotations

import pytest

from migmerge.core.immovable import Immovable

NOT_PUBLISHED: dict[str, str] = {}


@pytest.mark.parametrize(
    ("immovable", "reason"),
    [
        pytest.param(Immovable(), "git could not tell whether b is published", id="nothing is known"),
        pytest.param(Immovable(None, frozenset()), "git could not tell whether b is published", id="git is silent"),
        pytest.param(Immovable({"b": "origin/main"}, frozenset()), "b is on origin/main", id="published"),
        pytest.param(Immovable({"b": "origin/main"}, frozenset("b")), "b is on origin/main", id="published, and run"),
        pytest.param(Immovable({"a": "origin/main"}, frozenset("a")), None, id="others are"),
        pytest.param(Immovable(NOT_PUBLISHED), "it is not known whether a database has run b", id="the databases are silent"),
        pytest.param(Immovable(NOT_PUBLISHED, frozenset("ab")), "a database has run b", id="run"),
        pytest.param(Immovable(NOT_PUBLISHED, frozenset()), None, id="neither published nor run"),
    ],
)
def test_the_reason_to_stay(immovable: Immovable, reason: str | None) -> None:
    assert immovable.reason("b") == reason
