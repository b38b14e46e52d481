"""The forecast of a branch is that of a trial merge, also where no merge is made for a trial."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from migmerge.core.branch_merge import new_findings
from migmerge.core.evidence import Evidence
from migmerge.core.finding import Finding
from migmerge.core.findings.scripts import diagnose
from migmerge.core.options import Options
from migmerge.repository.merge_tree import merged_tree
from migmerge.repository.refs import active_branches
from migmerge.workspace.branches import forecast_branches
from migmerge.workspace.evidence import operations_of
from migmerge.workspace.workspace import Workspace, open_workspace, workspace_of_merge
from tests.support.project import ENV_PY, TEMPLATE, Project, needs_merge_tree, script_text

Files = dict[str, str]
LINK = "-> "
"""Stands before the target of a link."""
HELPER = "".join(f"value_{number} = {number}\n" for number in range(60))

pytestmark = needs_merge_tree


def base() -> Files:
    return {
        "alembic.ini": "[alembic]\nscript_location = %(here)s/db\n",
        "pyproject.toml": "[project]\nname = 'app'\n",
        "setup.cfg": "[metadata]\n",
        "app/main.py": "x = 1\n" * 20,
        "app/util.py": "y = 1\n" * 20,
        "tools/helper.py": HELPER,
        "db/env.py": ENV_PY,
        "db/script.py.mako": TEMPLATE,
        "db/versions/a0.py": script_text("a0"),
        "db/versions/a1.py": script_text("a1", "a0"),
    }


def moved(files: Files, old: str, new: str) -> Files:
    return {(new + path[len(old) :] if path.startswith(f"{old}/") else path): text for path, text in files.items()}


def scripts_in(files: Files) -> list[str]:
    return sorted(path for path, text in files.items() if "\ndown_revision" in text and path.endswith(".py"))


class Change:
    """Change a copy of some files, as branches do; `name` is in all that is new."""

    def __init__(self, files: Files, chance: random.Random, name: str) -> None:
        self.files, self.chance, self.name = dict(files), chance, name
        self.script = chance.choice(scripts_in(files) or ["app/main.py"])

    def edit(self) -> None:
        self.files["app/main.py"] = f"x = '{self.name}'\n" + self.files.get("app/main.py", "")

    def edit_helper(self) -> None:
        self.files["tools/helper.py"] = self.files.get("tools/helper.py", HELPER).replace("value_9 ", f"value_{self.name} ")

    def delete(self) -> None:
        self.files.pop("app/util.py", None)

    def move(self) -> None:
        old, new = self.chance.choice([("app", "src"), ("tools", "db"), ("db", "app"), ("app", "db/versions")])
        self.files = moved(self.files, old, new)

    def add(self) -> None:
        folder = self.chance.choice(["app", "src", "tools", "db", "docs/deep"])
        self.files[f"{folder}/n{self.name}.py"] = f"{self.chance.getrandbits(900)}\n"

    def add_script(self) -> None:
        folder = self.chance.choice(["db/versions", "migrations/versions", self.script.rpartition("/")[0], "more/versions"])
        parent, body = self.chance.choice(["a0", "a1", None]), f"x = '{self.chance.getrandbits(3000):x}'"
        self.files[f"{folder}/r{self.name}.py"] = script_text(f"r{self.name}", parent, upgrade=body)

    def add_plain_file(self) -> None:
        self.files[f"{self.script.rpartition('/')[0]}/plain.{self.chance.choice(['py', 'txt'])}"] = f"z = '{self.name}'\n"

    def edit_script(self) -> None:
        self.files[self.script] = self.files.get(self.script, "") + f"# {self.name}\n"

    def rename_script(self) -> None:
        self.files[f"{self.script.removesuffix('.py')}_{self.name}.py"] = self.files.pop(self.script, "")

    def delete_script(self) -> None:
        self.files.pop(self.script, None)

    def edit_ini(self) -> None:
        self.files["alembic.ini"] = self.files.get("alembic.ini", "") + f"timezone = {self.name}\n"

    def add_ini(self) -> None:
        file = self.chance.choice(["tox.ini", "more/alembic.ini"])
        self.files[file] = self.chance.choice(["[tox]\n", "[alembic]\nscript_location = %(here)s/db\n"])

    def edit_toml(self) -> None:
        table = "[tool.alembic]\nscript_location = '%(here)s/migrations'\n"
        self.files["pyproject.toml"] += self.chance.choice([f"# {self.name}\n", table])

    def edit_env(self) -> None:
        self.files["db/env.py"] = f"{self.files.get('db/env.py', '')}# {self.name}\n"

    def delete_template(self) -> None:
        self.files.pop(self.chance.choice(["db/script.py.mako", "migrations/script.py.mako"]), None)

    def move_environment(self) -> None:
        self.files = moved(self.files, "db", "migrations")
        self.files["alembic.ini"] = self.files.get("alembic.ini", "").replace("/db", "/migrations")

    def move_scripts(self) -> None:
        self.files = moved(self.files, "db/versions", "migrations/versions")

    def turn_helper_into_script(self) -> None:
        helper = self.files.pop("tools/helper.py", HELPER)
        self.files[f"db/versions/h{self.name}.py"] = script_text(f"h{self.name}", "a1") + helper

    def link(self) -> None:
        self.files = {path: text for path, text in self.files.items() if not path.startswith("migrations/")}
        self.files["migrations"] = LINK + "db"


KINDS = tuple(name for name, each in vars(Change).items() if callable(each) and not name.startswith("_"))


def changed(files: Files, chance: random.Random, name: str) -> Files:
    """Return the files after one of the changes that branches make; those of the application are frequent."""
    change = Change(files, chance, name)
    getattr(change, chance.choice([*KINDS, "edit", "add", "add_script", "edit_script"]))()
    return change.files


def commit(name: str, files: Files, *parents: str) -> Iterator[bytes]:
    """Yield a commit as `git fast-import` reads it, of a branch of that name."""
    yield f"commit refs/heads/{name}\nmark :{name.strip('b')}\ncommitter ann <ann@example.invalid> 1714564800 +0000\n".encode()
    yield b"data 1\nx\n" + b"".join(
        f"{word} :{parent}\n".encode() for word, parent in zip(("from", "merge"), parents, strict=False)
    )
    yield b"deleteall\n"
    for path, text in files.items():
        data = text.removeprefix(LINK).encode()
        yield f"M {120000 if text.startswith(LINK) else 100644} inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def branches(chance: random.Random, count: int) -> Iterator[bytes]:
    """Yield HEAD's branch b1 and others, from one base or from two that cross; a branch makes one change, or two."""
    sides = [changed(base(), chance, "8"), changed(base(), chance, "9")]
    yield from commit("b7", base())
    yield from commit("b8", sides[0], "7")
    yield from commit("b9", sides[1], "7")
    crossed = chance.random() < 0.2
    parents = ("8", "9") if crossed else ("7",)
    start = {**sides[0], **sides[1]} if crossed else base()
    for number in (1, *range(10, 10 + count)):
        files = dict(chance.choice([start, *sides]) if crossed else start)
        for step in range(chance.choice([1, 1, 2, 3])):
            files = changed(files, chance, f"{number}{step}")
        yield from commit(f"b{number}", files, *(reversed(parents) if number % 2 else parents))


