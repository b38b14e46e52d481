"""`migmerge explain`: the texts of a finding code, in a folder that is no repository."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from migmerge.core.findings.registry import REGISTRY
from tests.support.project import MIGMERGE

PHANTOM = """\
MM101 phantom-revision  error
  A database records a revision that is in no script here.
you see
  Can't locate revision identified by 'c3'
cause
  The database ran a migration of another branch, and that branch is not checked out or is gone.
cure
  Run migmerge sync: it takes the revision back with its own script, found in git, and upgrades.
example
  on main: a1 "create users": op.create_table("users", sa.Column("id", sa.Integer))
  on orders: c3 "add orders", after a1: op.create_table("orders", sa.Column("id", sa.Integer))
  $ alembic upgrade head
  $ git switch main
  $ migmerge doctor
  error MM101 phantom-revision
    shop.db records c3, which is in no script here: "add orders" by bea, 3 days ago, on the branch orders
    you see: Can't locate revision identified by 'c3'
    hint: migmerge sync
https://migmerge.readthedocs.io/en/stable/findings/MM101/
"""


def explain(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [MIGMERGE, "explain", *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("named", ["MM101", "mm101", "phantom-revision"])
def test_a_code_and_a_name_lead_to_the_same_text(tmp_path: Path, named: str) -> None:
    done = explain(tmp_path, named)
    assert (done.returncode, done.stdout, done.stderr) == (0, PHANTOM, "")


@pytest.mark.parametrize(
    ("named", "hint"),
    [("MM999", "migmerge explain --list"), ("divergnt-heads", "migmerge explain divergent-heads")],
)
def test_an_unknown_finding(tmp_path: Path, named: str, hint: str) -> None:
    done = explain(tmp_path, named)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: no finding {named}\nhint: {hint}\n")


@pytest.mark.parametrize("arguments", [(), ("--list",), ("MM001", "--list")], ids=" ".join)
def test_the_list(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = explain(tmp_path, *arguments)
    lines = done.stdout.splitlines()
    assert [line.split() for line in lines[:-1]] == [[kind.code, kind.name, kind.severity.value] for kind in REGISTRY]
    assert (done.returncode, lines[-1]) == (0, "hint: migmerge explain MM001")


def test_as_json(tmp_path: Path) -> None:
    answer = json.loads(explain(tmp_path, "MM001", "--format", "json").stdout)
    (told,) = answer.pop("findings")
    assert answer == {"version": 1}
    assert told.pop("example") == {
        "before": [
            'on main: a1 "create users": op.create_table("users", sa.Column("id", sa.Integer))',
            'on orders: c3 "add orders", after a1',
            'on main: b2 "add email", after a1',
            "$ git merge orders",
        ],
        "command": "migmerge check",
        "said": [
            "error MM001 divergent-heads",
            '2 heads diverge after a1 "create users": b2 "add email" (ann, main) and c3 "add orders" (bea, orders)',
            "hint: migmerge fix",
        ],
    }
    kind = REGISTRY[0]
    texts = {"title": kind.title, "cause": kind.cause, "cure": kind.cure, "symptom": kind.symptom}
    page = "https://migmerge.readthedocs.io/en/stable/findings/MM001/"
    assert told == {"code": "MM001", "name": "divergent-heads", "severity": "error", "page": page, **texts}
    every = json.loads(explain(tmp_path, "--format", "json").stdout)
    assert [each["code"] for each in every["findings"]] == [kind.code for kind in REGISTRY]
