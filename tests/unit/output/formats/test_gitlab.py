"""GitLab's code quality report: the whole document, and what GitLab asks of any."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from migmerge.core.finding import Finding, Severity
from migmerge.output.formats.gitlab import findings_as_code_quality
from tests.unit.output.formats.test_github import DIVERGENT, FINDINGS, LINES, NO_MESSAGE


def issues(*findings: Finding, lines: dict[str, int] | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(findings_as_code_quality(findings, lines or {}))
    return found


def test_a_divergence_is_one_issue_that_names_its_other_script() -> None:
    lines = {"migrations/versions/b1.py": 12, "migrations/versions/c1.py": 14}
    (issue,) = issues(DIVERGENT, lines=lines)
    fingerprint = issue.pop("fingerprint")
    assert fingerprint.endswith(":1")
    assert issue == {
        "type": "issue",
        "check_name": "MM001 divergent-heads",
        "description": '2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)',
        "categories": ["Bug Risk"],
        "severity": "major",
        "location": {"path": "migrations/versions/b1.py", "lines": {"begin": 12}},
    } | {"description": f"MM001: {DIVERGENT.message}; also migrations/versions/c1.py:14; hint: migmerge fix"}


def test_severities_are_gitlabs() -> None:
    found = issues(*(NO_MESSAGE._replace(own_severity=severity) for severity in Severity))
    assert [issue["severity"] for issue in found] == ["major", "minor", "info"]


def test_a_finding_without_a_script_is_at_env_py() -> None:
    (issue,) = issues(DIVERGENT._replace(paths=()))
    assert issue["location"] == {"path": "migrations/env.py", "lines": {"begin": 1}}


def test_none_is_an_empty_report() -> None:
    assert issues() == []


@given(FINDINGS, LINES)
def test_any_findings_make_a_report(findings: list[Finding], lines: dict[str, int]) -> None:
    text = findings_as_code_quality(findings, lines)
    assert text.isascii()
    found = json.loads(text)
    assert len({issue["fingerprint"] for issue in found}) == len(found) == len(findings)
    for issue in found:
        assert issue["description"] and issue["description"].isprintable()
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
