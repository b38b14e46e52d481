"""Whether a script.py.mako only fills in its blanks."""

from __future__ import annotations

from importlib.resources import files

import pytest

from migmerge.environment.template import is_plain, names_in
from tests.support.project import TEMPLATE

EVIL = '__import__("os").system("true")'


SHIPPED = [
    pytest.param((folder / "script.py.mako").read_text("utf-8"), "multidb" not in folder.name, id=f"{package} {folder.name}")
    for package in ("alembic", "flask_migrate")
    for folder in (files(package) / "templates").iterdir()
    if (folder / "script.py.mako").is_file()
]


@pytest.mark.parametrize(("template", "plain"), SHIPPED)
def test_the_shipped_single_database_templates_are_plain(template: str, plain: bool) -> None:
    assert is_plain(template) is plain


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("", id="empty"),
        pytest.param(TEMPLATE, id="our tests'"),
        pytest.param("100 % sure, 5%\n%% escaped\n$ {x} $x\n", id="signs that mean nothing"),
        pytest.param("## a comment\n${message}\n", id="comment"),
        pytest.param("## -*- coding: utf-8 -*-\n${message}\n", id="encoding that hides nothing"),
        pytest.param("\ufeff${message}\n", id="byte order mark"),
        pytest.param("${ message }${\nmessage\n}", id="blanks in a blank"),
        pytest.param("${repr(up_revision)} ${str(message)}", id="repr and str"),
        pytest.param("${down_revision | comma,n} ${message|trim} ${message | n, h}", id="filters"),
        pytest.param('${imports if imports else ""}', id="if-else"),
        pytest.param('${upgrades or "pass"} ${a and b}', id="or and and"),
        pytest.param('${"a" "b"} ${1} ${None}', id="literals"),
    ],
)
def test_blanks_are_plain(template: str) -> None:
    assert is_plain(template)


@pytest.mark.parametrize(
    "template",
    [
        pytest.param(f"<% {EVIL} %>", id="block"),
        pytest.param(f"<%! {EVIL} %>", id="module block"),
        pytest.param('<%include file="x"/>', id="tag"),
        pytest.param("</%def>", id="closing tag"),
        pytest.param(f"% if {EVIL}:\n% endif\n", id="control line"),
        pytest.param(f"x\n \t% if {EVIL}:\n% endif\n", id="indented control line"),
        pytest.param(f"\ufeff% if {EVIL}:\n% endif\n", id="control line behind a byte order mark"),
        pytest.param("x \\\n% if x:\n", id="control line behind a continued one"),
        pytest.param(f"${{{EVIL}}}", id="call"),
        pytest.param("${message.upper()}", id="method"),
        pytest.param("${message.__class__}", id="attribute"),
        pytest.param("${message[0]}", id="item"),
        pytest.param("${repr(eval(x))}", id="call in repr"),
        pytest.param("${repr(object=x)}", id="keyword"),
        pytest.param("${repr(*x)}", id="starred"),
        pytest.param("${(lambda: x)}", id="lambda"),
        pytest.param("${[x for x in y]}", id="comprehension"),
        pytest.param("${f'{x()}'}", id="f-string"),
        pytest.param("${a + b}", id="operator, which an object may define"),
        pytest.param("${(a := b)}", id="walrus"),
        pytest.param("${'a' | eval}", id="filter that runs"),
        pytest.param("${'a' | n, eval}", id="filter that runs behind another"),
        pytest.param("${'a' | eval, n}", id="filter that runs before another"),
        pytest.param("${'a' | n | eval}", id="filter behind a filter"),
        pytest.param(f'${{"}}" + {EVIL}}}', id="brace in a string"),
        pytest.param(f"${{{{'a': {EVIL}}}['a']}}", id="braces in an expression"),
        pytest.param(f"${{message #}}\n+ str({EVIL})}}", id="brace in a comment"),
        pytest.param(f"${{message # it's }}\n+ str({EVIL})}}", id="brace in a comment with a quote"),
        pytest.param(f"## ${{\n${{{EVIL}}}\n", id="blank that opens in a comment"),
        pytest.param("## -*- coding: utf-7 -*-\n+ADwAJQ- x %+AD4-\n", id="encoding that hides a block"),
        pytest.param("${x\0}", id="null byte"),
        pytest.param("${" + "(" * 300 + ")" * 300 + "}", id="deep"),
        pytest.param("${" + "-" * 9000 + "1}", id="deeper"),
        pytest.param("${}", id="empty blank"),
        pytest.param("${a; b}", id="two statements"),
    ],
)
def test_code_is_not_plain(template: str) -> None:
    assert not is_plain(template)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("nothing", set()),
        ("${message}${down_revision | comma,n}", {"message", "down_revision"}),
        ('${repr(up_revision)} ${imports if imports else "" or owner}', {"up_revision", "imports", "owner"}),
    ],
)
def test_the_names_that_a_plain_template_uses(template: str, names: set[str]) -> None:
    assert is_plain(template)
    assert names_in(template) == names
