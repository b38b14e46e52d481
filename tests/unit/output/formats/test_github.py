"""Annotations of a GitHub Actions run: the text, and that nothing of a repository becomes a command."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.core.finding import Finding, Hint, Severity
from migmerge.output.formats.github import findings_as_annotations
from tests.support.findings import KINDS, a_finding, hint_of
from tests.support.github_runner import read_as_the_runner, shown

DIVERGENT = a_finding(
    "MM001",
    Severity.ERROR,
    "migrations",
    '2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)',
    "migmerge fix",
    ("b1", "c1"),
    ("migrations/versions/b1.py", "migrations/versions/c1.py"),
    "a1",
)
NO_MESSAGE = a_finding(
    "MM011", Severity.INFO, "migrations", "b1.py has no message", "alembic revision -m x", ("b1",), ("m/b1.py",)
)
SAID = '2 heads diverge after a1 "add a1": b1 "add email" (ann, main) and c1 "add orders" (bea, feature)%0Ahint: migmerge fix'

ANY_TEXT = st.text() | st.text("\n\r\x85\u2028\x1b:,%#[]= ae::") | st.text(st.characters(categories=["Cs", "Cc"]))
FINDINGS = st.lists(
    st.builds(
        a_finding,
        st.sampled_from(sorted(KINDS)),
        st.sampled_from(Severity),
        ANY_TEXT,
        ANY_TEXT,
        ANY_TEXT,
        st.lists(ANY_TEXT, max_size=3).map(tuple),
        st.lists(ANY_TEXT, max_size=6).map(tuple),
        st.none() | ANY_TEXT,
        st.lists(st.integers(), max_size=6).map(tuple),
    ),
    max_size=4,
)
LINES = st.dictionaries(ANY_TEXT, st.integers())


def test_a_divergence_is_one_annotation_that_names_its_other_script() -> None:
    lines = {"migrations/versions/b1.py": 12, "migrations/versions/c1.py": 14}
    said = SAID.replace("%0Ahint", "%0Athis script and migrations/versions/c1.py:14%0Ahint")
    assert findings_as_annotations([DIVERGENT], lines) == [
        f"::error file=migrations/versions/b1.py,line=12,title=MM001 divergent-heads::{said}"
    ]


def test_severities_are_githubs() -> None:
    findings = [NO_MESSAGE._replace(own_severity=severity) for severity in Severity]
    assert findings_as_annotations(findings, {}) == [
        f"::{command} file=m/b1.py,line=1,title=MM011 no-message::b1.py has no message%0Ahint: alembic revision -m x"
        for command in ("error", "warning", "notice")
    ]


def test_every_finding_is_one_annotation() -> None:
    assert len(findings_as_annotations([DIVERGENT, NO_MESSAGE, DIVERGENT._replace(paths=())], {})) == 3


def test_the_first_of_many_scripts_speaks_for_all() -> None:
    many = NO_MESSAGE._replace(paths=("a", "b", "c", "d", "e"), lines=(5, 6, 7, 8, 9))
    assert findings_as_annotations([many], {"a": 2}) == [
        "::notice file=a,line=5,title=MM011 no-message::b1.py has no message%0A"
        "this script and b:6, c:7 and 2 more%0Ahint: alembic revision -m x"
    ]


def test_a_finding_without_a_path_names_no_file() -> None:
    assert findings_as_annotations([DIVERGENT._replace(paths=())], {}) == [f"::error title=MM001 divergent-heads::{SAID}"]


def test_a_finding_without_a_hint_gives_none() -> None:
    assert findings_as_annotations([NO_MESSAGE._replace(hint=hint_of(""))], {}) == [
        "::notice file=m/b1.py,line=1,title=MM011 no-message::b1.py has no message"
    ]


def test_no_findings_are_no_lines() -> None:
    assert findings_as_annotations([], {}) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("100 %0A::add-mask::x", "100 %250A::add-mask::x"),
        ("a\n::add-mask::x", "a\\n::add-mask::x"),
        ("a\r::stop-commands::x", "a\\r::stop-commands::x"),
        ("a\r\n##[command]x", "a\\r\\n##[command]x"),
        ("a\x0b\x0c\x1c\x85\u2028\u2029::error::x", "a\\x0b\\x0c\\x1c\\x85\\u2028\\u2029::error::x"),
        ("\x1b]0;x\x07\u202eabc", "\\x1b]0;x\\x07\\u202eabc"),
        ("\udcff\ud800", "\\udcff\\ud800"),
        ("größe 表 🙂", "größe 表 🙂"),
    ],
)
def test_a_message_cannot_begin_a_command(text: str, shown: str) -> None:
    assert findings_as_annotations([NO_MESSAGE._replace(message=text, hint=Hint(text))], {}) == [
        f"::notice file=m/b1.py,line=1,title=MM011 no-message::{shown}%0Ahint: {shown}"
    ]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a b/c,d.py", "a b/c%2Cd.py"),
        ("a,line=9,title=x::y", "a%2Cline=9%2Ctitle=x%3A%3Ay"),
        ("a\n::add-mask::x", "a\\n%3A%3Aadd-mask%3A%3Ax"),
        ("100%.py", "100%25.py"),
        ("größe\udcff.py", "größe\\udcff.py"),
    ],
)
def test_a_path_cannot_leave_its_property(path: str, shown: str) -> None:
    assert findings_as_annotations([NO_MESSAGE._replace(message="x", hint=hint_of(""), paths=(path,))], {}) == [
        f"::notice file={shown},line=1,title=MM011 no-message::x"
    ]


@given(FINDINGS, LINES)
def test_any_finding_gives_single_lines_with_one_command_each(findings: list[Finding], lines: dict[str, int]) -> None:
    said = findings_as_annotations(findings, lines)
    assert len(said) >= len(findings)
    for line in said:
        assert line.isprintable()
        command = re.fullmatch(
            r"::(?:error|warning|notice) (?:file=([^:,]*),line=([1-9]\d*),)?title=(MM\d{3} [a-z-]+)::(.*)", line
        )
        assert command
        assert not re.search("%(?!25|0A|0D|3A|2C)", line)


@given(ANY_TEXT, ANY_TEXT)
def test_the_runner_reads_back_what_was_said(message: str, path: str) -> None:
    (line,) = findings_as_annotations([NO_MESSAGE._replace(message=message, hint=hint_of("x"), paths=(path,))], {})
    properties, said = read_as_the_runner(line)
    assert properties.get("file", "") == shown(path)
    assert said == "\n".join(part for part in (shown(message), "hint: x") if part)
