"""What a merge revision is, from its parents alone."""

from __future__ import annotations

import ast
import hashlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mako.template import Template

from migmerge.core.fix_plan.merge_revision import UNKNOWN_DATE, is_hex_id, is_safe_id, latest, merge_id, merge_message, parse_date
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.script.read import read_script
from tests.support.project import TEMPLATE

PROJECTS = Template(TEMPLATE)
NAMES = st.lists(st.text(st.characters(exclude_characters="\n"), min_size=1), min_size=2, max_size=5, unique=True)


def parent(name: str, message: str = "") -> Revision:
    return Revision(Identifiers(name, message=message), f"versions/{name}.py")


def test_the_id_is_a_hash_of_the_sorted_parents() -> None:
    assert merge_id(["c1", "b1"]) == merge_id(("b1", "c1")) == hashlib.sha256(b"b1\nc1").hexdigest()[:12] == "4ab5b75c17bf"


@settings(max_examples=100, deadline=None)
@given(names=NAMES, data=st.data())
def test_the_id_depends_on_the_parents_and_not_on_their_order(names: list[str], data: st.DataObject) -> None:
    assert merge_id(data.draw(st.permutations(names))) == merge_id(names) != merge_id(names[1:])


def test_an_id_with_a_lone_surrogate_is_hashed() -> None:
    assert len(merge_id(["\ud800", "b1"])) == 12


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param(["add email", "add orders"], "merge add email and add orders", id="two"),
        pytest.param(["x", "y", "z"], "merge x, y and z", id="three"),
        pytest.param(["", "add orders"], "merge p0 and add orders", id="no message"),
        pytest.param(["$$$", "add orders"], "merge p0 and add orders", id="nothing left of a message"),
        pytest.param(["$", "\x07"], "merge p0 and p1", id="nothing left of any"),
        pytest.param(['say "hi"', "it's"], "merge say 'hi' and it's", id="quotes"),
        pytest.param(['"""', "'''"], "merge ''' and '''", id="triple quotes"),
        pytest.param(["a\\", "\\N{DASH}"], "merge a/ and /N{DASH}", id="backslashes"),
        pytest.param(["a\nb", "a\r\nb\tc"], "merge ab and abc", id="line ends"),
        pytest.param(["\x1b[31mred\x1b[0m", "\x00\x07\x9b"], "merge [31mred[0m and p1", id="control characters"),
        pytest.param(["a\u2028b\u202ec", "\ufeffd\ud800"], "merge abc and d", id="separators and marks"),
        pytest.param(["${evil()}", "<% evil() %>"], "merge {evil()} and <% evil() %>", id="template"),
        pytest.param(["größe — ✓", "数"], "merge größe — ✓ and 数", id="not ASCII"),
        pytest.param(["x" * 60, "y" * 61], f"merge {'x' * 60} and {'y' * 57}...", id="very long"),
        pytest.param([f"{'x' * 56} yyyy", "b"], f"merge {'x' * 56}... and b", id="cut at a space"),
    ],
)
def test_the_message_names_the_parents_and_nothing_that_breaks_a_script(messages: list[str], expected: str) -> None:
    parents = [parent(f"p{number}", message) for number, message in enumerate(messages)]
    assert merge_message(parents) == merge_message(parents[::-1]) == expected


@settings(max_examples=150, deadline=None)
@given(messages=st.lists(st.text() | st.text("\"\\$'{}% \n#", min_size=1), min_size=2, max_size=4))
def test_a_rendered_message_is_the_docstrings_first_line(messages: list[str]) -> None:
    message = merge_message(parent(f"p{number}", text) for number, text in enumerate(messages))
    facts = {"up_revision": "m", "down_revision": ("a", "b"), "branch_labels": None, "depends_on": None, "comma": ", ".join}
    blank = {"imports": "", "upgrades": "", "downgrades": ""}
    text = str(PROJECTS.render_unicode(message=message, create_date="2024", **blank, **facts))
    assert ast.get_docstring(ast.parse(text), clean=False) == f"{message}\n\nRevision ID: m\nRevises: a, b\nCreate Date: 2024\n\n"
    assert read_script(text.encode()) == Identifiers("m", ("a", "b"), (), (), " ".join(message.split()), "2024")


