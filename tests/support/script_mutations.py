"""Scripts changed at random: lines lost and doubled, names bound again in every way that Python has, other bytes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

IDENTIFIERS = ("revision", "down_revision", "branch_labels", "depends_on")
_OTHERS = ("x", "REV", "op", "upgrade", "TYPE_CHECKING", "str", "annotations")
_VALUES = (
    *(
        "None",
        "'b'",
        '"c"',
        "u'd'",
        "r'e'",
        "b'f'",
        "''",
        "'b' 'c'",
        "'b' + 'c'",
        "('b')",
        "('b',)",
        "'b', 'c'",
        "['b']",
        "[]",
        "()",
    ),
    *(
        "{'b', 'c'}",
        "{'b': 1}",
        "('b', None)",
        "(None,)",
        "['b', 'b']",
        "('b', ('c',))",
        "f'b'",
        "f'{x}'",
        "f'{x!r}'",
        "f'{x:>4}'",
    ),
    *("1", "0x1", "1.5", "True", "...", "-1", "'b' * 2", "['b'] + ['c']", "('b',) + ('c',)", "*'bc',", "[*x]", "(*x, 'b')"),
    *(
        "'b' if x else 'c'",
        "'b' or 'c'",
        "not 'b'",
        "'b'.upper()",
        "str('b')",
        "list('bc')",
        "tuple(['b'])",
        "x()",
        "x[0]",
        "x.y",
    ),
    *("[v for v in 'bc']", "(x := 'b')", "lambda: 'b'", "'%s' % 'b'", "'{}'.format('b')", "'b' == 'b'", "(yield)", "await x"),
    *(
        "__name__",
        "__file__",
        "globals()",
        "locals()['x']",
        "op.f('b')",
        "type('T', (), {})",
        "revision",
        "down_revision",
        "x",
        "REV",
    ),
    *(
        "'\\x62'",
        "'b\\\n'",
        "'''b'''",
        '"""b\nc"""',
        "(\n    'b',\n    'c'\n)",
        "'\\N{LATIN SMALL LETTER B}'",
        "[['b']]",
        "(('b'),)",
    ),
)
_STATEMENTS = (
    *(
        "{n} = {v}",
        "{n} = {v}",
        "{n} = {v}",
        "{n}: str = {v}",
        "{n}: 'str | None' = {v}",
        "{n}: str",
        "({n}): str = {v}",
        "({n}) = {v}",
    ),
    *(
        "{n} = {m} = {v}",
        "{n}, {m} = {v}, {w}",
        "[{n}, {m}] = {v}, {w}",
        "({n}, *{m}) = {v}",
        "*{n}, = {v}",
        "{n} = {v}; {m} = {w}",
    ),
    *("{n} += {v}", "{n} *= 2", "{n} |= {v}", "{n} += {n}", "del {n}", "del {n}, {m}", "del {n}[0]", "del ({n})", "({n} := {v})"),
    *(
        "print({n} := {v})",
        "x = [{n} := {v}]",
        "x = [({n} := v) for v in 'bc']",
        "x = (lambda: ({n} := {v}))()",
        "if ({n} := {v}): pass",
    ),
    *(
        "while ({n} := {v}) and False: pass",
        "assert ({n} := {v})",
        "f'{{({n} := 1)}}'",
        "x: ({n} := {v}) = 1",
        "x[({n} := 'z')] = 1",
    ),
    *("def x(a=({n} := {v})): pass", "def x(a: ({n} := {v})): pass", "@({n} := op)\ndef x(): pass", "class X(({n} := op)): pass"),
    *(
        "class X:\n    {n} = {v}",
        "class X:\n    global {n}\n    {n} = {v}",
        "def x():\n    global {n}\n    {n} = {v}\nx()",
        "class {n}: pass",
    ),
    *(
        "def {n}(): pass",
        "async def {n}(): pass",
        "def x():\n    {n} = {v}\nx()",
        "def x():\n    def y():\n        global {n}\n        {n} = {v}\n    y()\nx()",
    ),
    *(
        "@op\ndef {n}(): pass",
        "@lambda f: f()\ndef x():\n    global {n}\n    {n} = {v}",
        "@exec\nclass x: pass",
        "import {n}",
        "import os as {n}",
    ),
    *(
        "import {n}.y",
        "from os import path as {n}",
        "from os import {n}",
        "from .. import {n}",
        "from os import *",
        "from x import *",
        "from x import ({n},\n    {m})",
    ),
    *(
        "for {n} in {v}: pass",
        "for {n}, {m} in []: pass",
        "for x in 'bc':\n    {n} = x",
        "for x in []: {n} = {v}",
        "for {n} in (): pass\nelse: {m} = {v}",
    ),
    *(
        "while True:\n    {n} = {v}\n    break",
        "with op as {n}: pass",
        "with op as ({n}, {m}): pass",
        "with op:\n    {n} = {v}",
        "with open('x') as {n}: pass",
    ),
    *(
        "try:\n    {n} = {v}\nexcept Exception:\n    {n} = {w}",
        "try:\n    1 / 0\nexcept Exception as {n}:\n    pass",
        "try: pass\nfinally: {n} = {v}",
    ),
    *(
        "if True:\n    {n} = {v}",
        "if False:\n    {n} = {v}",
        "if x:\n    {n} = {v}\nelse:\n    {n} = {w}",
        "if TYPE_CHECKING:\n    {n} = {v}",
    ),
    *(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {n} = {v}\nelse:\n    {n} = {w}",
        "from typing import TYPE_CHECKING as x\nif x: {n} = {v}",
    ),
    *(
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    {n} = {v}",
        "import typing\nif typing.TYPE_CHECKING:\n    {n} = {v}",
        "if not TYPE_CHECKING: {n} = {v}",
    ),
    *(
        "match {v}:\n    case {n}: pass",
        "match ['b', 'c']:\n    case [{n}, *{m}]: pass",
        "match {{'a': 1}}:\n    case {{'a': {n}, **{m}}}: pass",
    ),
    *(
        "match {v}:\n    case str() as {n}: pass\n    case _: {m} = {w}",
        "type {n} = int",
        "global {n}",
        "global {n}\n{n} = {v}",
        "nonlocal {n}",
    ),
    *(
        "globals()['{n}'] = {v}",
        "globals().update({n}={v})",
        "vars()['{n}'] = {v}",
        "locals()['{n}'] = {v}",
        "exec('{n} = 1')",
        "eval('1')",
    ),
    *(
        "import sys\nsys.modules[__name__].{n} = {v}",
        "import sys\nsetattr(sys.modules[__name__], '{n}', {v})",
        "x = globals\nx()['{n}'] = {v}",
    ),
    *(
        "import builtins\nbuiltins.exec('{n} = 1')",
        "import sys\nsys._getframe().f_globals['{n}'] = {v}",
        "(lambda: 0).__globals__['{n}'] = {v}",
    ),
    *(
        "def x(): pass\nx.__globals__['{n}'] = {v}",
        "__builtins__['exec']('{n} = 1')",
        "getattr(op, 'x')",
        "__import__('x')",
        "__doc__ = {v}",
    ),
    *(
        "{n}.append('z')",
        "{n}.clear()",
        "{n}[0] = 'z'",
        "{n}[:] = {v}",
        "{n}.extend({v})",
        "x = {n}\nx.append('z')",
        "x = {n}.append\nx('z')",
    ),
    *(
        "x = [{n}]\nx[0].append('z')",
        "x, y = {n}, 1\nx.append('z')",
        "op.f({n})",
        "op.f(*{n})",
        "op.f(a={n})",
        "op.f([{n}])",
        "op.f(a=({n}, 1))",
    ),
    *(
        "x = {n}\ndef y():\n    x.append('z')\ny()",
        "def y():\n    {n}.append('z')\ny()",
        "x = {n} or []\nx.append('z')",
        "(lambda: {n}.append('z'))()",
    ),
    *(
        "for x in [{n}]: x.append('z')",
        "[x.append('z') for x in [{n}]]",
        "x = {n} if 1 else 2\nx.clear()",
        "x = {{'a': {n}}}\nx['a'].append('z')",
    ),
    *(
        "with op as {n}[0]: pass",
        "for {n}[0] in 'z': pass",
        "{n}[0], x = 'z', 1",
        "class X:\n    y = {n}\n    y.append('z')",
        "x = {n}\nx += ['z']",
    ),
    *(
        "x = {n}\nx *= 2",
        "(x := {n}).append('z')",
        "x = y = {n}\ny.append('z')",
        "def x(a={n}):\n    a.append('z')\nx()",
        "[*map({n}.append, 'z')]",
    ),
    *(
        "x = {v}",
        "REV = {v}",
        "REV: str = {v}",
        "x = {n}",
        "def x(): pass",
        "{n}",
        "{v}",
        "pass",
        "'text'",
        "# {n} = {v}",
        "'''\n{n} = {v}\n'''",
    ),
    *(
        "raise SystemExit",
        "return",
        "{n} = \\\n    {v}",
        "{n} \\\n= {v}",
        "{n}\\\n = {v}",
        "\f{n} = {v}",
        "  {n} = {v}",
        "\t{n} = {v}",
        "{n}={v}#x",
    ),
    *(
        "<<<<<<< HEAD\n{n} = {v}\n=======\n{n} = {w}\n>>>>>>> other",
        "print 'x'",
        "exec 'x'",
        "{n} = {v} if",
        "{n} == {v}",
        "{n} -> {v}",
        "{n} = {v},",
    ),
    *(
        "{n} = '''",
        '{n} = """',
        "{n} = (",
        "{n} = [",
        ")",
        "'''",
        '"""',
        "\\",
        "{n}.y = {v}",
        "{n}.y: str = {v}",
        "{n}[0]: str = {v}",
        "x.{n} = {v}",
    ),
    *(
        "\U0001d42bevision = {v}",
        "\uff52evision = {v}",
        "def x(): \U0001d42bevision = {v}",
        "global \uff52evision; \uff52evision = {v}",
        "# coding: latin-1",
        "# coding: utf-7",
    ),
    *(
        "def x():\n    exec('{n} = 1', globals())\nx()",
        "def x():\n    globals()['{n}'] = {v}\n",
        "def upgrade():\n    globals()['{n}'] = {v}\nupgrade()",
    ),
    *(
        "class X:\n    exec('global {n}; {n} = 1')",
        "class X:\n    def __init_subclass__(cls):\n        global {n}\n        {n} = {v}\nclass Y(X): pass",
    ),
    *(
        "x = lambda: globals().update({n}={v})\nx()",
        "def x():\n    global {n}, {m}\n    for {n} in {v}: pass\nx()",
        "def x():\n    global {n}\n    import os as {n}\nx()",
    ),
    *(
        "async def x():\n    global {n}\n    {n} = {v}\nx().send(None)",
        "def x():\n    global {n}\n    del {n}\nx()",
        "def x():\n    global {n}\n    {n} = yield\nlist(x())",
    ),
)
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-7")
_LINE_ENDS = ("\n", "\r\n", "\r", "\f\n", " \n", "\\\n", "\n\f", "\x0b\n", "\u2028", "\x1c\n", "\0\n")


