"""What a plan comes to, told from a trial on a copy: what is lost on the way, and how the end differs from the checkout."""

from __future__ import annotations

from migmerge.core.database.rehearsal import Failure
from migmerge.core.database.replay import Replay, ReplayedRevision
from migmerge.core.database.replay_doubts import ReplayDoubts
from migmerge.core.database.schema_catalog import Catalog, CatalogChange, CatalogKey
from migmerge.core.database.trial import Made, PendingTrial, Target, Trial, TrialResult, judge_trial, rank

A, B, C = (CatalogKey("table", name) for name in "abc")
ID, NOTE, TEXT = (CatalogKey("column", "a", name) for name in ("id", "note", "text"))
B_ID = CatalogKey("column", "b", "id")
INDEX = CatalogKey("index", "a", "(id)")


def made(*keys: CatalogKey) -> tuple[CatalogChange, ...]:
    return tuple(CatalogChange(key, "") for key in keys)


def gone(*keys: CatalogKey) -> tuple[CatalogChange, ...]:
    return tuple(CatalogChange(key, None) for key in keys)


def catalog(*keys: CatalogKey) -> Catalog:
    return dict.fromkeys(keys, "")


def target(*revisions: ReplayedRevision) -> Target:
    return Target(Replay(revisions), lambda one, other: False)


MAKES_A = ReplayedRevision("r1", made(A, ID, NOTE), has_statements=True)


def test_what_is_dropped_and_made_again_is_lost() -> None:
    trial = Trial(catalog(A, ID, NOTE), (ReplayedRevision("p", gone(A, ID, NOTE)), ReplayedRevision("r1", made(A, ID, NOTE))))
    assert judge_trial(trial, target(MAKES_A)) == TrialResult(lost=(A,))


def test_what_the_checkout_does_not_have_is_no_loss() -> None:
    trial = Trial(catalog(A, ID, NOTE, B), (ReplayedRevision("p", gone(B)),))
    assert judge_trial(trial, target(MAKES_A)).is_good


def test_what_was_not_there_before_had_no_rows() -> None:
    trial = Trial(catalog(), (ReplayedRevision("p", made(A, ID, NOTE)), ReplayedRevision("q", gone(A, ID, NOTE)), MAKES_A))
    assert judge_trial(trial, target(MAKES_A)).is_good


def test_a_lost_column_is_named_where_its_table_stays() -> None:
    trial = Trial(catalog(A, ID, NOTE), (ReplayedRevision("p", gone(NOTE)), ReplayedRevision("q", made(NOTE))))
    assert judge_trial(trial, target(MAKES_A)).lost == (NOTE,)


def test_an_index_has_no_rows() -> None:
    whole = target(MAKES_A, ReplayedRevision("r2", made(INDEX), has_statements=True))
    trial = Trial(catalog(A, ID, NOTE, INDEX), (ReplayedRevision("p", gone(INDEX)), ReplayedRevision("r2", made(INDEX))))
    assert judge_trial(trial, whole).is_good


def test_what_is_renamed_on_the_way_is_not_lost() -> None:
    back = ReplayedRevision("p", (*gone(B, B_ID), *made(A, ID)))
    assert judge_trial(Trial(catalog(B, B_ID), (back,)), target(ReplayedRevision("r1", made(A, ID)))).is_good


def test_what_is_renamed_and_dropped_then_is_lost_under_its_first_name() -> None:
    whole = target(ReplayedRevision("r1", made(A, ID)))
    steps = (
        ReplayedRevision("p", (*gone(A, ID), *made(B, B_ID))),
        ReplayedRevision("q", gone(B, B_ID)),
        ReplayedRevision("r1", made(A, ID)),
    )
    assert judge_trial(Trial(catalog(A, ID), steps), whole).lost == (A,)