@settings(max_examples=150, deadline=None)
@given(messages=st.lists(st.text(), min_size=2, max_size=4))
def test_a_message_ends_no_docstring_wherever_a_template_puts_it(messages: list[str]) -> None:
    message = merge_message(parent(f"p{number}", text) for number, text in enumerate(messages))
    assert ast.literal_eval(f'"""{message}"""') == ast.literal_eval(f'"{message}"') == message


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("8f2a1c9d4e7b", True),
        ("0042_add_x", True),
        ("trailing ", True),
        ("größe", True),
        ("X", True),
        ("it's", False),
        ('"', False),
        ("a\\", False),
        ("a\nb", False),
        ("\x1b[31m", False),
        ("\u2028", False),
        ("\ud800", False),
    ],
)
def test_an_id_is_safe_in_a_docstring(name: str, safe: bool) -> None:
    assert is_safe_id(name) is safe


NAIVE = datetime(2024, 1, 2, 3, 4, 5)
UTC = NAIVE.replace(tzinfo=timezone.utc)
EAST = NAIVE.replace(tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        pytest.param("2024-01-02 03:04:05", NAIVE, id="as Alembic writes it"),
        pytest.param("2024-01-02 03:04:05.678901", NAIVE.replace(microsecond=678901), id="microseconds"),
        pytest.param("2024-01-02 03:04:05+00:00", UTC, id="Alembic's timezone setting"),
        pytest.param("2024-01-02T03:04:05+02:00", EAST, id="git's author date"),
        pytest.param("2024-01-02T03:04:05Z", UTC, id="git's author date in UTC"),
        pytest.param("2024-01-02T03:04:05+0200", EAST, id="zone without a colon"),
        pytest.param(
            "2024-01-02 03:04:05.5", NAIVE.replace(microsecond=500000), id="tenths, which Python 3.10 alone cannot read"
        ),
        pytest.param("  2024-01-02 03:04:05 ", NAIVE, id="spaces around"),
        pytest.param("2024-01-02", datetime(2024, 1, 2), id="day alone"),
        pytest.param("02/01/2024 03:04", None, id="another form"),
        pytest.param("2024-13-02 03:04:05", None, id="no such month"),
        pytest.param("yesterday", None, id="word"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_date_is_read_in_its_usual_forms(text: str | None, date: datetime | None) -> None:
    found = parse_date(text)
    assert (found, found and found.utcoffset()) == (date, date and date.utcoffset())


@settings(max_examples=100, deadline=None)
@given(text=st.text() | st.text("0123456789-:.TZW+ ", max_size=30))
def test_no_date_is_an_error(text: str) -> None:
    assert isinstance(parse_date(text), datetime | None)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([NAIVE], NAIVE, id="one"),
        pytest.param([NAIVE, NAIVE.replace(year=2023)], NAIVE, id="two"),
        pytest.param([EAST, NAIVE], NAIVE, id="a naive date is in UTC"),
        pytest.param([EAST, EAST.replace(hour=6)], EAST.replace(hour=6), id="the later hour"),
        pytest.param([UTC, EAST.replace(hour=5)], UTC, id="the same moment: the first"),
    ],
)
def test_the_latest_date_is_that_of_the_latest_moment(dates: list[datetime], expected: datetime | None) -> None:
    found = latest(dates)
    assert (found, found and found.tzinfo) == (expected, expected and expected.tzinfo)


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("0123456789ab", True),
        ("0123abcd", True),
        ("0123abc", False),
        ("f" * 40, True),
        ("f" * 41, False),
        ("0123456789AB", False),
        ("0042_add_x", False),
        ("0123456789ab\n", False),
        ("", False),
    ],
)
def test_ids_that_alembic_makes_are_hexadecimal(revision: str, expected: bool) -> None:
    assert is_hex_id(revision) is expected


def test_the_date_of_a_merge_revision_without_one_is_plainly_none() -> None:
    assert UNKNOWN_DATE.isoformat() == "1970-01-01T00:00:00"
