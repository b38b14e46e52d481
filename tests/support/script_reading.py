"""Reading against execution: where a certain reading of a script is not what Python makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import alembic
import flask_migrate
from mako.template import Template

from migmerge.core.revision import Identifiers, Reading, Unreadable
from migmerge.core.script.read import read_carefully, read_script
from tests.support.project import script_text
from tests.support.script_execution import Executed, Names, executed


def _rendered(package: str, template: str) -> str:
    """Return the script that a template of Alembic or Flask-Migrate makes."""
    source = Template(filename=str(Path(package).parent / "templates" / template / "script.py.mako"))
    rendered: str = source.render(
        message="add x",
        up_revision="a",
        down_revision="b",
        branch_labels=None,
        depends_on=None,
        create_date="2024-01-02 10:00:00",
        comma=lambda value: value,
        imports="",
        upgrades="op.create_table('t', sa.Column('id', sa.Integer()))",
        downgrades="op.drop_table('t')",
        config=_NoConfig(),
        db_names=["", "users"],
    )
    return rendered


class _NoConfig:
    def get_main_option(self, name: str) -> str:
        return ""


SCRIPTS = (
    *(_rendered(alembic.__file__, template) for template in ("generic", "async", "multidb")),
    *(_rendered(flask_migrate.__file__, template) for template in ("flask", "aioflask")),
    script_text("a", "b", labels=("x",), depends_on=["c", "d"]),
    script_text("a", ("b", "c"), labels="x", depends_on="c", upgrade="op.execute('select 1')"),
    script_text("a", header="from x import *\nfrom typing import TYPE_CHECKING\n"),
    "# coding: utf-8\nREV = 'b'\nLABELS = ['x']\nrevision = 'a'\ndown_revision = (\n    REV,\n    'c',\n)\nbranch_labels = LABELS\n",
    "revision: str = f'a'\ndown_revision: 'str | None' = None\n\n\ndef upgrade() -> None:\n    revision = 'z'\n",
)


def disagreement(data: bytes, counts: Counter[str], execute: Callable[[bytes], Executed | None] = executed) -> str | None:
    """Say where a certain reading of a script is not what executing it gives; None where they agree."""
    readings = {read.__name__: read(data) for read in (read_script, read_carefully)}
    try:
        outcome = execute(data)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):
        counts["does not compile"] += 1
        return None
    for name, reading in readings.items():
        if _is_defective(reading):
            return f"{name} says that Python cannot load it: {reading}"
        if outcome is not None and (wrong := _wrong(reading, outcome, counts)):
            return f"{name} is wrong about {wrong}: {reading}, executed {outcome}"
    counts["executed" if outcome else "raises"] += 1
    return None


def _is_defective(reading: Reading) -> bool:
    if isinstance(reading, Identifiers):
        return reading.defect is not None
    return reading.reason.startswith("syntax error")


def _wrong(reading: Reading, outcome: Executed, counts: Counter[str]) -> str | None:
    """Name the identifier that is read otherwise than executed; what is unknown to the reading is never wrong."""
    if isinstance(reading, Unreadable):
        counts["unknown"] += 1
        return "the id" if reading.revision not in (None, outcome.revision) else None
    counts["partly unknown" if reading.unknown else "certain"] += 1
    said = {
        "down_revision": reading.down_revisions,
        "branch_labels": reading.branch_labels,
        "depends_on": reading.depends_on,
    }
    if reading.revision != outcome.revision:
        return "the id"
    known = {name: value for name, value in said.items() if name not in reading.unknown}
    return next(
        (name for name, value in known.items() if not _same(value, getattr(outcome, name), once=name != "branch_labels")), None
    )


def _same(said: tuple[str, ...], executed: Names, *, once: bool) -> bool:
    """Compare names as Alembic takes them: a lone None and a lone "" stand for none, and a set has no order."""
    if isinstance(executed, frozenset):
        return set(said) == executed
    if executed in ((None,), ("",)) and not said:
        return True
    return said == (tuple(dict.fromkeys(executed)) if once else tuple(name for name in executed if name is not None))
