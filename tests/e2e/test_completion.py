"""`migmerge completion`: what a real shell, in which the script was sourced, makes of a Tab."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from tests.support.project import MIGMERGE

_TYPED = [
    pytest.param("migmerge rehe", "rehearse", id="command"),
    pytest.param("migmerge fix --dry", "--dry-run", id="option"),
    pytest.param("migmerge sync --envi", "--environment", id="common option"),
    pytest.param("migmerge graph --format mer", "mermaid", id="choice of an option"),
    pytest.param("migmerge reset mig", "migrations", id="choice"),
    pytest.param("migmerge explain phan", "phantom-revision", id="finding"),
    pytest.param("migmerge explain MM11", "MM110", id="code"),
    pytest.param("migmerge check -C fol", "folder/", id="folder"),
]
_START = {
    "bash": (
        "bash",
        ["--norc", "--noprofile", "-i"],
        "PS1='ready> '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'",
    ),
    "zsh": ("zsh", ["-f", "-i"], "PS1='ready> '; unsetopt beep; autoload -Uz compinit && compinit -D -u"),
}


def script(shell: str, folder: Path) -> Path:
    """Write the completion script to a file."""
    path = folder / f"completion.{shell}"
    done = subprocess.run([MIGMERGE, "completion", shell], capture_output=True, text=True, check=True)
    path.write_text(done.stdout)
    return path


@pytest.mark.parametrize(("typed", "completed"), _TYPED)
@pytest.mark.parametrize("shell", _START)
def test_a_tab_completes_a_word(shell: str, typed: str, completed: str, tmp_path: Path) -> None:
    """The shell's own function stands for migmerge and prints what it is called with."""
    (tmp_path / "folder").mkdir()
    program, arguments, preparation = _START[shell]
    if not shutil.which(program):
        pytest.skip(f"{shell} is not here")
    child = pexpect.spawn(program, arguments, cwd=tmp_path, env={**os.environ, "TERM": "dumb"}, encoding="utf-8", timeout=30)
    child.setecho(False)
    child.sendline(f'{preparation}; eval "$(cat {script(shell, tmp_path)})"; migmerge() {{ echo "<$*>"; }}; echo sour\'\'ced')
    child.expect("sourced[^>]*ready> ")
    child.send(f"{typed}\t\r")
    # zsh takes the slash behind a folder away where nothing follows it.
    words = " ".join([*typed.split()[1:-1], completed.rstrip("/")])
    child.expect(f"<{re.escape(words)}/?>")
    child.close(force=True)


@pytest.mark.parametrize(("typed", "completed"), _TYPED)
def test_fish_completes_a_word(typed: str, completed: str, tmp_path: Path) -> None:
    if not shutil.which("fish"):
        pytest.skip("fish is not here")
    (tmp_path / "folder").mkdir()
    command = ["fish", "-c", f"source {script('fish', tmp_path)}; complete -C '{typed}'"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip().split("\t")[0] == completed


def test_an_unknown_shell() -> None:
    done = subprocess.run([MIGMERGE, "completion", "fsh"], capture_output=True, text=True, check=False)
    said = "error: shell cannot be fsh: bash, zsh, fish\nhint: migmerge completion fish\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
