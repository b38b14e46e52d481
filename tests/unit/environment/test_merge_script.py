"""The adapter to Alembic; this file alone also runs against the oldest Alembic that is accepted."""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.core.fix_plan.plan import CreateMergeRevision
from migmerge.environment.alembic_writer import has_hook_type
from migmerge.environment.merge_script import draft_merge_revision, render, run_post_write_hooks, runs_no_code
from tests.support.project import ENV_PY, TEMPLATE

FLASK = Environment("migrations", "flask-migrate", ("migrations/versions",), "migrations/alembic.ini")
PLAIN = Environment("db", "alembic", ("db/versions",), "alembic.ini", "main")
BARE = Environment("db", "alembic", ("db/versions",))
DATE = datetime(2024, 1, 2, 10, 0, 0)


def lay_out(top: Path, environment: Environment, ini: str = "", section: str = "alembic") -> None:
    """Write an environment's files; its env.py and its only script must not be run."""
    folder = top / environment.path
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV_PY)
    (folder / "versions" / "b1.py").write_text(ENV_PY)
    (folder / "script.py.mako").write_text(TEMPLATE)
    if environment.config:
        (top / environment.config).write_text(f"[{section}]\n{ini}")


def step(environment: Environment, date: datetime = DATE) -> CreateMergeRevision:
    return CreateMergeRevision(environment, "0123456789ab", ("b1", "c 1"), "merge add x and ü", date, environment.versions[0])


@pytest.mark.parametrize("environment", [FLASK, PLAIN, BARE], ids=["flask-migrate", "own section", "no ini"])
def test_the_script_is_alembics_own(tmp_path: Path, environment: Environment) -> None:
    lay_out(tmp_path, environment, "script_location = no.such.package:db\nprepend_sys_path = .\n", environment.section)
    draft = draft_merge_revision(step(environment), str(tmp_path))
    assert Path(draft.path) == tmp_path / environment.versions[0] / "0123456789ab_merge_add_x_and_ü.py"
    assert draft.is_plain
    assert not Path(draft.path).exists()
    assert render(draft).decode() == (
        '"""merge add x and ü\n\nRevision ID: 0123456789ab\nRevises: b1, c 1\nCreate Date: 2024-01-02 10:00:00\n\n"""\n'
        "from alembic import op\nimport sqlalchemy as sa\n\n\n# revision identifiers, used by Alembic.\n"
        "revision = '0123456789ab'\ndown_revision = ('b1', 'c 1')\nbranch_labels = None\ndepends_on = None\n\n\n"
        "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"
    )


@pytest.mark.parametrize(
    ("zone", "date", "written"),
    [
        ("", DATE, "2024-01-02 10:00:00"),
        ("", DATE.replace(tzinfo=timezone(timedelta(hours=9))), "2024-01-02 10:00:00+09:00"),
        ("timezone = UTC\n", DATE, "2024-01-02 10:00:00+00:00"),
        ("timezone = UTC\n", DATE.replace(tzinfo=timezone(timedelta(hours=9))), "2024-01-02 01:00:00+00:00"),
    ],
    ids=["naive", "aware", "zone", "zone and aware"],
)
def test_the_date_is_the_plans_in_the_projects_zone(tmp_path: Path, zone: str, date: datetime, written: str) -> None:
    lay_out(tmp_path, FLASK, zone)
    assert f"Create Date: {written}\n" in render(draft_merge_revision(step(FLASK, date), str(tmp_path))).decode()


NESTED = Environment("db/versions/pg", "alembic", ("db/versions/pg",))


