"""MM012, for files that no environment reads, and the command that declares them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migmerge.core.declared_environment import declaration_command, read_declarations
from migmerge.core.finding import Severity
from migmerge.core.findings.environments import scripts_not_read

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
