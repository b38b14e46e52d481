"""How many examples a property is tried with: a few, always the same, or with MIGMERGE_SOAK many random ones."""

from __future__ import annotations

import os

from hypothesis import settings

SOAK = int(os.environ.get("MIGMERGE_SOAK") or 0)
"""The factor by which a soak multiplies the examples of every property; 0 where the tests are to be repeatable."""
COUNTS = "counts"
"""The property of a test that holds what was counted in it, which the summary adds up."""


def examples(count: int) -> settings:
    """Return the settings of a property that `count` examples are enough for when they are always the same."""
    return settings(max_examples=count * (SOAK or 1))
