"""How fast migmerge is, as ratios to what is there without it, measured side by side in one run.

python benchmarks/run.py [--sizes 10,100,1000,5000] [--runs N] [--only PART] [--quick]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# `python -I` leaves out the script's own folder.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.databases import Pending, on_postgresql, on_sqlite
from benchmarks.histories import History, branching, diverged, linear_and_merged, vast
from benchmarks.large import large_rows
from benchmarks.measuring import Bench, Command, Unmeasured, sealed
from benchmarks.peers import peer_rows
from benchmarks.table import Row, table

MIGMERGE = str(Path(sys.executable).with_name("migmerge"))
ALEMBIC = str(Path(sys.executable).with_name("alembic"))
HEADS = "alembic heads"

CACHE_COLD: Mapping[int, float] = {1000: 12, 5000: 10}
CACHE_WARM: Mapping[int, float] = {1000: 20, 5000: 30}
ARRIVING = 5
PENDING = 101
"""The first of them has run."""
SMALL_TIMES = 20
"""Commands of a few milliseconds are run so many times more often."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: the sizes, those of the other comparisons, and how often."""

    sizes: tuple[int, ...]
    usual: int
    vast: int
    branches: int
    runs: int
    scale: float
    only: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; return 1 only where something could not be measured."""
    plan = _plan(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="migmerge-bench-", ignore_cleanup_errors=True) as folder:
            rows = list(_rows(Bench(sealed(Path(folder, "home")), plan.runs), Path(folder), plan))
    except Unmeasured as error:
        print(f"could not be measured: {error}", file=sys.stderr)
        return 1
    print("\n".join(table(rows)))
    print(f"\nMedians of {plan.runs} runs in turns; the claim is the ratio, of wall clock and of CPU. {HEADS} has its bytecode")
    print("and runs the scripts, migmerge only reads them. A target holds at the size it names; other sizes have none.")
    return 0


def _plan(arguments: Sequence[str] | None) -> Plan:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--sizes", metavar="N,N", type=_sizes, default=(10, 100, 1000, 5000), help="scripts in the repositories of `check`"
    )
    parser.add_argument("--runs", metavar="N", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="sizes 10 and 100 and three runs: does it work at all")
    parser.add_argument("--only", action="append", choices=[*_PARTS], help="one part; repeatable; `peers` installs them")
    given = parser.parse_args(arguments)
    only = tuple(given.only or (part for part in _PARTS if part != "peers"))
    if given.quick:
        return Plan((10, 100), 100, 1000, 20, 3, 0.01, only)
    return Plan(given.sizes, 1000, 100_000, 200, max(given.runs, 1), 1, only)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in text.split(",")}))


def _rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    Path(bench.environment["HOME"]).mkdir()
    for part in plan.only:
        _tell(part)
        yield from _PARTS[part](bench, folder, plan)


def _all_check_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    histories = []
    for size in plan.sizes:
        histories.append(linear_and_merged(bench, folder / f"linear-{size}", size))
        yield from _check_rows(bench, histories[-1], with_memory=size == plan.sizes[-1])
    if len(histories) > 1:
        yield _growth_row(bench, *histories[-2:])
    yield _isolation_row(bench, histories[0])


def _hook_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    yield _unchanged_row(bench, linear_and_merged(bench, folder / "unchanged", plan.usual))
    yield _vast_row(bench, vast(bench, folder / "vast", plan.vast), plan.vast)
    merged = diverged(bench, folder / "diverged", plan.usual, ARRIVING)
    yield from _arrival_rows(bench, merged)
    yield _fix_row(bench, merged)


def _all_forecast_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    yield from _forecast_rows(bench, branching(bench, folder / "branching", plan.usual, plan.branches), plan.branches)


def _large_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    yield from large_rows(bench, folder, MIGMERGE, ALEMBIC, scale=plan.scale)


def _peer_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    yield from peer_rows(bench, folder, linear_and_merged(bench, folder / "beside-peers", plan.usual), MIGMERGE)


def _check_rows(bench: Bench, history: History, *, with_memory: bool) -> Iterator[Row]:
    """Compare `check` without and with what it remembers to `alembic heads`, all three in turns."""
    _agree(bench, history)
    heads = Command((ALEMBIC, "heads"), history.top)
    cold = Command((MIGMERGE, "check"), history.top, partial(history.remember, {}))
    # Its turn comes right after the cold one, which left behind all that there is to remember.
    warm = Command((MIGMERGE, "check"), history.top)
    theirs, ours_cold, ours_warm = bench.compare(heads, cold, warm)
    size = history.scripts
    yield Row(f"check, {size} scripts, cache cold", HEADS, ours_cold, theirs, faster=CACHE_COLD.get(size))
    yield Row(f"check, {size} scripts, cache warm", HEADS, ours_warm, theirs, faster=CACHE_WARM.get(size))
    if with_memory:
        at_most = 1 / 3 if size == 5000 else None
        memory = partial(Row, against=HEADS, theirs=theirs, share=True, memory=True, at_most=at_most)
        yield memory(f"check, {size} scripts, cache cold, peak memory", ours=ours_cold)
        yield memory(f"check, {size} scripts, cache warm, peak memory", ours=ours_warm)


def _agree(bench: Bench, history: History) -> None:
    """Make sure that what is compared gives the same answer; this also writes Alembic's bytecode."""
    theirs = {line.split(" ")[0] for line in bench.output(ALEMBIC, "heads", folder=history.top).splitlines()}
    checked = json.loads(bench.output(MIGMERGE, "check", "--format", "json", folder=history.top))
    ours = {head["revision"] for environment in checked["environments"] for head in environment["heads"]}
    if ours != theirs:
        raise Unmeasured(f"at {history.scripts} scripts migmerge finds the heads {ours}, Alembic {theirs}")


