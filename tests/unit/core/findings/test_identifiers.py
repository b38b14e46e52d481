"""MM014: ids and labels of which Alembic, or a version table, says no."""

from __future__ import annotations

import warnings

from alembic.script.revision import RevisionError
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.environment import Environment
from migmerge.core.evidence import Evidence
from migmerge.core.finding import Finding
from migmerge.core.findings.scripts import diagnose
from migmerge.core.revision import Revision
from migmerge.core.script.usable import MOST_CHARACTERS, illegal_in, usable_id
from migmerge.core.snapshot import Snapshot
from tests.support.examples import examples
from tests.support.histories import alembics, revision

MIGRATIONS = Environment("migrations", "flask-migrate", ("versions",), "alembic.ini")


def unusable(*scripts: Revision, evidence: Evidence | None = None) -> list[Finding]:
    return [each for each in diagnose(Snapshot(MIGRATIONS, scripts), evidence) if each.kind.name == "unusable-identifier"]


def loads(*scripts: Revision) -> bool:
    """Say whether Alembic loads the scripts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(alembics(scripts).heads)
    except RevisionError:
        return False


names = st.text("ab01_-+@: ./%", min_size=1, max_size=6)


@examples(200)
@given(names, st.lists(names, max_size=2), st.lists(names, max_size=2))
def test_mm014_is_an_error_where_alembic_refuses(name: str, labels: list[str], others: list[str]) -> None:
    scripts = revision(name, labels=labels), revision("other", name, labels=others)
    errors = [each for each in unusable(*scripts) if each.is_error]
    assert bool(errors) is not loads(*scripts)


def test_mm014_a_long_id_is_a_warning() -> None:
    (found,) = unusable(revision("x" * 33))
    assert (found.is_error, str(found.hint)) == (False, "migmerge fix")
    assert unusable(revision("x" * 32)) == []


@examples(200)
@given(st.text("ab_-+@:", min_size=1, max_size=50), st.sets(st.text("ab_", max_size=6)))
def test_a_usable_id_is_usable_and_new(name: str, taken: set[str]) -> None:
    found = usable_id(name, taken)
    assert found not in taken
    assert len(found) <= MOST_CHARACTERS
    assert illegal_in(found) == ""
    assert usable_id(found, set()) == found