@pytest.mark.parametrize(
    ("environment", "template", "mark"),
    [
        pytest.param(NESTED, "db/script.py.mako", "# ours\n", id="the nearest above"),
        pytest.param(NESTED, "script.py.mako", "# ours\n", id="at the top"),
        pytest.param(NESTED._replace(own_template="x/my.mako"), "x/my.mako", "# ours\n", id="declared"),
        pytest.param(NESTED, None, "", id="of Alembic"),
    ],
)
def test_scripts_without_a_template_get_another_one(
    tmp_path: Path, environment: Environment, template: str | None, mark: str
) -> None:
    (tmp_path / environment.path).mkdir(parents=True)
    if template:
        (tmp_path / template).parent.mkdir(exist_ok=True)
        (tmp_path / template).write_text(f"# ours\n{TEMPLATE}")
    draft = draft_merge_revision(step(environment), str(tmp_path))
    assert Path(draft.path).parent == tmp_path / environment.versions[0]
    assert render(draft).decode().startswith(f'{mark}"""merge add x and ü\n')


def test_the_file_template_is_the_projects(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK, "file_template = %%(epoch)s-%%(rev)s-%%(slug)s\ntruncate_slug_length = 8\n")
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    assert Path(draft.path).name == "1704189600-0123456789ab-merge_.py"


def test_the_output_encoding_is_the_projects(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK, "output_encoding = latin-1\n")
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    with pytest.raises(MigmergeError, match="does not give a script"):
        render(draft)
    template = tmp_path / "migrations/script.py.mako"
    template.write_text(f"# ours\n# -*- coding: latin-1 -*-\n{TEMPLATE}")
    assert "merge add x and ü".encode("latin-1") in render(draft)