def _growth_row(bench: Bench, smaller: History, larger: History) -> Row:
    few, many = bench.compare(*(Command((MIGMERGE, "check"), history.top) for history in (smaller, larger)), times=2)
    at_most = 2.0 if (smaller.scripts, larger.scripts) == (1000, 5000) else None
    what = f"check, {larger.scripts} scripts, cache warm"
    return Row(what, f"check, {smaller.scripts} scripts", many, few, share=True, at_most=at_most)


def _isolation_row(bench: Bench, history: History) -> Row:
    """Compare a `check` that starts a second time, isolated from the modules of the repository, to one that need not."""
    once, twice = bench.compare(
        Command((MIGMERGE, "check"), history.top), Command(("env", "PYTHONPATH=.", MIGMERGE, "check"), history.top)
    )
    return Row(f"check, {history.scripts} scripts, with a second, isolated start", "check", twice, once, share=True)


def _unchanged_row(bench: Bench, history: History) -> Row:
    old, new = history.git("rev-parse", "HEAD~1", "HEAD").split()
    git = Command(("git", "diff-tree", "-r", "--quiet", old, new), history.top, accepted=(1,))
    return _no_op_row(bench, history, git, f"{history.scripts} scripts", 1.5 if history.scripts == 1000 else None)


def _vast_row(bench: Bench, history: History, files: int) -> Row:
    git = Command(("git", "rev-parse", "HEAD"), history.top)
    return _no_op_row(bench, history, git, f"{files:,} files", 2.5 if files == 100_000 else None)


def _no_op_row(bench: Bench, history: History, git: Command, what: str, at_most: float | None) -> Row:
    """Compare all that git starts after a checkout that changed no migration to one git."""
    bench.output(MIGMERGE, "install", folder=history.top)
    old, new = history.git("rev-parse", "HEAD~1", "HEAD").split()
    hook = Command((*_started_by_git(history, "post-checkout"), old, new, "1"), history.top)
    theirs, ours = bench.compare(git, hook, times=SMALL_TIMES)
    against = " ".join(git.arguments[:2])
    return Row(f"hook, no migration changed, {what}", against, ours, theirs, share=True, at_most=at_most)


def _started_by_git(history: History, hook: str) -> tuple[str, ...]:
    """Return what git runs: the hook file or, since git 2.54, a configured command."""
    file = history.top / ".git" / "hooks" / hook
    if file.exists():
        return (str(file.relative_to(history.top)),)
    return ("sh", "-c", history.git("config", f"hook.migmerge-{hook}.command") + ' "$@"', hook)


def _arrival_rows(bench: Bench, history: History) -> Iterator[Row]:
    """Merge what nobody has read yet into what was read before, and let the hook tell of it, on no terminal."""
    bench.output(MIGMERGE, "install", folder=history.top)
    bench.output(MIGMERGE, "check", "--at", "HEAD", folder=history.top)
    before = history.remembered()
    history.git("-c", "core.hooksPath=/dev/null", "merge", "--quiet", "--no-edit", "feature")
    restore = partial(history.remember, before)
    told = Command((MIGMERGE, "hook", "post-merge", "0"), history.top, restore)
    whole = Command((*_started_by_git(history, "post-merge"), "0"), history.top, restore)
    _all_is_told(bench, history, whole)
    theirs, ours, from_git = bench.compare(Command((ALEMBIC, "heads"), history.top), told, whole)
    faster = 10.0 if history.scripts == 1000 else None
    what = f"{ARRIVING} scripts arrived among {history.scripts}"
    yield Row(f"migmerge hook, {what}", HEADS, ours, theirs, faster=faster)
    yield Row(f"hook, {what}", HEADS, from_git, theirs, faster=faster)


def _all_is_told(bench: Bench, history: History, hook: Command) -> None:
    """Make sure that the hook works: one that is broken ends well too, for it must not harm git, and is very fast."""
    files = history.git("diff", "--name-only", "ORIG_HEAD", "HEAD").splitlines()
    arrived = {Path(file).name.partition("_")[0] for file in files}
    said = bench.output(*hook.arguments, folder=hook.folder, on_stderr=True)
    if len(arrived) != ARRIVING or not all(revision in said for revision in arrived):
        raise Unmeasured(f"the hook does not tell of {', '.join(sorted(arrived))}: {said or 'it says nothing'}")


