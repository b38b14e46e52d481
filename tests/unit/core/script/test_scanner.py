"""The fast scanner: silent or right."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migmerge.core.revision import Identifiers
from migmerge.core.script.read import read_carefully, read_script
from migmerge.core.script.scanner import scan
from tests.support.project import TEMPLATE, script_text

USUAL = [
    "from alembic import op\nimport sqlalchemy as sa\n",
    "\n",
    "# revision identifiers, used by Alembic.\n",
    "revision = 'a'\n",
    "down_revision = 'b'\n",
    "branch_labels = None\n",
    "depends_on = None\n",
]
OPENINGS = [
    '"""add x\n\nRevision ID: a\nRevises: b\nCreate Date: 2024-01-02 03:04:05\n\n"""\n',
    '"""add "x" and ""y"" — größe"""\n',
    '"""revision = \'z\'\ndown_revision = \'z\'\n"""  # add x\n',
    '# add x\n\n"""add x"""\n',
    '""""""\n',
    '"""add \\"x\\""""\n',
    "'''add x'''\n",
    "'add x'\n",
    'u"""add x"""\n',
    '"""add x""" """and y"""\n',
    '"""add x"""; x = 1\n',
    '"""add x""".strip()\n',
    '"""add x"""\\\n"""and y"""\n',
    '("""add x""")\n',
    '"""never ends\n',
    "",
]
NAME = st.sampled_from(["revision", "down_revision", "branch_labels", "depends_on", "Revision", "revision_"])


def fragments(*lines: str) -> list[str]:
    """Return what stands between broken bars."""
    return [fragment for line in lines for fragment in line.split(" ¦ ")]


VALUE = st.sampled_from(
    fragments(
        "None ¦ 'c' ¦ \"c\" ¦ ('c', 'd') ¦ ('c',) ¦ ('c') ¦ () ¦ ['c'] ¦ ['c', 'd'] ¦ [] ¦ ('c', 'c') ¦ '' ¦ ('',) ¦ ( 'c' , )",
        "{'c'} ¦ 'c' 'd' ¦ ('c' 'd') ¦ 'c', 'd' ¦ 'c', ¦ (\n'c',\n# d\n'd',\n) ¦ (None,) ¦ ('c', None) ¦ (,) ¦ (('c'),) ¦ ('c',,)",
        "u'c' ¦ f'c' ¦ f'{c}' ¦ b'c' ¦ r'c\\d' ¦ 'c\\x64' ¦ '''c''' ¦ 'c#d' ¦ \"it's\" ¦ 'größe' ¦ ' c ' ¦ '=' ¦ '\tc' ¦ 'c\\'",
        "c ¦ 3 ¦ -1 ¦ True ¦ ... ¦ c.d ¦ c() ¦ 'c' if c else 'd' ¦ 'c' or 'd' ¦ not 'c' ¦ 'c' + 'd' ¦ 'c' == 'd' ¦ 'c'[0] ¦ 'c'.d",
        "lambda: 'c' ¦ (c := 'c') ¦ (yield) ¦ *'c' ¦ '%s' % 'c' ¦ 'c'; x = 1 ¦ 'c'; revision = 'z' ¦ \\\n'c' ¦ 'c'\\",
        "x = 'c' ¦ down_revision = 'c' ¦ 'c ¦ ('c' ¦ 'c')",
    )
)


def mostly(usual: str, *odd: str) -> st.SearchStrategy[str]:
    return st.one_of(st.just(usual), st.just(usual), st.just(usual), st.sampled_from(odd))


