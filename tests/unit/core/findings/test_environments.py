"""MM012, for files that no environment reads, and the command that declares them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migmerge.core.declared_environment import declaration_command, read_declarations
from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.finding import Severity
from migmerge.core.findings.environments import (
    scripts_beyond_budget,
    scripts_gone,
    scripts_not_read,
    unreadable_configuration,
)
from migmerge.core.revision import UnreadableScript
from migmerge.core.script.budget import NOT_READ, TOO_LONG
from migmerge.core.snapshot import Snapshot

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def test_mm012_unread_scripts_are_one_finding_a_folder() -> None:
    one, other = scripts_not_read(["pkg/alembic/d.py", "pkg/alembic/b.py", "a.py", "pkg/alembic/c.py", "pkg/alembic/a.py"])
    assert (one.code, one.severity, one.environment, one.paths) == ("MM012", Severity.WARNING, "", ("a.py",))
    assert one.message == "1 file in . looks like a revision and belongs to no environment that was found: a.py"
    assert str(one.hint) == declaration_command("", ["."])
    assert other.paths == ("pkg/alembic/a.py", "pkg/alembic/b.py", "pkg/alembic/c.py")
    assert other.message == (
        "4 files in pkg/alembic look like revisions and belong to no environment that was found: a.py, b.py, c.py and 1 more"
    )


@pytest.mark.parametrize("folder", ["pkg/alembic", 'it\'s 100% "größe"', "a\\nb", ""])
@pytest.mark.parametrize(
    "before", ["", "[project]\nname = 'x'\n", "[tool.migmerge]\nhooks = 'off'", "[[tool.migmerge.environment]]\npath = 'x'"]
)
def test_the_declaring_command_writes_toml_that_migmerge_reads(tmp_path: Path, folder: str, before: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(before)
    subprocess.run(["sh", "-c", declaration_command(folder, [folder or "."])], cwd=tmp_path, check=True)
    table = tomllib.loads(file.read_text("utf-8"))["tool"]["migmerge"]
    declared = read_declarations(table["environment"], "pyproject.toml")[-1]
    assert (declared.path, declared.versions) == (folder, (folder,))


BROKEN = Environment("db", "alembic", ("db/versions",), "db/alembic.ini", problem="%(x)s is not set")


@pytest.mark.parametrize(
    ("environment", "message", "hint", "severity"),
    [
        pytest.param(
            BROKEN,
            "db/alembic.ini: Alembic cannot read it: %(x)s is not set",
            "edit db/alembic.ini:1: write a value that Alembic can read",
            Severity.ERROR,
            id="unreadable",
        ),
        pytest.param(
            BROKEN._replace(section="logs", versions=()),
            "db/alembic.ini [logs]: Alembic cannot read it: %(x)s is not set",
            "edit db/alembic.ini:1: write a value that Alembic can read",
            Severity.WARNING,
            id="a section of which no folder is known",
        ),
        pytest.param(
            BROKEN._replace(problem=TOO_LONG),
            "db/alembic.ini: it is too long to read: migmerge reads up to 1 MB, Alembic all of it; "
            "where the scripts are cannot be known",
            "edit db/alembic.ini:1: shorten it to less than 1 MB",
            Severity.ERROR,
            id="too long",
        ),
    ],
)
def test_mm005_a_configuration_that_alembic_cannot_read(
    environment: Environment, message: str, hint: str, severity: Severity
) -> None:
    (found,) = unreadable_configuration(environment)
    assert (found.code, found.message, str(found.hint), found.severity) == ("MM005", message, hint, severity)


def test_a_configuration_that_alembic_reads_is_no_finding() -> None:
    assert [*unreadable_configuration(BROKEN._replace(problem=None))] == []


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "1 script of 2 not read, for one command reads no more at once; its place in the history cannot be known"),
        (2, "2 scripts of 3 not read, for one command reads no more at once; their places in the history cannot be known"),
    ],
)
def test_mm005_scripts_beyond_the_budget_are_read_next_time(count: int, message: str) -> None:
    unread = tuple(UnreadableScript(f"db/versions/{number}.py", NOT_READ) for number in range(count))
    other = UnreadableScript("db/versions/bad.py", "syntax error")
    (found,) = scripts_beyond_budget(Snapshot(BROKEN, (*unread, other)), Evidence())
    assert (found.code, found.message, str(found.hint)) == ("MM005", message, "migmerge check")
    assert found.paths == tuple(each.path for each in unread)
    assert [*scripts_beyond_budget(Snapshot(BROKEN, (other,)), Evidence())] == []


@pytest.mark.parametrize(
    ("count", "hidden", "message", "hint"),
    [
        (1, False, "the 1 script that HEAD has in db/versions is deleted here", "git checkout HEAD -- db/versions"),
        (4, False, "the 4 scripts that HEAD has in db/versions are deleted here", "git checkout HEAD -- db/versions"),
        (
            2,
            True,
            "a sparse checkout hides the 2 scripts that HEAD has in db/versions",
            "git checkout --ignore-skip-worktree-bits HEAD -- db/versions",
        ),
    ],
)
def test_mm005_an_environment_without_its_scripts(count: int, hidden: bool, message: str, hint: str) -> None:
    found = scripts_gone(BROKEN, [f"db/versions/{number}.py" for number in range(count)], hidden=hidden)
    assert (found.code, found.message, str(found.hint)) == ("MM005", f"{message}: Alembic finds no revision", hint)
    assert len(found.paths) == min(count, 3)
