"""Kill `sync` with SIGKILL at random moments: the database stays at a recorded revision, and the next runs finish.

`python -m tests.soak.killed_syncs` prints a row for each database. MariaDB commits each statement by itself: what is half done there must be said.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.support.databases import DIALECTS, database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop

STEPS = 4
TABLES = 8
"""What a revision makes, so that a kill falls between two tables now and then."""


def _tables(*names: str) -> set[str]:
    return {f"{name}{number}" for name in names for number in range(TABLES)}


STATES = {"d": _tables("c", "d"), "c": _tables("c"), "a": set[str](), "b": _tables("b"), "e": _tables("b", "e")}
"""The tables beside `a` at each revision that a `sync` from d to e passes."""


def main() -> None:
    """Print what was seen on each database; end with 1 where something was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialects", nargs="+", default=DIALECTS, choices=DIALECTS)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    wrong = list[str]()
    for dialect in asked.dialects:
        seen, moments = Counter[str](), Random(asked.seed)
        for _ in range(asked.times):
            with tempfile.TemporaryDirectory() as folder, database(dialect, Path(folder)) as url:
                wrong += _one(_project(Path(folder) / "shop", url), moments, seen)
        print(dialect, *(f"{count} {what}" for what, count in sorted(seen.items())), sep=", ", flush=True)
    print(*wrong, sep="\n")
    raise SystemExit(bool(wrong))


def _project(top: Path, url: str) -> Shop:
    """Return a project on main with a, b and e, whose database has run the phantoms c and d of a branch that is gone."""
    shop = Shop.create(top, url)
    shop.project.git("switch", "--quiet", "--create", "feature")
    _creates(shop, "c", "a")
    _creates(shop, "d", "c")
    shop.upgrade()
    shop.execute("INSERT INTO a (id) VALUES (7)")
    shop.project.git("switch", "--quiet", "main")
    shop.project.git("branch", "-D", "feature")
    _creates(shop, "b", "a")
    _creates(shop, "e", "b")
    return shop


def _creates(shop: Shop, name: str, parent: str) -> None:
    tables = sorted(_tables(name))
    created = (f"op.create_table({each!r}, sa.Column('id', sa.Integer, primary_key=True))" for each in tables)
    dropped = (f"op.drop_table({each!r})" for each in reversed(tables))
    shop.project.revision(name, parent, upgrade="\n    ".join(created), downgrade="\n    ".join(dropped))


def _one(shop: Shop, moments: Random, seen: Counter[str]) -> list[str]:
    """Kill one run; return what was wrong."""
    _kill(shop, moments)
    (recorded,) = shop.recorded
    tables = shop.tables - {"a"}
    whole = tables == STATES[recorded]
    seen[f"killed at {recorded}{'' if whole else ', half done'}"] += 1
    wrong = list[str]()
    if not whole and not shop.url.startswith("mariadb"):
        wrong.append(f"{shop.url}: records {recorded}, has {tables}")
    said = _finish(shop, seen)
    if said or (shop.tables - {"a"}, shop.recorded, shop.rows("a")) != (STATES["e"], {"e"}, [7]):
        wrong.append(f"{shop.url}: killed at {recorded} with {tables}: {shop.recorded} {shop.tables} {said}")
    seen["finished"] += not wrong
    return wrong


def _kill(shop: Shop, moments: Random) -> None:
    """Kill `sync` and its worker at a moment between its plan and the end of its steps, each of which is a line."""
    running = subprocess.Popen(
        [MIGMERGE, "sync", "--yes"],
        cwd=shop.project.top,
        env=shop.project.environment(**shop.variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    assert running.stdout
    waits_for = moments.choice(["down", "backed", *["done"] * STEPS])
    for _ in range(moments.randint(1, STEPS) if waits_for == "done" else 1):
        next((line for line in running.stdout if line.split()[:1] == [waits_for]), None)
    time.sleep(moments.random() * moments.choice([0.02, 0.2]))
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def _finish(shop: Shop, seen: Counter[str]) -> str:
    """Run `sync` again, and what its hints say, at most four times; return what the last run said if it did not finish."""
    for number in range(4):
        ran = shop.run("sync", "--yes")
        if ran.returncode == 0:
            seen[f"finished by run {number + 2}"] += 1
            return ""
        hints = [line.strip().removeprefix("hint: ") for line in (ran.stdout + ran.stderr).splitlines() if "hint: " in line]
        for hint in (each for each in hints if each.startswith("sh ")):
            subprocess.run(hint, shell=True, cwd=shop.project.top, check=True)
            seen["restored first"] += 1
    return ran.stdout + ran.stderr


if __name__ == "__main__":
    main()
