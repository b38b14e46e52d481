"""`migmerge fix` where both sides do the same: what is doubled is dropped from the side that nobody has run, then all is joined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import DIALECTS, database
from tests.support.shop import Shop, on_sqlite

PHONE = "op.add_column('a', sa.Column('phone', sa.String(20)))"
FAX = "op.add_column('a', sa.Column('fax', sa.String(20)))"
BOTH = f"{PHONE}\n    {FAX}"
NO_PHONE = "op.drop_column('a', 'phone')"
PETS = "op.create_table('pets', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('name', sa.String(20)))"
INDEXED = f"{PETS}\n    op.create_index('ix_pets_name', 'pets', ['name'])"
NO_PETS = "op.drop_table('pets')"
NOT_INDEXED = "op.drop_index('ix_pets_name', 'pets')\n    op.drop_table('pets')"
ONLY_HERE = "which exists only here, leaves it to migrations/versions/"


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision a, its database too."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        yield shop


def diverge(shop: Shop, mine: str, theirs: str, down: str = "pass", their_down: str | None = None) -> None:
    """Let c, which is Bea's, and b, then b2, which are Ann's, come after a; merge them."""
    project = shop.project
    project.git("switch", "--quiet", "--create", "feature")
    project.user = "bea"
    project.revision("c", "a", upgrade=theirs, downgrade=down if their_down is None else their_down)
    project.user = "ann"
    project.git("switch", "--quiet", "main")
    project.revision("b", "a", upgrade=mine, downgrade=down)
    project.revision("b2", "b")
    project.git("merge", "--quiet", "--no-edit", "feature", MIGMERGE="0")


def schema(shop: Shop) -> dict[str, list[str]]:
    with shop.connected() as connection:
        there = sa.inspect(connection)
        return {
            table: sorted(
                [*(each["name"] for each in there.get_columns(table)), *(str(each["name"]) for each in there.get_indexes(table))]
            )
            for table in sorted(there.get_table_names())
            if table != "alembic_version"
        }


def runs_in_both_orders_and_back(shop: Shop) -> dict[str, list[str]]:
    """Return the schema to which both orders lead, from which both lead back."""
    before, ends = schema(shop), []
    for first in ("b2", "c"):
        shop.upgrade(first)
        shop.upgrade("heads")
        ends.append(schema(shop))
        done = shop.flask("downgrade", "a")
        assert done.returncode == 0, done.stderr
        assert schema(shop) == before
    assert ends[0] == ends[1]
    return ends[0]


def only_b_changed(shop: Shop) -> bool:
    return shop.project.git("diff", "--name-only", "HEAD~2", "HEAD~1").split() == ["migrations/versions/b.py"]


@pytest.mark.parametrize(
    ("operation", "back", "made"),
    [
        (PHONE, NO_PHONE, {"a": ["fax", "id", "phone"]}),
        (INDEXED, NOT_INDEXED, {"a": ["fax", "id"], "pets": ["id", "ix_pets_name", "name"]}),
    ],
)
def test_what_both_do_is_dropped_from_the_side_that_nobody_has_run(
    shop: Shop, operation: str, back: str, made: dict[str, list[str]]
) -> None:
    diverge(shop, f"{operation}\n    {FAX}", operation, f"op.drop_column('a', 'fax')\n    {back}", back)
    done = shop.done("fix", "--yes")
    assert ONLY_HERE in done and "a merge revision then joins the heads" in done and f"  | -    {operation[:20]}" in done
    assert done.splitlines()[-1] == "  migmerge rehearse && flask db upgrade"
    assert only_b_changed(shop)
    assert "the same schema" in shop.done("rehearse")
    assert runs_in_both_orders_and_back(shop) == made


@on_sqlite
def test_a_dry_run_shows_the_diff_and_changes_nothing(shop: Shop) -> None:
    diverge(shop, PHONE, PHONE, NO_PHONE)
    before = shop.project.git("rev-parse", "HEAD"), shop.project.status()
    said = shop.done("fix", "--dry-run")
    assert f"  | -    {PHONE}" in said and f"  | -    {NO_PHONE}" in said and ONLY_HERE in said
    assert (shop.project.git("rev-parse", "HEAD"), shop.project.status()) == before


@on_sqlite
def test_without_a_database_that_tells_the_user_vouches(shop: Shop) -> None:
    diverge(shop, PHONE, PHONE, NO_PHONE)
    refused = shop.run("fix", "--yes", "--no-db")
    assert refused.returncode == 1 and "it is not known whether a database has run b" in refused.stdout
    assert "migmerge fix --assume-unapplied" in refused.stdout and "flask db upgrade" not in refused.stdout
    shop.done("fix", "--yes", "--no-db", "--assume-unapplied")
    assert only_b_changed(shop) and len(shop.project.heads()) == 1


@on_sqlite
def test_where_a_database_has_run_mine_and_theirs_is_somebody_elses_there_is_no_cure(shop: Shop) -> None:
    diverge(shop, PHONE, PHONE, NO_PHONE)
    shop.upgrade("b")
    said = shop.run("fix", "--yes")
    assert said.returncode == 1 and "neither script may change: a database has run b" in said.stdout
    assert "bea wrote c" in said.stdout and "recommended: " not in said.stdout
    assert "flask db upgrade" not in said.stdout


@on_sqlite
@pytest.mark.parametrize(
    ("mine", "theirs", "why"),
    [
        (PHONE, PHONE.replace("20", "30"), "the two differ: sa.String(20) in migrations/versions/"),
        (PHONE, PHONE.replace("String(20)", "Text()"), "the two differ: sa."),
        (f"{PHONE}\n    op.execute('UPDATE a SET phone = id')", PHONE, "works on it, and the other side has no such statement"),
        (f"size = 20\n    {PHONE.replace('20', 'size')}", f"size = 30\n    {PHONE.replace('20', 'size')}", "a name in it stands"),
    ],
)
def test_what_is_not_the_same_is_no_duplicate(shop: Shop, mine: str, theirs: str, why: str) -> None:
    diverge(shop, mine, theirs, NO_PHONE)
    said = shop.run("fix", "--yes")
    assert said.returncode == 1 and why in said.stdout, said.stdout
    assert "not fixed: " in said.stdout and "flask db upgrade" not in said.stdout
    assert len(shop.project.heads()) == 2


@on_sqlite
def test_what_comes_after_on_the_same_side_keeps_its_column(shop: Shop) -> None:
    diverge(shop, PHONE, PHONE, NO_PHONE)
    shop.project.revision("b3", "b2", upgrade="op.create_index('ix', 'a', ['phone'])", downgrade="op.drop_index('ix', 'a')")
    said = shop.run("fix", "--yes").stdout
    assert "b3.py, in upgrade(), works on it, and the other side has no such statement" in said
    assert len(shop.project.heads()) == 2


@on_sqlite
def test_several_duplicates_go_at_once_and_undo_takes_all_back(shop: Shop) -> None:
    diverge(shop, BOTH, BOTH, f"op.drop_column('a', 'fax')\n    {NO_PHONE}")
    before = shop.project.git("rev-parse", "HEAD^{tree}")
    shop.done("fix", "--yes")
    assert only_b_changed(shop)
    assert runs_in_both_orders_and_back(shop) == {"a": ["fax", "id", "phone"]}
    shop.done("undo", "--yes")
    shop.done("undo", "--yes")
    assert shop.project.git("rev-parse", "HEAD^{tree}") == before


@on_sqlite
def test_an_uncommitted_script_gives_way_to_the_committed_one(shop: Shop) -> None:
    project = shop.project
    project.revision("c", "a", upgrade=PHONE, downgrade=NO_PHONE)
    project.script("b", "a", upgrade=PHONE, downgrade=NO_PHONE)
    said = shop.run("fix", "--yes")
    assert said.returncode == 0, said.stdout
    assert PHONE not in (project.top / "migrations/versions/b.py").read_text()
    shop.upgrade()
    assert schema(shop) == {"a": ["id", "phone"]}


@on_sqlite
def test_three_sides_that_do_the_same_leave_it_to_one(shop: Shop) -> None:
    diverge(shop, PHONE, PHONE, NO_PHONE)
    shop.project.revision("d", "a", upgrade=PHONE, downgrade=NO_PHONE)
    shop.done("fix", "--yes")
    assert len(shop.project.heads()) == 1
    assert runs_in_both_orders_and_back(shop) == {"a": ["id", "phone"]}


UPGRADE = "flask db upgrade"
OUTPUTS = (
    ("check",),
    ("doctor",),
    ("doctor", "--no-db"),
    ("sync", "--yes"),
    ("fix", "--yes"),
    ("fix", "--dry-run"),
    ("rehearse",),
)


@on_sqlite
@pytest.mark.parametrize("joined", [False, True])
def test_no_output_names_an_upgrade_that_cannot_run(shop: Shop, joined: bool) -> None:
    diverge(shop, PHONE, PHONE.replace("20", "30"), NO_PHONE)
    if joined:
        shop.project.revision("m", ("b2", "c"))
    shop.upgrade("b2")
    for arguments in OUTPUTS:
        ran = shop.run(*arguments)
        said = ran.stdout + ran.stderr
        assert ran.returncode == 1 or arguments == ("check",), said
        assert UPGRADE not in said and "migmerge sync" not in said, said
    assert shop.recorded == {"b2"}


@on_sqlite
def test_once_both_have_run_after_all_the_upgrade_is_named_again(shop: Shop) -> None:
    diverge(shop, PHONE, PHONE.replace("20", "30"), NO_PHONE)
    shop.project.revision("m", ("b2", "c"))
    shop.project.revision("e", "m", upgrade=FAX)
    shop.upgrade("b2")
    assert shop.flask("stamp", "m").returncode == 0
    assert UPGRADE in shop.run("doctor").stdout
    shop.done("sync", "--yes")
    assert shop.recorded == {"e"}
