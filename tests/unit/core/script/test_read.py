"""Reading a script: every form that a down_revision takes, and every way in which a file is broken."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmerge.core.revision import Identifiers, Reading, Revision, Unreadable, UnreadableScript
from migmerge.core.script.read import read_carefully, read_script, script_at
from tests.support.project import script_text

Read = Callable[[bytes], Reading]
IDS = "revision = 'a'\ndown_revision = 'b'\n"
BOTH = pytest.mark.parametrize("read", [read_script, read_carefully])


@BOTH
@pytest.mark.parametrize(
    ("lines", "parents"),
    [
        pytest.param("down_revision = None", (), id="none"),
        pytest.param("down_revision = 'b'", ("b",), id="string"),
        pytest.param('down_revision = "b"', ("b",), id="double quotes"),
        pytest.param("down_revision = '''b'''", ("b",), id="triple quotes"),
        pytest.param("down_revision = ('b', 'c')", ("b", "c"), id="tuple"),
        pytest.param("down_revision = 'b', 'c'", ("b", "c"), id="bare tuple"),
        pytest.param("down_revision = ('b',)", ("b",), id="tuple of one"),
        pytest.param("down_revision = ('b')", ("b",), id="string in parentheses"),
        pytest.param("down_revision = ()", (), id="empty tuple"),
        pytest.param("down_revision = ['b', 'c']", ("b", "c"), id="list"),
        pytest.param("down_revision = ['b']", ("b",), id="list of one"),
        pytest.param("down_revision = []", (), id="empty list"),
        pytest.param("down_revision = {'b', 'c'}", ("b", "c"), id="set"),
        pytest.param("down_revision = (None,)", (), id="none in a tuple"),
        pytest.param("down_revision = ('b', 'b')", ("b",), id="the same parent twice"),
        pytest.param("down_revision = ''", ("",), id="empty string, which Alembic looks for"),
        pytest.param("down_revision = (\n    'b',  # theirs\n    # ours\n\n    'c',\n)", ("b", "c"), id="comments between"),
        pytest.param("down_revision = 'b'  # was 'c'", ("b",), id="trailing comment"),
        pytest.param("down_revision = 'b#c'", ("b#c",), id="number sign in a string"),
        pytest.param("down_revision: Union[str, None] = 'b'", ("b",), id="annotated"),
        pytest.param("down_revision: str | None = None", (), id="annotated none"),
        pytest.param("down_revision: 'str | None' = 'b'", ("b",), id="annotated in quotes"),
        pytest.param("down_revision = 'b'\ndown_revision: str", ("b",), id="annotation alone below"),
        pytest.param("down_revision='b'", ("b",), id="no spaces"),
        pytest.param("down_revision \t =\t 'b' \t", ("b",), id="tabs"),
        pytest.param("down_revision = \\\n    'b'", ("b",), id="continued line"),
        pytest.param("down_revision = 'b'; other = 'c'", ("b",), id="semicolon"),
        pytest.param("down_revision = ('b' 'c')", ("bc",), id="implicit concatenation"),
        pytest.param("down_revision = ('b'  # one\n    'c')", ("bc",), id="implicit concatenation over lines"),
        pytest.param("down_revision = 'b' + 'c'", ("bc",), id="concatenation"),
        pytest.param("down_revision = ('b',) + ('c',)", ("b", "c"), id="concatenated tuples"),
        pytest.param("down_revision = u'b'", ("b",), id="u prefix"),
        pytest.param("down_revision = r'b'", ("b",), id="r prefix"),
        pytest.param("down_revision = '\\x62\\u0063'", ("bc",), id="escapes"),
        pytest.param("BEFORE = 'b'\ndown_revision = BEFORE", ("b",), id="name above"),
        pytest.param("ONE = 'b'\nTWO = 'c'\ndown_revision = (ONE, TWO)", ("b", "c"), id="names in a tuple"),
        pytest.param("ONE = 'b'\nTWO = ONE\ndown_revision = TWO", ("b",), id="name of a name"),
        pytest.param("ONE = 'b'\ndown_revision = f'{ONE}_c'", ("b_c",), id="f-string of a name"),
        pytest.param("down_revision = f'b'", ("b",), id="f-string of nothing"),
        pytest.param("ONE = 'b'\ndown_revision = ONE\nONE = 'c'", ("b",), id="name bound again below"),
        pytest.param("down_revision = 'c'\ndown_revision = 'b'", ("b",), id="doubled"),
        pytest.param("down_revision = before = 'b'", ("b",), id="alias behind"),
        pytest.param("before = down_revision = 'b'", ("b",), id="alias in front"),
        pytest.param("down_revision, other = 'b', 'c'", ("b",), id="unpacked"),
        pytest.param("(other, [down_revision]) = ('c', ['b'])", ("b",), id="unpacked deep"),
        pytest.param("down_revision = ('b',)\ndown_revision += ('c',)", ("b", "c"), id="augmented"),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ids import down_revision\ndown_revision = 'b'",
            ("b",),
            id="type checking",
        ),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    down_revision = 'b'",
            ("b",),
            id="else of type checking",
        ),
    ],
)
def test_every_form_of_a_down_revision_is_read(read: Read, lines: str, parents: tuple[str, ...]) -> None:
    assert read(f"revision = 'a'\n{lines}\n".encode()) == Identifiers("a", parents)
    assert read(f"revision = 'a'\n{lines}".encode()) == Identifiers("a", parents)


@BOTH
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("down_revision = parent_of('a')", id="call"),
        pytest.param("down_revision = ids.last", id="attribute"),
        pytest.param("down_revision = IDS[0]", id="item"),
        pytest.param("down_revision = unknown", id="unknown name"),
        pytest.param("down_revision = 3", id="number"),
        pytest.param("down_revision = b'b'", id="bytes"),
        pytest.param("down_revision = 'b' if OLD else 'c'", id="conditional expression"),
        pytest.param("down_revision = [each for each in IDS]", id="comprehension"),
        pytest.param("down_revision = (*IDS, 'b')", id="starred item"),
        pytest.param("down_revision = ('b', last())", id="call in a tuple"),
        pytest.param("down_revision = (('b', 'c'), 'd')", id="tuple in a tuple"),
        pytest.param("down_revision = f'{last()}'", id="f-string of a call"),
        pytest.param("ONE = 'b'\ndown_revision = f'{ONE!r}'", id="f-string with a conversion"),
        pytest.param("ONE = 'b'\ndown_revision = f'{ONE:>3}'", id="f-string with a format"),
        pytest.param("down_revision = 'b' + last()", id="concatenated call"),
        pytest.param("down_revision = 'b' * 2", id="repeated"),
        pytest.param("down_revision = 'b'\ndown_revision *= 2", id="augmented by another operator"),
        pytest.param("down_revision = ('b',)\ndown_revision += last()", id="augmented by a call"),
        pytest.param("down_revision += ('b',)", id="augmented out of nothing"),
        pytest.param("down_revision, other = last()", id="unpacked call"),
        pytest.param("*down_revision, other = 'b', 'c'", id="starred target"),
        pytest.param("try:\n    from ids import down_revision\nexcept ImportError:\n    down_revision = 'b'", id="try import"),
        pytest.param("try:\n    ONE = 'b'\nexcept OSError:\n    ONE = 'c'\ndown_revision = ONE", id="name bound in a try"),
        pytest.param("down_revision = 'b'\nif OLD:\n    down_revision = 'c'", id="if sets it again"),
        pytest.param("down_revision = 'b'\nif OLD:\n    pass\nelse:\n    down_revision = 'c'", id="else sets it again"),
        pytest.param("down_revision = 'b'\nwhile OLD:\n    down_revision = 'c'", id="while"),
        pytest.param("down_revision = 'b'\nfor down_revision in IDS:\n    pass", id="for"),
        pytest.param("down_revision = 'b'\nwith last() as down_revision:\n    pass", id="with"),
        pytest.param("down_revision = 'b'\nmatch IDS:\n    case [down_revision]:\n        pass", id="match"),
        pytest.param("down_revision = 'b'\nmatch IDS:\n    case {**down_revision}:\n        pass", id="match rest"),
        pytest.param("down_revision = 'b'\ntry:\n    pass\nexcept OSError as down_revision:\n    pass", id="except as"),
        pytest.param("down_revision = 'b'\nimport ids as down_revision", id="import as"),
        pytest.param("down_revision = 'b'\nfrom ids import last as down_revision", id="from import as"),
        pytest.param("down_revision = 'b'\nimport down_revision.last", id="import of a package"),
        pytest.param("down_revision = 'b'\ndef down_revision():\n    pass", id="def"),
        pytest.param("down_revision = 'b'\nclass down_revision:\n    pass", id="class"),
        pytest.param("down_revision = 'b'\ndel down_revision", id="del"),
        pytest.param("down_revision = 'b'\nprint(down_revision := 'c')", id="walrus"),
        pytest.param("down_revision = 'b'\nx = [(down_revision := each) for each in IDS]", id="walrus in a comprehension"),
        pytest.param("down_revision = ['b']\ndown_revision.append('c')", id="list appended to"),
        pytest.param("down_revision = ['b']\ndown_revision[0] = 'c'", id="list item replaced"),
    ],
)
def test_a_computed_down_revision_is_not_guessed(read: Read, lines: str) -> None:
    assert read(f"revision = 'a'\n{lines}\n".encode()) == Unreadable("its down_revision is computed", "a", computed=True)


@BOTH
@pytest.mark.parametrize(
    ("lines", "reading"),
    [
        pytest.param("", Unreadable("no revision id is assigned"), id="empty"),
        pytest.param("'''revision = 'a'\n'''", Unreadable("no revision id is assigned"), id="docstring alone"),
        pytest.param("revision: str\ndown_revision = 'b'", Unreadable("no revision id is assigned"), id="annotation alone"),
        pytest.param("def f():\n    revision = 'a'", Unreadable("no revision id is assigned"), id="in a function"),
        pytest.param("class C:\n    revision = 'a'", Unreadable("no revision id is assigned"), id="in a class"),
        pytest.param("revision = 'a'", Unreadable("no down_revision is assigned", "a"), id="no down_revision"),
        pytest.param(
            "revision = new()\ndown_revision = 'b'", Unreadable("its revision id is computed", computed=True), id="call"
        ),
        pytest.param("revision = None\ndown_revision = 'b'", Unreadable("its revision id is computed"), id="none"),
        pytest.param("revision = ''\ndown_revision = 'b'", Unreadable("its revision id is computed"), id="empty string"),
        pytest.param("revision = 42\ndown_revision = 'b'", Unreadable("its revision id is computed", computed=True), id="number"),
        pytest.param(
            "revision = ('a',)\ndown_revision = 'b'", Unreadable("its revision id is computed", computed=True), id="tuple"
        ),
        pytest.param(
            "revision = ['a']\ndown_revision = 'b'", Unreadable("its revision id is computed", computed=True), id="list"
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\ndel revision",
            Unreadable("its revision id is computed", computed=True),
            id="del",
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\nimport x as revision",
            Unreadable("its revision id is computed", computed=True),
            id="import",
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\nif x:\n    revision = 'c'",
            Unreadable("its revision id is computed", computed=True),
            id="if",
        ),
    ],
)
def test_a_script_without_known_ids_says_why(read: Read, lines: str, reading: Unreadable) -> None:
    assert read(f"{lines}\n".encode()) == reading


@BOTH
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("SQL = '''\nrevision = 'z'\ndown_revision = 'y'\n'''", id="string of lines"),
        pytest.param("'''\nrevision = 'z'\n'''", id="string without a name"),
        pytest.param("SQL = (\n\"revision = 'z'\"\n\"down_revision = 'y'\"\n)", id="strings in parentheses"),
        pytest.param("IDS = dict(\nrevision='z',\ndown_revision='y')", id="keywords in parentheses"),
        pytest.param("# revision = 'z'\n# down_revision = 'y'", id="comments"),
        pytest.param("#revision = 'z'\\\ndown = 'y'", id="comment that ends in a backslash"),
        pytest.param("def upgrade():\n    revision = 'z'\n    down_revision = 'y'", id="function"),
        pytest.param("class C:\n    revision = 'z'", id="class"),
        pytest.param("f = lambda revision='z': revision", id="lambda"),
        pytest.param("x = [revision for revision in ('z',)]", id="comprehension"),
        pytest.param("print([revision for revision in ('z',)])", id="comprehension in a call"),
        pytest.param("context.revision = 'z'", id="attribute"),
        pytest.param("context['revision'] = 'z'", id="item"),
        pytest.param("revision_id = 'z'\ndown_revision_old = 'y'", id="longer names"),
        pytest.param("revision == 'z'", id="comparison"),
        pytest.param("Revision = 'z'\nDOWN_REVISION = 'y'", id="capitals"),
        pytest.param("from ids import revision as theirs, down_revision as also_theirs", id="imported under other names"),
        pytest.param("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ids import revision", id="import for types"),
    ],
)
def test_a_decoy_does_not_change_the_ids(read: Read, lines: str) -> None:
    expected = Identifiers("a", ("b",))
    assert read(f"revision = 'a'\ndown_revision = 'b'\n{lines}\n".encode()) == expected
    assert read(f"import os\n{lines}\nrevision = 'a'\ndown_revision = 'b'\n".encode()) == expected


@BOTH
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("8f2a1c9d4e7b", id="hex"),
        pytest.param("0042", id="digits"),
        pytest.param("0042_add_x", id="number and words"),
        pytest.param("20260608_1407", id="date"),
        pytest.param("add_a2a_agents_and_metrics", id="words"),
        pytest.param("8f2a1c9d4e7b ", id="trailing space"),
        pytest.param("8f2a1c9d4e7b8f2a1c9d4e7b8f2a1c9d4e7b", id="longer than 32"),
        pytest.param("größe", id="not ASCII"),
        pytest.param("v1:b", id="colon"),
        pytest.param("it's", id="quote"),
        pytest.param("a\\b", id="backslash"),
    ],
)
def test_an_id_needs_not_be_hex(read: Read, name: str) -> None:
    assert read(f"revision = {name!r}\ndown_revision = ({name!r}, 'b')\n".encode()) == Identifiers(name, (name, "b"))


@BOTH
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("branch_labels = None\ndepends_on = None", Identifiers("a"), id="none"),
        pytest.param("branch_labels = 'x'\ndepends_on = 'b'", Identifiers("a", (), ("x",), ("b",)), id="strings"),
        pytest.param("branch_labels = ('x', 'y')", Identifiers("a", (), ("x", "y")), id="tuple of labels"),
        pytest.param("depends_on = ['b', 'c']", Identifiers("a", (), (), ("b", "c")), id="list of dependencies"),
        pytest.param("depends_on = ''", Identifiers("a"), id="empty dependency, which Alembic ignores"),
        pytest.param("X = 'x'\nbranch_labels = (X,)", Identifiers("a", (), ("x",)), id="label by name"),
        pytest.param("branch_labels: Union[str, None] = 'x'", Identifiers("a", (), ("x",)), id="annotated"),
        pytest.param("branch_labels = label()", Identifiers("a", unknown=("branch_labels",)), id="computed labels"),
        pytest.param("depends_on = ids.b", Identifiers("a", unknown=("depends_on",)), id="computed dependency"),
        pytest.param(
            "branch_labels = label()\ndepends_on = 'b'",
            Identifiers("a", (), (), ("b",), unknown=("branch_labels",)),
            id="computed labels, known dependency",
        ),
    ],
)
def test_labels_and_dependencies_are_read(read: Read, lines: str, expected: Identifiers) -> None:
    assert read(f"revision = 'a'\ndown_revision = None\n{lines}\n".encode()) == expected


@BOTH
@pytest.mark.parametrize(
    ("docstring", "message", "create_date"),
    [
        pytest.param('"""add x"""', "add x", None, id="one line"),
        pytest.param(
            '"""add x\n\nRevision ID: a\nCreate Date: 2024-01-02 03:04:05.6\n\n"""', "add x", "2024-01-02 03:04:05.6", id="usual"
        ),
        pytest.param('"""\nadd x\nand y\n\nmore\n"""', "add x and y", None, id="first paragraph in one line"),
        pytest.param('"""Revision ID: a\nRevises: b\n"""', "", None, id="no message"),
        pytest.param('""""""', "", None, id="empty"),
        pytest.param('""" Create Date:  2024 \n"""', "", "2024", id="date alone"),
        pytest.param("'''add x'''", "add x", None, id="single quotes"),
        pytest.param("'add x'", "add x", None, id="short string"),
        pytest.param('u"""add x"""', "add x", None, id="u prefix"),
        pytest.param('"""add\\\n x \\"y\\" """', 'add x "y"', None, id="escapes"),
        pytest.param('"""add "x" to ""y""."""', 'add "x" to ""y"".', None, id="quotes within"),
        pytest.param('# no\n\n"""add größe — ✓"""  # yes', "add größe — ✓", None, id="between comments"),
        pytest.param('f"""add x"""', "", None, id="f-string is none"),
        pytest.param('b"""add x"""', "", None, id="bytes are none"),
        pytest.param('import os\n"""add x"""', "", None, id="below an import"),
        pytest.param("", "", None, id="none"),
    ],
)
def test_the_message_is_what_alembic_shows(read: Read, docstring: str, message: str, create_date: str | None) -> None:
    expected = Identifiers("a", ("b",), message=message, create_date=create_date)
    assert read(f"{docstring}\nrevision = 'a'\ndown_revision = 'b'\n".encode()) == expected


LINES = "# für\nrevision = 'a'\ndown_revision = 'b'\nX = 'ü'\n"


@BOTH
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LINES.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + LINES.encode(), id="byte order mark"),
        pytest.param(LINES.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(LINES.replace("\n", "\r").encode(), id="lone CR"),
        pytest.param(LINES.replace("\n", "\r\n", 2).encode(), id="mixed line ends"),
        pytest.param(LINES.replace("\n", "\f\n").encode(), id="form feeds"),
        pytest.param(f"# coding: latin-1\n{LINES}".encode("latin-1"), id="latin-1"),
        pytest.param(f"#!/usr/bin/python\n# -*- coding: cp1252 -*-\n{LINES}".encode("cp1252"), id="cookie on the second line"),
        pytest.param(f"# coding: latin-1\n{LINES}".replace("\n", "\r\n").encode("latin-1"), id="cookie before CRLF"),
        pytest.param(f"\n\n# coding: klingon\n{LINES}".encode(), id="no cookie on the third line"),
    ],
)
def test_a_script_is_decoded_as_python_does(read: Read, data: bytes) -> None:
    assert read(data) == Identifiers("a", ("b",))


UNDECODED = Identifiers("a", ("b",), defect="its encoding is not what it declares")


@BOTH
@pytest.mark.parametrize(
    ("data", "reading"),
    [
        pytest.param(LINES.encode("latin-1"), UNDECODED, id="latin-1 without a cookie"),
        pytest.param(f"# coding: ascii\n{LINES}".encode(), UNDECODED, id="not ASCII"),
        pytest.param(f"# coding: klingon\n{LINES}".encode(), UNDECODED, id="no such encoding"),
        pytest.param(f"# coding: hex\n{LINES}".encode(), UNDECODED, id="no text encoding"),
        pytest.param(f"# coding: undefined\n{LINES}".encode(), UNDECODED, id="encoding that refuses"),
        pytest.param(b"\xef\xbb\xbf# coding: latin-1\n" + LINES.encode(), UNDECODED, id="cookie against the mark"),
        pytest.param(LINES.encode("utf-16"), Unreadable("its encoding is not what it declares"), id="UTF-16"),
    ],
)
def test_a_wrong_encoding_is_said(read: Read, data: bytes, reading: Reading) -> None:
    assert read(data) == reading


SYNTAX = "syntax error on line"


def broken_on(line: int, revision: str | None = None) -> Unreadable:
    return Unreadable(f"{SYNTAX} {line}", revision)


@pytest.mark.parametrize(
    ("lines", "defect"),
    [
        pytest.param(f"{IDS}print 'x'", f"{SYNTAX} 3", id="Python 2 print"),
        pytest.param("revision = 'a'\ndown_revision = u'b'\nraise X, 'x'", f"{SYNTAX} 3", id="Python 2 raise"),
        pytest.param(f"{IDS}x = op?.add_column()", f"{SYNTAX} 3", id="newer syntax"),
        pytest.param(f"{IDS}x = (1,\n", f"{SYNTAX} 3", id="unclosed bracket"),
        pytest.param(f"{IDS}if x:\n\tpass\n        pass", f"{SYNTAX} 5", id="tabs"),
        pytest.param("revision = 'a'\ndown_revision = (\n  'b',  # mine\n)\nprint 'x'", f"{SYNTAX} 5", id="tuple of lines"),
        pytest.param("revision = 'a'\ndown_revision = ('b', 'b')\nprint 'x'", f"{SYNTAX} 3", id="the same parent twice"),
        pytest.param("revision: str = 'a'\ndown_revision: str = 'b'\nprint 'x'", f"{SYNTAX} 3", id="annotated"),
        pytest.param("revision = ('a')\ndown_revision = 'b'\nprint 'x'", f"{SYNTAX} 3", id="id in parentheses"),
        pytest.param(f"{IDS}down_revision = 'b'\nprint 'x'", f"{SYNTAX} 4", id="doubled"),
        pytest.param(
            '# a """ b\nrevision = \'a\'\ndown_revision = \'b\'\nx = \'\'""""""\nprint \'x\'', f"{SYNTAX} 5", id="comment quotes"
        ),
        pytest.param(
            "revision = 'a'\n<<<<<<< HEAD\n=======\n>>>>>>> x\ndown_revision = 'b'", "conflict markers on line 2", id="conflict"
        ),
        pytest.param(
            "<<<<<<< HEAD\nrevision = 'a'\n=======\nrevision = 'a'\n>>>>>>> x\ndown_revision = 'b'",
            "conflict markers on line 1",
            id="conflict of sides that agree",
        ),
        pytest.param(f"{IDS}def f():\n    revision = 'z'\n    print 'x'", f"{SYNTAX} 5", id="decoy"),
    ],
)
def test_ids_are_read_from_a_script_that_does_not_parse(lines: str, defect: str) -> None:
    assert read_carefully(f"{lines}\n".encode()) == Identifiers("a", ("b",), defect=defect)


