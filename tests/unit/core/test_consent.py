"""A yes to one part of a plan covers the next part, and none of the code that it would bring."""

from __future__ import annotations

from migmerge.core.consent import Consent, Shown


def test_consent_goes_over_to_the_part_that_was_shown() -> None:
    assert Consent("first", new_code=True).followed_by(Shown("second")) == Consent("second", new_code=False)
