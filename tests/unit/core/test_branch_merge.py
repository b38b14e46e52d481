"""What merging a branch leads to, from three lists of scripts, as git itself would merge them by path."""

from __future__ import annotations

import pytest

from migmerge.core.branch_merge import BranchForecast, ForecastVerdict, MergedScripts, merge_scripts, new_findings
from migmerge.core.finding import FIX, Finding, Severity
from migmerge.core.findings.registry import DIVERGENT_HEADS

BASE = {"a.py": "a", "b.py": "b"}
DIVERGED = Finding(DIVERGENT_HEADS, "migrations", "2 heads diverge", FIX, ("b", "c"))


@pytest.mark.parametrize(
    ("ours", "theirs", "merged", "conflicts"),
    [
        pytest.param({}, {}, {"a.py": "a", "b.py": "b"}, (), id="neither"),
        pytest.param({"a.py": "A"}, {}, {"a.py": "A", "b.py": "b"}, (), id="we edit"),
        pytest.param({}, {"a.py": "A"}, {"a.py": "A", "b.py": "b"}, (), id="they edit"),
        pytest.param({"a.py": "A"}, {"b.py": "B"}, {"a.py": "A", "b.py": "B"}, (), id="each edits another"),
        pytest.param({"a.py": "A"}, {"a.py": "A"}, {"a.py": "A", "b.py": "b"}, (), id="the same edit"),
        pytest.param({"a.py": "A"}, {"a.py": "X"}, {"a.py": "A", "b.py": "b"}, ("a.py",), id="two edits"),
        pytest.param({"c.py": "c"}, {"d.py": "d"}, {"a.py": "a", "b.py": "b", "c.py": "c", "d.py": "d"}, (), id="each adds"),
        pytest.param(
            {"c.py": "c"}, {"c.py": "C"}, {"a.py": "a", "b.py": "b", "c.py": "c"}, ("c.py",), id="one path, two scripts"
        ),
        pytest.param({}, {"a.py": ""}, {"b.py": "b"}, (), id="they delete"),
        pytest.param({"a.py": ""}, {"a.py": ""}, {"b.py": "b"}, (), id="both delete"),
        pytest.param({"a.py": "A"}, {"a.py": ""}, {"a.py": "A", "b.py": "b"}, ("a.py",), id="we edit what they delete"),
        pytest.param({"a.py": ""}, {"a.py": "A"}, {"b.py": "b"}, ("a.py",), id="they edit what we delete"),
        pytest.param({}, {"a.py": "", "z.py": "a"}, {"z.py": "a", "b.py": "b"}, (), id="they rename"),
        pytest.param({"a.py": "A"}, {"a.py": "", "z.py": "a"}, {"z.py": "A", "b.py": "b"}, (), id="we edit what they rename"),
        pytest.param({"a.py": "", "z.py": "a"}, {"a.py": "A"}, {"z.py": "A", "b.py": "b"}, (), id="they edit what we rename"),
        pytest.param(
            {"a.py": "A"}, {"a.py": "", "z.py": "X"}, {"a.py": "A", "b.py": "b", "z.py": "X"}, ("a.py",), id="renamed and edited"
        ),
    ],
)
def test_scripts_are_merged_by_path(
    ours: dict[str, str], theirs: dict[str, str], merged: dict[str, str], conflicts: tuple[str, ...]
) -> None:
    sides = ({path: blob for path, blob in {**BASE, **side}.items() if blob} for side in (ours, theirs))
    assert merge_scripts(BASE, *sides) == MergedScripts(merged, conflicts)


@pytest.mark.parametrize(
    ("forecast", "verdict"),
    [
        ({}, ForecastVerdict.CLEAN),
        ({"conflicts": ("a.py",)}, ForecastVerdict.CONFLICTS),
        ({"findings": (DIVERGED,)}, ForecastVerdict.COLLIDES),
        ({"findings": (DIVERGED._replace(own_severity=Severity.WARNING),)}, ForecastVerdict.CLEAN),
        ({"findings": (DIVERGED,), "conflicts": ("a.py",)}, ForecastVerdict.COLLIDES),
        ({"findings": (DIVERGED,), "unknown": "this clone lacks the base"}, ForecastVerdict.UNKNOWN),
    ],
)
def test_the_verdict_is_the_worst_that_is_known(forecast: dict[str, object], verdict: ForecastVerdict) -> None:
    assert BranchForecast(("topic",), "c0ffee", "bea", 0, **forecast).verdict is verdict  # type: ignore[arg-type]


def test_findings_that_were_there_before_a_merge_are_not_its_own() -> None:
    other = DIVERGED._replace(revisions=("d", "e"))
    assert new_findings([DIVERGED], [DIVERGED._replace(message="3 heads"), other]) == (other,)