@BOTH
@pytest.mark.parametrize(
    ("lines", "reading"),
    [
        pytest.param(
            "revision = 'a'\n<<<<<<< HEAD\ndown_revision = 'b'\n=======\ndown_revision = 'c'\n>>>>>>> x",
            Unreadable("conflict markers on line 2", "a"),
            id="conflict over the down_revision",
        ),
        pytest.param(
            "<<<<<<< HEAD\nrevision = 'a'\n=======\nrevision = 'c'\n>>>>>>> x\ndown_revision = 'b'",
            Unreadable("conflict markers on line 1"),
            id="conflict over the id",
        ),
        pytest.param("revision = 'a'\ndown_revision = ('b',\n\ndef f():\n    pass", broken_on(2, "a"), id="unclosed"),
        pytest.param("revision = 'a'\ndown_revision = last()\nprint 'x'", broken_on(3, "a"), id="call"),
        pytest.param("revision = 'a'\ndown_revision = ('b', last())\nprint 'x'", broken_on(3, "a"), id="tuple of calls"),
        pytest.param(f"{IDS}down_revision = 'c'\nprint 'x'", broken_on(4, "a"), id="doubled"),
        pytest.param("revision = 'a', 'b'\ndown_revision = 'b'\nprint 'x'", broken_on(3), id="two ids"),
        pytest.param("print 'x'", broken_on(1), id="no ids"),
    ],
)
def test_ids_that_a_broken_script_does_not_tell_are_not_guessed(read: Read, lines: str, reading: Unreadable) -> None:
    assert read(f"{lines}\n".encode()) == reading


