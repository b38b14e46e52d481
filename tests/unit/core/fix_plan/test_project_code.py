"""What is new with a merge, and what a plan that runs it needs."""

from __future__ import annotations

import pytest

from migmerge.core.consent import Consent
from migmerge.core.fix_plan.plan import Commit, Plan, RunProjectCode
from migmerge.core.fix_plan.project_code import CodeFile, new_files, refusal_of_new_code, with_new_named

STEP = RunProjectCode(
    "its post-write hook black", "alembic.ini", commands=("black REVISION_SCRIPT_FILENAME",), files=("alembic.ini", "t.sh")
)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(CodeFile("t.sh", is_same=True), False, id="the user's side had the same"),
        pytest.param(CodeFile("t.sh", is_same=True, by_others=("b",)), False, id="somebody changed it and back"),
        pytest.param(CodeFile("t.sh", is_same=False, by_others=()), False, id="only the user changed it since"),
        pytest.param(CodeFile("t.sh", is_same=False, by_others=("b",)), True, id="somebody else changed it"),
        pytest.param(CodeFile("t.sh", is_same=False), True, id="git does not tell"),
    ],
)
def test_what_is_new(file: CodeFile, expected: bool) -> None:
    assert bool(new_files([file])) is expected


@pytest.mark.parametrize(
    ("new", "unsure", "expected"),
    [
        (("t.sh", "other.sh"), False, (("t.sh",), False)),
        (("t.sh", "alembic.ini"), True, (("alembic.ini", "t.sh"), True)),
        ((), True, ((), False)),
    ],
)
def test_a_step_names_what_is_new_of_its_own_files(
    new: tuple[str, ...], unsure: bool, expected: tuple[tuple[str, ...], bool]
) -> None:
    step = with_new_named(STEP, new, unsure=unsure)
    assert (step.new, step.unsure) == expected
    assert step == STEP  # what was new when it was shown is no difference when it is carried out


@pytest.mark.parametrize(
    ("new", "agreed", "refused"),
    [
        pytest.param((), False, False, id="nothing is new"),
        pytest.param(("t.sh",), True, False, id="agreed to"),
        pytest.param(("t.sh",), False, True, id="a yes to the plan is none to new code"),
    ],
)
def test_new_code_needs_a_yes_of_its_own(new: tuple[str, ...], agreed: bool, refused: bool) -> None:
    plan = Plan((with_new_named(STEP, new, unsure=False), Commit("x")), "why")
    refusal = refusal_of_new_code(Consent(plan, new_code=agreed))
    assert (refusal is not None) is refused
    if refusal:
        assert refusal.message.startswith("t.sh: what runs there is new with this merge")
        assert refusal.hint == "migmerge fix --yes --run-new-hooks"
