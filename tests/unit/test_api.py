"""The public Python API: what `migmerge check` finds, as data, and a Python that stays as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import migmerge
from migmerge import MigmergeError, Report, Severity
from tests.support.project import Project, needs_merge_tree


def test_a_divergence(diverged: Project) -> None:
    diverged.git("merge", "--quiet", "--no-edit", "feature")
    report = migmerge.check(diverged.top)
    assert (report.tree, report.commit) == ("worktree", diverged.git("rev-parse", "HEAD"))
    (environment,) = report.environments
    assert (environment.path, environment.versions) == ("migrations", ("migrations/versions",))
    assert environment.graph.heads == ("b1", "c1")
    assert environment.graph.ancestors("b1") >= {"a0", "a1"}
    (finding,) = report.errors
    assert (finding.code, finding.name, finding.severity) == ("MM001", "divergent-heads", Severity.ERROR)
    assert (finding.revisions, str(finding.hint)) == (("b1", "c1"), "migmerge fix")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({}, ()),
        ({"at": "feature"}, ("--at", "feature")),
        ({"staged": True}, ("--staged",)),
        pytest.param({"against": "feature"}, ("--against", "feature"), marks=needs_merge_tree),
        pytest.param({"against": "main", "at": "feature"}, ("--against", "main", "--at", "feature"), marks=needs_merge_tree),
    ],
)
def test_it_is_what_the_command_finds(diverged: Project, arguments: dict[str, str], options: tuple[str, ...]) -> None:
    diverged.write("migrations/versions/d1.py", "revision = compute()\n")
    said = json.loads(diverged.migmerge("check", "--format", "json", *options).stdout)
    report = migmerge.check(diverged.top, **arguments)  # type: ignore[arg-type]
    assert (report.tree, report.commit) == (said["tree"], said["commit"])
    assert [(each.code, each.message, str(each.hint)) for each in report.findings] == [
        (each["code"], each["message"], each["hint"]) for each in said["findings"]
    ]
    assert [list(each.graph.heads) for each in report.environments] == [
        [head["revision"] for head in each["heads"]] for each in said["environments"]
    ]


def test_a_repository_without_migrations_has_nothing(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "empty")
    assert migmerge.check(project.top) == Report("worktree", None, (), ())


def test_what_cannot_be_looked_at_is_an_error(project: Project, tmp_path: Path) -> None:
    with pytest.raises(MigmergeError, match="not in a git repository"):
        migmerge.check(tmp_path)
    with pytest.raises(MigmergeError):
        migmerge.check(project.top, at="nowhere")
    with pytest.raises(MigmergeError, match="--staged looks at the index"):
        migmerge.check(project.top, at="HEAD", staged=True)


@pytest.mark.parametrize("path", ["alembic.ini", "alembic.ini/x", b"\xff", "", "a\0b", "gone"])
def test_what_is_no_folder_is_an_error(diverged: Project, path: str | bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(diverged.top / "migrations")
    with pytest.raises(MigmergeError, match=r"is not a folder|null character"):
        migmerge.check(path)  # type: ignore[arg-type]
    with pytest.raises(MigmergeError, match="null character"):
        migmerge.check(at="a\0b")


def test_threads_leave_the_imports_as_they_were(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(project.top)
    before = list(sys.path)
    after = []
    for _ in range(8):
        with ThreadPoolExecutor(3) as threads:
            reports = [*threads.map(migmerge.check, [project.top] * 5)]
        after.append(list(sys.path))
    assert after == [before] * 8
    assert {len(report.environments) for report in reports} == {1}


def test_environments_are_selected(project: Project) -> None:
    with pytest.raises(MigmergeError):
        migmerge.check(project.top, environments=["other"])
    assert migmerge.check(project.top, environments=["migrations"]).environments
    assert migmerge.check(project.top, environments="migrations").environments


def test_the_imports_of_the_caller_stay_as_they_were(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(project.top)
    before = list(sys.path)
    migmerge.check(project.top)
    with pytest.raises(MigmergeError):
        migmerge.check(project.top, at="nowhere")
    assert sys.path == before


def test_nothing_is_imported_before_it_is_used() -> None:
    said = "import sys, migmerge; print(sorted(each for each in sys.modules if each.startswith('migmerge')), migmerge.check)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("['migmerge'] <function check at ")


def test_other_names_are_not_there() -> None:
    assert set(migmerge.api.__all__) <= set(dir(migmerge))
    for name in ("nothing", "_private", "judgement"):
        with pytest.raises(AttributeError, match=f"module 'migmerge' has no attribute '{name}'"):
            getattr(migmerge, name)
