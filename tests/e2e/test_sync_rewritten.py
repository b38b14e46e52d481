"""A history that was rewritten after a database had run it: no row is lost that both sides have, nothing is recorded that has not run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.rewritten import REWRITES, Checkout, History, Script, histories


@examples(15)
@given(history=histories(), data=st.data())
def test_rows_survive_and_nothing_is_recorded_that_never_ran(history: History, data: st.DataObject) -> None:
    holds(history, data, salts=(None, None))


@examples(15)
@given(history=histories(), data=st.data())
def test_the_same_where_nobody_can_read_the_scripts(history: History, data: st.DataObject) -> None:
    holds(history, data, salts=(1, 2))


def holds(history: History, data: st.DataObject, salts: tuple[int | None, int | None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        checkout = Checkout(Path(folder) / "shop")
        checkout.commit(history, salts[0])
        checkout.upgrade(data.draw(st.sampled_from([each.revision for each in history])))
        checkout.fill()
        after = history
        for rewrite in data.draw(st.lists(st.sampled_from(REWRITES), min_size=1, max_size=2)):
            after = rewrite(data.draw, after)
        checkout.commit(after, salts[1])
        before = checkout.cells()
        synced = checkout.project.migmerge("sync", "--yes", "--no-backup")
        said = synced.stdout + synced.stderr + checkout.project.migmerge("doctor").stdout
        assert "Traceback" not in said
        made = {(each.table, name) for script in after for each in script.changes for name in columns_of(each.kind, each.name)}
        assert {cell for cell in before - checkout.cells() if cell[:2] in made} == set(), said
        marks = checkout.marks()
        assert sorted(marks) == sorted(set(marks)), said
        assert unrun(checkout, after) <= set(re.findall(r"\w+", said)), said
        if synced.returncode == 0:
            checkout.upgrade("head")
            assert checkout.recorded == after[-1].revision


def columns_of(kind: str, name: str) -> list[str]:
    return {"table": ["id", "name"], "column": [name], "row": []}[kind]


def unrun(checkout: Checkout, history: History) -> set[str]:
    """Return the revisions that are recorded as run, and a part of which has not run."""
    names = [each.revision for each in history]
    recorded = history[: names.index(checkout.recorded) + 1] if checkout.recorded in names else ()
    return {each.revision for each in recorded if not has_run(checkout, each)}


def has_run(checkout: Checkout, script: Script) -> bool:
    schema, marks = checkout.schema, checkout.marks()
    return all(
        each.name in marks if each.kind == "row" else set(columns_of(each.kind, each.name)) <= set(schema.get(each.table, ()))
        for each in script.changes
    )