def test_a_broken_script_keeps_its_message() -> None:
    text = script_text("a", "b", message="add x", upgrade="print 'x'")
    expected = Identifiers("a", ("b",), message="add x", create_date="2024-01-02 10:00:00", defect="syntax error on line 19")
    assert read_carefully(text.encode()) == expected


@BOTH
def test_a_null_byte_is_a_defect(read: Read) -> None:
    reading = read(b"revision = 'a'\ndown_revision = 'b'\n\0\n")
    assert isinstance(reading, Identifiers) and reading.defect
    assert reading._replace(defect=None) == Identifiers("a", ("b",))


DOUBLED = "x = 'aaaaaaaaaa'\n" + "x = x + x\n" * 40
"""As a text, ten terabytes."""
REPEATED = 'x = "a" * 10\n' + "x = x + x\n" * 40
DOUBLED_FORMATTED = "x = 'aaaaaaaaaa'\n" + "x = f'{x}{x}'\n" * 40
DOUBLED_TUPLE = "x = ('a', 'b')\n" + "x = x + x\n" * 40
NESTED = "x = 'a', 'b'\n" + "x = x, x\n" * 40
"""Forty tuples that share their items; compared or written out, a trillion items."""


class Hangs(Exception):
    """Raised where a reading takes seconds."""


