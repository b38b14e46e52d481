"""`flask migmerge …`: no application is loaded, and what is printed is what was typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import MIGMERGE, TEMPLATE, Project

FLASK = Path(MIGMERGE).with_name("flask")
BROKEN = {"FLASK_APP": "no_such_module"}


def flask(project: Project, *words: str, path: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run Flask's own program; `path` is what stands first on PATH."""
    variables = {"PATH": os.pathsep.join(filter(None, (path, os.environ["PATH"]))), **more}
    done = subprocess.run(
        [str(FLASK), *words], cwd=project.top, env=project.environment(**variables), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def bin_with_flask_alone(tmp_path: Path) -> str:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "flask").symlink_to(FLASK)
    return str(folder)


@pytest.mark.parametrize("broken", [{}, BROKEN], ids=["no application", "a broken one"])
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--help"], 0),
        (["fix", "--help"], 0),
        (["-V"], 0),
        (["check"], 1),
        (["graph"], 0),
        (["forecast"], 0),
        (["explain", "MM001"], 0),
        (["completion", "bash"], 0),
        (["install"], 0),
        (["uninstall"], 0),
        (["doctor", "--no-db"], 1),
        (["backups"], 0),
        (["undo", "--list", "--format", "json"], 0),
        (["report", "--html", "-", "--no-db"], 0),
        (["fix", "--yes", "--no-db"], 0),
    ],
    ids=str,
)
def test_what_needs_no_application_works_without_one(
    diverged: Project, words: list[str], status: int, broken: dict[str, str]
) -> None:
    diverged.merged()
    done = flask(diverged, "migmerge", *words, **broken)
    assert (done.returncode, done.stderr) == (status, ""), done.stdout
    assert done.stdout


def test_nothing_is_executed_to_look_at_it(diverged: Project) -> None:
    diverged.merged()
    diverged.write("app.py", "open('loaded', 'w')\n")
    for words in (["fix", "--dry-run", "--no-db"], ["doctor", "--no-db"], ["sync", "--help"]):
        flask(diverged, "--app", "app", "migmerge", *words)
    assert not (diverged.top / "loaded").exists()


def test_help_speaks_of_itself_as_it_was_called(diverged: Project, bin_with_flask_alone: str) -> None:
    said = flask(diverged, "migmerge", "fix", "--help", path=bin_with_flask_alone).stdout
    assert said.startswith("usage: flask migmerge fix [")
    assert "\n  flask migmerge fix --dry-run " in said
    assert " migmerge" not in said.replace("flask migmerge", "")
    assert max(map(len, said.splitlines())) <= 80
    said = flask(diverged, "migmerge", "--help", path=bin_with_flask_alone).stdout
    assert said.startswith("usage: flask migmerge [")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["migmerge", "check"], "flask migmerge fix"),
        (["--app", "a b:app", "migmerge", "check"], "flask --app 'a b:app' migmerge fix"),
        (["migmerge", "chek"], "flask migmerge check"),
        (["migmerge", "fix", "--xyzzy"], "flask migmerge fix --help"),
        (["migmerge", "fix"], "flask migmerge fix --yes, or flask migmerge fix --dry-run to look first"),
    ],
)
def test_a_hint_is_what_was_typed(diverged: Project, typed: list[str], hint: str, bin_with_flask_alone: str) -> None:
    diverged.merged()
    done = flask(diverged, *typed, path=bin_with_flask_alone)
    assert f"hint: {hint}\n" in done.stdout + done.stderr


def test_the_hint_runs(diverged: Project, bin_with_flask_alone: str) -> None:
    diverged.merged()
    done = flask(diverged, "migmerge", "check", path=bin_with_flask_alone)
    (hint,) = (line.partition("hint: ")[2] for line in done.stdout.splitlines() if "hint: " in line)
    assert flask(diverged, *hint.split()[1:], "--yes", "--no-db").returncode == 0
    assert len(diverged.heads()) == 1


def test_where_flask_is_not_found_and_migmerge_is_hints_say_migmerge(diverged: Project, tmp_path: Path) -> None:
    diverged.merged()
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "migmerge").symlink_to(MIGMERGE)
    rest = [each for each in os.environ["PATH"].split(os.pathsep) if not os.path.exists(os.path.join(each, "flask"))]
    done = flask(diverged, "migmerge", "check", PATH=os.pathsep.join([str(folder), *rest]))
    assert "hint: migmerge fix\n" in done.stdout


def test_what_programs_read_names_the_program(diverged: Project, bin_with_flask_alone: str) -> None:
    diverged.merged()
    done = flask(diverged, "migmerge", "check", "--format", "json", path=bin_with_flask_alone)
    assert '"hint": "migmerge fix"' in done.stdout


def test_the_option_app_reaches_what_asks_the_application(diverged: Project) -> None:
    diverged.merged()
    diverged.write("migrations/script.py.mako", f"<%\nfrom flask import current_app\n%># of ${{current_app.name}}\n{TEMPLATE}")
    diverged.write("shop_app.py", "from flask import Flask\ndef create_app(name): return Flask(name)\n")
    diverged.commit("template")
    done = flask(diverged, "--app", "shop_app:create_app('shop')", "migmerge", "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert any("# of shop\n" in each.read_text() for each in (diverged.top / "migrations/versions").glob("*.py"))


def test_a_program_of_the_project_brings_its_application(diverged: Project) -> None:
    """A FlaskGroup with `create_app`, which no other process can call."""
    diverged.merged()
    diverged.write("migrations/script.py.mako", f"<%\nfrom flask import current_app\n%># of ${{current_app.name}}\n{TEMPLATE}")
    diverged.commit("template")
    lines = (
        "from flask import Flask",
        "from flask.cli import FlaskGroup",
        "FlaskGroup(create_app=lambda: Flask('shop'))()",
    )
    diverged.write("manage.py", "\n".join(lines))
    command = [sys.executable, "manage.py", "migmerge", "fix", "--yes"]
    done = subprocess.run(command, cwd=diverged.top, env=diverged.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert any("# of shop\n" in each.read_text() for each in (diverged.top / "migrations/versions").glob("*.py"))
