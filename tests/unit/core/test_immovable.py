"""Why a revision must stay where it is: what is not known counts as the worst."""

from __future__ import annotations

from typing import Any

import pytest

from migmerge.core.immovable import Immovable

NOT_PUBLISHED: dict[str, str] = {}
NOT_ASKED = "and databases elsewhere cannot be asked"


def known(run: str = "", **facts: Any) -> Immovable:
    """Return what is known where nothing is published, and the databases have run the revisions of `run`."""
    return Immovable(NOT_PUBLISHED, frozenset(run), **facts)


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
        pytest.param(known(foreign={"b": "bea wrote b"}), "bea wrote b", id="somebody else's"),
        pytest.param(known(foreign={"b": "bea wrote b"}, vouched=True), "bea wrote b", id="somebody else's, whatever the word"),
        pytest.param(known(foreign={"a": "bea wrote a"}), None, id="another is somebody else's"),
        pytest.param(known(pushed={"b": "origin/topic"}), f"b was pushed to origin/topic, {NOT_ASKED}", id="pushed"),
        pytest.param(known(pushed={"b": "origin/topic"}, vouched=True), None, id="pushed, with a word"),
        pytest.param(known("b", pushed={"b": "origin/topic"}, vouched=True), "a database has run b", id="pushed and run"),
        pytest.param(known(pushed={"b": "origin/topic"}, pushes_may_move=True), None, id="pushed, with the team's word"),
        pytest.param(
            known(pushed={"b": "origin/topic"}, kept={"b": ("backup",)}, pushes_may_move=True),
            "backup has b as it is",
            id="pushed, with the team's word, and kept",
        ),
        pytest.param(known(kept={"b": ("backup",)}), "backup has b as it is", id="kept"),
        pytest.param(known(kept={"b": ("backup", "a stash")}), "backup and a stash have b as it is", id="kept twice"),
        pytest.param(known(kept={"b": ()}), None, id="kept nowhere"),
        pytest.param(known(kept={"b": ("backup",)}, vouched=True), None, id="kept, with a word"),
        pytest.param(
            Immovable(NOT_PUBLISHED, pushed={"b": "origin/topic"}),
            f"b was pushed to origin/topic, {NOT_ASKED}",
            id="what is known is said before what is not",
        ),
        pytest.param(Immovable(NOT_PUBLISHED, vouched=True), "it is not known whether a database has run b", id="a word alone"),
        pytest.param(Immovable({"b": "origin/main"}, frozenset(), vouched=True), "b is on origin/main", id="published for all"),
    ],
)
def test_the_reason_to_stay(immovable: Immovable, reason: str | None) -> None:
    assert immovable.reason("b") == reason
