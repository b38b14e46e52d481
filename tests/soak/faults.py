"""Inject faults into runs of migmerge and of its hooks: nothing is lost, nothing is stuck, and the next run ends well.

`python -m tests.soak.faults` prints the counts by command and kind, and what was not as it must be.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from tests.soak.fault_case import Case, Found
from tests.soak.fault_conditions import conditions
from tests.soak.fault_kinds import AT_A_CALL, LETHAL, at_a_call, was_injected
from tests.soak.fault_resets import resets_on_terminals
from tests.soak.fault_scenes import scenes
from tests.soak.fault_surroundings import around
from tests.soak.fault_terminals import on_terminals


def at_calls(case: Case, chance: random.Random, times: int, wanted: Callable[[str], bool]) -> Iterator[Found]:
    """Inject each kind at calls of git, `times` of them, or all; yield each, with what was wrong."""
    for kind in filter(wanted, AT_A_CALL):
        for number in sorted(chance.sample(range(1, case.calls + 1), min(times, case.calls))):
            case.begin()
            ran = case.run(at_a_call(case.folder, kind, number, chance.random() * 0.1))
            if was_injected(case.folder):
                injected = (case.folder / "injected").read_text().splitlines()[0]
                yield kind, [f"call {number}, {injected}: {each}" for each in case.judged(ran, lethal=kind in LETHAL)]


def seal(folder: Path) -> None:
    """Hide the machine's git configuration, as the tests do."""
    for name in [each for each in os.environ if each.startswith(("GIT_", "MIGMERGE", "FLASK_"))]:
        del os.environ[name]
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2024-05-01T12:00:00+0000")
    home = dict.fromkeys(("HOME", "XDG_CONFIG_HOME"), str(folder))
    sealed = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "false", "GIT_TEST_DATE_NOW": "1714824000", "TZ": "UTC"}
    os.environ.update({**dates, **home, **sealed, "PYTHONDONTWRITEBYTECODE": "1"})


def main() -> None:
    """Print what was injected, until Ctrl-C too; end with 1 where something was not as it must be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", default=[""], help="parts of their names")
    parser.add_argument("--kinds", nargs="+", default=[""], help="parts of their names")
    parser.add_argument("--times", type=int, default=4, help="faults of a kind in a scene")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counts, wrong = Counter[str](), 0
    with suppress(KeyboardInterrupt), tempfile.TemporaryDirectory() as temporary:
        seal(Path(temporary))
        for name, (kind, found) in _injected(Path(temporary), asked):
            counts[f"{name}: {kind}"] += 1
            wrong += bool(found)
            for each in found:
                print(f"{name}, {kind}: {each}", flush=True)
    print(*(f"{count} {what}" for what, count in sorted(counts.items())), sep="\n")
    print(f"{counts.total()} faults, {wrong} wrong")
    raise SystemExit(bool(wrong))


def _injected(folder: Path, asked: argparse.Namespace) -> Iterator[tuple[str, Found]]:
    """Inject what was asked for; yield each fault with the name of its scene."""

    def wanted(kind: str) -> bool:
        return any(part in kind for part in asked.kinds)

    for scene in scenes(folder / "place"):
        if any(part in scene.name for part in asked.scenes):
            case = Case(scene, folder)
            for inject in (at_calls, around, conditions):
                yield from ((scene.name, each) for each in inject(case, random.Random(asked.seed), asked.times, wanted))
    if any(part in "hook on a terminal" for part in asked.scenes):
        yield from on_terminals(folder, random.Random(asked.seed), asked.times, wanted)
    if any(part in "reset on a terminal" for part in asked.scenes):
        yield from resets_on_terminals(folder, random.Random(asked.seed), asked.times, wanted)


if __name__ == "__main__":
    main()
