"""What several databases of one environment are compared with."""

from __future__ import annotations

from pathlib import Path

from migmerge.core.database.database import Address, Database, Schema, Table
from migmerge.core.environment import Environment
from migmerge.repository.repository import open_repository
from migmerge.sync.inspect import inspection_of
from migmerge.workspace.snapshots import read_work_tree_scripts
from tests.support.project import Project, script_text

SCRIPT = (
    script_text("a").partition("def upgrade")[0]
    + """def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def upgrade_main():
    op.execute("ALTER TABLE t ADD COLUMN `x` int")


def upgrade_logs():
    op.execute("CREATE TABLE log (id int, tags text[])")
"""
)
LITE = Database(Address("sqlite:///main.db", "sqlite", "main.db"), "main", ("a",), schema=Schema({"t": Table(frozenset("x"))}))
SERVER = Database(Address("postgresql://localhost/logs", "postgresql", "logs"), "logs", ("a",))


def test_each_database_reads_the_sql_that_is_for_it_in_its_own_dialect(tmp_path: Path) -> None:
    project = Project.empty(tmp_path / "shop")
    project.write("migrations/versions/a.py", SCRIPT)
    project.commit("two databases")
    environment = Environment("migrations", "alembic", ("migrations/versions",))
    repository = open_repository(str(project.top))
    inspection = inspection_of(repository, read_work_tree_scripts(repository, environment), (LITE, SERVER))
    found = {each.bind: inspection.scripts_for(each).operations["a"] for each in (LITE, SERVER)}
    assert {bind: each.unread for bind, each in found.items()} == {"main": (), "logs": ()}
    lite, server = inspection.report.statuses
    assert not lite.skipped
    assert [str(each) for partial in server.skipped for each in partial.missing] == ["the table log"]
