"""The proof on plain catalogues: what differs, which revision is blamed, and what nothing tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.database.proof import Proof, prove
from migmerge.core.database.rehearsal import Failure
from migmerge.core.database.replay import Replay, ReplayedRevision, replay_as_json, replay_from_json
from migmerge.core.database.replay_doubts import ReplayDoubts
from migmerge.core.database.schema_catalog import NAME, CatalogKey, changes_between

USERS, ORDERS = CatalogKey("table", "users"), CatalogKey("table", "orders")
EMAIL = CatalogKey("column", "users", "email")
TYPE, NULLS, DEFAULT = (EMAIL._replace(aspect=each) for each in ("type", "nullability", "default"))
INDEX = CatalogKey("index", "users", "(email)")
A = {USERS: ""}
B = {**A, EMAIL: "", TYPE: "VARCHAR(20)", NULLS: "NULL"}


def replay_of(*states: tuple[str, Mapping[CatalogKey, str]], rows: tuple[str, ...] = ()) -> Replay:
    """Return the replay of revisions that leave these catalogues."""
    before: Mapping[CatalogKey, str] = {}
    revisions = []
    for name, after in states:
        statements = dict(before) != dict(after) or name in rows
        revisions.append(ReplayedRevision(name, changes_between(before, after), statements, name in rows))
        before = after
    return Replay(tuple(revisions))


def proof_of(replay: Replay, actual: Mapping[CatalogKey, str], *, unrelated: bool = False) -> Proof:
    return prove(replay, actual, lambda one, other: unrelated and one != other)


def missing(proof: Proof) -> dict[str, list[str]]:
    return {each.revision: [str(effect) for effect in each.missing] for each in proof.skipped}


def present(proof: Proof) -> dict[str, list[str]]:
    return {each.revision: [str(effect) for effect in each.present] for each in proof.skipped}


def test_what_ran_is_proven_and_nothing_is_wrong() -> None:
    proof = proof_of(replay_of(("a", A), ("b", B)), B)
    assert (proof.proven, proof.skipped, proof.altered, proof.unproven) == (("a", "b"), (), {}, ())


def test_a_missing_column_is_blamed_on_the_revision_that_made_it_without_its_aspects() -> None:
    proof = proof_of(replay_of(("a", A), ("b", B)), A)
    assert missing(proof) == {"b": ["the column users.email"]} and present(proof) == {"b": []}
    assert proof.proven == ("a",)


def test_a_missing_table_stands_for_all_that_was_made_with_it() -> None:
    assert missing(proof_of(replay_of(("a", B), ("b", {**B, ORDERS: ""})), {ORDERS: ""})) == {"a": ["the table users"]}


def test_an_alteration_that_did_not_happen_is_a_missing_effect_of_its_revision() -> None:
    after = {**B, TYPE: "VARCHAR(40)"}
    proof = proof_of(replay_of(("a", B), ("b", after)), B)
    assert missing(proof) == {"b": ["the type VARCHAR(40) of the column users.email"]}


def test_a_removal_that_did_not_happen() -> None:
    proof = proof_of(replay_of(("a", {**B, DEFAULT: "'x'"}), ("b", B), ("c", A)), {**B, DEFAULT: "'x'"})
    assert missing(proof) == {"c": ["the removal of the column users.email"]}
    assert proof.unproven == ("b",)


def test_what_is_half_there_says_what_is() -> None:
    both = {**B, INDEX: "", INDEX._replace(aspect=NAME): "ix_email"}
    proof = proof_of(replay_of(("a", A), ("b", both)), B)
    assert missing(proof) == {"b": ["the index ix_email (email) on users"]}
    assert "the column users.email" in present(proof)["b"]


def test_a_fact_that_no_revision_made_so_is_altered_and_skips_nothing() -> None:
    proof = proof_of(replay_of(("a", A), ("b", B)), {**B, TYPE: "TEXT"})
    assert proof.skipped == ()
    assert proof.altered == {"b": ("the type of the column users.email is TEXT, not VARCHAR(20)",)}


def test_a_default_that_was_never_off_is_altered_and_one_that_came_later_is_missing() -> None:
    with_default = {**B, DEFAULT: "'x'"}
    at_once = proof_of(replay_of(("a", with_default)), B)
    later = proof_of(replay_of(("a", B), ("b", with_default)), B)
    assert at_once.altered == {"a": ("the default 'x' of the column users.email is not there",)}
    assert missing(later) == {"b": ["the default 'x' of the column users.email"]}


def test_the_name_that_a_server_or_a_convention_gave_says_nothing() -> None:
    name = INDEX._replace(aspect=NAME)
    replay = replay_of(("a", {**B, INDEX: "", name: "ix_email"}))
    assert proof_of(replay, {**B, INDEX: "", name: "other"}).proven == ("a",)


def test_a_renamed_index_is_told_by_its_former_name() -> None:
    name = INDEX._replace(aspect=NAME)
    replay = replay_of(("a", {**B, INDEX: "", name: "ix_old"}), ("b", {**B, INDEX: "", name: "ix_new"}))
    assert missing(proof_of(replay, {**B, INDEX: "", name: "ix_old"})).keys() == {"b"}
    assert proof_of(replay, {**B, INDEX: "", name: "ix_new"}).proven == ("a", "b")


def test_what_a_renamed_column_got_before_belongs_to_the_revision_that_gave_it() -> None:
    mail = EMAIL._replace(name="mail")
    before = {**B, DEFAULT: "'x'"}
    after = {key._replace(name="mail") if key.name == "email" else key: value for key, value in before.items()}
    replay = replay_of(("a", A), ("b", B), ("c", before), ("d", after))
    without = {key: value for key, value in after.items() if key.aspect != "default"}
    assert missing(proof_of(replay, without)).keys() == {"c"}
    assert missing(proof_of(replay, before)) == {"d": [str(mail)]}
    assert proof_of(replay, after).proven == ("a", "b", "c", "d")


def test_an_index_over_a_renamed_column_is_the_same_one() -> None:
    before = {**B, INDEX: ""}
    after = {key._replace(name=key.name.replace("email", "mail")): value for key, value in before.items()}
    assert proof_of(replay_of(("a", B), ("b", before), ("c", after)), after).proven == ("a", "b", "c")


def test_unrelated_revisions_in_another_order_are_no_difference() -> None:
    replay = replay_of(("a", B), ("b", {**B, TYPE: "TEXT"}), ("c", {**B, TYPE: "CLOB"}))
    actual = {**B, TYPE: "TEXT"}
    assert missing(proof_of(replay, actual)).keys() == {"c"}
    proof = proof_of(replay, actual, unrelated=True)
    assert (proof.skipped, proof.altered, proof.unproven) == ((), {}, ("b", "c"))


def test_what_changes_rows_or_was_made_otherwise_later_is_unproven_and_what_does_nothing_is_not() -> None:
    states = (("a", A), ("rows", A), ("nothing", A), ("made", B), ("dropped", A))
    proof = proof_of(replay_of(*states, rows=("rows",)), A)
    assert (proof.proven, proof.unproven, proof.of_rows) == (("a", "nothing", "dropped"), ("rows", "made"), ("rows",))


def test_tables_that_no_revision_makes_are_named_and_no_fault() -> None:
    proof = proof_of(replay_of(("a", A)), {**A, ORDERS: "", CatalogKey("column", "orders", "id"): ""})
    assert (proof.proven, proof.foreign) == (("a",), ("orders",))


def test_parts_of_a_table_that_no_revision_makes_are_named_and_no_fault() -> None:
    extra = {CatalogKey("column", "users", "nick"): "", CatalogKey("column", "users", "nick", "type"): "TEXT"}
    proof = proof_of(replay_of(("a", A), ("b", B), ("c", A)), {**A, **extra})
    assert (proof.skipped, proof.altered, proof.foreign_parts) == ((), {}, ("the column users.nick",))


def test_a_replay_is_what_it_was_after_a_cache() -> None:
    replay = replace(replay_of(("a", B), ("b", A), rows=("b",)), failures=(Failure("b", None, "no row"),))
    assert replay_from_json(replay_as_json(replay)) == replay


def test_what_a_failed_script_may_have_touched_is_neither_proven_nor_missing() -> None:
    replay = replace(replay_of(("a", A), ("fails", A), ("b", {**A, ORDERS: ""})), failures=(Failure("fails", None, "no row"),))
    doubts = ReplayDoubts(frozenset(["users", "email"]))
    proof = prove(replay, {**A, EMAIL: "", ORDERS: ""}, lambda one, other: False, doubts)
    assert (proof.proven, proof.skipped, proof.unproven, proof.in_doubt) == (("b",), (), ("a", "fails"), True)


def test_a_column_that_was_renamed_has_what_it_was_made_with() -> None:
    made = {**B, DEFAULT: "'x'"}
    after = {key._replace(name="mail") if key.name == "email" else key: value for key, value in made.items()}
    by_hand = {key: value for key, value in after.items() if key.aspect != "default"}
    assert list(proof_of(replay_of(("a", A), ("b", made), ("c", after)), by_hand).altered or ()) == ["b"]


def test_a_table_in_a_schema_that_no_revision_uses_belongs_to_another_program() -> None:
    job = CatalogKey("table", "cron.job")
    assert proof_of(replay_of(("a", A)), {**A, job: ""}).foreign == ()
    both = {**A, CatalogKey("table", "cron.own"): ""}
    assert proof_of(replay_of(("a", both)), {**both, job: ""}).foreign == ("cron.job",)


NAMES = st.sampled_from(["users", "orders", "email", "mail"])
KEYS = (
    st.builds(CatalogKey, st.just("table"), NAMES)
    | st.builds(CatalogKey, st.just("column"), NAMES, NAMES, st.sampled_from(["", "type", "default"]))
    | st.builds(CatalogKey, st.just("index"), NAMES, NAMES.map("({})".format), st.sampled_from(["", NAME]))
    | st.builds(CatalogKey, st.just("foreign key"), NAMES, st.sampled_from(["(email to users(mail))", "(mail to orders(email))"]))
)
CATALOGS = st.dictionaries(KEYS, st.sampled_from(["", "x", "y"]), max_size=12).map(
    lambda found: {key: value for key, value in found.items() if not key.aspect or key.item in found}
)


@given(st.lists(CATALOGS, min_size=1, max_size=6), CATALOGS)
def test_every_revision_is_judged_once_and_what_is_as_the_replay_left_it_is_not_wrong(
    states: list[dict[CatalogKey, str]], other: dict[CatalogKey, str]
) -> None:
    replay = replay_of(*((f"r{number}", state) for number, state in enumerate(states)))
    assert replay.history.catalog == states[-1]
    right = proof_of(replay, states[-1])
    assert (right.skipped, right.altered, right.foreign) == ((), {}, ())
    proof = proof_of(replay, other)
    wrong = {each.revision for each in proof.skipped} | set(proof.altered or ())
    assert sorted([*proof.proven, *proof.unproven, *wrong]) == [f"r{number}" for number in range(len(states))]


def test_a_renamed_table_that_is_not_there_says_enough_of_its_columns() -> None:
    """Only the table is missing: what it had before it was renamed belongs to an earlier revision."""
    people, mail = CatalogKey("table", "people"), CatalogKey("column", "people", "email")
    after = {people: "", mail: "", mail._replace(aspect="type"): "VARCHAR(20)", mail._replace(aspect="nullability"): "NULL"}
    proof = proof_of(replay_of(("a", B), ("b", after)), B)
    assert missing(proof) == {"b": ["the table people"]}


def test_a_definition_that_was_not_replaced_is_missing() -> None:
    view = CatalogKey("view", "v")
    proof = proof_of(replay_of(("a", {view: "SELECT 1"}), ("b", {view: "SELECT 2"})), {view: "SELECT 1"})
    assert missing(proof) == {"b": ["the new definition of the view v"]}