@contextmanager
def guarded(seconds: float) -> Iterator[None]:
    """Stop what would otherwise take minutes, so that a test fails instead of hanging; re looks for signals as it goes."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("revision = " + "+".join(["'a'"] * 2000) + "\ndown_revision = 'b'\n", id="long sum"),
        pytest.param(f"{IDS}down_revision = " + "(" * 3000 + ")" * 3000, id="deep brackets"),
        pytest.param(f"{IDS}down_revision = " + "[" * 150 + "]" * 150, id="deep lists"),
        pytest.param(f"{IDS}down_revision = " + "-" * 5000 + "1", id="deep signs"),
        pytest.param(f"{IDS}down_revision = x" + ".x" * 5000, id="deep attributes"),
        pytest.param(f"{IDS}if x:\n    pass\n" + "elif x:\n    pass\n" * 5000 + "del revision\n", id="long if"),
        pytest.param(f"{'#' * 200}\nimport x\n{IDS}print 'x'\n", id="banner"),
        pytest.param(f"revision:{' ' * 4000}x\n{IDS}", id="run of spaces"),
        pytest.param("revision = (\n" * 300, id="many unclosed brackets"),
        pytest.param("'" * 3001 + "\n" + IDS, id="many quotes"),
        pytest.param('"""' * 1001 + "\n" + IDS, id="many triple quotes"),
        pytest.param("# coding: utf-7\n+2AA-\n" + IDS, id="lone surrogate"),
        pytest.param(f"{REPEATED}revision = x\ndown_revision = 'b'\n", id="doubled text"),
        pytest.param(f"{DOUBLED}revision = f'{{x}}'\ndown_revision = ('b', x)\n", id="doubled text in an f-string and a tuple"),
        pytest.param(f"{NESTED}{IDS}down_revision = x\n", id="doubled tuple in a tuple"),
    ],
)
def test_no_script_makes_the_reading_fail_or_hang(read: Read, text: str) -> None:
    with guarded(5):
        assert isinstance(read(text.encode()), Reading)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(DOUBLED, id="text"),
        pytest.param(REPEATED, id="repeated text"),
        pytest.param(DOUBLED_FORMATTED, id="f-string"),
        pytest.param(DOUBLED_TUPLE, id="tuple"),
        pytest.param(NESTED, id="tuple of tuples"),
    ],
)
@pytest.mark.parametrize(
    ("lines", "reading"),
    [
        pytest.param("revision = x\ndown_revision = 'b'", Unreadable("its revision id is computed", computed=True), id="id"),
        pytest.param(
            "revision = f'{x}_c'\ndown_revision = 'b'",
            Unreadable("its revision id is computed", computed=True),
            id="id in an f-string",
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = x", Unreadable("its down_revision is computed", "a", computed=True), id="parent"
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = ('b', x)",
            Unreadable("its down_revision is computed", "a", computed=True),
            id="in a tuple",
        ),
    ],
)
def test_what_doubles_without_end_is_not_put_together(read: Read, text: str, lines: str, reading: Unreadable) -> None:
    with guarded(5):
        assert read(f"{text}{lines}\n".encode()) == reading


