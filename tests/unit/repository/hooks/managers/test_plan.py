"""Our lines go into a configuration by position and come out again: nothing else of it changes by a byte."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from migmerge.core.consent import Consent
from migmerge.core.errors import MigmergeError
from migmerge.core.hook_manager import CHECKS, MANAGERS, TeamPlan
from migmerge.repository.hooks.managers.plan import NotEdited, plan_team_install, plan_team_uninstall
from migmerge.repository.hooks.managers.recognize import calls_migmerge
from migmerge.repository.hooks.managers.toml_config import read_toml
from migmerge.repository.hooks.managers.write import write_team_plan
from migmerge.repository.repository import Repository, open_repository
from tests.support.project import Project

ONE = "repos:\n- repo: local\n  hooks:\n  - id: a\n"
BEGIN, END = "# >>> migmerge in pre-commit >>> (removes)\n", "# <<< migmerge in pre-commit <<<\n"

SHAPES = {
    "pre-commit": {
        "repositories that are none": "repos:\n- foo\n- hooks: 3\n- hooks: [null, a]\n- repo: local\n  hooks: abc\n",
        "a value that is unlike itself": f"{ONE}    x: .nan\n",
        "indented, comments": "# top\n\nrepos:  # all\n  - repo: local\n    hooks:\n      - id: a  # last\n  # behind\n\n# end\nfail_fast: true\n",
        "not indented": "repos:\n- repo: local\n  hooks:\n  - id: a\n    args: [--x,\n      --y]\n",
        "no final line end": "repos:\n- repo: local\n  hooks:\n  - {id: a}",
        "a block scalar at the end": "repos:\n  - repo: local\n    hooks:\n      - id: a\n        exclude: |\n          (?x)\n          b\n\nci:\n  skip: [a]\n",
        "carriage returns": "repos:\r\n- repo: local\r\n  hooks:\r\n  - id: a\r\n",
        "types are set": "default_install_hook_types: [pre-commit]\nrepos:\n- repo: local\n  hooks:\n  - id: ä\n",
        "a document's start": "---\nminimum_pre_commit_version: '3'\nrepos:\n- repo: local\n  hooks:\n  - id: a\n",
        "empty": "",
        "comments alone": "# later\n",
    },
    "lefthook": {
        "other hooks": "# top\ncommit-msg:\n  scripts:\n    a.sh:\n      runner: sh\n",
        "commands": "post-merge:\n  parallel: true\n  commands:\n    npm:\n      run: npm ci  # ours\n\npre-push:\n  commands:\n    t: {run: x}\n",
        "jobs": "post-merge:\n    jobs:\n        - run: npm ci",
        "carriage returns": "post-merge:\r\n  commands:\r\n    a:\r\n      run: b\r\n",
        "empty": "",
    },
    "simple-git-hooks": {
        "no key, tabs": '{\n\t"name": "x",\n\t"scripts": {}\n}\n',
        "two blanks": '{\n  "simple-git-hooks": {\n    "pre-commit": "npx lint-staged",\n    "post-merge": "npm ci"\n  },\n  "z": [1, {"a": "ä"}]\n}',
        "one line": '{"name": "x", "simple-git-hooks": {"commit-msg": "x \\"y\\""}}',
        "carriage returns": '{\r\n  "name": "x"\r\n}\r\n',
        "a command like ours elsewhere": '{"scripts": {"a": "b", "c": "migmerge check --at x || [ $? -ge 126 ]"}}',
        "a key twice": '{"simple-git-hooks": "x", "simple-git-hooks": {"post-merge": "a", "post-merge": "b"}}',
    },
    "husky": {
        "new": "npm ci\n",
        "shebang": "#!/bin/bash\nnpm ci\n",
        "old husky": '#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n\nexec npm ci',
        "carriage returns": "npm ci\r\n",
    },
}
FILES = {
    "pre-commit": ".pre-commit-config.yaml",
    "lefthook": ".lefthook.yml",
    "simple-git-hooks": "package.json",
    "husky": ".husky/post-merge",
}
TOML = {
    "prek.toml": '# top\n\nfail_fast = true\n\n[[repos]]\nrepo = "local"\nhooks = [{ id = "a" }]',
    "lefthook.toml": '[post-merge.commands.a]\nrun = "b"\n',
}


@pytest.fixture
def repository(project: Project) -> Repository:
    return open_repository(str(project.top))


def put(repository: Repository, path: str, text: str) -> Path:
    file = Path(repository.top, path)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    return file


def carry_out(repository: Repository, plan: TeamPlan) -> None:
    write_team_plan(repository, Consent(plan))


def is_subsequence(lines: list[str], of: list[str]) -> bool:
    left = iter(of)
    return all(line in left for line in lines)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in SHAPES for text in SHAPES[name].values()])
def test_our_lines_come_out_to_the_byte(repository: Repository, name: str, text: str) -> None:
    manager = MANAGERS[name]
    file = put(repository, FILES[name], text)
    plan = plan_team_install(repository, manager)
    carry_out(repository, plan)
    after = file.read_bytes().decode()
    assert after != text
    if name != "simple-git-hooks":
        assert is_subsequence(text.splitlines(), after.splitlines())
    assert ("\r\n" in text) is ("\r\n" in after) and not re.search(r"\r\n.*[^\r]\n", after)
    assert plan_team_install(repository, manager).files == ()
    carry_out(repository, plan_team_uninstall(repository, manager))
    assert (file.read_bytes() if file.exists() else b"") == text.encode()
    assert plan_team_uninstall(repository, manager).files == ()


@pytest.mark.parametrize("path", TOML)
def test_toml(repository: Repository, path: str) -> None:
    manager = MANAGERS[path.partition(".")[0]]
    file = put(repository, path, TOML[path])
    carry_out(repository, plan_team_install(repository, manager))
    read: Any = read_toml(file.read_text())
    if manager.name == "prek":
        assert [hook["id"] for hook in read["repos"][1]["hooks"]][-1] == "migmerge-check-push"
        assert set(read["default_install_hook_types"]) == set(manager.hooks)
        assert read["fail_fast"] is True
    else:
        assert read["post-merge"]["commands"]["a"] == {"run": "b"}
        assert read["post-rewrite"]["commands"]["migmerge"]["run"].endswith("migmerge hook --report post-rewrite {0} || :")
    assert plan_team_install(repository, manager).files == ()
    carry_out(repository, plan_team_uninstall(repository, manager))
    assert file.read_text() == TOML[path]


@pytest.mark.parametrize("text", [*SHAPES["pre-commit"].values()])
def test_what_pre_commit_reads(repository: Repository, text: str) -> None:
    file = put(repository, FILES["pre-commit"], text)
    carry_out(repository, plan_team_install(repository, MANAGERS["pre-commit"]))
    read = yaml.safe_load(file.read_bytes())
    before = yaml.safe_load(text) or {"repos": []}
    assert read["repos"][:-1] == before["repos"]
    ours = {stage: hook for hook in read["repos"][-1]["hooks"] for stage in hook["stages"]}
    assert set(ours) == {"post-merge", "post-checkout", "post-commit", "post-rewrite", "pre-commit", "pre-push"}
    assert all(hook["language"] == "python" and hook["always_run"] and not hook["pass_filenames"] for hook in ours.values())
    assert ours["pre-push"]["entry"] == "migmerge check --against @{upstream} --hook"
    types = before.get("default_install_hook_types", sorted(ours))
    assert read["default_install_hook_types"] == types


def test_the_hooks_are_those_that_this_repository_offers(repository: Repository) -> None:
    """`.pre-commit-hooks.yaml` runs the same commands at the same stages."""
    from tests.support.paths import ROOT

    carry_out(repository, plan_team_install(repository, MANAGERS["pre-commit"]))
    written = yaml.safe_load(Path(repository.top, FILES["pre-commit"]).read_bytes())["repos"][0]["hooks"]
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    assert {(hook["id"], hook["entry"], hook["stages"][0], hook.get("verbose", False)) for hook in offered} == {
        (hook["id"], hook["entry"], hook["stages"][0], hook["verbose"]) for hook in written
    }


def test_a_command_of_simple_git_hooks_follows_ours(repository: Repository) -> None:
    file = put(repository, "package.json", SHAPES["simple-git-hooks"]["two blanks"])
    carry_out(repository, plan_team_install(repository, MANAGERS["simple-git-hooks"]))
    read = json.loads(file.read_bytes())["simple-git-hooks"]
    assert read["pre-commit"] == f"{CHECKS['pre-commit']} || [ $? -ge 126 ] && npx lint-staged"
    assert read["post-merge"] == 'migmerge hook --report post-merge "$@" || :; npm ci'
    assert read["post-commit"] == 'migmerge hook --report post-commit "$@" || :'


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("pre-commit", ".pre-commit-config.yaml", "repos: []\n"),
        ("pre-commit", ".pre-commit-config.yaml", "repos: [{repo: local, hooks: []}]\n"),
        ("pre-commit", ".pre-commit-config.yaml", "- repo: local\n"),
        ("pre-commit", ".pre-commit-config.yaml", "repos: {\n"),
        ("pre-commit", ".pre-commit-config.yaml", "repos:\n- &a\n  repo: local\n  hooks:\n  - id: b\n- *a\nci: {}\n"),
        ("pre-commit", ".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: b\n...\n---\n"),
        ("prek", "prek.toml", "repos = [{ repo = 'local', hooks = [] }]\n"),
        ("prek", "prek.toml", "repos = \n"),
        ("lefthook", "lefthook.yml", "post-merge: {commands: {a: {run: b}}}\n"),
        ("lefthook", "lefthook.yml", "post-merge:\n"),
        ("lefthook", "lefthook.yml", "post-merge:\n  commands:\n    migmerge:\n      run: mine\n"),
        ("lefthook", "lefthook.yml", "post-merge: &a\n  commands:\n    x: {run: y}\npost-checkout: *a\n"),
        ("lefthook", "lefthook.yml", "commit-msg: &a\n  commands:\n    x: {run: y}\npost-checkout: *a\n"),
        ("lefthook", "lefthook.json", "{}"),
        ("pre-commit", ".pre-commit-config.yaml", f"{ONE}  - {'[' * 5000}\n"),
        ("pre-commit", ".pre-commit-config.yaml", f"{BEGIN}x: y\n{ONE}{BEGIN}- repo: local\n{END}"),
        ("pre-commit", ".pre-commit-config.yaml", f"x: y\n{END}{ONE}{BEGIN}- repo: local\n{END}"),
        ("prek", "prek.toml", f"a = {'[' * 5000}"),
        ("husky", ".husky/post-merge", "#!/usr/bin/env python3\nprint()\n"),
        ("husky", ".husky/post-merge", f"cat <<E\n{BEGIN}E\n"),
        ("simple-git-hooks", "package.json", f'{{"a": {"[" * 5000}'),
        ("simple-git-hooks", "package.json", '{"name": "x", "simple-git-hooks": {}}'),
        ("simple-git-hooks", "package.json", '{"simple-git-hooks": "./hooks.json"}'),
        ("simple-git-hooks", "package.json", '{"simple-git-hooks": {}}'),
        ("simple-git-hooks", "package.json", '{"simple-git-hooks": {"post-merge": ["a"]}}'),
        ("simple-git-hooks", "package.json", "{}"),
        ("simple-git-hooks", "package.json", "{"),
        ("simple-git-hooks", ".simple-git-hooks.cjs", "module.exports = {}\n"),
    ],
)
def test_what_is_not_understood_is_left_with_the_lines_to_add(repository: Repository, name: str, path: str, text: str) -> None:
    file = put(repository, path, text)
    with pytest.raises(NotEdited, match=re.escape(path)) as caught:
        plan_team_install(repository, MANAGERS[name])
    assert [line.partition(": ")[0] for line in caught.value.lines] == [*MANAGERS[name].hooks]
    assert file.read_text() == text


def test_what_is_between_the_marks_of_two_parts_is_kept(repository: Repository) -> None:
    """A mark was deleted by hand, or in a merge: nobody knows which lines are ours."""
    file = put(repository, ".pre-commit-config.yaml", ONE)
    carry_out(repository, plan_team_install(repository, MANAGERS["pre-commit"]))
    lonely = re.sub(r"# <<<.*\n", "", file.read_text(), count=1)
    file.write_text(lonely)
    for plan in (plan_team_install, plan_team_uninstall):
        with pytest.raises(MigmergeError, match="the other end of `# >>> migmerge in pre-commit >>>` is gone"):
            plan(repository, MANAGERS["pre-commit"])
    assert file.read_text() == lonely


@pytest.mark.parametrize(("name", "path"), [("husky", ".husky/post-merge"), ("pre-commit", ".pre-commit-config.yaml")])
def test_an_empty_file_of_somebody_else_is_not_removed(repository: Repository, name: str, path: str) -> None:
    put(repository, path, "")
    assert plan_team_uninstall(repository, MANAGERS[name]).files == ()


@pytest.mark.parametrize(("name", "path"), [("husky", ".husky/post-merge"), ("pre-commit", ".pre-commit-config.yaml")])
def test_what_is_no_file_or_no_text_is_refused(repository: Repository, name: str, path: str) -> None:
    file = put(repository, path, "")
    file.write_bytes(b"\xff\n")
    refused = [_refusals(repository, name)]
    file.unlink()
    file.symlink_to("/dev/zero")
    refused.append(_refusals(repository, name))
    file.unlink()
    file.mkdir()
    refused.append(_refusals(repository, name))
    reasons = ("it is no UTF-8", "it is no file", "it is no file")
    assert refused == [[f"{path} is left as it is: {reason}"] * 2 for reason in reasons]
    assert not calls_migmerge(repository, MANAGERS[name])


def _refusals(repository: Repository, name: str) -> list[str]:
    said = []
    for plan in (plan_team_install, plan_team_uninstall):
        with pytest.raises(MigmergeError) as caught:
            plan(repository, MANAGERS[name])
        said.append(str(caught.value))
    return said


def test_the_husky_of_a_project_in_a_folder_is_left(repository: Repository) -> None:
    """At the top nothing would call it."""
    hooks = MANAGERS["husky"]
    repository.git.text("config", "core.hooksPath", "web/.husky/_")
    with pytest.raises(NotEdited, match=re.escape("web/.husky is left as it is")):
        plan_team_install(open_repository(repository.top), hooks)
    repository.git.text("config", "core.hooksPath", ".husky/_")
    assert plan_team_install(open_repository(repository.top), hooks).files


def test_there_is_no_package_json(repository: Repository) -> None:
    with pytest.raises(NotEdited, match="it is not there"):
        plan_team_install(repository, MANAGERS["simple-git-hooks"])


def test_a_hook_that_always_runs_is_told_once_it_would_run_everywhere(repository: Repository) -> None:
    hook = "repos:\n- repo: local\n  hooks:\n  - id: pytest\n    always_run: true\n"
    put(repository, ".pre-commit-config.yaml", hook)
    (note,) = plan_team_install(repository, MANAGERS["pre-commit"]).notes
    assert note.startswith("pytest: always runs and has no `stages`")
    put(repository, ".pre-commit-config.yaml", f"{hook}    stages: [pre-commit]\n")
    assert plan_team_install(repository, MANAGERS["pre-commit"]).notes == ()


def test_types_that_are_set_are_left_and_what_they_lack_is_told(repository: Repository) -> None:
    put(repository, ".pre-commit-config.yaml", SHAPES["pre-commit"]["types are set"])
    (note,) = plan_team_install(repository, MANAGERS["prek"]).notes
    assert note.endswith("what it lacks: prek install -t post-merge -t post-checkout -t post-commit -t post-rewrite -t pre-push")
    put(repository, "prek.toml", "default_install_hook_types = ['pre-push']\n")
    (note,) = plan_team_install(repository, MANAGERS["prek"]).notes
    assert note.endswith(
        "what it lacks: prek install -t post-merge -t post-checkout -t post-commit -t post-rewrite -t pre-commit"
    )
    all_types = "".join(f"- {hook}\n" for hook in MANAGERS["pre-commit"].hooks)
    put(repository, ".pre-commit-config.yaml", f"default_install_hook_types:\n{all_types}{ONE}")
    assert plan_team_install(repository, MANAGERS["pre-commit"]).notes == ()


def test_a_file_that_changed_since_it_was_shown_is_not_written(repository: Repository) -> None:
    plan = plan_team_install(repository, MANAGERS["lefthook"])
    file = put(repository, "lefthook.yml", "output: false\n")
    with pytest.raises(MigmergeError, match="changed in the meantime"):
        carry_out(repository, plan)
    assert file.read_text() == "output: false\n"


def test_a_link_out_of_the_repository_is_not_written_through(repository: Repository, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yml"
    elsewhere.write_text("output: false\n")
    Path(repository.top, "lefthook.yml").symlink_to(elsewhere)
    with pytest.raises(MigmergeError, match="leads out of the work tree"):
        carry_out(repository, plan_team_install(repository, MANAGERS["lefthook"]))
    assert elsewhere.read_text() == "output: false\n"


def test_nothing_is_written_into_the_git_directory(repository: Repository) -> None:
    Path(repository.top, ".husky").symlink_to(".git/hooks")
    with pytest.raises(MigmergeError, match="leads out of the work tree"):
        carry_out(repository, plan_team_install(repository, MANAGERS["husky"]))
    assert not Path(repository.git_dir, "hooks/post-merge").exists()


def test_a_file_keeps_its_mode(repository: Repository) -> None:
    file = put(repository, ".husky/post-merge", "npm ci\n")
    file.chmod(0o644)
    carry_out(repository, plan_team_install(repository, MANAGERS["husky"]))
    assert file.stat().st_mode & 0o777 == 0o644
    assert Path(repository.top, ".husky/post-commit").stat().st_mode & 0o111
    carry_out(repository, plan_team_uninstall(repository, MANAGERS["husky"]))
    assert [path.name for path in Path(repository.top, ".husky").iterdir()] == ["post-merge"]
