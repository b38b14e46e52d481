"""Measure `doctor --deep`: false alarms at every revision of generated histories, and which of the skipped revisions it finds.

`python -m tests.soak.skipped_revisions` prints a table; what a revision leaves in the catalogue is asked of the database's own dump.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.support.databases import DIALECTS, database
from tests.support.full_histories import HistoryStep, full_history, run_steps
from tests.support.project import Project, script_text
from tests.support.warm_python import WarmProject

_ENV_PY = """import os
from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_NOISE = re.compile(r" AUTO_INCREMENT=\d+|^(--|/\*|\\(un)?restrict|SET |SELECT pg_catalog).*$|\s+", re.MULTILINE)


@dataclass(frozen=True)
class History:
    """A project with the scripts, and what the database's own dump says after each of them."""

    project: Project
    dialect: str
    steps: tuple[HistoryStep, ...]
    dumps: dict[str, str] = field(default_factory=dict)


@dataclass
class Measured:
    """What was seen on one history."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """Print a row for each history and dialect, then what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialects", nargs="+", default=DIALECTS, choices=DIALECTS)
    parser.add_argument("--histories", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first history")
    parser.add_argument("--length", type=int, default=40)
    parser.add_argument("--each", type=int, default=1, help="skip every Nth revision, look at every Nth one")
    asked = parser.parse_args()
    print(
        _row("history", "database", "revisions", "healthy", "false alarms", "skipped", "with a trace", "found", "said", "neither")
    )
    wrong = list[str]()
    for dialect in asked.dialects:
        total = Counter[str]()
        for seed in range(asked.first, asked.first + asked.histories):
            seen = measure(dialect, seed, asked.length, asked.each)
            total += seen.counts
            wrong += seen.wrong
            print(_counted(str(seed), dialect, seen.counts), flush=True)
        print(_counted("all", dialect, total), flush=True)
    print(*wrong, sep="\n")


def _counted(name: str, dialect: str, counts: Counter[str]) -> str:
    columns = ("revisions", "healthy", "false alarms", "skipped", "with a trace", "found", "said", "neither")
    return _row(name, dialect, *(str(counts[each]) for each in columns))


def _row(*cells: str) -> str:
    return " ".join(cell.rjust(max(len(cell), 9)) for cell in cells)


def measure(dialect: str, seed: int, length: int, each: int) -> Measured:
    """Look at a history's database at its revisions, then with one revision after the other left out."""
    with tempfile.TemporaryDirectory() as folder:
        history = _project(Path(folder) / "project", dialect, full_history(dialect, seed, length))
        seen = Measured(Counter(revisions=len(history.steps)))
        _at_every_revision(history, seen, each)
        for place in range(0, len(history.steps) - 1, each):
            _without(history, place, seen)
        seen.wrong = [f"{dialect} {seed}: {text}" for text in seen.wrong]
    return seen


def _project(top: Path, dialect: str, steps: tuple[HistoryStep, ...]) -> History:
    project = WarmProject.empty(top)
    project.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    project.write("migrations/env.py", _ENV_PY)
    for step in steps:
        text = script_text(step.revision, step.parent, upgrade=step.upgrade, downgrade=step.downgrade, message=step.kind)
        project.write(f"migrations/versions/{step.revision}.py", text)
    project.commit("the history")
    return History(project, dialect, steps)


def _at_every_revision(history: History, seen: Measured, each: int) -> None:
    with database(history.dialect, history.project.top.parent) as url:
        for place, step in enumerate(history.steps):
            _run(url, [step])
            history.dumps[step.revision] = _dump(url)
            if (len(history.steps) - 1 - place) % each:
                continue
            _stamp(url, step.revision)
            found = _doctor(history, url)
            alarms = [name for name in _accused(found) if name != "MM102"]
            seen.counts["false alarms" if alarms else "healthy"] += 1
            if alarms:
                seen.wrong.append(f"at {step.revision} {step.kind}: {_messages(found)}")
    _forget(history, url)


def _without(history: History, place: int, seen: Measured) -> None:
    """Leave out one revision, run the others up to the first that fails without it, and ask about the one left out."""
    skipped, rest = history.steps[place], history.steps[place + 1 :]
    with database(history.dialect, history.project.top.parent) as url:
        _run(url, history.steps[:place])
        ran = _run(url, rest)
        if ran:
            _stamp(url, ran[-1].revision)
            seen.counts["skipped"] += 1
            _judge(history, (skipped, ran[-1]), url, seen)
    _forget(history, url)


def _judge(history: History, states: tuple[HistoryStep, HistoryStep], url: str, seen: Measured) -> None:
    skipped, last = states
    trace = skipped.kind != "nothing" and _dump(url) != history.dumps[last.revision]  # a dump has an order of its own
    found = _doctor(history, url)
    there = found["databases"][0]
    seen.counts["with a trace"] += trace
    if accused := set(there["skipped"]) - {skipped.revision}:
        seen.counts["others accused"] += 1
        seen.wrong.append(f"without {skipped.revision} {skipped.kind}, at {last.revision}: accuses {accused}: {_messages(found)}")
    if skipped.revision in there["skipped"]:
        seen.counts["found" if trace else "found without a trace"] += 1
    elif not trace:
        seen.counts["no trace"] += 1
    elif skipped.revision not in there["coverage"]["verified"]:
        seen.counts["said"] += 1
    else:
        seen.counts["neither"] += 1
        seen.wrong.append(f"without {skipped.revision} {skipped.kind}, at {last.revision}: verified: {_messages(found)}")


def _run(url: str, steps: Iterable[HistoryStep]) -> list[HistoryStep]:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return run_steps(connection, steps)
    finally:
        engine.dispose()


def _stamp(url: str, revision: str) -> None:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
            )
            connection.exec_driver_sql("DELETE FROM alembic_version")
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
    finally:
        engine.dispose()


def _dump(url: str) -> str:
    """Return the schema as the database's own tool writes it, without what says nothing of the schema."""
    return "\n".join(sorted(_NOISE.sub(" ", each).strip() for each in _statements(sa.make_url(url))))


def _statements(url: sa.URL) -> list[str]:
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as connection:
            query = "SELECT coalesce(sql, name) FROM sqlite_master WHERE tbl_name != 'alembic_version'"
            return [row[0] for row in connection.execute(query)]
    server = ["-h", str(url.host), "-U" if url.get_backend_name() == "postgresql" else "-u", str(url.username)]
    if url.get_backend_name() == "postgresql":
        command = ["pg_dump", *server, "-p", str(url.port), "--schema-only", "-T", "alembic_version", str(url.database)]
    else:
        ignored = f"--ignore-table={url.database}.alembic_version"
        command = ["mariadb-dump", *server, "-P", str(url.port), "--no-data", "--routines", ignored, str(url.database)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split(";\n")


def _doctor(history: History, url: str) -> dict[str, Any]:
    ran = history.project.migmerge("doctor", "--deep", "--format", "json", DATABASE_URL=url)
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def _accused(found: dict[str, Any]) -> list[str]:
    """Return the codes of the findings about the database that are no statement of what is unproven."""
    return [each["code"] for each in found["findings"] if each["code"].startswith("MM1") and each["code"] != "MM108"]


def _messages(found: dict[str, Any]) -> str:
    return " | ".join(each["message"] for each in found["findings"] if each["code"].startswith("MM1"))


def _forget(history: History, url: str) -> None:
    if history.dialect == "sqlite":
        with suppress(FileNotFoundError):
            Path(str(sa.make_url(url).database)).unlink()


if __name__ == "__main__":
    main()