def _fix_row(bench: Bench, history: History) -> Row:
    """Join the same two heads again and again; migmerge also commits, which Alembic leaves to the user."""
    before = history.git("rev-parse", "HEAD")

    def restore() -> None:
        history.git("reset", "--quiet", "--hard", before)
        history.git("clean", "--quiet", "-d", "--force")

    merge = Command((ALEMBIC, "merge", "heads"), history.top, restore)
    fix = Command((MIGMERGE, "fix", "--yes"), history.top, restore)
    theirs, ours = bench.compare(merge, fix)
    at_most = 1.5 if history.scripts == 1000 else None
    return Row(
        f"fix --yes, {history.scripts} scripts (commits)", "alembic merge heads", ours, theirs, share=True, at_most=at_most
    )


def _database_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    """Compare `doctor` to what Alembic does with the same database."""
    with on_sqlite(bench, folder / "doctor", plan.usual, ALEMBIC) as pending:
        top, current = pending.history.top, Command((ALEMBIC, "current"), pending.history.top)
        theirs, ours = bench.compare(current, Command((MIGMERGE, "doctor"), top, accepted=(0, 1)))
        at_most = 1.5 if plan.usual == 1000 else None
        yield Row(f"doctor, {plan.usual} scripts, SQLite", "alembic current", ours, theirs, share=True, at_most=at_most)


def _sync_rows(bench: Bench, folder: Path, plan: Plan) -> Iterator[Row]:
    """Compare `sync` without a backup, with and without a replay, to `alembic upgrade head`, at the first revision."""
    for name, made in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        with made(bench, folder / f"pending-{name.lower()}", PENDING, ALEMBIC) as pending:
            top = pending.history.top
            sync = (MIGMERGE, "sync", "--yes", "--no-backup", "--no-deep")
            pending.restore()
            bench.output(*sync, folder=top)
            if pending.last not in bench.output(ALEMBIC, "current", folder=top):
                raise Unmeasured(f"sync on {name} does not end at {pending.last}")
            upgrade = Command((ALEMBIC, "upgrade", "head"), top, pending.restore)
            forget = partial(_restore_and_forget, pending)
            theirs, ours, deep = bench.compare(upgrade, Command(sync, top, pending.restore), Command(sync[:-1], top, forget))
            what = f"{PENDING - 1} pending, {name}"
            compared = partial(Row, against="alembic upgrade head", theirs=theirs, share=True, at_most=1.5)
            yield compared(f"sync --yes --no-backup --no-deep, {what}", ours=ours)
            yield compared(f"sync --yes --no-backup, {what}, no replay known", ours=deep)


def _restore_and_forget(pending: Pending) -> None:
    """Put the database back, and forget the replay of the run before, which the next one would have for nothing."""
    pending.restore()
    shutil.rmtree(pending.history.storage / "replays", ignore_errors=True)


def _forecast_rows(bench: Bench, history: History, branches: int) -> Iterator[Row]:
    """Compare looking at all branches, each of which collides, to what git alone takes to merge them one by one."""
    forecast = (MIGMERGE, "forecast", "--days", "36500")
    said = bench.output(*forecast, "--format", "json", folder=history.top, accepted=1)
    verdicts = [branch["verdict"] for branch in json.loads(said)["branches"]]
    if verdicts != ["collides"] * branches:
        raise Unmeasured(f"of {branches} branches {verdicts.count('collides')} are said to collide")
    refs = "git for-each-ref --format='%(refname)' 'refs/heads/topic-*'"
    merges = Command(("sh", "-c", f"for ref in $({refs}); do git merge-tree --write-tree main $ref; done"), history.top)
    cold = Command(forecast, history.top, partial(history.remember, {}), accepted=(1,))
    warm = Command(forecast, history.top, accepted=(1,))
    theirs, ours_cold, ours_warm = bench.compare(merges, cold, warm)
    seconds = 2.0 if (branches, history.scripts) == (200, 1000) else None
    what, against = f"forecast, {branches} branches, {history.scripts} scripts", f"{branches} x git merge-tree"
    yield Row(f"{what}, cache cold", against, ours_cold, theirs, share=True, seconds=seconds)
    yield Row(f"{what}, cache warm", against, ours_warm, theirs, share=True, seconds=seconds)


def _tell(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


_PARTS: Mapping[str, Callable[[Bench, Path, Plan], Iterator[Row]]] = {
    "check": _all_check_rows,
    "hooks": _hook_rows,
    "sync": _sync_rows,
    "doctor": _database_rows,
    "forecast": _all_forecast_rows,
    "large": _large_rows,
    "peers": _peer_rows,
}


if __name__ == "__main__":
    raise SystemExit(main())
