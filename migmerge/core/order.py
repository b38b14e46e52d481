"""Orders in which everything comes after what it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

Needs = Mapping[str, Sequence[str]]
"""What each name needs, by name."""


def sorted_after(needs: Needs, first: Iterable[str] | None = None) -> tuple[str, ...]:
    """Sort names so that each comes after all that it needs, as soon as the last of these is listed.

    Names without needs keep the order of `first`, or else the order in which `needs` mentions them. A name is left out
    where it is in a circle, or needs one that is left out or that `needs` does not hold.
    """
    waiting = {name: len(needed) for name, needed in needs.items()}
    waited_for: dict[str, list[str]] = defaultdict(list)
    for name, needed in needs.items():
        for need in needed:
            waited_for[need].append(name)
    names = _mentioned(needs) if first is None else first
    ordered = [name for name in names if waiting.get(name) == 0]
    for name in ordered:
        for other in waited_for.get(name, ()):
            waiting[other] -= 1
            if not waiting[other]:
                ordered.append(other)
    return tuple(ordered)


def _mentioned(needs: Needs) -> dict[str, None]:
    return dict.fromkeys(each for name, needed in needs.items() for each in (name, *needed))


def circle_in(needs: Needs) -> tuple[str, ...]:
    """Return names that need one another in a circle, sorted; empty where there is no circle."""
    # Only where a graph is suspected of a circle.
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(sorted(set(error.args[1])))
    return ()