LONG_F_STRING = "x = f'" + "{x}" * 100_000 + "'\n"


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LONG_F_STRING, id="f-string"),
        pytest.param(LONG_F_STRING.replace("}", "}\n").replace("'", "'''"), id="f-string of many lines"),
        pytest.param("x = (" + ("f'" + "{x}" * 16_000 + "'\n") * 20 + ")\n", id="many f-strings"),
        pytest.param("x = 1\n" * 200_000, id="many lines"),
    ],
)
def test_what_takes_python_long_to_parse_is_unknown(read: Read, text: str) -> None:
    with guarded(5):
        assert read(f"{text}{IDS}".encode()) == Unreadable("it is too long to read", computed=True)


def test_a_long_script_of_the_usual_form_is_read() -> None:
    assert read_script(f"{IDS}\n\ndef upgrade():\n    {LONG_F_STRING}".encode()) == Identifiers("a", ("b",))
    data = "ROWS = [\n" + "    {'name': 'x', 'value': 1},\n" * 20_000 + "]\n"
    assert read_carefully(f"{IDS}{data}".encode()) == Identifiers("a", ("b",))


@BOTH
@pytest.mark.parametrize(
    ("lines", "reading"),
    [
        pytest.param(
            "from x import *\nrevision = 'a'\ndown_revision = 'b'",
            Identifiers("a", ("b",), unknown=("branch_labels", "depends_on")),
            id="all names before",
        ),
        pytest.param(
            "revision = 'a'\nfrom x import *\ndown_revision = 'b'",
            Unreadable("its revision id is computed", computed=True),
            id="all names after",
        ),
        pytest.param(
            "REV = 'b'\nfrom x import *\nrevision = 'a'\ndown_revision = REV",
            Unreadable("its down_revision is computed", "a", computed=True),
            id="all names between",
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b', None", Unreadable("its down_revision lists None", "a"), id="none among parents"
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\ndepends_on = ['c', None]",
            Unreadable("its depends_on lists None", "a"),
            id="none among dependencies",
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\nbranch_labels = ['x', 'x']",
            Identifiers("a", ("b",), ("x", "x")),
            id="a label twice",
        ),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\ndepends_on = ['c', 'c', '']",
            Identifiers("a", ("b",), (), ("c", "")),
            id="twice and empty",
        ),
        pytest.param(
            "# größe\nrevision = 'a'\ndown_revision = ['b']\nx = tuple(['c'])", Identifiers("a", ("b",)), id="list unused"
        ),
    ],
)
def test_what_alembic_makes_of_it(read: Read, lines: str, reading: Reading) -> None:
    assert read(f"{lines}\n".encode()) == reading


