"""The command that takes outcomes of `fix` back."""

from __future__ import annotations

import pytest

from migmerge.core.environment import Environment
from migmerge.core.fix_plan.plan import Applied, Commit, CreateMergeRevision, Plan, RewriteScript
from migmerge.output.text.fix_plan import undo_command

CREATE = CreateMergeRevision(Environment("m", "alembic", ("m",)), "c", ("a", "b"), "merge", None, "m")
KEPT, RENAMED = RewriteScript("m/a.py", "m/a.py", b"", b""), RewriteScript("m/2_b.py", "m/3_b.py", b"", b"")
COMMIT = Commit("join")
RESET = "git reset --soft HEAD~{} && git restore --staged --worktree"


@pytest.mark.parametrize(
    ("outcomes", "command"),
    [
        pytest.param([Applied(Plan((CREATE, COMMIT), ""), ("m/c.py",), "1" * 40)], f"{RESET.format(1)} m/c.py", id="commit"),
        pytest.param(
            [Applied(Plan((CREATE, COMMIT), ""), (path,), "1" * 40) for path in ("m/c.py", "n/a b.py")],
            f"{RESET.format(2)} m/c.py 'n/a b.py'",
            id="two commits",
        ),
        pytest.param([Applied(Plan((CREATE,), ""), ("m/c.py",), None)], "rm m/c.py", id="a new file"),
        pytest.param([Applied(Plan((KEPT,), ""), ("m/a.py",), None)], "git restore m/a.py", id="a rewritten file"),
        pytest.param(
            [Applied(Plan((KEPT, RENAMED), ""), ("m/a.py", "m/2_b.py", "m/3_b.py"), None)],
            "rm m/3_b.py && git restore m/a.py m/2_b.py",
            id="a renamed file",
        ),
        pytest.param(
            [Applied(Plan((step,), ""), paths, None) for step, paths in ((CREATE, ("m/c.py",)), (KEPT, ("m/a.py",)))],
            "rm m/c.py && git restore m/a.py",
            id="two plans without a commit",
        ),
    ],
)
def test_undo_command(outcomes: list[Applied], command: str) -> None:
    assert undo_command(outcomes) == command
