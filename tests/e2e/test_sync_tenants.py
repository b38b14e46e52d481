"""Tenants that are schemas of one PostgreSQL database: each is named, judged and brought to the checkout by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database
from tests.support.programs import run_program
from tests.support.project import Project
from tests.support.shop import creating

ENV = """from alembic import context
import sqlalchemy as sa
engine = sa.create_engine({url!r})
with engine.connect() as connection:
"""
SEARCHED = """    for tenant in ("acme", "beta"):
        connection.execute(sa.text('SET search_path TO "%s"' % tenant))
        connection.commit()
        connection.dialect.default_schema_name = tenant
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
TRANSLATED = """    for tenant in ("acme", "beta"):
        mapped = connection.execution_options(schema_translate_map={None: tenant})
        context.configure(connection=mapped, version_table_schema=tenant)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
"""
GIVEN = """    tenant = context.get_x_argument(as_dictionary=True).get("tenant"{default})
    connection.execute(sa.text('SET search_path TO "%s"' % tenant))
    connection.commit()
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


class Tenants:
    """A project whose tenants are the schemas acme and beta."""

    def __init__(self, top: Path, url: str) -> None:
        self.project, self.url = Project.empty(top), url
        self.name = sa.make_url(url).database or ""
        self.project.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
        self.project.write(".gitignore", "__pycache__/\n")
        self.execute("CREATE SCHEMA acme; CREATE SCHEMA beta")

    def work_as(self, loop: str) -> None:
        self.project.write("migrations/env.py", ENV.format(url=self.url) + loop)
        for name, parent in (("a", None), ("b", "a"), ("c", "b")):
            self.project.script(name, parent, **creating(name))
        self.project.commit("tenants")

    def execute(self, statements: str) -> None:
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            connection.exec_driver_sql(statements)
        engine.dispose()

    def alembic(self, *arguments: str) -> None:
        done = run_program("alembic", *arguments, cwd=self.project.top, env=self.project.environment())
        assert done.returncode == 0, done.stderr

    def state(self) -> dict[str, tuple[list[str], list[str]]]:
        engine, found = sa.create_engine(self.url), {}
        with engine.connect() as connection:
            for tenant in ("acme", "beta"):
                tables = sorted(sa.inspect(connection).get_table_names(tenant))
                rows = f"SELECT version_num FROM {tenant}.alembic_version"
                recorded = connection.exec_driver_sql(rows).scalars().all() if "alembic_version" in tables else []
                found[tenant] = list(recorded), [name for name in tables if name != "alembic_version"]
        engine.dispose()
        return found


@pytest.fixture
def tenants(tmp_path: Path) -> Iterator[Tenants]:
    with database("postgresql", tmp_path) as url:
        yield Tenants(tmp_path / "shop", url)


@pytest.mark.parametrize("loop", [SEARCHED, TRANSLATED], ids=["search path", "translated"])
def test_a_step_runs_in_the_tenants_that_need_it(tenants: Tenants, loop: str) -> None:
    tenants.work_as(loop)
    tenants.alembic("upgrade", "b")
    tenants.execute("DROP TABLE beta.a; CREATE TABLE beta.mine (id int)")
    before = tenants.state()
    acme, beta = f"{tenants.name}.acme", f"{tenants.name}.beta"
    doctor = tenants.project.migmerge("doctor").stdout
    assert f'{beta} records a "add a" as run, but the table a is not there' in doctor
    assert f'1 revision has not run in {acme}: c "add c"' in doctor
    synced = tenants.project.migmerge("sync", "--yes")
    steps = [line for line in synced.stdout.splitlines() if line.startswith("  done")]
    assert steps == [f"  done  again a  in {beta}", f"  done  up c  in {acme} and {beta}"], synced.stdout + synced.stderr
    assert synced.returncode == 0
    assert synced.stdout.count("backed up") == 1
    assert tenants.state() == {"acme": (["c"], ["a", "b", "c"]), "beta": (["c"], ["a", "b", "c", "mine"])}
    deep = tenants.project.migmerge("doctor", "--deep").stdout
    assert deep.count("3 revisions recorded, 3 verified, by a replay of the scripts") == 2
    assert deep.count("no revision makes") == deep.count("no revision makes mine") == 1
    assert tenants.project.migmerge("undo", "--yes").returncode == 0
    assert tenants.state() == before


def test_tenants_are_not_made_anew_together(tenants: Tenants) -> None:
    tenants.work_as(SEARCHED)
    tenants.alembic("upgrade", "b")
    before, name = tenants.state(), tenants.name
    refused = tenants.project.migmerge("reset", "database", "--database", name)
    assert (refused.returncode, refused.stderr) == (
        2,
        f"error: {name}.acme is one of several tenants in {name}, whose schemas no revision makes\nhint: alembic downgrade base\n",
    )
    assert tenants.state() == before


def test_a_tenant_that_an_argument_names_is_not_guessed(tenants: Tenants) -> None:
    tenants.work_as(GIVEN.format(default=""))
    tenants.alembic("-x", "tenant=acme", "upgrade", "b")
    before = tenants.state()
    error = (
        f"env.py works in no schema of {tenants.name} that is there; env.py asks for -x tenant, which migmerge does not give\n"
        "{}hint: alembic -x tenant=NAME upgrade head\n"
    )
    doctor = tenants.project.migmerge("doctor")
    assert (doctor.returncode, error.format("  ") in doctor.stdout) == (1, True)
    refused = tenants.project.migmerge("sync", "--yes")
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", f"error: {error.format('')}")
    assert tenants.state() == before


def test_tenants_beside_the_usual_one_are_named_as_not_asked(tenants: Tenants) -> None:
    tenants.work_as(GIVEN.format(default=", 'public'"))
    for arguments in (("-x", "tenant=acme"), ("-x", "tenant=beta"), ()):
        tenants.alembic(*arguments, "upgrade", "head")
    doctor = tenants.project.migmerge("doctor")
    name = tenants.name
    said = f"  {name}.acme and {name}.beta could not be asked: env.py asks for -x tenant, which migmerge does not give\n"
    assert said in doctor.stdout
    assert doctor.returncode == 1


LOOPED = """from alembic import context
import sqlalchemy as sa
for url in {urls!r}:
    with sa.create_engine(url).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