@BOTH
@pytest.mark.parametrize(
    "line",
    [
        *("x = down_revision; x *= 2", "op.f(a=(down_revision, 1))", "x = [down_revision]; x[0].append('z')"),
        *("[x.append('z') for x in [down_revision]]", "def x():\n    down_revision.append('z')\nx()"),
        *("x = lambda: globals().update(down_revision=1)\nx()", "from builtins import exec as x\nx('down_revision = 1')"),
        *("import builtins\nbuiltins.exec('down_revision = 1')",),
    ],
)
def test_a_list_that_something_may_change_is_unknown(read: Read, line: str) -> None:
    reading = read(f"revision = 'a'\ndown_revision = []\n{line}\n".encode())
    assert isinstance(reading, Unreadable) and reading.computed


def test_a_set_is_unpacked_in_any_order() -> None:
    text = "revision = 'a'\ndown_revision, branch_labels = {'b', 'c'}\n"
    assert read_script(text.encode()) == Unreadable("its down_revision is computed", "a", computed=True)


def test_a_function_may_bind_a_global_name_at_any_time() -> None:
    text = "def x():\n    global revision\n    revision = 'z'\nrevision = 'a'\ndown_revision = 'b'\nx()\n"
    assert read_script(text.encode()) == Unreadable("its revision id is computed", computed=True)