def test_post_write_hooks_run_where_the_user_would_have_called_alembic(tmp_path: Path) -> None:
    script = tmp_path / "stamp"
    script.write_text('#!/bin/sh\npwd >>"$0.log"\necho "# stamped" >>"$1"\n')
    script.chmod(0o755)
    hooks = f"[post_write_hooks]\nhooks = stamp\nstamp.type = exec\nstamp.executable = {script}\nstamp.options = REVISION_SCRIPT_FILENAME\n"
    lay_out(tmp_path, FLASK, hooks)
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    Path(draft.path).write_bytes(render(draft))
    assert run_post_write_hooks(draft).endswith(b"# stamped\n")
    assert Path(f"{script}.log").read_text() == f"{tmp_path}\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("migrations/script.py.mako", "${1/0}", "migrations/script.py.mako cannot be rendered: ZeroDivisionError"),
        ("migrations/script.py.mako", "${", "migrations/script.py.mako cannot be rendered: "),
        ("migrations/script.py.mako", "revision = 1", "migrations/script.py.mako does not give a script with the revision"),
        ("migrations/alembic.ini", "[alembic]\ntimezone = Atlantis\n", "Alembic: Can't locate timezone: Atlantis"),
        ("migrations/alembic.ini", "[alembic]\ntruncate_slug_length = x\n", "Alembic: "),
        (
            "migrations/alembic.ini",
            "[alembic]\nfile_template = %%(rev)-1000000000s\n",
            "file_template: '%(rev)-1000' is wider than any file name",
        ),
        ("migrations/alembic.ini", "[alembic]\nfile_template = %%(year)0999999999d\n", "is wider than any file name"),
        ("migrations/alembic.ini", "[alembic]\nfile_template = %%(slug).9999999999s\n", "is wider than any file name"),
        (
            "migrations/alembic.ini",
            "[alembic]\nfile_template = %%(rev)-300s\n",
            "file_template makes a name of 303 bytes, and a file has at most 255",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    lay_out(tmp_path, FLASK)
    (tmp_path / name).write_text(text)
    with pytest.raises(MigmergeError, match=re.escape(said)):
        render(draft_merge_revision(step(FLASK), str(tmp_path)))


@pytest.mark.parametrize("gone", ["versions", "script.py.mako"])
def test_a_work_tree_that_lacks_a_part_is_told_how_to_get_it(tmp_path: Path, gone: str) -> None:
    lay_out(tmp_path, FLASK)
    (tmp_path / "migrations" / gone).rename(tmp_path / "elsewhere")
    with pytest.raises(MigmergeError, match=f"migrations/{gone} is not in the work tree") as error:
        draft_merge_revision(step(FLASK), str(tmp_path))
    assert error.value.hint == f"git sparse-checkout add migrations, or git checkout -- migrations/{gone}"


HOOKS = "[post_write_hooks]\nhooks = black, shop\nblack.type = exec\nblack.executable = black\nshop.type = shop\n"


@pytest.mark.parametrize(
    ("template", "ini", "for_template", "for_hooks"),
    [
        pytest.param(TEMPLATE, HOOKS, False, False, id="not loaded by Alembic"),
        pytest.param(TEMPLATE, "revision_environment = true\n", False, False, id="not needed"),
        pytest.param(TEMPLATE, f"revision_environment = false\n{HOOKS}", False, False, id="off"),
        pytest.param(TEMPLATE, f"revision_environment = True\n{HOOKS}", False, True, id="a hook of an unknown type"),
        pytest.param(
            TEMPLATE, f"revision_environment = true\n{HOOKS.replace(', shop', '')}", False, False, id="only known types"
        ),
        pytest.param(f"${{owner}}{TEMPLATE}", "revision_environment = true\n", True, False, id="an unknown name"),
        pytest.param(f"<% x = 1 %>{TEMPLATE}", "revision_environment = true\n", True, False, id="code"),
    ],
)
def test_env_py_is_loaded_where_alembic_loads_it_and_something_needs_it(
    tmp_path: Path, template: str, ini: str, for_template: bool, for_hooks: bool
) -> None:
    lay_out(tmp_path, FLASK, ini)
    (tmp_path / "migrations/script.py.mako").write_text(template)
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    assert (draft.fills_from_env_py, draft.hooks_from_env_py) == (for_template, for_hooks)


def test_hooks_are_named_in_their_order(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK, HOOKS)
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    assert list(draft.script.hook_types.items()) == [("black", "exec"), ("shop", "shop")]


@pytest.mark.parametrize(
    ("template", "ini", "none"),
    [
        (TEMPLATE, "timezone = UTC\n", True),
        (f"<% x = 1 %>{TEMPLATE}", "", False),
        (TEMPLATE, HOOKS, False),
        (TEMPLATE, "revision_environment = true\n", False),
        (None, "", False),
    ],
)
def test_where_no_code_runs_the_files_show_it(tmp_path: Path, template: str | None, ini: str, none: bool) -> None:
    lay_out(tmp_path, FLASK, ini)
    path = tmp_path / "migrations/script.py.mako"
    if template:
        path.write_text(template)
    else:
        path.unlink()
    assert runs_no_code(FLASK, str(tmp_path)) is none


def test_programs_of_the_environment_are_found_first(tmp_path: Path) -> None:
    """As where it is activated, though it is not."""
    script = tmp_path / "which"
    script.write_text('#!/bin/sh\ncommand -v python >>"$0.log"\n')
    script.chmod(0o755)
    lay_out(tmp_path, FLASK, f"[post_write_hooks]\nhooks = x\nx.type = exec\nx.executable = {script}\n")
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    Path(draft.path).write_bytes(render(draft))
    before = os.environ["PATH"]
    run_post_write_hooks(draft)
    assert (os.environ["PATH"], Path(f"{script}.log").read_text()) == (before, f"{sys.prefix}/bin/python\n")


def test_a_type_of_hooks_that_only_a_newer_alembic_has(tmp_path: Path) -> None:
    lay_out(tmp_path, FLASK, "[post_write_hooks]\nhooks = x\nx.type = module\nx.module = no_such_tool\n")
    draft = draft_merge_revision(step(FLASK), str(tmp_path))
    Path(draft.path).write_bytes(render(draft))
    with pytest.raises(MigmergeError, match=f"a post-write hook of migrations/alembic.ini failed in {sys.executable}: ") as error:
        run_post_write_hooks(draft)
    upgrade = f"{sys.executable} -m pip install --upgrade alembic"
    install = "install the hook's tool into, or activate, the project's environment; then: migmerge fix"
    assert error.value.hint == (install if has_hook_type("module") else upgrade)
