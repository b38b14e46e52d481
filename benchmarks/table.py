"""The rows of the benchmark, and the table of their ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.measuring import Cost


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: `ours` is to be at least `faster` times as fast as `theirs`, or `at_most` so many times as much.

    `seconds` is a target of its own, which only this machine's wall clock can tell, `cpu_seconds` one of its CPU, `megabytes`
    one of memory.
    """

    what: str
    against: str
    ours: Cost
    theirs: Cost
    faster: float | None = None
    at_most: float | None = None
    share: bool = False
    memory: bool = False
    seconds: float | None = None
    cpu_seconds: float | None = None
    megabytes: int | None = None


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a Markdown table whose columns are also aligned to the eye."""
    heading = ("what", "against", "ours", "theirs", "wall", "CPU", "target", "met")
    cells = [heading, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def _cells(row: Row) -> tuple[str, ...]:
    if row.memory:
        ours, theirs, ratios = f"{row.ours.peak:.0f} MB", f"{row.theirs.peak:.0f} MB", [_ratio(row, lambda cost: cost.peak)]
    else:
        ours, theirs = f"{row.ours.wall:.1f} ms", f"{row.theirs.wall:.1f} ms"
        ratios = [_ratio(row, lambda cost: cost.wall), _ratio(row, lambda cost: cost.cpu)]
    shown = [_shown(row, ratio) for ratio in ratios]
    return (row.what, row.against, ours, theirs, shown[0], (*shown, "")[1], _target(row), _verdict(row, ratios))


def _ratio(row: Row, of: Callable[[Cost], float]) -> float:
    ours, theirs = max(of(row.ours), 0.01), max(of(row.theirs), 0.01)
    return ours / theirs if row.share else theirs / ours


def _shown(row: Row, ratio: float) -> str:
    return f"{ratio:.2f} x" if row.share else f"{ratio:.1f} x faster"


def _target(row: Row) -> str:
    if row.seconds is not None:
        return f"<= {row.seconds:.0f} s"
    if row.megabytes is not None:
        return f"<= {row.megabytes} MB"
    if row.cpu_seconds is not None:
        return f"<= {row.cpu_seconds:.0f} s CPU"
    if row.at_most is not None:
        return f"<= {row.at_most:.2f} x"
    return "" if row.faster is None else f">= {row.faster:.0f} x faster"


def _verdict(row: Row, ratios: Sequence[float]) -> str:
    """Say whether the target is met, by which of the two clocks where they differ."""
    if row.seconds is not None:
        return "yes" if row.ours.wall <= row.seconds * 1000 else "no"
    if row.megabytes is not None:
        return "yes" if row.ours.peak <= row.megabytes else "no"
    if row.cpu_seconds is not None:
        return "yes" if row.ours.cpu <= row.cpu_seconds * 1000 else "no"
    if row.faster is None and row.at_most is None:
        return ""
    met = [ratio >= row.faster if row.faster is not None else ratio <= (row.at_most or 0) for ratio in ratios]
    return "yes" if all(met) else "by wall only" if met[0] else "by CPU only" if any(met) else "no"
