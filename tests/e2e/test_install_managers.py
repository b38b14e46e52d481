"""A team that uses a hook manager hears of its migrations by cloning, and of each event once, whoever came first."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.managers import MANAGERS, Manager, lent_wheel, offline
from tests.support.paths import ROOT
from tests.support.project import GIT_VERSION, Project

_BUILT = """\
import os
import shutil


def build_wheel(folder, config_settings=None, metadata_directory=None):
    return os.path.basename(shutil.copy({wheel!r}, folder))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a machine on which pre-commit and prek keep what they install."""
    folder = tmp_path_factory.mktemp("machine")
    return offline(lent_wheel(folder), folder)


@pytest.fixture(params=[*MANAGERS])
def manager(request: pytest.FixtureRequest, machine: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Manager:
    chosen = MANAGERS[request.param]
    chosen.require()
    for name, value in machine.items():
        monkeypatch.setenv(name, value)
    return chosen


@pytest.fixture
def team(manager: Manager, diverged: Project) -> Project:
    """Return the repository of a team that uses the manager."""
    manager.configure(diverged)
    return diverged


def into(manager: Manager, project: Project) -> str:
    done = project.migmerge("install", "--into", manager.name, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def share(project: Project) -> None:
    """Commit the configuration on both branches."""
    project.commit("migmerge for the team")
    project.git("switch", "--quiet", "feature")
    project.git("checkout", "main", "--", ".", ":!migrations")
    project.commit("from main")
    project.git("switch", "--quiet", "main")


def spoken(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def fork(project: Project) -> str:
    """Merge a branch that forks the history, and go back."""
    said = project.hooked("merge", "--no-edit", "origin/feature" if project.git("remote") else "feature")
    project.git("reset", "--quiet", "--hard", "HEAD~1")
    return said


def test_who_clones_hears_of_a_fork_once(manager: Manager, team: Project) -> None:
    into(manager, team)
    team.commit("migmerge for the team")
    bob = team.clone("bob", "bob")
    manager.set_up(bob)
    said = fork(bob)
    assert (said.count("MM001"), said.count("OTHER")) == (1, 1), said
    assert bob.migmerge("doctor", "--no-db").stdout.count("MM201") == 0
    # His own hooks, behind the manager's: they report, and may ask.
    assert f"{manager.name} calls migmerge for the whole team" in bob.migmerge("install").stdout
    assert fork(bob).count("MM001") == 1
    manager.set_up(bob)
    assert fork(bob).count("MM001") == 1
    assert "MM201" not in bob.migmerge("check").stdout
    assert f"migmerge uninstall --from {manager.name}" in bob.migmerge("uninstall").stdout
    said = fork(bob)
    assert (said.count("MM001"), said.count("OTHER")) == (1, 1), said
    manager.tear_down(bob)
    assert "MM001" not in fork(bob)
    before = team.git("show", f"HEAD~1:{manager.path}")
    assert bob.migmerge("uninstall", "--from", manager.name, "--yes").returncode == 0
    assert (bob.top / manager.path).read_text() == before + "\n"


@pytest.mark.skipif(GIT_VERSION >= (2, 54), reason="git >= 2.54 has our hooks in its configuration, which no manager writes over")
def test_what_a_manager_wrote_over_is_told_with_what_lasts(manager: Manager, team: Project) -> None:
    team.migmerge("install")
    fork(team)
    manager.set_up(team)
    if "MM001" in (said := fork(team)):  # pre-commit and prek go on calling what they find
        assert manager.name in ("pre-commit", "prek"), said
        manager.run(team, "install", "-f", "-t", "post-merge")
    lasting = f"migmerge install --into {manager.name}"
    assert f"hint: {lasting}\n" in team.migmerge("check").stdout
    assert f"hint: {lasting}\n" in team.migmerge("doctor", "--no-db").stdout
    (line,) = team.migmerge("graph").stderr.splitlines()
    assert line.startswith("note: ") and line.endswith(f"; {lasting}")
    into(manager, team)
    team.commit("migmerge for the team")
    manager.set_up(team)
    assert "MM201" not in team.migmerge("check").stdout
    assert fork(team).count("MM001") == 1


@pytest.mark.parametrize("manager_first", [False, True])
def test_after_the_manager_is_gone_our_own_hooks_are_heard_or_told(
    manager: Manager, team: Project, *, manager_first: bool
) -> None:
    if manager_first:
        manager.set_up(team)
    team.migmerge("install")
    assert fork(team).count("MM001") == 1
    if not manager_first:
        manager.set_up(team)
    manager.tear_down(team)
    if "MM001" not in fork(team):
        assert "hint: migmerge install\n" in team.migmerge("check").stdout
        team.migmerge("install")
    assert fork(team).count("MM001") == 1
    assert "MM201" not in team.migmerge("check").stdout


@pytest.mark.parametrize("manager", ["pre-commit", "prek", "lefthook"], indirect=True)
def test_each_event_is_reported_as_our_own_hooks_do(manager: Manager, team: Project) -> None:
    into(manager, team)
    share(team)
    manager.set_up(team)
    team.git("branch", "topic", "feature")
    assert "squashed into the index" in team.hooked("merge", "--squash", "feature")
    team.git("reset", "--quiet", "--hard")
    assert "c1" in team.hooked("checkout", "--quiet", "feature")
    assert "b1" in team.hooked("checkout", "--quiet", "main")
    assert team.hooked("checkout", "app.py").count("a1") == 0
    team.git("switch", "--quiet", "topic")
    assert "MM001" in team.hooked("rebase", "main")
    assert "MM001" not in team.hooked("commit", "--amend", "--no-verify", "--no-edit", "--quiet")


@pytest.mark.parametrize("manager", ["pre-commit", "prek", "lefthook", "husky"], indirect=True)
def test_a_commit_and_a_push_that_fork_the_history_are_stopped(manager: Manager, team: Project) -> None:
    into(manager, team)
    team.commit("migmerge for the team")
    bob = team.clone("bob", "bob")
    manager.set_up(bob)
    bob.script("d1", "a1")
    bob.git("add", "migrations")
    stopped = bob.run_git("commit", "--message", "d1")
    assert (stopped.returncode, "MM001" in spoken(stopped)) == (1, True)
    bob.git("reset", "--quiet", "--hard")
    bob.revision("d1", "b1")
    team.revision("d2", "b1")
    bob.git("fetch", "--quiet")
    stopped = bob.run_git("push", "origin", "HEAD:topic")
    assert (stopped.returncode, "MM001" in spoken(stopped)) == (1, True), spoken(stopped)
    assert "MM001" not in bob.hooked("push", "origin", "HEAD:topic", MIGMERGE="0")
    bob.git("switch", "--quiet", "--create", "fresh")
    bob.revision("d3", "d1")
    assert "@{upstream} names no commit" in spoken(bob.run_git("push", "--set-upstream", "origin", "fresh"))
    assert bob.git("rev-parse", "origin/fresh") == bob.git("rev-parse", "HEAD")


@pytest.mark.parametrize("manager", ["pre-commit", "husky"], indirect=True)
def test_fix_commits_through_a_manager_that_checks(manager: Manager, team: Project) -> None:
    """The commit of `fix` mends one finding, and another one is left."""
    team.script("e1", "nowhere")
    team.commit("broken")
    into(manager, team)
    team.commit("migmerge for the team")
    manager.set_up(team)
    team.write("app.py", "x = 2\n")
    assert team.run_git("commit", "--all", "--message", "x").returncode == 1
    team.git("rm", "--quiet", "migrations/versions/e1.py")
    team.git("commit", "--quiet", "--message", "mended")
    team.hooked("merge", "--no-edit", "feature")
    assert "undo: " in team.fix()
    assert team.heads() != ["b1", "c1"]


@pytest.mark.parametrize("manager", ["prek", "lefthook"], indirect=True)
def test_a_merge_with_conflicts_is_committed_and_told(manager: Manager, team: Project) -> None:
    into(manager, team)
    team.write("app.py", "x = 2\n")
    team.commit("migmerge for the team")
    team.git("switch", "--quiet", "feature")
    team.write("app.py", "x = 3\n")
    team.commit("the other side")
    team.git("switch", "--quiet", "main")
    manager.set_up(team)
    assert team.run_git("merge", "feature").returncode == 1
    team.write("app.py", "x = 4\n")
    team.git("add", "app.py")
    assert "MM001" in team.hooked("commit", "--no-edit")


@pytest.mark.parametrize(
    ("manager", "path", "text", "validate"),
    [
        ("pre-commit", ".pre-commit-config.yaml", None, ("validate-config",)),
        ("prek", "prek.toml", "[[repos]]\nrepo = 'builtin'\nhooks = [{ id = 'check-toml' }]", ("validate-config", "prek.toml")),
        ("lefthook", ".lefthook.toml", "[post-merge]\nparallel = true", ("validate",)),
        ("lefthook", ".config/lefthook.yaml", "post-merge:\n  scripts:\n    a.sh:\n      runner: sh\n", ("validate",)),
        ("lefthook", "lefthook.yml", None, ("validate",)),
    ],
    indirect=["manager"],
)
def test_a_manager_accepts_each_of_its_formats(
    manager: Manager, path: str, text: str | None, validate: tuple[str, ...], diverged: Project
) -> None:
    if text is not None:
        diverged.write(path, text)
    into(manager, diverged)
    assert (diverged.top / path).exists()
    manager.run(diverged, *validate)
    diverged.commit("hooks")
    manager.set_up(diverged)
    assert "MM001" in diverged.hooked("merge", "--no-edit", "feature")


@pytest.mark.parametrize("manager", ["pre-commit", "prek"], indirect=True)
def test_the_hooks_of_this_repository(manager: Manager, diverged: Project, tmp_path: Path) -> None:
    """A clone is what `repo: https://…` would be; the wheel of this repository is built without a network beforehand."""
    there = Project.empty(tmp_path / "migmerge")
    there.write(".pre-commit-hooks.yaml", (ROOT / ".pre-commit-hooks.yaml").read_bytes())
    (wheel,) = Path(os.environ["UV_FIND_LINKS"]).iterdir()
    there.write("pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "built"\nbackend-path = ["."]\n')
    there.write("built.py", _BUILT.format(wheel=str(wheel)))
    revision = there.commit("all of it")
    ids = "".join(f"      - id: migmerge-{each}\n" for each in ("check", "check-push", "post-merge"))
    diverged.write(".pre-commit-config.yaml", f"repos:\n  - repo: {there.top}\n    rev: {revision}\n    hooks:\n{ids}")
    diverged.commit("hooks")
    manager.run(diverged, "install", "-t", "post-merge", "-t", "pre-commit")
    assert "MM001" in diverged.hooked("merge", "--no-edit", "feature")
