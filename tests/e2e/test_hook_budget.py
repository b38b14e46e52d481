"""A hook has a budget of time and memory that no repository exceeds, and git goes on."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.project import Project, script_text

FAN = 400
"""Scripts that all follow the same one."""


@pytest.fixture
def crowded(project: Project) -> Project:
    """Return a project with a branch whose scripts take the hook longer than it has here."""
    lines = ["commit refs/heads/crowd\ncommitter e <e@e> 1714564800 +0000\ndata 1\nx\nfrom refs/heads/main^0\n"]
    for number in range(FAN):
        text = script_text(f"s{number}", "a1")
        lines.append(f"M 100644 inline migrations/versions/s{number}.py\ndata {len(text)}\n{text}\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project.top, input="".join(lines).encode(), check=True)
    project.migmerge("install")
    return project


def test_a_hook_that_takes_too_long_says_so_and_git_goes_on(crowded: Project) -> None:
    said = crowded.hooked("merge", "--no-edit", "crowd", MIGMERGE_HOOK_SECONDS="0.05")
    assert said.splitlines()[-2:] == [
        "error: migmerge post-merge: not done after 0.05 seconds",
        "hint: migmerge check, which has no limit; MIGMERGE_HOOK_SECONDS gives the hooks another",
    ]
    assert crowded.git("status", "--porcelain") == ""