ANNOTATION = mostly(
    *("", ": str", ": Union[str, None]", ":str|None", " : t.Optional[str]", ": 'str'", ": str = 'z'", ":", ": (x)", ": {x}"),
    *(": x[y := 'z'\n]", ": x[y != 'z'\n]", ": {x: 'z'\n}", ": [x,\n]", ": lambda: x", ": not x", ": -x", ": `x`", ": x; y"),
)
EQUALS = mostly(" = ", "=", "   =   ", "\t=\t", "==", " += ", " := ", " ", " = \\\n    ")
ENDING = mostly("\n", "  # was 'z'\n", " \t\n", "#\n", "\r\n", "\r", "\f\n", ";\n", "  # \\\n", "\n    .x\n")
INDENT = mostly("", " ", "\t", "if x: ", "x = ", "(", "x.", "# ", "async ", "'''", "else: ")
ASSIGNMENT = st.builds("{}{}{}{}{}{}".format, INDENT, NAME, ANNOTATION, EQUALS, VALUE, ENDING)
ASIDE = st.sampled_from(
    fragments(
        "\n ¦    \n ¦ \t\n ¦ # c\n ¦    # c\n ¦ #\n ¦ # revision = 'z'\n ¦ # coding: latin-1\n ¦ x = 1\n ¦ pass\n ¦ größe = 1\n",
        "import x\n ¦ import x, y\n ¦ from x import y\n ¦ from x import *\n ¦ from . import x\n ¦ from x import (\n    y,\n)\n",
        "import revision\n ¦ import x as revision\n ¦ from x import revision\n ¦ from x import y as down_revision\n",
        "import revision.x\n ¦ import x; revision = 'z'\n ¦ import x\\\n, revision\n ¦ from x import y  # revision\n ¦ import\n",
        "from __future__ import annotations\n ¦ import  x\n ¦ from x\n ¦ import x y\n ¦ import x = 1\n ¦ from x import y;\n",
        "'''\nrevision = 'z'\n'''\n ¦ \"\"\"\nrevision = 'z'\n\"\"\"\n ¦ x = '''\nrevision = 'z'\n'''\n ¦ '''\n ¦ \"\"\"\n ¦ x = '''\n",
        "x = (\nrevision\n)\n ¦ x = (\n ¦ )\n ¦ x = [\n ¦ ]\n ¦ print(\n ¦ {'revision':\n'z'}\n ¦ f(\nrevision='z')\n",
        "if x:\n    revision = 'z'\n ¦ if x:\n    down_revision = 'z'\nelse:\n    down_revision = 'y'\n ¦ if 0:\n    pass\n",
        "try:\n    revision = 'z'\nexcept X:\n    pass\n ¦ try:\n    pass\nexcept X as revision:\n    pass\n",
        "for revision in x:\n    pass\n ¦ with x as revision:\n    pass\n ¦ while x:\n    revision = 'z'\n ¦ del revision\n",
        "match x:\n    case revision:\n        pass\n ¦ match x:\n    case {**depends_on}:\n        pass\n ¦ revision: str\n",
        "def f():\n    revision = 'z'\n ¦ def revision():\n    pass\n ¦ class revision:\n    pass\n ¦ class C:\n    revision = 'z'\n",
        "@revision\ndef f():\n    pass\n ¦ x = [revision for revision in y]\n ¦ print(revision := 'z')\n ¦ revision, x = 'z', 1\n",
        "x, *down_revision = 'z'\n ¦ revision = down_revision = 'z'\n ¦ x = revision = 'z'\n ¦ revision\n ¦ revision.x = 'z'\n",
        "down_revision.append('z')\n ¦ down_revision[0] = 'z'\n ¦ globals()['revision'] = 'z'\n ¦ global revision\n",
        "\N{FULLWIDTH LATIN SMALL LETTER R}evision = 'z'\n ¦ down_\N{MATHEMATICAL BOLD SMALL R}evision = 'z'\n",
        "<<<<<<< HEAD\n ¦ =======\n ¦ >>>>>>> x\n ¦ |||||||\n ¦ print 'x'\n ¦ print revision\n ¦ exec 'x'\n ¦ x = 1 \\\n ¦ \\\n",
        "\f\n ¦ \x0b\n ¦ \0\n ¦ \x1a\n ¦ \x85\n ¦ \u2028revision = 'z'\n ¦ \ufeff\n ¦ \ufeffrevision = 'z'\n ¦ \xa0\n",
    )
)
BODIES = [
    "",
    "\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass",
    "\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n",
    "\n\ndef upgrade():\n    op.execute('''\nnot revised\n''')\n",
    "\n\ndef upgrade():\n    op.execute('''\nrevision = 'z'\n''')\n",
    "\n\ndef upgrade():\n    print 'x'\n",
    "\n\ndef upgrade():\n    op.add_column('größe', (\n",
    "\n\ndef upgrade():\n    global revision\n    revision = 'z'\n",
]


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """Draw the usual header with a few lines changed, added, left out or moved."""
    lines = list(USUAL)
    for fragment in draw(st.lists(st.one_of(ASSIGNMENT, ASIDE), max_size=3)):
        place = draw(st.integers(0, len(lines)))
        lines[place : place + draw(st.integers(0, 1))] = [fragment]
    if draw(st.booleans()):
        lines = draw(st.permutations(lines))
    return draw(mostly(*OPENINGS)) + "".join(lines) + draw(mostly(*BODIES))


@settings(max_examples=500, deadline=None)
@given(text=scripts())
@example(text="revision = ('a',)\ndown_revision = None\n")
@example(text="revision = ['a']\ndown_revision = None\n")
@example(text="revision = 'a'\ndown_revision = 'b'\n\N{FULLWIDTH LATIN SMALL LETTER R}evision = 'z'\n")
@example(text="revision = 'a'\ndown_revision: x[y := 'z'\n] = 'b'\n")
@example(text="revision = 'a'\ndown_revision: x[y <= 'z'\n] = 'b'\n")
@example(text="revision = 'a'\ndown_revision = 'b'\nfrom x import down_\N{MATHEMATICAL BOLD SMALL R}evision\n")
def test_the_scanner_is_silent_or_right(text: str) -> None:
    found = scan(text)
    if found is not None:
        exact = read_carefully(text.encode())
        assert isinstance(exact, Identifiers)
        assert found == exact._replace(defect=None)


