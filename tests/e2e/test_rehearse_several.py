"""`migmerge rehearse` where a project has several databases, or a schema that no script makes."""

from __future__ import annotations

from pathlib import Path

import alembic
import pytest

from tests.support.databases import database
from tests.support.programs import run_program
from tests.support.project import Project
from tests.support.shop import APP, TEMPLATES, Shop

MULTIDB = Path(alembic.__file__).parent / "templates/multidb"
LOGGING = "[loggers]\nkeys = root\n[handlers]\nkeys =\n[formatters]\nkeys =\n[logger_root]\nlevel = WARNING\nhandlers =\n"
TABLE = "op.create_table({!r}, sa.Column('id', sa.Integer, primary_key=True))"
PHONE = "op.add_column('users', sa.Column('phone', sa.{}))"


def _named(project: Project, revision: str, parent: str | None, *, dispatch: str, **bodies: str) -> None:
    """Commit a script with a function for each database."""
    functions = "".join(
        f"\n\ndef upgrade_{name}():\n    {body}\n\n\ndef downgrade_{name}():\n    pass\n" for name, body in bodies.items()
    )
    text = f"from alembic import op\nimport sqlalchemy as sa\nrevision = {revision!r}\ndown_revision = {parent!r}\n{dispatch}{functions}"
    project.write(f"migrations/versions/{revision}.py", text)
    project.commit(f"add {revision}")


DISPATCH = "".join(
    f'\n\ndef {each}(engine_name):\n    globals()["{each}_%s" % engine_name]()\n' for each in ("upgrade", "downgrade")
)


@pytest.fixture
def alembic_project(tmp_path: Path) -> Project:
    """Return a project of Alembic's own multidb template, one database on SQLite and one to be named."""
    project = Project.empty(tmp_path / "shop")
    project.write("migrations/env.py", (MULTIDB / "env.py").read_bytes())
    project.write("migrations/script.py.mako", (MULTIDB / "script.py.mako").read_bytes())
    return project


def _configured(project: Project, **urls: str) -> None:
    sections = "".join(f"[{name}]\nsqlalchemy.url = {url}\n" for name, url in urls.items())
    project.write("alembic.ini", f"[alembic]\nscript_location = migrations\ndatabases = {', '.join(urls)}\n{sections}{LOGGING}")
    project.write(".gitignore", "__pycache__/\n*.db\n")


def _diverged(project: Project, **clash: tuple[str, str]) -> None:
    """Commit a, and then b and c beside each other, whose bodies are given for each database."""
    _named(project, "a", None, dispatch=DISPATCH, **dict.fromkeys(clash, TABLE.format("users")))
    project.git("switch", "--quiet", "--create", "feature")
    _named(project, "c", "a", dispatch=DISPATCH, **{name: both[1] for name, both in clash.items()})
    project.git("switch", "--quiet", "main")
    _named(project, "b", "a", dispatch=DISPATCH, **{name: both[0] for name, both in clash.items()})
    project.git("merge", "--quiet", "--no-edit", "feature", MIGMERGE="0")


def test_each_database_of_the_multidb_template_is_rehearsed_on_its_own_kind(alembic_project: Project, tmp_path: Path) -> None:
    project, text = alembic_project, "op.execute('ALTER TABLE users ADD COLUMN age INT CHECK (age::int > {})')"
    with database("postgresql", tmp_path) as url:
        _configured(project, one="sqlite:///one.db", two=url)
        _diverged(project, one=(TABLE.format("b"), TABLE.format("c")), two=(text.format(1), TABLE.format("c")))
        ran = project.migmerge("rehearse")
    assert (ran.returncode, ran.stdout.splitlines()) == (
        0,
        [
            "migrations (one)  the same schema after b, c and after c, b",
            "migrations (two)  the same schema after b, c and after c, b",
        ],
    ), ran.stderr


def test_a_clash_in_one_database_names_it(alembic_project: Project) -> None:
    project = alembic_project
    _configured(project, one="sqlite:///one.db", two="sqlite:///two.db")
    _diverged(project, one=(TABLE.format("b"), TABLE.format("c")), two=(PHONE.format("Integer"), PHONE.format("Text")))
    for options in ((), ("--no-db",)):
        ran = project.migmerge("rehearse", *options)
        assert ran.returncode == 1
        lines = [line for line in ran.stdout.splitlines() if line.startswith("migrations (")]
        assert lines == [
            "migrations (one)  the same schema after b, c and after c, b",
            "migrations (two)  the order matters: b, c against c, b",
        ]


def test_the_binds_of_flask_migrate_are_rehearsed_each(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'main.db'}")
    project = shop.project
    binds = 'app.config["SQLALCHEMY_BINDS"] = {"audit": "sqlite:///" + os.path.abspath("audit.db")}\ndb = SQLAlchemy'
    project.write("app.py", APP.replace("db = SQLAlchemy", binds))
    for name in ("env.py", "alembic.ini.mako"):
        project.write(f"migrations/{name.removesuffix('.mako')}", (TEMPLATES / "flask-multidb" / name).read_bytes())
    (project.top / "migrations/versions/a.py").unlink()
    _diverged(project, **{"": (TABLE.format("b"), TABLE.format("c")), "audit": (TABLE.format("b"), TABLE.format("c"))})
    assert run_program("flask", "db", "upgrade", "a", cwd=project.top, env=project.environment(**shop.variables)).returncode == 0
    found = shop.done("rehearse")
    assert found.splitlines() == [
        "migrations (main.db)  the same schema after b, c and after c, b",
        "migrations (audit)  the same schema after b, c and after c, b",
    ]


def test_a_schema_that_env_py_makes_is_there(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        env = (shop.project.top / "migrations/env.py").read_text()
        made = "connection.exec_driver_sql('CREATE SCHEMA IF NOT EXISTS app'); connection.commit()\n        context.configure("
        configured = "target_metadata=get_metadata(), version_table_schema='app', include_schemas=True"
        env = env.replace("context.configure(\n            connection", f"{made}\n            connection")
        shop.project.write(
            "migrations/env.py",
            env.replace(
                "connection=connection,\n            target_metadata=get_metadata()",
                f"connection=connection,\n            {configured}",
            ),
        )
        shop.project.revision(
            "u", "a", upgrade="op.create_table('users', sa.Column('id', sa.Integer, primary_key=True), schema='app')"
        )
        column = "op.add_column('users', sa.Column({!r}, sa.Integer), schema='app')"
        shop.project.git("switch", "--quiet", "--create", "feature")
        shop.project.revision("c", "u", upgrade=column.format("c"))
        shop.project.git("switch", "--quiet", "main")
        shop.project.revision("b", "u", upgrade=column.format("b"))
        shop.project.git("merge", "--quiet", "--no-edit", "feature", MIGMERGE="0")
        shop.upgrade("u")
        assert shop.done("rehearse") == "migrations  the same schema after b, c and after c, b\n"