def mutated(text: str, random: Random) -> bytes:
    """Return a script changed in one to six ways, as the bytes of a file."""
    lines = text.split("\n")
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 6))):
        random.choice(_LINE_CHANGES)(lines, random)
    return _encoded("\n".join(lines), random)


def a_value(random: Random) -> str:
    return random.choice(_VALUES)


def a_statement(random: Random) -> str:
    """Return one or more lines of Python, or of what looks like it."""
    one, other = (random.choice(IDENTIFIERS if random.random() < 0.8 else _OTHERS) for _ in "nm")
    return random.choice(_STATEMENTS).format(n=one, m=other, v=a_value(random), w=a_value(random))


def _insert(lines: list[str], random: Random) -> None:
    place = _place(lines, random)
    indent = _indent_of(lines[place]) if place < len(lines) and random.random() < 0.3 else ""
    lines[place:place] = [indent + line for line in a_statement(random).split("\n")]


def _reassign(lines: list[str], random: Random) -> None:
    """Give an identifier another value in its own line."""
    found = [number for number, line in enumerate(lines) if line.startswith(IDENTIFIERS)]
    if found:
        number = random.choice(found)
        name = lines[number].split("=")[0].split(":")[0].strip()
        form = random.choice(
            ("{n} = {v}", "{n}: str = {v}", "{n}={v}", "{n}  =  {v}  # note", "{n} = {v};", "{n}: 'Union[str, None]' = {v}")
        )
        lines[number] = form.format(n=name, v=a_value(random))