Told = tuple[tuple[str, ...], tuple[str, ...], list[tuple[str, tuple[str, ...]]]]
"""Revisions that come, conflicts, and the errors."""


def merged(workspace: Workspace, options: Options, commit: str) -> Told | None:
    """Return what git's own merge of a commit brings; None where that changes nothing that Alembic loads."""
    with merged_tree(workspace.repository, workspace.commit or "", commit) as tree:
        after = workspace_of_merge(workspace, options, tree, since=workspace)
        stopped = [path for path in tree.conflicts if path.endswith(".py")]
        conflicts = [path for path in stopped if any(each.environment.holds(path) for each in after.snapshots)]
        problems = [[each.environment.problem for each in one.snapshots] for one in (workspace, after)]
        if not conflicts and after.script_blobs == workspace.script_blobs and problems[0] == problems[1]:
            return None
        found: list[Finding] = []
        before = {each.environment.name: diagnose(each, Evidence()) for each in workspace.snapshots}
        for each in after.snapshots:
            evidence = Evidence(operations=operations_of(after, each, each.graph.diverging))
            found += new_findings(before.get(each.environment.name, ()), diagnose(each, evidence))
    names = [{name for each in one.snapshots for name in each.graph.revisions} for one in (workspace, after)]
    kept = (each for each in found if not each.kind.follows_from_conflict or set(each.paths) - set(conflicts))
    errors = sorted((each.code, tuple(sorted(each.revisions))) for each in kept if each.is_error)
    return tuple(sorted(names[1] - names[0])), tuple(sorted(conflicts)), errors


@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=12, deadline=None)
def test_a_forecast_is_what_a_trial_merge_tells(seed: int) -> None:
    with TemporaryDirectory() as folder:
        project = Project.empty(Path(folder, "app"))
        stream = b"".join(branches(random.Random(seed), 8))
        subprocess.run(["git", "fast-import", "--quiet"], cwd=project.top, env=project.environment(), input=stream, check=True)
        project.git("symbolic-ref", "HEAD", "refs/heads/b1")
        options = Options(folder=str(project.top))
        workspace = open_workspace(options, "HEAD")
        head = workspace.commit or ""
        groups = active_branches(workspace.branches.each, since=0, head=head)
        for group, told in zip(groups, forecast_branches(workspace, options, groups, head), strict=True):
            errors = sorted((each.code, tuple(sorted(each.revisions))) for each in told.findings if each.is_error) if told else []
            ours = told and (tuple(sorted(told.brought)), tuple(sorted(told.conflicts)), errors)
            assert ours == merged(workspace, options, group[0].commit), f"{group[0].name} of seed {seed}"