@settings(max_examples=300, deadline=None)
@given(text=scripts(), cookie=st.sampled_from(["", "# coding: latin-1\n", "\n# coding: cp1252\n", "#\n#\n# coding: latin-1\n"]))
def test_the_fast_reading_is_the_careful_one(text: str, cookie: str) -> None:
    data = (cookie + text).encode()
    fast, exact = read_script(data), read_carefully(data)
    if isinstance(fast, Identifiers) and fast.defect is None:
        assert isinstance(exact, Identifiers)
        assert fast == exact._replace(defect=None)
    else:
        assert fast == exact


class Settings:
    """Stand for the configuration that a multi-database template asks for its databases."""

    def get_main_option(self, name: str) -> str:
        return {"databases": "one, two"}[name]


def rendered(template: str, down_revision: object, **more: object) -> str:
    """Render a script.py.mako with what Alembic passes to it."""
    from alembic.util import format_as_comma
    from mako.template import Template

    facts: dict[str, object] = {
        "up_revision": "8f2a1c9d4e7b",
        "down_revision": down_revision,
        "branch_labels": None,
        "depends_on": None,
        "create_date": datetime(2024, 1, 2, 3, 4, 5, 678),
        "comma": format_as_comma,
        "message": 'add "größe" — ✓',
        "imports": "",
        "upgrades": "op.add_column('user', sa.Column('größe'))",
        "downgrades": "",
        "config": Settings(),
    }
    return str(Template(template).render_unicode(**facts, **more))


def shipped(package: str) -> list[str]:
    """Return the names of the templates that a package ships."""
    return sorted(folder.name for folder in (files(package) / "templates").iterdir() if (folder / "script.py.mako").is_file())


SHIPPED = [
    pytest.param((files(package) / "templates" / name / "script.py.mako").read_text("utf-8"), id=f"{package} {name}")
    for package in ("alembic", "flask_migrate")
    for name in shipped(package)
]


@pytest.mark.parametrize("template", [*SHIPPED, pytest.param(TEMPLATE, id="our tests'")])
@pytest.mark.parametrize(
    ("down_revision", "parents"),
    [
        pytest.param(None, (), id="base"),
        pytest.param("c4e6a8b0d2f1", ("c4e6a8b0d2f1",), id="child"),
        pytest.param(("c4e6a8b0d2f1", "a1b2c3d4e5f6"), ("c4e6a8b0d2f1", "a1b2c3d4e5f6"), id="merge"),
    ],
)
def test_the_shipped_templates_are_recognised(template: str, down_revision: object, parents: tuple[str, ...]) -> None:
    from flask import Flask

    application = Flask(__name__)
    application.config["SQLALCHEMY_BINDS"] = {"two": "sqlite://"}
    with application.app_context():
        text = rendered(template, down_revision)
    expected = Identifiers("8f2a1c9d4e7b", parents, (), (), 'add "größe" — ✓', "2024-01-02 03:04:05.000678")
    assert scan(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            script_text("a", ("b", "c"), labels=("x",), depends_on=["d"]),
            Identifiers("a", ("b", "c"), ("x",), ("d",), "add a", "2024-01-02 10:00:00"),
            id="everything",
        ),
        pytest.param("revision = 'a'\ndown_revision = None\n", Identifiers("a"), id="the least"),
        pytest.param("# a\n\nrevision = 'a'  # b\ndown_revision = 'b'  # a\n# c\n", Identifiers("a", ("b",)), id="comments"),
        pytest.param("revision: str = 'a'\ndown_revision: str | None = 'b'\n", Identifiers("a", ("b",)), id="annotated"),
        pytest.param("revision='a'\nimport x\ndown_revision='b'\n", Identifiers("a", ("b",)), id="an import between"),
        pytest.param("revision = 'a'\ndown_revision = ('b')\n", Identifiers("a", ("b",)), id="string in parentheses"),
    ],
)
def test_the_usual_form_is_recognised(text: str, expected: Identifiers) -> None:
    assert scan(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("revision = 'a'\n", id="no down_revision"),
        pytest.param("down_revision = 'a'\n", id="no revision"),
        pytest.param("revision = None\ndown_revision = 'b'\n", id="no id"),
        pytest.param("revision = ''\ndown_revision = 'b'\n", id="empty id"),
        pytest.param("revision = 'a'\ndown_revision = 'b'", id="no line end"),
        pytest.param("revision = 'a'\r\ndown_revision = 'b'\r\n", id="CRLF"),
        pytest.param("revision = 'a'\ndown_revision = ('b', 'b')\n", id="the same parent twice"),
        pytest.param("revision = 'a'\nrevision = 'a'\ndown_revision = 'b'\n", id="doubled"),
        pytest.param("revision = 'a'\ndown_revision = 'b'\nX = revision\n", id="mentioned below"),
        pytest.param(
            "revision = 'a'\ndown_revision = 'b'\n# depends_on\n\n\ndef f(): depends_on\n", id="mentioned in a function"
        ),
    ],
)
def test_the_scanner_leaves_any_other_form_to_the_syntax_tree(text: str) -> None:
    assert scan(text) is None
