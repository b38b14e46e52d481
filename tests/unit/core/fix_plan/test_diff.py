"""Diffs of files."""

from __future__ import annotations

from migmerge.core.fix_plan.diff import diff_of


def test_every_line_has_its_end_and_a_line_of_context() -> None:
    assert diff_of("a.py", "a.py", b"1\n2\n3\n4", b"1\n2\n3\nx") == [
        "--- a/a.py\n",
        "+++ b/a.py\n",
        "@@ -3,2 +3,2 @@\n",
        " 3\n",
        "-4\n",
        "+x\n",
    ]