DOUBTFUL = Target(
    Replay((MAKES_A, ReplayedRevision("r2", made(B, TEXT), has_statements=True)), (Failure("r3", None, "IndexError"),)),
    lambda one, other: False,
    ReplayDoubts(frozenset(["a", "c"])),
)
"""A checkout of which r3 fails on an empty database, and may make or change a and c."""


def test_what_a_failed_revision_may_have_made_or_left_counts_as_wanted() -> None:
    trial = Trial(catalog(A, ID, B, C), (ReplayedRevision("p", gone(A, ID, C)),))
    assert judge_trial(trial, DOUBTFUL).lost == (A, C)


def test_where_a_revision_failed_no_end_is_good() -> None:
    result = judge_trial(Trial(catalog(A, ID, NOTE, TEXT, B)), DOUBTFUL)
    assert (result.missing, result.left, result.in_doubt, result.is_good) == ({}, (), True, False)


def test_what_is_in_doubt_in_part_is_not_recorded() -> None:
    assert DOUBTFUL.made_in(catalog(A, ID, NOTE, TEXT, B)).whole == frozenset()


def test_what_the_end_lacks_is_counted() -> None:
    assert judge_trial(Trial(catalog(A, ID)), target(MAKES_A)) == TrialResult(missing={"r1": ("the column a.note is not there",)})


def test_what_no_revision_of_the_checkout_makes_is_left() -> None:
    assert judge_trial(Trial(catalog(A, ID, NOTE, TEXT, B, B_ID)), target(MAKES_A)).left == (TEXT, B)


def test_nobody_knows_the_end_of_a_plan_that_failed() -> None:
    failure = Failure("p", None, "IndexError")
    assert judge_trial(Trial(catalog(B), failure=failure), target(MAKES_A)) == TrialResult(failure=failure)


def test_what_is_made_altogether_can_be_recorded() -> None:
    rows = ReplayedRevision("r2", made(TEXT), has_statements=True, has_rows=True)
    whole = target(MAKES_A, rows, ReplayedRevision("r3", made(B), has_statements=True), ReplayedRevision("r4"))
    assert whole.made_in(catalog(A, ID, NOTE, TEXT)) == Made(frozenset(["r1"]), frozenset(["r2"]))
    assert whole.made_in(catalog(A, ID, NOTE, B)).whole == {"r1", "r3"}
    assert whole.made_in(catalog(A, ID)).whole == frozenset()


def test_a_plan_that_fails_is_worse_than_one_that_loses_and_that_is_worse_than_one_that_ends_elsewhere() -> None:
    broken = TrialResult(failure=Failure("p", "DROP TABLE x", "no such table: x", is_of_schema=True))
    unsure = TrialResult(failure=Failure("p", None, "IndexError: list index out of range"))
    ordered = [
        TrialResult(),
        unsure,
        TrialResult(left=(B,)),
        TrialResult(missing={"r1": ("one", "another")}),
        TrialResult(lost=(A,)),
        TrialResult(lost=(A, B)),
        broken,
    ]
    mixed = [ordered[place] for place in (4, 1, 6, 0, 5, 3, 2)]
    assert sorted(mixed, key=lambda each: rank({"app.db": each})) == ordered


def test_only_what_the_schema_refuses_is_sure_to_fail() -> None:
    of_schema, of_rows = Failure("r", "DROP TABLE x", "no such table", is_of_schema=True), Failure("r", None, "ValueError: 0")
    assert (PendingTrial(of_schema).fails, PendingTrial(of_schema).doubt) == (of_schema, "")
    assert (PendingTrial(of_rows).fails, PendingTrial(of_rows).doubt) == (None, "r fails on an empty copy: ValueError: 0")
    assert (PendingTrial(reason="no tool").fails, PendingTrial(reason="no tool").doubt) == (None, "no tool")
    assert (PendingTrial().fails, PendingTrial().doubt) == (None, "")
    assert [*map(str, (of_schema, of_rows))] == ["no such table; the statement was: DROP TABLE x", "ValueError: 0"]
