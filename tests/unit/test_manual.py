"""The man page: it is that of the present help, and roff has nothing to complain of."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from migmerge.arguments import COMMANDS
from migmerge.manual import manual
from tests.support.paths import ROOT

PAGE = ROOT / "docs/migmerge.1"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == manual(), "make man"


def test_the_page_is_ascii_which_any_roff_reads() -> None:
    assert manual().isascii()


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not here")
def test_roff_renders_every_command_without_a_complaint() -> None:
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-P-c", str(PAGE)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    shown = re.sub(".\b", "", done.stdout)
    assert [name for name in COMMANDS if f"migmerge {name}" not in shown] == []
