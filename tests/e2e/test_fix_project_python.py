"""`migmerge fix` from a separate installation: what the project's template and post-write hooks need is in its own Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import alembic
import pytest

from tests.support.project import MIGMERGE, TEMPLATE, Project
from tests.support.project_environment import make_project_environment, make_separate_migmerge, run_separate
from tests.support.shop import TEMPLATES, Shop
from tests.support.terminal import CTRL_C, ENTER, Terminal, plain
from tests.support.thin_environment import make_environment

IMPORTING = f"<%! from shop_tools import suffix %># ${{suffix()}}\n{TEMPLATE}"
CONTEXT = {"flask-migrate": ", in the context of the application", "alembic": ""}
HOOKS = {
    "console_scripts": "stamp.entrypoint = shop-stamp\n",
    "exec": "stamp.executable = shop-stamp\n",
    "module": "stamp.module = shop_tools\n",
}
ENV_PY = """from alembic import context
from alembic.script import write_hooks
from sqlalchemy import create_engine


@write_hooks.register("shop")
def stamp(path, options):
    with open(path, "a") as file:
        file.write("# by " + options["who"] + "\\n")


with create_engine("sqlite:///shop.db").connect() as connection:
    context.configure(connection=connection, template_args={"owner": "the shop"})
    with context.begin_transaction():
        context.run_migrations()
"""
SEVERAL_DATABASES = """from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask("shop")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
app.config["SQLALCHEMY_BINDS"] = {"stock": "sqlite://"}
Migrate(app, SQLAlchemy(app))
"""
SHOP_HOOK = "[post_write_hooks]\nhooks = shop\nshop.type = shop\nshop.who = ann\n"


@pytest.fixture(scope="module")
def separate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migmerge as pipx installs it."""
    return make_separate_migmerge(tmp_path_factory.mktemp("pipx") / "migmerge")


@pytest.fixture(scope="module")
def with_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project_environment(tmp_path_factory.mktemp("environments") / "shop")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migmerge that is installed in the project's environment."""
    return make_environment(make_project_environment(tmp_path_factory.mktemp("environments") / "both"))


@pytest.fixture
def merged(diverged: Project) -> Project:
    diverged.merged()
    diverged.write(".git/info/exclude", ".venv\nshop.db\n__pycache__\n")
    return diverged


@pytest.fixture
def own(merged: Project, with_tools: Path) -> Project:
    """Return the merged project, with an environment of its own that is not activated."""
    (merged.top / ".venv").symlink_to(with_tools)
    return merged


def hooked(kind: str) -> str:
    return f"[post_write_hooks]\nhooks = stamp\nstamp.type = {kind}\n{HOOKS[kind]}"


def as_alembic(project: Project) -> None:
    """Turn Flask-Migrate's layout into Alembic's."""
    (project.top / "migrations/alembic.ini").unlink()
    project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n")


def configure(project: Project, more: str) -> None:
    ini = "alembic.ini" if (project.top / "alembic.ini").exists() else "migrations/alembic.ini"
    project.write(ini, (project.top / ini).read_text() + more)
    project.commit("configuration")


def script(project: Project) -> str:
    """Return the text of the committed merge revision."""
    (path,) = project.git("show", "--format=", "--name-only").splitlines()
    return project.git("show", f"HEAD:{path}")


