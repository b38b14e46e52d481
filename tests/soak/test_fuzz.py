"""A few inputs of each target: the fuzzer itself does not rot, and its inputs are always the same."""

from __future__ import annotations

from random import Random

import pytest

from tests.soak.fuzz import TARGETS, Piece, judge, pieces
from tests.soak.fuzz_target import Target

FEW = 15


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_few_inputs_are_judged(target: Target) -> None:
    judged = judge(Piece(target.name, seed=1, first=0, inputs=FEW))
    assert judged.faults == []
    assert judged.counts["inputs"] == FEW
    assert sum(judged.counts.values()) > FEW, "nothing is counted of what became of them"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_an_input_is_made_of_its_number_alone(target: Target) -> None:
    assert target.draw(Random(f"1 {target.name} 7")) == target.draw(Random(f"1 {target.name} 7"))


def test_every_input_is_in_one_piece() -> None:
    made = list(pieces(TARGETS, 10_000, seed=0, first=5))
    numbers = [(piece.target, number) for piece in made for number in range(piece.first, piece.first + piece.inputs)]
    assert len(numbers) == len(set(numbers))
    assert 10_000 <= len(numbers) < 10_000 + len(TARGETS)
