"""Whether a script.py.mako only fills in its blanks."""

from __future__ import annotations

from importlib.resources import files

import pytest
from mako.template import Template

from migmerge.core.script.syntax import NotPython
from migmerge.environment.template import decoded_template, fill_in, is_plain, names_in
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


GIVEN: dict[str, object] = {
    "message": "add <a> & b",
    "up_revision": "e1",
    "down_revision": ("b1", "c1"),
    "branch_labels": None,
    "depends_on": None,
    "create_date": "2024-05-01",
    "imports": "",
    "upgrades": "",
    "downgrades": "pass",
    "comma": ", ".join,
    "a": 0,
    "b": "x",
}


@pytest.mark.parametrize(
    "template",
    [
        *(pytest.param(each.values, id=each.id) for each in SHIPPED if each.values[1]),
        pytest.param((TEMPLATE, True), id="our tests'"),
        *(
            pytest.param((text, True), id=repr(text))
            for text in (
                "100 % sure, 5%\n%% escaped\n  %%% more\n$ {x} $x\n",
                "## a comment\n${message}\n  ## another, \\\nthat goes on\nx ## none\n",
                "## -*- coding: utf-8 -*-\n${message}",
                "a \\\nb\r\n${message}\r\n## x\r\ny",
                "${ message }${\nmessage\n}${repr(up_revision)} ${str(message)}",
                "${down_revision | comma,n} ${message|trim} ${message | n, h} ${message | h,u}",
                '${imports if imports else "no"} ${upgrades or "pass"} ${a and b} ${b and a or message}',
                '${"a" "b"} ${1} ${None} é',
                "<& ## %",
            )
        ),
    ],
)
def test_blanks_are_filled_in_as_mako_fills_them_in(template: tuple[str, bool]) -> None:
    text, _ = template
    assert is_plain(text)
    assert fill_in(text, GIVEN) == Template(text).render_unicode(**GIVEN)


@pytest.mark.parametrize("blank", [EVIL, "message.upper()", "repr(eval(b))", "f'{b()}'", "a + b", "'a' | eval", "(a := b)"])
def test_filling_in_runs_nothing_whoever_calls_it(blank: str) -> None:
    with pytest.raises(NotPython):
        fill_in(f"${{{blank}}}", GIVEN)


@pytest.mark.parametrize("text", [f"<% {EVIL} %>", f"<%! {EVIL} %>", f"% if {EVIL}:\n% endif\n", '<%include file="x"/>'])
def test_what_is_no_blank_stays_text(text: str) -> None:
    assert fill_in(text, GIVEN) == text


@pytest.mark.parametrize("encoding", ["cp500", "cp037", "utf-16", "utf-7", "latin-1"])
def test_a_template_in_another_encoding_is_not_plain(encoding: str) -> None:
    data = f"## coding: {encoding}\n".encode() + f"<% {EVIL} %>é".encode(encoding)
    try:
        text = decoded_template(data)
    except UnicodeDecodeError:
        return
    assert not is_plain(text)
