"""What is far larger than any project has an answer: a right one, a finding or one line, in a bounded memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator

import pytest

from tests.support.project import MIGMERGE, Project, needs_merge_tree, script_text

SCRIPTS, READABLE, REFS, COMMITS = 4_000, 4_000, 50_000, 20_000
MOST_MEGABYTES = 256
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
sys.exit(done.returncode)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")


def answer(project: Project, *arguments: str) -> tuple[int, str]:
    """Run migmerge in a bounded memory and return its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, MIGMERGE, *arguments], cwd=project.top, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    *lines, megabytes = done.stderr.splitlines()
    assert int(megabytes) < MOST_MEGABYTES
    return done.returncode, "\n".join([*done.stdout.splitlines(), *lines])


def hooked(project: Project, *arguments: str) -> str:
    """Let git fire its hooks and return what they said; git has to succeed, and to leave the work tree as it should be."""
    project.migmerge("install")
    said = project.hooked(*arguments)
    assert "Traceback" not in said
    assert project.status() == ""
    return said


def file(path: str, text: str) -> str:
    return f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"


def commit(branch: str, *files: str, after: str = "refs/heads/main^0") -> str:
    start = f"from {after}\n" if after else ""
    return f"commit refs/heads/{branch}\ncommitter e <e@e> 1714564800 +0000\ndata 1\nx\n{start}{''.join(files)}"


def load(project: Project, stream: Iterable[str]) -> None:
    subprocess.run(["git", "fast-import", "--quiet"], cwd=project.top, input="".join(stream).encode(), check=True)


def scripts(texts: Iterable[str]) -> Iterator[str]:
    return (file(f"migrations/versions/s{number}.py", text) for number, text in enumerate(texts))


def test_a_crowd_of_scripts(project: Project) -> None:
    load(project, [commit("crowd", *scripts(script_text(f"s{n}", f"s{n - 1}" if n else "a1") for n in range(READABLE)))])
    hooked(project, "merge", "--quiet", "crowd")
    assert answer(project, "check")[1].splitlines() == [
        f"migrations  {READABLE + 2} revisions, 1 head",
        f"  s{READABLE - 1}  add s{READABLE - 1}  migrations/versions/s{READABLE - 1}.py",
        "no findings",
    ]
    assert f"{READABLE + 2} revisions, 1 head" in answer(project, "graph")[1]
    assert answer(project, "forecast", "--days", "36500")[0] == 0


def test_a_crowd_of_unreadable_scripts(project: Project) -> None:
    load(project, [commit("crowd", *scripts(f"x = (((\n{number}" for number in range(SCRIPTS)))])
    said = hooked(project, "merge", "--quiet", "crowd").splitlines()
    assert any("MM005" in line for line in said)
    code, report = answer(project, "check")
    assert (code, report.count("error MM005"), report.splitlines()[-1]) == (1, SCRIPTS, f"{SCRIPTS} errors")
    assert f"note: {SCRIPTS} scripts cannot be read; migmerge check" in answer(project, "graph")[1]


def test_scripts_beyond_the_budget_of_a_command_are_not_healthy_and_read_by_the_next_one(project: Project) -> None:
    # What is too long to parse counts as the longest that is parsed; 33 are as much as one command reads.
    load(project, [commit("crowd", *scripts(f"x = [{number}{',' * 61_000}\n" for number in range(40)))])
    code, report = answer(project, "check", "--at", "crowd")
    assert code == 1
    assert report.count("it is too long to read") == 33
    assert (
        "7 scripts of 42 not read, for one command reads no more at once; their places in the history cannot be known" in report
    )
    assert "not read" not in answer(project, "check", "--at", "crowd")[1]


@needs_merge_tree
def test_a_branch_beyond_the_budget_is_not_clean(project: Project) -> None:
    load(project, [commit("crowd", *scripts(f"x = [{number}{',' * 61_000}\n" for number in range(40)))])
    code, report = answer(project, "forecast", "--days", "36500")
    assert (code, "MM005" in report) == (1, True)


def test_a_crowd_of_refs(diverged: Project) -> None:
    commits = diverged.git("rev-list", "--all").split()
    lines = sorted(f"refs/remotes/origin/b{number:05}" for number in range(REFS))
    packed = "".join(f"{commits[number % len(commits)]} {name}\n" for number, name in enumerate(lines))
    diverged.write(".git/packed-refs", f"# pack-refs with: peeled fully-peeled sorted \n{packed}")
    assert "MM001" in hooked(diverged, "merge", "--quiet", "--no-edit", "feature")
    assert (diverged.codes(), diverged.heads()) == (["MM001"], ["b1", "c1"])
    assert answer(diverged, "graph")[0] == 0
    code, report = answer(diverged, "forecast", "--days", "36500")
    assert (code, report) == (0, "0 of 4 active branches would collide with main, 4 bring no migration")


def test_a_long_history(project: Project) -> None:
    edits = (
        commit("long", file("app.py", f"x = {number}\n"), after="" if number else "refs/heads/main^0")
        for number in range(COMMITS)
    )
    load(project, [*edits, commit("long", file("migrations/versions/c1.py", script_text("c1", "a1")), after="")])
    project.revision("b1", "a1")
    assert "MM001" in hooked(project, "merge", "--quiet", "--no-edit", "long")
    code, report = answer(project, "check")
    assert (code, "MM001" in report, "long" in report) == (1, True, True)
    assert answer(project, "graph")[0] == 0
    said = answer(project, "forecast", "--days", "36500")
    assert said == (0, "0 of 1 active branch would collide with main, 1 brings no migration")


def test_names_of_four_kilobytes(diverged: Project) -> None:
    name = "/".join(["b" * 200] * 18)  # git keeps a ref as a file until it is packed, below a folder whose name counts
    packed = f"{diverged.git('rev-parse', 'feature')} refs/remotes/{name}\n"
    diverged.write(".git/packed-refs", f"# pack-refs with: peeled fully-peeled sorted \n{packed}")
    folder = "/".join(["f" * 200] * 18)
    load(diverged, [commit("deep", file(f"{folder}/migrations/versions/d1.py", script_text("d1")), after="refs/heads/main^0")])
    assert answer(diverged, "check")[0] == 0
    code, report = answer(diverged, "check", "--at", "deep")
    assert (code, report.splitlines()[0]) == (0, f"{folder}/migrations  1 revision, 1 head")
    code, report = answer(diverged, "forecast", "--days", "36500")
    assert (code, "collides" in report) == (1, True)
    assert answer(diverged, "graph")[0] == 0
    assert "MM001" in hooked(diverged, "merge", "--quiet", "--no-edit", "feature")


def test_a_configuration_that_is_too_long_is_not_blamed_on_alembic(project: Project) -> None:
    project.write("migrations/alembic.ini", "[alembic]\n" + "# x\n" * 300_000)
    project.commit("long")
    assert project.migmerge("check").stdout.splitlines()[2:] == [
        "error MM005 unreadable-script migrations",
        "  migrations/alembic.ini: it is too long to read: migmerge reads up to 1 MB, Alembic all of it; "
        "where the scripts are cannot be known",
        "  hint: edit migrations/alembic.ini:1: shorten it to less than 1 MB",
        "1 error",
    ]
