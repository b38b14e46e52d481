"""The pull request: every command line of the action and of the GitLab template, with a fabricated event, in a checkout as CI makes it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
import yaml

import migmerge
from tests.support.paths import ROOT
from tests.support.project import MIGMERGE, Project, needs_merge_tree, script_text
from tests.support.workflow import Comments, Job, action, github_api, value_of

pytestmark = needs_merge_tree

REQUIREMENT = ROOT / ".github/action/requirement.py"
MARK = "<!-- migmerge -->\n"

Start = Callable[[str], Job]


@pytest.fixture
def origin(diverged: Project, tmp_path: Path) -> Project:
    """Return the clone of who pushes to the repository from which CI fetches."""
    diverged.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"))
    diverged.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    diverged.git("push", "--quiet", "origin", "main", "feature")
    return diverged


@pytest.fixture
def job(origin: Project, tmp_path: Path) -> Start:
    """Return what checks out a commit, alone and detached as actions/checkout does, for one run."""

    def start(commit: str) -> Job:
        number = len(list(tmp_path.glob("checkout*")))
        checkout = tmp_path / f"checkout{number}"
        origin.git("push", "--quiet", "--force", "origin", f"{origin.git('rev-parse', commit)}:refs/pull/7/merge")
        origin.git("init", "--quiet", str(checkout))
        origin.git("remote", "add", "origin", f"file://{tmp_path}/origin.git", cwd=checkout)
        origin.git("fetch", "--quiet", "--depth=1", "origin", "refs/pull/7/merge", cwd=checkout)
        origin.git("checkout", "--quiet", "FETCH_HEAD", cwd=checkout)
        return Job(checkout, tmp_path / f"temporary{number}")

    return start


def pull_request(project: Project) -> str:
    """Return the commit that GitHub makes of a pull request: the branch merged into its base."""
    project.git("switch", "--quiet", "--detach", "main")
    project.git("merge", "--quiet", "--no-edit", "feature")
    return project.git("rev-parse", "HEAD")


def test_a_pull_request_that_forks_the_history(origin: Project, job: Start) -> None:
    comments = Comments()
    with github_api(comments) as api:
        done = job(pull_request(origin)).run("pull_request", base="main", api=api)
    assert done.status == 1
    annotation = next(line for line in done.said.splitlines() if line.startswith("::error "))
    assert annotation.startswith("::error file=migrations/versions/b1.py,line=13,title=MM001 divergent-heads::")
    assert done.summary.startswith("### migmerge: 1 error\n\n|  | finding | what | next |\n")
    assert "\n```mermaid\nflowchart BT\n" in done.summary
    assert [comment["body"] for comment in comments.kept] == [MARK + done.summary]
    assert comments.requests == ["POST /repos/shop/shop/issues/7/comments Bearer t0ken"]
    assert done.summary.endswith("\n[the graph, to search and to zoom](https://github.invalid/artifact)\n")
    assert "MM001 divergent-heads" in (done.temporary / "migmerge.html").read_text(encoding="utf-8")
    log = json.loads((done.temporary / "migmerge.sarif").read_text())
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == ["MM001"]


def test_the_comment_is_one_and_says_when_all_is_well(origin: Project, job: Start) -> None:
    comments = Comments([{"id": number, "user": {"type": "User"}, "body": f"{MARK}not ours"} for number in range(120)])
    with github_api(comments) as api:
        for _ in range(2):
            job(pull_request(origin)).run("pull_request", base="main", api=api)
        origin.fix()
        done = job("HEAD").run("pull_request", base="main", api=api)
    assert done.status == 0
    assert "mermaid" not in done.summary
    assert [request.partition(" ")[0] for request in comments.requests] == ["POST", "PATCH", "PATCH"]
    *foreign, ours = comments.kept
    assert {each["body"] for each in foreign} == {f"{MARK}not ours"}
    assert ours["body"].startswith(f"{MARK}### migmerge: no findings")


def test_a_clean_pull_request_is_not_commented(origin: Project, job: Start) -> None:
    origin.git("switch", "--quiet", "--create", "docs", "main")
    origin.write("README", "x\n")
    origin.commit("docs")
    origin.git("push", "--quiet", "origin", ":feature")
    comments = Comments()
    with github_api(comments) as api:
        done = job("HEAD").run("pull_request", base="main", api=api)
    assert (done.status, comments.kept, comments.requests) == (0, [], [])


def test_the_forecast_says_who_has_to_talk_to_whom(origin: Project, job: Start) -> None:
    """The branch of this pull request is well by itself; what is open beside it collides."""
    origin.git("switch", "--quiet", "--create", "bea", "feature~1")
    origin.user = "bea"
    origin.write("migrations/versions/d1.py", script_text("d1", "a1"))
    origin.git("add", "--all")
    origin.git("commit", "--quiet", "-m", "add d1")
    origin.git("push", "--quiet", "origin", "bea", ":feature")
    comments = Comments()
    with github_api(comments) as api:
        done = job("main").run("pull_request", base="main", api=api, inputs={"forecast-days": "36500"})
    assert done.status == 0
    assert r"| `origin/bea` | bea | collides | divergent heads b1 and d1 |" in done.summary
    assert done.summary.endswith(
        "Before the next merge, talk to each other:\n\n- bea and ann (`origin/bea`)\n\n[the graph, to search and to zoom](https://github.invalid/artifact)\n"
    )
    assert len(comments.kept) == 1


def test_a_fork_whose_token_may_only_read_is_judged_all_the_same(origin: Project, job: Start) -> None:
    comments = Comments(read_only=True)
    with github_api(comments) as api:
        done = job(pull_request(origin)).run("pull_request", base="main", api=api)
    assert done.status == 1
    assert "::notice title=migmerge::The comment could not be written (HTTP Error 403" in done.said
    assert comments.kept == []


def test_a_push_judges_the_commit_alone(origin: Project, job: Start) -> None:
    assert job("main").run("push").status == 0
    done = job(pull_request(origin)).run("push")
    assert done.status == 1
    assert done.said.count("::error ") == 1


def test_an_odd_branch_is_a_name_and_no_command(origin: Project, job: Start) -> None:
    base = "x$(touch${IFS}broken);`touch${IFS}broken`'\"&|"
    origin.git("push", "--quiet", "origin", f"main:refs/heads/{base}")
    done = job(pull_request(origin)).run("pull_request_target", base=base)
    assert done.status == 1
    assert not list(done.checkout.glob("broken"))


def test_what_could_not_be_judged_fails(origin: Project, job: Start) -> None:
    done = job("main").run("pull_request_target", base="nowhere")
    assert done.status == 2
    assert "error: " in done.said
    assert done.summary.startswith("### migmerge could not look: see the log of the job\n")


def test_a_project_in_a_folder(origin: Project, job: Start) -> None:
    origin.git("switch", "--quiet", "main")
    origin.write("other/README", "x\n")
    origin.commit("other")
    assert job("HEAD").run("push", inputs={"working-directory": "other"}).status == 0


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n["]
)
def test_an_answer_that_breaks_off_fails_no_job(tmp_path: Path, answer: bytes) -> None:
    (tmp_path / "event.json").write_text('{"pull_request": {"number": 7}}')
    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = Thread(target=_answer_once, args=(server, answer))
        serving.start()
        given = {"GITHUB_API_URL": f"http://127.0.0.1:{server.getsockname()[1]}", "GITHUB_REPOSITORY": "a/b", "TOKEN": "t"}
        done = subprocess.run(
            [sys.executable, "-I", ROOT / ".github/action/comment.py", tmp_path / "event.json"],
            env={**os.environ, **given, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")},
            capture_output=True,
            text=True,
            check=False,
        )
        serving.join()
    assert (done.returncode, done.stdout[:37]) == (0, "::notice title=migmerge::The comment "), done.stderr


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


def requirement(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", REQUIREMENT, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("uv.lock", '[[package]]\nname = "mig"\nversion = "9"\n\n[[package]]\nname = "migmerge"\nversion = "0.4.2"\n'),
        ("poetry.lock", '[[package]]\nname = "migmerge"\nversion = "0.4.2"\ndescription = ""\n'),
        ("Pipfile.lock", '{"develop": {"migmerge": {"hashes": ["sha256:0"], "version": "==0.4.2"}}}'),
        ("dev-requirements.txt", "alembic==1.18\nmigmerge[dev]==0.4.2 ; python_version > '3' \\\n  --hash=sha256:0\n"),
        ("requirements/ci.txt", "migmerge == 0.4.2  # hooks\n"),
    ],
)
def test_the_version_is_that_of_the_projects_lock(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    assert requirement(tmp_path, "", "/action").stdout == "migmerge==0.4.2\n"
    assert requirement(tmp_path, "0.5", "/action").stdout == "migmerge==0.5\n"


def test_without_a_lock_it_is_the_action_itself(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("migmerge>=1\nmigmerge-other==3\n")
    assert requirement(tmp_path, "", "/action").stdout == "/action\n"


@pytest.mark.parametrize("text", ["migmerge==0.1.*\n", "migmerge==0.1.0,!=0.1.1\n", "migmerge==\n", "migmerge==--pre\n"])
def test_a_range_in_a_file_is_no_version(tmp_path: Path, text: str) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    assert requirement(tmp_path, "", "/action").stdout == "/action\n"
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/ci.txt").write_text("Migmerge===0.4.2\n")
    assert requirement(tmp_path, "", "/action").stdout == "migmerge==0.4.2\n"


def test_a_version_is_no_option_of_pip(tmp_path: Path) -> None:
    for wanted in ("--index-url=https://x.invalid", "1 2", "@ https://x.invalid/x.whl"):
        assert requirement(tmp_path, wanted, "/action").returncode == 1


def test_it_is_installed(origin: Project, job: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dependencies come from the environment of the tests, for no test may use the network."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    origin.git("switch", "--quiet", "main")
    for module in ("venv", "pip", "logging", "subprocess"):
        origin.write(f"{module}.py", f"open({str(tmp_path / 'ran')!r}, 'a').write({module!r})\nraise SystemExit\n")
    origin.commit("modules that answer an import")
    started = job("main")
    started.left_out = ""
    venv.create(started.temporary / "migmerge", symlinks=True)
    (site,) = (started.temporary / "migmerge/lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith("site-packages")))
    settings = {"NO_INDEX": "1", "NO_DEPS": "1", "FIND_LINKS": str(tmp_path / "dist"), "IGNORE_INSTALLED": "1"}
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    done = started.run("push", inputs={"version": migmerge.__version__})
    assert (done.status, f"migmerge: migmerge=={migmerge.__version__}" in done.said) == (0, True), done.said
    assert (site / f"migmerge-{migmerge.__version__}.dist-info").is_dir()
    assert not (tmp_path / "ran").exists(), "code of the checkout"


@pytest.mark.parametrize("path", ["action.yml", ".gitlab/migmerge.yml"])
def test_every_python_is_isolated_from_the_checkout(path: str) -> None:
    calls = re.findall(r"(?:^|[\s/(])python3?\"? (\S+)", (ROOT / path).read_text(encoding="utf-8"))
    assert len(calls) >= 2
    assert set(calls) == {"-I"}


def test_what_other_repositories_bring_is_pinned() -> None:
    used = [step["uses"] for step in action()["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", each) for each in used)


def test_expressions() -> None:
    contexts = {"github": {"base_ref": "", "event_name": "push"}, "inputs": {"against": "dev", "sarif": "false"}}
    assert value_of("inputs.against || github.base_ref", contexts) == "dev"
    assert value_of("github.base_ref || inputs.against", contexts) == "dev"
    assert value_of("inputs.sarif == 'true' && github.event_name == 'push'", contexts) == "false"
    assert value_of("inputs.sarif != 'true' && github.event_name == 'push'", contexts) == "true"


def gitlab(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the template as GitLab's runner does: one shell that ends at the first failure."""
    read = yaml.safe_load((ROOT / ".gitlab/migmerge.yml").read_text(encoding="utf-8"))["migmerge"]
    script = "\n".join(read["script"]).replace("/tmp/migmerge/bin/migmerge", MIGMERGE)
    return subprocess.run(
        ["sh", "-ec", script],
        cwd=checkout,
        env={**os.environ, **read["variables"], "CI": "true", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_template_of_gitlab_judges_a_merge_request(origin: Project, job: Start) -> None:
    checkout = job("feature").checkout
    origin.git("fetch", "--quiet", "--unshallow", cwd=checkout)
    done = gitlab(checkout, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert done.returncode == 1, done.stderr
    assert "MM001 divergent-heads" in done.stdout
    (issue,) = json.loads((checkout / "gl-code-quality-report.json").read_text())
    assert issue["location"] == {"path": "migrations/versions/b1.py", "lines": {"begin": 13}}


def test_the_template_of_gitlab_judges_the_default_branch(origin: Project, job: Start) -> None:
    checkout = job("main").checkout
    origin.git("fetch", "--quiet", "--unshallow", cwd=checkout)
    done = gitlab(checkout)
    assert (done.returncode, json.loads((checkout / "gl-code-quality-report.json").read_text())) == (0, []), done.stderr
