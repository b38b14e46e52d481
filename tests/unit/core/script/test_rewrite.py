"""Only the identifiers change: every other byte stays, or the script is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmerge.core.errors import MigmergeError
from migmerge.core.revision import Identifiers
from migmerge.core.script.read import read_carefully
from migmerge.core.script.rewrite import rewrite


def reparented(data: bytes, *parents: str) -> bytes:
    known = read_carefully(data)
    assert isinstance(known, Identifiers)
    return rewrite(data, known._replace(down_revisions=parents), "c1.py")


SAME_BUT_FOR_THE_PARENT = [
    pytest.param('"""add x\n\nRevision ID: c1\nRevises: a1\n"""\nrevision = "c1"\ndown_revision = "a1"\n', "utf-8", id="usual"),
    pytest.param('"""x\r\n\r\nRevises: a1\r\n"""\r\nrevision = "c1"\r\ndown_revision = "a1"\r\n', "utf-8", id="CRLF"),
    pytest.param('"""x\r\rRevises: a1\r"""\rrevision = "c1"\rdown_revision = "a1"\r', "utf-8", id="CR"),
    pytest.param("'''Revises: a1'''\nrevision = 'c1'\ndown_revision = 'a1'\n", "utf-8", id="docstring of one line"),
    pytest.param("# coding: latin-1\n'''é\n\nRevises: a1'''\nrevision = 'c1'; x = 'é'; down_revision = 'a1'  # é\n", "latin-1", id="latin-1"),
    pytest.param("# coding: cp1251\n'''Я'''\nx = 'Я'; revision = 'c1'; down_revision = 'a1'\n", "cp1251", id="cp1251"),
    pytest.param("# coding: shift_jis\n'''日本 Revises\n\nRevises: a1\n'''\nrevision = 'c1'; x = '日'; down_revision = 'a1'\n", "shift_jis", id="shift_jis"),
    pytest.param("\ufeff'''ä\n\nRevises: a1\n'''\nrevision = 'c1'; x = 'é𝔘'; down_revision = 'a1'\n", "utf-8", id="byte order mark"),
    pytest.param('revision: str = "c1"\ndown_revision: Union[str, Sequence[str], None] = "a1"\n', "utf-8", id="annotated"),
    pytest.param("revision = 'c1'\ndown_revision = u'a1'\n", "utf-8", id="u prefix"),
    pytest.param("revision = 'c1'\ndown_revision = ('a1',)\n", "utf-8", id="tuple of one"),
    pytest.param("revision = 'c1'\ndown_revision = [\n    'a1',  # the users\n]\n", "utf-8", id="list with a comment"),
    pytest.param("revision = 'c1'\ndown_revision = {'a1'}\n", "utf-8", id="set of one"),
    pytest.param("revision = 'c1'\ndown_revision = ('a1')\n", "utf-8", id="brackets"),
    pytest.param("revision = 'c1'\ndown_revision = \\\n    'a1'\n", "utf-8", id="continued line"),
    pytest.param("down_revision = 'a1'\nrevision = 'c1'\n", "utf-8", id="other order"),
    pytest.param("revision = 'c1'\ndown_revision = 'a0'\ndown_revision = 'a1'\n", "utf-8", id="assigned twice"),
    pytest.param("revision = 'c1'\nparent = down_revision = 'a1'\n", "utf-8", id="two targets"),
    pytest.param("revision = 'c1'\ndown_revision = 'a1'\nNOTE = 'after a1'  # a1\n", "utf-8", id="the id elsewhere"),
    pytest.param("'''x\n\nRevises: a1   \n  Revises: a1 too\n'''\nrevision = 'c1'\ndown_revision = 'a1'", "utf-8", id="no line end"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding"), SAME_BUT_FOR_THE_PARENT)
def test_only_the_parent_changes(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    written = reparented(data, "b1").decode(encoding)
    before, after = text.splitlines(keepends=True), written.splitlines(keepends=True)
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert all(other.replace("b1", "a1").rstrip() == one.rstrip() for one, other in changed)
    assert len(changed) == (2 if "Revises: a1" in text else 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("revision = 'c1'\ndown_revision = 'a' '1'\n", "revision = 'c1'\ndown_revision = 'b1'\n"),
        ("revision = 'c1'\ndown_revision = ('a1', 'a2')\n", "revision = 'c1'\ndown_revision = 'b1'\n"),
        ("P = 'a1'\nrevision = 'c1'\ndown_revision = P\n", "P = 'a1'\nrevision = 'c1'\ndown_revision = 'b1'\n"),
        ("revision = 'c1'\ndown_revision = r'a1'\n", "revision = 'c1'\ndown_revision = 'b1'\n"),
        ("revision = 'c1'\ndown_revision = '''a1'''\n", "revision = 'c1'\ndown_revision = 'b1'\n"),
        ("'''x\n\nRevises: stale\n'''\nrevision = 'c1'\ndown_revision = 'a1'\n", "'''x\n\nRevises: b1\n'''\nrevision = 'c1'\ndown_revision = 'b1'\n"),
        ("'''x\n\nRevises:\n'''\nrevision = 'c1'\ndown_revision = 'a1'\n", "'''x\n\nRevises: b1\n'''\nrevision = 'c1'\ndown_revision = 'b1'\n"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_plain_string_is_replaced_as_a_whole(text: str, expected: str) -> None:
    assert reparented(text.encode(), "b1") == expected.encode()


def test_a_revision_is_renamed_wherever_it_names_itself_and_its_children_name_it() -> None:
    data = b'"""x\n\nRevision ID: 0042_x\nRevises: 0041_a\n"""\nrevision = "0042_x"\ndown_revision = ("0041_a", "z")\ndepends_on = ["0042_q"]\n'
    known = read_carefully(data)
    assert isinstance(known, Identifiers)
    wanted = known._replace(revision="0044_x", down_revisions=("0043_a", "z"), depends_on=("0045_q",))
    assert rewrite(data, wanted, "x.py") == (
        b'"""x\n\nRevision ID: 0044_x\nRevises: 0043_a, z\n"""\nrevision = "0044_x"\ndown_revision = ("0043_a", "z")\ndepends_on = ["0045_q"]\n'
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("revision = 'c1'\ndown_revision = (\n'a1',  # why\n'a2')\n", "a comment stands among its parents"),
        ("revision = 'c1'\nx, down_revision = 1, 'a1'\n", "down_revision is not assigned by itself"),
        ("revision = 'c1'\ndown_revision = ''\ndown_revision += 'a1'\n", "its identifiers are not plain literals"),
        ("revision = 'c1'\ndown_revision = 'a1'\nif True:\n  x = (\n", "syntax error on line 4"),
    ],
)
def test_what_cannot_be_edited_without_losing_something_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MigmergeError, match=f"^c1.py cannot be rewritten: {reason}") as refused:
        reparented(text.encode(), "b1")
    assert refused.value.hint == "migmerge fix --strategy merge"


def test_a_name_that_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(MigmergeError, match="cannot be rewritten"):
        reparented("# coding: ascii\nrevision = 'c1'\ndown_revision = 'a1'\n".encode("ascii"), "é")


def test_a_comment_in_another_encoding_is_refused() -> None:
    data = "# für\nrevision = 'c1'\ndown_revision = 'a1'\n".encode("latin-1")
    with pytest.raises(MigmergeError, match="cannot be rewritten: its encoding is not what it declares"):
        reparented(data, "b1")


@settings(max_examples=300)
@given(st.binary(max_size=80), st.text("ab1'\"\\\n#=,()[]", max_size=40), st.sampled_from(["b1", "0042_x", "é"]))
def test_whatever_the_script_is_it_says_what_is_wanted_or_is_refused(noise: bytes, value: str, parent: str) -> None:
    data = b"revision = 'c1'\ndown_revision = 'a1'\n" + value.encode() + b"\n" + noise
    known = read_carefully(data)
    if not isinstance(known, Identifiers):
        return
    wanted = known._replace(down_revisions=(parent,))
    try:
        written = rewrite(data, wanted, "c1.py")
    except MigmergeError:
        return
    assert read_carefully(written) == wanted


def test_a_script_whose_identifiers_cannot_be_known_is_edited_by_hand() -> None:
    with pytest.raises(MigmergeError, match=r"c1\.py"):
        rewrite(b"revision = compute()\n", Identifiers("c1", ("b1",)), "c1.py")


def test_bytes_that_their_encoding_writes_otherwise_are_left_alone() -> None:
    data = b"# coding: utf-7\nrevision = 'c1'\ndown_revision = 'a1'\nx = '+AGE-'\n"
    with pytest.raises(MigmergeError, match=r"c1\.py"):
        reparented(data, "b1")
