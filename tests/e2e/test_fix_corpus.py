"""Real divergences as real repositories: git merges them, both cures repair them, and Alembic loads what is left."""

from __future__ import annotations

import json
import posixpath
import warnings
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.support.examples import SOAK
from tests.support.paths import DATA
from tests.support.project import ENV_PY, TEMPLATE, Project

FACTS: list[dict[str, Any]] = json.loads((DATA / "divergences.json").read_text("utf-8"))
REPLAYED = FACTS if SOAK else FACTS[::7]
"""All of them are diagnosed and planned in `tests/unit/core/findings/test_scripts_corpus.py`; a soak also repairs all."""


def script_text(revision: str, parents: list[str], labels: list[str], depends_on: list[str]) -> str:
    def value(names: list[str]) -> str:
        return repr(tuple(names)) if len(names) > 1 else repr(names[0]) if names else "None"

    return (
        f'"""x\n\nRevision ID: {revision}\nRevises: {", ".join(parents)}\nCreate Date: 2020-01-01 00:00:00\n"""\n'
        f"revision = {revision!r}\ndown_revision = {value(parents)}\nbranch_labels = {value(labels)}\ndepends_on = {value(depends_on)}\n"
    )


def lay_out(project: Project, entries: dict[str, Any]) -> None:
    for path, entry in entries.items():
        if entry is None:
            (project.top / path).unlink(missing_ok=True)
        else:
            project.write(path, script_text(*entry))
    project.git("add", "--all")
    project.git("commit", "--quiet", "--allow-empty", "--message", "x")


def environment_of(facts: dict[str, Any]) -> tuple[str, str]:
    """Return the folder of env.py and an ini that names the versions directories."""
    top = posixpath.dirname(facts["script_dir"]) if facts["script_dir"] in facts["version_dirs"] else facts["script_dir"]
    places = ":".join(f"%(here)s/{posixpath.relpath(folder, top)}" for folder in facts["version_dirs"])
    return (
        top,
        f"[alembic]\nscript_location = %(here)s\npath_separator = os\nrecursive_version_locations = true\nversion_locations = {places}\n",
    )


@pytest.fixture
def merged(tmp_path: Path, request: pytest.FixtureRequest) -> Project:
    """Return the repository after git merged theirs into ours; ours is on origin/main."""
    facts = request.param
    project = Project.empty(tmp_path / "app")
    top, ini = environment_of(facts)
    project.write(f"{top}/alembic.ini", ini)
    project.write(f"{top}/env.py", ENV_PY)
    project.write(f"{top}/script.py.mako", TEMPLATE)
    lay_out(project, facts["base"])
    project.git("branch", "theirs")
    lay_out(project, facts["ours"])
    project.git("update-ref", "refs/remotes/origin/main", "HEAD")
    project.git("switch", "--quiet", "theirs")
    lay_out(project, facts["theirs"])
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-edit", "theirs")
    assert project.heads() == sorted(facts["heads_merged"])
    return project


def alembics_heads(project: Project, facts: dict[str, Any]) -> list[str]:
    """Let Alembic load, and run, every script."""
    config = Config(str(project.top / environment_of(facts)[0] / "alembic.ini"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sorted(ScriptDirectory.from_config(config).get_heads())


def revises_agrees(text: str) -> bool:
    """Say whether the docstring names the parents that the code does."""
    (said,) = (line.partition(":")[2] for line in text.splitlines() if line.startswith("Revises:"))
    (value,) = (line.partition("=")[2] for line in text.splitlines() if line.startswith("down_revision"))
    parents = eval(value)  # a literal of ours
    return said.strip() == ", ".join([parents] if isinstance(parents, str) else parents)


BOTH = pytest.mark.parametrize(
    ("merged", "facts"),
    [(facts, facts) for facts in REPLAYED],
    indirect=["merged"],
    ids=[f"{each['repo']} {each['merge']}" for each in REPLAYED],
)


@BOTH
def test_a_merge_revision_leaves_alembic_with_one_head(merged: Project, facts: dict[str, Any]) -> None:
    merged.fix("--strategy", "merge")
    (new,) = merged.git("diff", "--name-only", "--diff-filter=A", "HEAD~", "HEAD").splitlines()
    assert len(alembics_heads(merged, facts)) == 1
    text = (merged.top / new).read_text()
    assert revises_agrees(text)
    assert all(head in text for head in facts["heads_merged"])
    assert merged.status() == ""


@BOTH
def test_re_parenting_leaves_alembic_with_one_head_where_it_is_allowed(merged: Project, facts: dict[str, Any]) -> None:
    """It is not where origin/main itself had several heads already: all of them are published."""
    done = merged.migmerge("fix", "--yes", "--strategy", "reparent", "--assume-unapplied")
    if len(facts["heads_ours"]) > 1:
        assert done.returncode == 1
        assert "not fixed: it would move what others may rely on: " in done.stdout
        return
    assert done.returncode == 0, done.stdout
    assert len(alembics_heads(merged, facts)) == 1
    changed = merged.git("diff", "--name-status", "HEAD~", "HEAD").splitlines()
    assert changed and all(line.startswith("M\t") for line in changed)
    assert all(revises_agrees((merged.top / line[2:]).read_text()) for line in changed)
    assert merged.status() == ""
