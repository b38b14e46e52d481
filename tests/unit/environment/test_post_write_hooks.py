"""The command lines of post-write hooks, and the files of the repository that they name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migmerge.environment.post_write_hooks import command_line, files_behind, files_named

EXEC = {"type": "exec", "executable": "tools/stamp.sh"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({**EXEC, "options": "-q REVISION_SCRIPT_FILENAME"}, "tools/stamp.sh -q REVISION_SCRIPT_FILENAME"),
        ({"type": "console_scripts", "entrypoint": "black", "options": "-l 79"}, "black -l 79"),
        ({"type": "module", "module": "ruff", "options": "check"}, "python -m ruff check"),
        ({**EXEC, "cwd": "sub"}, "(cd sub && tools/stamp.sh)"),
        ({"type": "shop", "who": "ann"}, "shop"),
        ({}, ""),
    ],
)
def test_a_command_line(options: Mapping[str, str], expected: str) -> None:
    assert command_line(options) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(EXEC, ["app/tools/stamp.sh"], id="a path below the folder in which hooks run"),
        pytest.param({**EXEC, "executable": "./tools/stamp.sh"}, ["app/tools/stamp.sh"], id="a path with a dot"),
        pytest.param(
            {"type": "exec", "executable": "sh", "options": "-x tools/stamp.sh F"}, ["app/tools/stamp.sh"], id="an option"
        ),
        pytest.param(
            {"type": "exec", "executable": "sh", "options": "-c 'true;tools/stamp.sh F'"}, ["app/tools/stamp.sh"], id="-c"
        ),
        pytest.param({"type": "exec", "executable": "env", "options": "X=tools/stamp.sh"}, ["app/tools/stamp.sh"], id="a value"),
        pytest.param({"type": "exec", "executable": "sh", "options": "'tools/stamp.sh"}, [], id="an open quote"),
        pytest.param({"type": "exec", "executable": "python", "options": "tools"}, ["app/tools/__main__.py"], id="a folder"),
        pytest.param({"type": "module", "module": "tools"}, ["app/tools/__main__.py"], id="a package"),
        pytest.param({"type": "module", "module": "tools.mark"}, ["app/tools/mark.py"], id="a module"),
        pytest.param({"type": "exec", "executable": "python", "options": "-m tools.mark"}, ["app/tools/mark.py"], id="-m"),
        pytest.param({**EXEC, "cwd": "..", "executable": "top.sh"}, ["top.sh"], id="another folder"),
        pytest.param({**EXEC, "executable": "linked.sh"}, ["app/linked.sh", "top.sh"], id="a link and what is behind it"),
        pytest.param({**EXEC, "executable": "more/stamp.sh"}, ["app/more", "app/tools/stamp.sh"], id="behind a linked folder"),
        pytest.param({**EXEC, "executable": "away.sh"}, ["app/away.sh"], id="a link out of the repository"),
        pytest.param({**EXEC, "executable": "../../away.sh"}, [], id="outside of the repository"),
        pytest.param({**EXEC, "executable": "a\0b"}, [], id="no path"),
        pytest.param({"type": "console_scripts", "entrypoint": "black"}, [], id="a program"),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_the_files_that_it_names(tmp_path: Path, options: Mapping[str, str], expected: list[str]) -> None:
    top = tmp_path / "top"
    for name in ("app/tools/stamp.sh", "app/tools/mark.py", "app/tools/__main__.py", "top.sh", "../away.sh"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("")
    for name, target in {"linked.sh": "../top.sh", "more": "tools", "away.sh": "../../away.sh"}.items():
        (top / "app" / name).symlink_to(target)
    assert files_named(options, str(top / "app"), str(top)) == expected


def test_a_repository_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.sh").write_text("")
    (tmp_path / "link").symlink_to("real")
    assert files_behind(str(tmp_path / "link/a.sh"), str(tmp_path / "link")) == ["a.sh"]
