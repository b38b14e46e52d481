"""Large repositories: many commits, branches, references, scripts and files, beside `alembic heads`, or one walk of git."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.histories import History, linear_and_merged, long_lived, vast
from benchmarks.measuring import Bench, Command
from benchmarks.table import Row

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "check, cache cold": ("check",),
    "fix --dry-run": ("fix", "--dry-run"),
    "graph": ("graph",),
    "doctor --no-db": ("doctor", "--no-db"),
    "hook": ("hook", "post-merge", "0"),
}
FORECAST = ("forecast", "--days", "36500")
MOST_MEMORY = 200
"""Megabytes."""


def large_rows(bench: Bench, folder: Path, migmerge: str, alembic: str, *, scale: float = 1) -> Iterator[Row]:
    """Measure every command in each kind of large repository; `scale` makes them smaller."""

    def some(number: int) -> int:
        return max(int(number * scale), 20)

    heads = (alembic, "heads")
    walk = ("git", "rev-list", "--count", "--all")
    commits = some(40_000)
    history = long_lived(bench, folder / "commits", commits, some(300))
    yield from _forecast_rows(bench, history, migmerge, walk, f"{some(300)} branches, {commits:,} commits")
    yield from _rows(bench, diverged(history), migmerge, heads, f"{commits:,} commits, diverged")
    references = some(50_000)
    history = long_lived(bench, folder / "references", some(2000), 20, references=references)
    yield from _rows(bench, diverged(history), migmerge, heads, f"{references:,} references, diverged")
    scripts = some(20_000)
    yield from _rows(bench, linear_and_merged(bench, folder / "scripts", scripts), migmerge, heads, f"{scripts:,} scripts")
    files = some(100_000)
    history = vast(bench, folder / "files", files)
    history.git("reset", "--quiet", "--hard", "main")
    yield from _rows(bench, history, migmerge, heads, f"{files:,} files beside")


def diverged(history: History) -> History:
    """Let a branch of somebody else's, on a remote, and one of the user's own each add a script, and merge them."""
    last = history.git("log", "-1", "--format=%s", "--grep=^add ", "main").partition(" ")[2]
    main = history.git("rev-parse", "main")
    for branch, revision in (("theirs", "aaaa00000001"), ("mine", "bbbb00000001")):
        history.git("switch", "--quiet", "--create", branch, main)
        text = f"revision = {revision!r}\ndown_revision = {last!r}\n"
        (history.top / f"migrations/versions/{revision}_{branch}.py").write_text(text, encoding="utf-8")
        history.git("add", "--all")
        history.git("commit", "--quiet", "-m", f"add {revision}")
    history.git("update-ref", "refs/remotes/origin/main", "theirs")
    history.git("merge", "--quiet", "--no-edit", "theirs")
    return history


def _forecast_rows(bench: Bench, history: History, migmerge: str, walk: tuple[str, ...], where: str) -> Iterator[Row]:
    cold = Command((migmerge, *FORECAST), history.top, partial(history.remember, {}))
    theirs, ours = bench.compare(Command(walk, history.top), cold)
    what, against = f"forecast, {where}", " ".join(walk)
    yield Row(what, against, ours, theirs, share=True, cpu_seconds=3)
    yield Row(f"{what}, peak memory", against, ours, theirs, share=True, memory=True, megabytes=MOST_MEMORY)


def _rows(bench: Bench, history: History, migmerge: str, against: tuple[str, ...], where: str) -> Iterator[Row]:
    commands = [
        Command((migmerge, *arguments), history.top, partial(history.remember, {}), accepted=(0, 1))
        for arguments in COMMANDS.values()
    ]
    theirs, *ours = bench.compare(Command(against, history.top), *commands)
    said = " ".join((Path(against[0]).name, *against[1:]))
    yield from (Row(f"{what}, {where}", said, each, theirs, share=True) for what, each in zip(COMMANDS, ours, strict=True))
