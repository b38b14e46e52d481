"""Reading against execution: whatever the reader is certain of is what Python makes of the script."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.script_mutations import mutated
from tests.support.script_reading import SCRIPTS, disagreement


def test_every_unchanged_script_is_read() -> None:
    counts = Counter[str]()
    assert [disagreement(text.encode(), counts) for text in SCRIPTS] == [None] * len(SCRIPTS)
    assert counts == {"executed": len(SCRIPTS), "certain": 2 * len(SCRIPTS)}


IDS = "revision = 'a'\ndown_revision = ['b']\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f"# für\n{IDS}".encode("latin-1"), id="comment in another encoding"),
        pytest.param(f"# für\n{IDS}'ü'\n".encode("latin-1"), id="string in another encoding"),
        pytest.param(f"{IDS}\\\n".replace("\n", "\r\n").encode(), id="backslash at the end"),
        pytest.param(f"# coding: utf-8-sig\n{IDS}".encode(), id="encoding with a mark and no mark"),
        pytest.param(f"{IDS}x = down_revision\nx *= 2\n".encode(), id="list changed under another name"),
        pytest.param(f"def x():\n    global revision, x\n    revision = 'z'\n{IDS}x()\n".encode(), id="function called later"),
        pytest.param(f"{IDS}x = lambda: globals().update(revision='z')\nx()\n".encode(), id="lambda that binds"),
        pytest.param(f"{IDS}from x import op\nop.f(a=(down_revision, 1))\n".encode(), id="list within an argument"),
        pytest.param(f"{IDS}branch_labels, depends_on = {{'b', 'b'}}\n".encode(), id="set of one unpacked"),
        pytest.param(f"{IDS}branch_labels = ('b', None)\ndepends_on = ['b', 'b']\n".encode(), id="none and twice"),
    ],
)
def test_what_a_long_run_found_is_read_as_executed(data: bytes) -> None:
    assert disagreement(data, Counter()) is None


@examples(1000)
@given(text=st.sampled_from(SCRIPTS), seed=st.integers(0, 2**32))
def test_a_certain_reading_is_what_executing_gives(text: str, seed: int) -> None:
    assert disagreement(mutated(text, Random(seed)), Counter()) is None