def _replace(lines: list[str], random: Random) -> None:
    lines[_line(lines, random)] = a_statement(random)


def _delete(lines: list[str], random: Random) -> None:
    start = _line(lines, random)
    del lines[start : start + random.choice((1, 1, 2, 5))]
    lines.append("")


def _duplicate(lines: list[str], random: Random) -> None:
    lines.insert(_place(lines, random), lines[_line(lines, random)])


def _swap(lines: list[str], random: Random) -> None:
    one, other = _line(lines, random), _line(lines, random)
    lines[one], lines[other] = lines[other], lines[one]


def _reindent(lines: list[str], random: Random) -> None:
    start = _line(lines, random)
    for number in range(start, min(start + random.choice((1, 3, 10)), len(lines))):
        lines[number] = random.choice(("    ", "\t", " ", "", "\f")) + lines[number].lstrip()


def _requote(lines: list[str], random: Random) -> None:
    number = _line(lines, random)
    quotes = ("'", '"', "'''", '"""', "", "u'", "f'", "b'", "\u2019")
    lines[number] = lines[number].replace(random.choice(("'", '"', '"""')), random.choice(quotes), random.choice((1, 2, -1)))


def _truncate(lines: list[str], random: Random) -> None:
    number = _line(lines, random)
    lines[number] = lines[number][: random.randrange(len(lines[number]) + 1)]
    if random.random() < 0.5:
        del lines[number + 1 :]


