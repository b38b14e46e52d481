"""Writing a script never costs somebody else theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.environment.merge_script import draft_merge_revision
from migmerge.fix.file_changes import write_draft
from tests.unit.environment.test_merge_script import FLASK, lay_out, step


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK)
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    Path(draft.path).write_text("mine")
    with pytest.raises(MigmergeError, match="cannot be written: File exists"):
        write_draft(draft, b"ours")
    assert Path(draft.path).read_text() == "mine"


def test_a_script_that_a_hook_rejects_is_gone_again(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK, "[post_write_hooks]\nhooks = x\nx.type = exec\nx.executable = no-such-tool\n")
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    with pytest.raises(MigmergeError):
        write_draft(draft, b"ours")
    assert not Path(draft.path).exists()