CHOSEN = """from alembic import context
import sqlalchemy as sa
urls = {urls!r}
tenant = context.get_x_argument(as_dictionary=True).get("tenant", "0")
with sa.create_engine(urls[int(tenant)]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
USED = """from alembic import context
import sqlalchemy as sa
with sa.create_engine({urls[0]!r}).connect() as connection:
    for name in {names!r}:
        connection.execute(sa.text(f"USE {{name}}"))
        connection.commit()
        connection.dialect.default_schema_name = name
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
OWN_NAME = """from alembic import context
import sqlalchemy as sa
tenant = context.get_x_argument(as_dictionary=True).get("tenant", {names[0]!r})
with sa.create_engine({urls[0]!r}).connect() as connection:
    mapped = connection.execution_options(schema_translate_map={{None: tenant}})
    context.configure(connection=mapped, version_table_schema=tenant)
    with context.begin_transaction():
        context.run_migrations()
"""

NOWHERE = """from alembic import context
import sqlalchemy as sa
url = sa.make_url({urls[0]!r}).set(database=context.get_x_argument(as_dictionary=True).get("tenant", ""))
with sa.create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


class Databases:
    """A project whose tenants are two databases of one MariaDB server; no other database records its revisions."""

    def __init__(self, top: Path, urls: list[str]) -> None:
        self.project, self.urls = Project.empty(top), urls
        self.names = [sa.make_url(url).database or "" for url in urls]
        self.ids = [f"{self.names[0].rpartition('_')[2]}{letter}" for letter in "abc"]
        self.project.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
        self.project.write(".gitignore", "__pycache__/\n")

    def work_as(self, env_py: str, *upgrade: str) -> None:
        self.project.write("migrations/env.py", env_py.format(urls=self.urls, names=self.names))
        for number, name in enumerate(self.ids):
            self.project.script(name, self.ids[number - 1] if number else None, **creating("abc"[number]))
        self.project.commit("tenants")
        for arguments in upgrade:
            done = run_program("alembic", *arguments.split(), cwd=self.project.top, env=self.project.environment())
            assert done.returncode == 0, done.stderr

    def recorded(self) -> list[list[str]]:
        """Return the last letters of the revisions that each database records."""
        found = []
        for url in self.urls:
            engine = sa.create_engine(url)
            with engine.connect() as connection:
                rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
            engine.dispose()
            found.append([name[-1] for name in rows])
        return found


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    with database("mariadb", tmp_path) as one, database("mariadb", tmp_path) as other:
        yield Databases(tmp_path / "shop", [one, other])


def test_databases_that_env_py_loops_over_are_each_named_and_brought_to_the_checkout(databases: Databases) -> None:
    databases.work_as(LOOPED, "upgrade +1")
    doctor = databases.project.migmerge("doctor").stdout
    assert [f"2 revisions have not run in {name}: " in doctor for name in databases.names] == [True, True]
    assert "no other was looked at" not in doctor
    synced = databases.project.migmerge("sync", "--yes")
    assert (synced.returncode, databases.recorded()) == (0, [["c"], ["c"]]), synced.stdout + synced.stderr


def test_a_database_that_only_an_argument_reaches_is_named_and_left_alone(databases: Databases) -> None:
    databases.work_as(CHOSEN, "-x tenant=0 upgrade head", "-x tenant=1 upgrade +1")
    one, other = databases.names
    doctor = databases.project.migmerge("doctor")
    assert doctor.returncode == 1
    assert f"  {other} records revisions of this checkout and could not be asked: env.py asks for -x tenant" in doctor.stdout
    assert "  the one that env.py reaches without -x tenant; no other was looked at\n" in doctor.stdout
    undone = run_program(
        "alembic", "-x", "tenant=0", "downgrade", "-1", cwd=databases.project.top, env=databases.project.environment()
    )
    assert undone.returncode == 0, undone.stderr
    synced = databases.project.migmerge("sync", "--yes")
    assert (synced.returncode, databases.recorded()) == (0, [["c"], ["a"]]), synced.stdout + synced.stderr
    assert f"{one} will change" in synced.stdout and "no other was looked at" in synced.stdout


def test_a_database_to_which_env_py_leaves_its_url_is_not_guessed(databases: Databases) -> None:
    databases.work_as(USED, "upgrade +1")
    one, other = databases.names
    refused = databases.project.migmerge("sync", "--yes")
    assert (refused.returncode, databases.recorded()) == (2, [["a"], ["a"]])
    assert refused.stderr.startswith(f"error: the application is connected to {other}, and its URL says {one}\n")
    assert databases.project.migmerge("doctor").returncode == 1


def test_a_translation_to_the_database_of_the_url_is_no_other_database(databases: Databases) -> None:
    databases.work_as(OWN_NAME, "upgrade +1")
    doctor = databases.project.migmerge("doctor").stdout
    assert f"2 revisions have not run in {databases.names[0]}: " in doctor and "could not be asked" not in doctor
    synced = databases.project.migmerge("sync", "--yes")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    assert "no revision here makes" not in synced.stdout


def test_a_server_without_a_database_is_none_to_judge(databases: Databases) -> None:
    databases.work_as(NOWHERE, *(f"-x tenant={name} upgrade +1" for name in databases.names))
    said = "env.py connects to a server and to no database there; env.py asks for -x tenant, which migmerge does not give\n"
    doctor = databases.project.migmerge("doctor")
    assert (doctor.returncode, f"  {said}  hint: alembic -x tenant=NAME upgrade head\n" in doctor.stdout) == (1, True)
    refused = databases.project.migmerge("sync", "--yes")
    assert (refused.returncode, refused.stderr) == (2, f"error: {said}hint: alembic -x tenant=NAME upgrade head\n")
    assert databases.recorded() == [["a"], ["a"]]
