"""Writing a script never costs somebody else theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.database.runtime import project_runtime
from migmerge.environment.merge_script import draft_merge_revision
from migmerge.fix.context import FixOptions
from migmerge.fix.file_changes import write_draft
from migmerge.fix.script_writer import ScriptWriter
from tests.unit.environment.test_merge_script import FLASK, lay_out, step


def writer(top: Path) -> ScriptWriter:
    return ScriptWriter(draft_merge_revision(step(FLASK), str(top)), project_runtime(FLASK, str(top), str(top)), FixOptions())


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK)
    own = writer(tmp_path)
    Path(own.draft.path).write_text("mine")
    with pytest.raises(MigmergeError, match="cannot be written: File exists"):
        write_draft(own, b"ours")
    assert Path(own.draft.path).read_text() == "mine"


def test_a_script_that_a_hook_rejects_is_gone_again(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK, "[post_write_hooks]\nhooks = x\nx.type = exec\nx.executable = no-such-tool\n")
    own = writer(tmp_path)
    with pytest.raises(MigmergeError):
        write_draft(own, b"ours")
    assert not Path(own.draft.path).exists()