def _end_otherwise(lines: list[str], random: Random) -> None:
    number = _line(lines, random)
    lines[number : number + 2] = [random.choice(_LINE_ENDS).join(lines[number : number + 2])]


def _change_letter(lines: list[str], random: Random) -> None:
    number = _line(lines, random)
    place = random.randrange(len(lines[number]) + 1)
    lines[number] = (
        lines[number][:place]
        + random.choice("'\"=:;,()[]{}\\#\t \f\rrné\U0001d42b*+.@!\ufeff")
        + lines[number][place + random.choice((0, 1)) :]
    )


_LINE_CHANGES: tuple[Callable[[list[str], Random], None], ...] = (
    *(_insert,) * 8,
    *(_reassign,) * 4,
    *(_replace, _delete, _duplicate, _swap, _reindent, _requote, _truncate, _end_otherwise, _change_letter),
)


def _place(lines: list[str], random: Random) -> int:
    """Return where to insert a line: near the identifiers more often than not."""
    found = [number for number, line in enumerate(lines) if line.startswith(IDENTIFIERS)]
    near = random.choice(found) + random.choice((0, 1, 1, 2)) if found and random.random() < 0.7 else len(lines)
    return min(near, len(lines)) if near < len(lines) else random.randrange(len(lines) + 1)


def _line(lines: list[str], random: Random) -> int:
    return min(_place(lines, random), len(lines) - 1)


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _encoded(text: str, random: Random) -> bytes:
    if random.random() < 0.05:
        text = text.replace("\n", random.choice(("\r\n", "\r")))
    if random.random() < 0.03:
        text = f"# coding: {random.choice(_ENCODINGS)}\n{text}"
    encoding = random.choice(_ENCODINGS) if random.random() < 0.05 else "utf-8"
    data = text.encode(encoding, "replace")
    return data[: random.randrange(len(data) + 1)] if random.random() < 0.02 else data