@pytest.mark.parametrize("layout", ["flask-migrate", "alembic"])
def test_a_template_that_imports_a_package_of_the_project(own: Project, separate: Path, layout: str) -> None:
    if layout == "alembic":
        as_alembic(own)
    own.write("migrations/script.py.mako", IMPORTING)
    own.commit("template")
    done = run_separate(separate, own, "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"  run     migrations/script.py.mako: a template with code{CONTEXT[layout]}\n          in " in done.stdout
    assert script(own).startswith("# of the shop\n")
    assert len(own.heads()) == 1


@pytest.mark.parametrize("layout", ["flask-migrate", "alembic"])
def test_a_template_that_imports_a_module_of_the_repository(merged: Project, layout: str) -> None:
    merged.write("project_names.py", "owner = 'the shop'\n")
    merged.write("app.py", "from flask import Flask\nfrom flask_migrate import Migrate\napp = Flask('shop')\nMigrate(app)\n")
    if layout == "alembic":
        as_alembic(merged)
    merged.write("migrations/script.py.mako", f"<%! from project_names import owner %># of ${{owner}}\n{TEMPLATE}")
    merged.commit("template")
    merged.fix()
    assert script(merged).startswith("# of the shop\n")


def test_the_template_of_several_databases_asks_the_application(own: Project, separate: Path) -> None:
    own.write("app.py", SEVERAL_DATABASES)
    own.write("migrations/script.py.mako", (TEMPLATES / "flask-multidb/script.py.mako").read_bytes())
    own.commit("several databases")
    done = run_separate(separate, own, "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "def upgrade_stock():" in script(own)


@pytest.mark.parametrize(
    ("kind", "layout"), [*((kind, "flask-migrate") for kind in HOOKS), pytest.param("console_scripts", "alembic")]
)
def test_a_post_write_hook_whose_tool_the_project_has(own: Project, separate: Path, kind: str, layout: str) -> None:
    if layout == "alembic":
        as_alembic(own)
    configure(own, hooked(kind))
    done = run_separate(separate, own, "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "its post-write hook stamp\n          in " in done.stdout
    assert "stamped " in done.stderr
    assert script(own).endswith("# stamped")
    assert own.status() == ""


def test_a_toml_file_has_its_hooks_too(own: Project, separate: Path) -> None:
    (own.top / "migrations/alembic.ini").unlink()
    own.write(
        "pyproject.toml",
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\n[[tool.alembic.post_write_hooks]]\nname = "stamp"\n'
        'type = "module"\nmodule = "shop_tools"\n',
    )
    own.commit("configuration")
    done = run_separate(separate, own, "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert script(own).endswith("# stamped")


def test_a_program_is_found_as_where_the_environment_is_activated(merged: Project, installed: Path) -> None:
    """Migmerge is installed in the project's environment, and called by its path."""
    configure(merged, hooked("exec"))
    done = run_separate(installed, merged, "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "in " not in done.stdout.partition("its post-write hook stamp")[2].splitlines()[0]
    assert script(merged).endswith("# stamped")


@pytest.mark.parametrize("shown_by", ["dry run", "yes"])
def test_what_is_executed_is_shown_and_a_dry_run_executes_none_of_it(own: Project, separate: Path, shown_by: str) -> None:
    bomb = own.top.parent / "bomb"
    own.write("migrations/script.py.mako", f"<%! open({str(bomb)!r}, 'w') %>\n{TEMPLATE}")
    configure(own, hooked("console_scripts"))
    done = run_separate(separate, own, "fix", "--dry-run" if shown_by == "dry run" else "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    python = own.top / ".venv/bin/python"
    shown = (
        f"  run     migrations/script.py.mako: a template with code{CONTEXT['flask-migrate']}\n          in {python}\n"
        f"  run     migrations/alembic.ini: its post-write hook stamp\n          in {python}\n"
    )
    assert done.stdout.count(shown) == 1
    assert bomb.exists() == (shown_by == "yes")


@pytest.mark.parametrize("template", ["flask", "flask-multidb", "alembic multidb"])
def test_two_clones_with_and_without_the_projects_python_write_the_same_bytes(
    merged: Project, separate: Path, installed: Path, with_tools: Path, template: str
) -> None:
    folder, name = (Path(alembic.__file__).parent / "templates", "multidb") if " " in template else (TEMPLATES, template)
    merged.write("app.py", SEVERAL_DATABASES)
    if " " in template:
        as_alembic(merged)
        merged.write("alembic.ini", (merged.top / "alembic.ini").read_text() + "databases = engine1, engine2\n")
    merged.write("migrations/script.py.mako", (folder / name / "script.py.mako").read_bytes())
    merged.commit("template")
    other = merged.clone("other", "bea")
    (merged.top / ".venv").symlink_to(with_tools)
    assert run_separate(separate, merged, "fix", "--yes").returncode == 0
    assert run_separate(installed, other, "fix", "--yes", "--run-new-hooks").returncode == 0
    assert script(merged) == script(other)
    assert len(merged.heads()) == 1


@pytest.mark.parametrize("needing", ["template", "hook"])
def test_two_clones_render_with_the_projects_python_the_same_bytes(
    merged: Project, separate: Path, with_tools: Path, installed: Path, needing: str
) -> None:
    if needing == "template":
        merged.write("migrations/script.py.mako", IMPORTING.replace("\n", "\r\n"))
        merged.commit("template")
    else:
        configure(merged, hooked("module"))
    other = merged.clone("other", "bea")
    other.git("config", "core.autocrlf", "true")
    other.git("rm", "--quiet", "--cached", "-r", ".")
    other.git("reset", "--quiet", "--hard")
    (merged.top / ".venv").symlink_to(with_tools)
    assert run_separate(separate, merged, "fix", "--yes").returncode == 0
    assert run_separate(installed, other, "fix", "--yes", "--run-new-hooks").returncode == 0
    assert script(merged) == script(other)
    merged.git("fetch", "--quiet", str(other.top), "main")
    merged.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
    assert len(merged.heads()) == 1


def nothing_left(project: Project, before: str) -> bool:
    return (project.git("rev-parse", "HEAD"), project.status()) == (before, "")


@pytest.mark.parametrize(
    ("template", "more", "said", "hint"),
    [
        pytest.param(
            IMPORTING,
            "",
            "migrations/script.py.mako cannot be rendered: ModuleNotFoundError: No module named 'shop_tools'",
            "install shop_tools into, or activate, the project's environment; then: migmerge fix",
            id="template",
        ),
        pytest.param(
            TEMPLATE,
            hooked("console_scripts"),
            "Could not find entrypoint console_scripts.shop-stamp",
            "install the hook's tool into, or activate, the project's environment; then: migmerge fix",
            id="console_scripts",
        ),
        pytest.param(
            TEMPLATE,
            hooked("exec"),
            "No such file or directory: 'shop-stamp'",
            "install the hook's tool into, or activate, the project's environment; then: migmerge fix",
            id="exec",
        ),
        pytest.param(
            TEMPLATE,
            "[post_write_hooks]\nhooks = shop\nshop.type = consolescripts\n",
            "No formatter with name 'consolescripts' registered",
            "edit migrations/alembic.ini:4: the type of the hook shop: console_scripts, exec, module",
            id="unknown type",
        ),
    ],
)
@pytest.mark.parametrize("python", ["no environment", "without Alembic"])
def test_what_the_python_at_hand_lacks_is_said_and_nothing_is_left(
    merged: Project, separate: Path, with_tools: Path, template: str, more: str, said: str, hint: str, python: str
) -> None:
    if python == "without Alembic":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(merged.top / ".venv")], check=True)
    merged.write("migrations/script.py.mako", template)
    configure(merged, more or "\n")
    before = merged.git("rev-parse", "HEAD")
    done = run_separate(separate, merged, "fix", "--yes")
    assert done.returncode == 1
    assert said in done.stdout
    assert f"hint: {hint}\n" in done.stdout
    assert nothing_left(merged, before)


@pytest.fixture
def registering(own: Project) -> Project:
    """Return the project in Alembic's layout, with an env.py that registers a post-write hook."""
    as_alembic(own)
    own.write("migrations/env.py", ENV_PY)
    return own


def alembic_merge(project: Project) -> subprocess.CompletedProcess[str]:
    """Run Alembic's own merge, and take it back."""
    program = [str(project.top / ".venv/bin/python"), "-m", "alembic", "merge", "heads"]
    done = subprocess.run(program, cwd=project.top, capture_output=True, text=True, check=False)
    project.git("clean", "--quiet", "--force")
    project.git("clean", "--quiet", "--force", "-x", "shop.db")
    return done


def test_a_hook_that_env_py_registers_is_unknown_where_alembic_does_not_load_env_py(registering: Project, separate: Path) -> None:
    configure(registering, SHOP_HOOK)
    before = registering.git("rev-parse", "HEAD")
    assert "No formatter with name 'shop' registered" in alembic_merge(registering).stdout
    done = run_separate(separate, registering, "fix", "--yes")
    assert done.returncode == 1
    assert "No formatter with name 'shop' registered" in done.stdout
    assert "hint: edit alembic.ini:1: revision_environment = true, with which Alembic loads migrations/env.py\n" in done.stdout
    assert nothing_left(registering, before)


@pytest.mark.parametrize("python", ["separate", "same"])
def test_a_hook_that_env_py_registers_is_run_where_alembic_loads_env_py(
    registering: Project, separate: Path, python: str
) -> None:
    configure(registering, f"revision_environment = true\n{SHOP_HOOK}")
    assert alembic_merge(registering).returncode == 0
    done = run_separate(separate if python == "separate" else Path(MIGMERGE), registering, "fix", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  run     migrations/env.py: which connects to the database, for revision_environment\n" in done.stdout
    assert script(registering).endswith("# by ann")
    assert not (registering.top / "shop.db").exists()


def test_a_template_is_given_what_env_py_has_for_it(registering: Project, separate: Path) -> None:
    registering.write("migrations/script.py.mako", f"# of ${{owner}}\n{TEMPLATE}")
    configure(registering, "revision_environment = true\n")
    done = run_separate(separate, registering, "fix", "--dry-run")
    assert "its text is left to script.py.mako" in done.stdout
    assert run_separate(separate, registering, "fix", "--yes").returncode == 0
    assert script(registering).startswith("# of the shop\n")


def test_env_py_is_not_loaded_for_what_does_not_need_it(own: Project) -> None:
    """The env.py of this project ends whoever loads it."""
    configure(own, "revision_environment = true\n")
    own.fix()
    assert len(own.heads()) == 1


def test_env_py_that_fails_leaves_nothing(registering: Project, separate: Path) -> None:
    registering.write("migrations/env.py", "import write_hooks_of_nobody\n")
    configure(registering, f"revision_environment = true\n{SHOP_HOOK}")
    before = registering.git("rev-parse", "HEAD")
    done = run_separate(separate, registering, "fix", "--yes")
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'write_hooks_of_nobody'" in done.stdout
    assert nothing_left(registering, before)


def test_a_hook_that_flask_migrates_env_py_registers(tmp_path: Path, separate: Path, with_tools: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'dev.db'}")
    shop.upgrade()
    for name in ("b", "c"):
        shop.creates(name, "a")
    project = shop.project
    registers = "from alembic.script import write_hooks\n\n\n@write_hooks.register('shop')\ndef stamp(path, options):\n"
    registers += "    with open(path, 'a') as file:\n        file.write('# by ' + options['who'] + '\\n')\n\n\n"
    project.write("migrations/env.py", registers + (project.top / "migrations/env.py").read_text())
    ini = (project.top / "migrations/alembic.ini").read_text()
    project.write(
        "migrations/alembic.ini",
        f"{ini.replace('[alembic]', '[alembic]' + chr(10) + 'revision_environment = true', 1)}\n{SHOP_HOOK}",
    )
    project.commit("configuration")
    project.write(".git/info/exclude", ".venv\n")
    (project.top / ".venv").symlink_to(with_tools)
    done = run_separate(separate, project, "fix", "--yes", "--strategy", "merge", **shop.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert script(project).endswith("# by ann")
    assert (shop.recorded, shop.tables) == ({"a"}, {"a"})


def test_without_the_database_env_py_is_not_loaded(registering: Project, separate: Path) -> None:
    configure(registering, f"revision_environment = true\n{SHOP_HOOK}")
    before = registering.git("rev-parse", "HEAD")
    done = run_separate(separate, registering, "fix", "--yes", "--no-db")
    assert done.returncode == 1
    assert "not fixed: migrations/env.py connects to the database to write the merge revision\n" in done.stdout
    assert "hint: migmerge fix\n" in done.stdout
    assert nothing_left(registering, before)


def test_a_git_hook_shows_what_is_executed_before_it_asks(diverged: Project, separate: Path, with_tools: Path) -> None:
    diverged.write(".git/info/exclude", ".venv\n")
    configure(diverged, hooked("console_scripts"))
    (diverged.top / ".venv").symlink_to(with_tools)
    assert run_separate(separate, diverged, "install").returncode == 0
    terminal = Terminal(diverged, "git", "merge", "--no-edit", "feature", VIRTUAL_ENV="").wait_for_menu()
    assert "run     migrations/alembic.ini: its post-write hook stamp" in plain(terminal.seen)
    status, seen = terminal.type(ENTER).finish()
    assert status == 0, seen
    assert script(diverged).endswith("# stamped")
    assert diverged.status() == ""


def test_ctrl_c_while_a_post_write_hook_runs_leaves_nothing(own: Project, separate: Path) -> None:
    own.write("slow.sh", "#!/bin/sh\necho slow hook >/dev/tty\nsleep 20\n").chmod(0o755)
    configure(own, "[post_write_hooks]\nhooks = slow\nslow.type = exec\nslow.executable = ./slow.sh\n")
    before = own.git("rev-parse", "HEAD")
    terminal = Terminal(own, str(separate), "fix", VIRTUAL_ENV="").wait_for_menu().type(ENTER)
    status, _ = terminal.wait_for("slow hook").type(CTRL_C).finish()
    assert status == 130
    assert nothing_left(own, before)
