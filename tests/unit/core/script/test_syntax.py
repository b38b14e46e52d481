"""The one function that parses a script, and what is left of a script without its annotations."""

from __future__ import annotations

import subprocess
import sys

import pytest

from migmerge.core.graph import RevisionGraph
from migmerge.core.published import published_changes
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.script.functions import does_nothing, function_body
from migmerge.core.script.syntax import NotPython, parse, parse_expression

# A parse inside a parse, as a finalizer or a callback of the garbage collector brings about, is what CPython 3.11 dies of.
REENTERED = """
import ast, gc, sys
from migmerge.core.operations.interpreter.statements import read_operations
from migmerge.core.operations.possible_drops import raw_sql_effects
from migmerge.core.operations.operation import Operations, Unread
from migmerge.core.script.functions import does_nothing, function_body, raises
from migmerge.core.script.read import read_carefully
from migmerge.core.script.syntax import NotPython, parse
from migmerge.environment.template import is_plain

def parse_again(phase, info):
    gc.callbacks.clear()
    ast.parse("1")
    gc.callbacks.append(parse_again)

def provoke(read, *given):
    gc.callbacks.append(parse_again)
    for threshold in range(1, 12):
        gc.set_threshold(threshold, 1, 1)
        for _ in range(3):
            read(*given)
    gc.callbacks.clear()
    gc.set_threshold(700, 10, 10)

def parsed(text):
    try:
        parse(text)
    except NotPython as error:
        found.add(type(error.__cause__).__name__)

found = set()
text = "revision = 'a'\\ndown_revision = last()\\ndef upgrade():\\n    op.execute('drop table x')\\n" * 9
provoke(parsed, text)
provoke(read_carefully, text.encode())
provoke(read_operations, text.encode())
provoke(raw_sql_effects, text.encode(), Operations(unread=(Unread(1, "x"),)))
for read in (does_nothing, function_body, raises):
    provoke(read, text.encode(), "upgrade")
provoke(is_plain, "${" + "repr(" * 9 + "x" + ")" * 9 + "}")
print(*found)
"""
DEEP = """
import sys
from migmerge.core.script.syntax import NotPython, parse

def deeper(left):
    if left:
        return deeper(left - 1)
    for text in ("x = " + "+".join(["a"] * 2000), "x = " + "[" * 150 + "]" * 150, "x = " + "-" * 900 + "1", "x" + ".x" * 5000):
        try:
            parse(text)
        except NotPython:
            pass

for left in range(0, sys.getrecursionlimit() - 100, 60):
    deeper(left)
"""


def run(program: str) -> str:
    """Run a program in an interpreter of its own, where it can hurt no other test."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == "" and done.returncode == 0
    return done.stdout.strip()


def test_a_fault_of_the_interpreter_is_no_crash() -> None:
    assert run(REENTERED) in ("", "SystemError")


def test_a_text_that_exhausts_the_stack_is_no_crash() -> None:
    assert run(DEEP) == ""


@pytest.mark.parametrize("text", ["x = \0", "x = (", "x = " + "(" * 300 + ")" * 300, "\ud800", "x = " + "1" * 5000])
def test_what_python_refuses_is_said(text: str) -> None:
    for read in (parse, parse_expression):
        with pytest.raises(NotPython):
            read(text)


@pytest.mark.parametrize("value", ["+".join(["'a'"] * 700), "-" * 700 + "1"])
def test_a_deep_expression_counts_as_an_edit_like_any_other(value: str) -> None:
    old = Revision(Identifiers("a"), "a.py")
    contents = {"a": (f"x = {value}\n".encode(), b"x = 1\n")}
    (change,) = published_changes([old], RevisionGraph([old]), contents, "main", "c")
    assert change.alteration.value == "edited"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_a_function_are_pythons_lines(end: str) -> None:
    text = "x = '\u2028'\n\f\ndef upgrade():\n    op.f('\x1c\x85')\n    op.g()\n".replace("\n", end)
    assert function_body(text.encode(), "upgrade") == ("op.f('\x1c\x85')", "op.g()")
    assert not does_nothing(text.encode(), "upgrade")
