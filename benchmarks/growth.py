"""Draw how the cost of `check` grows with the number of scripts, beside `alembic heads`: benchmarks/growth.py docs/growth.svg."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import log10
from pathlib import Path

# `python -I` leaves out the script's own folder.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.histories import linear_and_merged
from benchmarks.measuring import Bench, Command, Unmeasured, sealed

SIZES = (10, 100, 1000, 5000, 20_000)
RUNS = 3
WIDTH, HEIGHT = 660, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 170, 40, 50
LINES: Mapping[str, str] = {"alembic heads": "theirs", "check, cache cold": "cold", "check, cache warm": "warm"}
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .small { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de }
  .line { fill: none; stroke-width: 2.5 }
  .theirs { stroke: #bc4c00; fill: #bc4c00 } .cold { stroke: #8250df; fill: #8250df } .warm { stroke: #0969da; fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #3d444d }
    .theirs { stroke: #f0883e; fill: #f0883e } .cold { stroke: #ab7df8; fill: #ab7df8 } .warm { stroke: #4493f8; fill: #4493f8 }
  }
  .line { fill: none } text.name { stroke: none; font-weight: 600 }
"""

Scale = Callable[[float], float]
Curves = Mapping[str, Sequence[float]]
"""Cost at each size, by name, in multiples of `alembic heads` at the smallest size."""


def main(arguments: Sequence[str]) -> int:
    """Measure and write the picture; return 1 where something could not be measured."""
    try:
        with tempfile.TemporaryDirectory(prefix="migmerge-bench-", ignore_cleanup_errors=True) as folder:
            curves = measured(Bench(sealed(Path(folder, "home")), RUNS), Path(folder))
    except Unmeasured as error:
        print(f"could not be measured: {error}", file=sys.stderr)
        return 1
    Path(arguments[0]).write_text(picture(SIZES, curves), encoding="utf-8")
    for name, costs in curves.items():
        print(name, *(f"{cost:.3g}" for cost in costs))
    return 0


def measured(bench: Bench, folder: Path) -> Curves:
    """Return the CPU that each command takes at each size."""
    alembic, migmerge = (str(Path(sys.executable).with_name(name)) for name in ("alembic", "migmerge"))
    found: list[list[float]] = []
    for size in SIZES:
        print(f"measuring {size} scripts ...", file=sys.stderr, flush=True)
        history = linear_and_merged(bench, folder / str(size), size)
        cold = Command((migmerge, "check"), history.top, partial(history.remember, {}))
        costs = bench.compare(Command((alembic, "heads"), history.top), cold, Command((migmerge, "check"), history.top))
        found.append([cost.cpu for cost in costs])
    return {name: [row[number] / found[0][0] for row in found] for number, name in enumerate(LINES)}


def picture(sizes: Sequence[int], curves: Curves) -> str:
    """Return the curves as SVG, on two logarithmic axes, readable on a light and on a dark page."""
    costs = [cost for each in curves.values() for cost in each]
    low, high = (10.0**power for power in (_floor(log10(min(costs))), -_floor(-log10(max(costs)))))
    across = _scale(sizes[0], sizes[-1], LEFT, WIDTH - RIGHT)
    up = _scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [*_grid(sizes, across, up, (low, high)), *_curves(sizes, curves, across, up)]
    title = "CPU of one run, in multiples of alembic heads at 10 scripts; both axes logarithmic"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<text class="small" x="{LEFT}" y="20">{title}</text>',
            *parts,
            "</svg>\n",
        )
    )


def _floor(value: float) -> int:
    return int(value // 1)


def _scale(first: float, last: float, start: float, end: float) -> Scale:
    return lambda value: start + (end - start) * log10(value / first) / log10(last / first)


def _grid(sizes: Sequence[int], across: Scale, up: Scale, ends: tuple[float, float]) -> Iterator[str]:
    cost, last = ends
    while cost <= last * 1.01:
        y = f"{up(cost):.1f}"
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="small" x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{cost:g} &#215;</text>'
        cost *= 10
    for size in sizes:
        yield f'<text class="small" x="{across(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text class="small" x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">scripts</text>'


def _curves(sizes: Sequence[int], curves: Curves, across: Scale, up: Scale) -> Iterator[str]:
    for name, costs in curves.items():
        kind = LINES[name]
        points = [(across(size), up(cost)) for size, cost in zip(sizes, costs, strict=True)]
        yield f'<polyline class="line {kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        yield from (f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points)
        x, y = points[-1]
        yield f'<text class="name {kind}" x="{x + 10:.1f}" y="{y:.1f}" dy="4">{name}</text>'


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