WORDS = """
revision down_revision branch_labels depends_on None x 1 0x 1e999 = == += := : , ; ( ) [ ] { } * ** + ' " \'\'\' \"\"\"
'a' "b" f'{ u' b' \\ # lambda import del case if: try: ü +2AA- \ufeff \u2028
"""
LINES_OF_SCRIPTS = [
    *("# coding: latin-1\n", "# coding: utf-7\n", "# coding: idna\n", "# coding: punycode\n"),
    *("<<<<<<< HEAD\n", "=======\n", ">>>>>>> x\n", "if x:\n", "try:\n", "def f():\n", "match x:\n", "print 'x'\n"),
    *("from x ", "for x in ", "with x as ", "Create Date: ", "Revises: ", ": str = "),
]
BLANKS = [" ", "    ", "\t", "\n", "\r", "\r\n", "\f", "\0"]
FRAGMENTS = st.sampled_from([*WORDS.split(), *LINES_OF_SCRIPTS, *BLANKS])


@BOTH
@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_answered(read: Read, data: bytes) -> None:
    assert isinstance(read(data), Reading)


@BOTH
@settings(max_examples=300, deadline=None)
@given(fragments=st.lists(FRAGMENTS, max_size=40), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_anything_like_a_script_is_answered(read: Read, fragments: list[str], encoding: str) -> None:
    assert isinstance(read("".join(fragments).encode(encoding)), Reading)


def test_a_reading_is_placed_at_its_path() -> None:
    assert script_at(Identifiers("a", ("b",)), "v/a.py") == Revision(Identifiers("a", ("b",)), "v/a.py")
    assert script_at(Unreadable("why", "a"), "v/a.py") == UnreadableScript("v/a.py", "why", "a")
