"""Fuzz whatever reads a repository's bytes, and whatever writes for another program.

`python -m tests.soak.fuzz --inputs N --seed S --target NAME` prints the faults, and last the counts. An input is made from the
seed, the target's name and its number alone: `--first NUMBER --inputs 1` repeats one.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from random import Random
from typing import NamedTuple

from tests.soak import fuzz_configuration, fuzz_documents, fuzz_records, fuzz_scripts, fuzz_sql
from tests.soak.fuzz_target import Counts, Target, limited
from tests.support.script_execution import Expired

TARGETS: tuple[Target, ...] = (
    *fuzz_scripts.TARGETS,
    *fuzz_configuration.TARGETS,
    *fuzz_sql.TARGETS,
    *fuzz_records.TARGETS,
    *fuzz_documents.TARGETS,
)
_BY_NAME = {target.name: target for target in TARGETS}
_PIECE = 500
_SECONDS = 20.0
"""Of processor time, for one input."""
_MEMORY = 3 * 2**30
_MOST_PRINTED = 20
"""Faults of a target."""


class Piece(NamedTuple):
    """Name the inputs that one process judges in one go."""

    target: str
    seed: int
    first: int
    inputs: int


class Judged(NamedTuple):
    """Hold what was counted of a piece, and what was wrong with which input."""

    target: str
    counts: Counts
    faults: list[str]


def judge(piece: Piece) -> Judged:
    """Make the inputs of a piece and judge them."""
    target, counts, faults = _BY_NAME[piece.target], Counts(), list[str]()
    for number in range(piece.first, piece.first + piece.inputs):
        made = target.draw(Random(f"{piece.seed} {target.name} {number}"))
        counts["inputs"] += 1
        if wrong := _wrong(target, made, counts):
            faults.append(f"{target.name}, seed {piece.seed}, first {number}: {wrong}\n  of {made!r}")
    return Judged(target.name, counts, faults)


def _wrong(target: Target, made: object, counts: Counts) -> str | None:
    try:
        with limited(_SECONDS):
            return target.judge(made, counts)
    except Expired:
        return f"takes more than {_SECONDS} s: {traceback.format_exc()}"
    except Exception:  # noqa: BLE001 (whatever is raised is a fault)
        return traceback.format_exc()


def pieces(targets: Sequence[Target], inputs: int, seed: int, first: int) -> Iterator[Piece]:
    """Yield what is to be judged, the inputs shared out among the targets."""
    whole = sum(target.share for target in targets)
    for target in targets:
        end = first + -(-inputs * target.share // whole)
        yield from (Piece(target.name, seed, start, min(_PIECE, end - start)) for start in range(first, end, _PIECE))


def _bound() -> None:
    """Let a script that is executed take no more memory than this machine can spare, nor print."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def run(work: Sequence[Piece], processes: int) -> tuple[dict[str, Counts], int]:
    """Judge all pieces, print what is wrong, and return the counts by target, and how many faults there were."""
    counts: dict[str, Counts] = {piece.target: Counts() for piece in work}
    faults = Counter[str]()
    with suppress(KeyboardInterrupt), ProcessPoolExecutor(processes, initializer=_bound) as pool:
        for judged in pool.map(judge, work):
            counts[judged.target] += judged.counts
            for each in judged.faults:
                faults[judged.target] += 1
                if faults[judged.target] <= _MOST_PRINTED:
                    print(each, flush=True)
    return counts, faults.total()


def main() -> None:
    """Print the faults, then the counts; end with 1 where there was any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of each target's first input")
    parser.add_argument("--target", nargs="+", default=[""], help="parts of their names")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    wanted = [target for target in TARGETS if any(part in target.name for part in asked.target)]
    counts, faults = run(list(pieces(wanted, asked.inputs, asked.seed, asked.first)), asked.processes)
    for name, found in counts.items():
        outcomes = ", ".join(f"{count:,} {what}" for what, count in sorted(found.items()) if what != "inputs")
        print(f"{found['inputs']:,} {name}: {outcomes}")
    print(f"{sum(found['inputs'] for found in counts.values()):,} inputs, {faults:,} faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
