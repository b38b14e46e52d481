"""Scripts: read as Python executes them, scanned as they parse, and edited without another byte changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from random import Random

from migmerge.core.errors import MigmergeError
from migmerge.core.revision import Identifiers
from migmerge.core.script.identifiers import IDENTIFIER_NAMES
from migmerge.core.script.read import encoding_of, read_carefully
from migmerge.core.script.rewrite import rewrite
from migmerge.core.script.scanner import scan
from tests.soak.fuzz_target import Counts, Target, limited
from tests.support.byte_mutations import mutated_bytes
from tests.support.script_execution import Executed, Expired, executed
from tests.support.script_mutations import a_value, mutated
from tests.support.script_reading import SCRIPTS, disagreement

_SECONDS = 0.5
"""For the execution of one script, which may never end."""
_BYTES = tuple(text.encode() for text in SCRIPTS)
_NAMES = ("b1", "0042_add_x", "c", "a", "x'y", 'x"y', "é", "\\", "b" * 40, "#", "", "{x}", "\U0001d42b")
_DOCUMENTED = re.compile(rb"((?:Revision ID|Revises):)[^\r\n]*?(?=(?:[\"']{1,3}\Z)|[\r\n])")
_OPENINGS = (
    *('"""add x\n\nRevision ID: a\nRevises: b\n\n"""\n', '"""add "x" — größe"""\n', '# x\n\n"""add x"""\n'),
    *('"""x""".y()\n', ""),
)
_PASSED = ("\n", "# x\n", "import x\n", "from x import y\n", "# revision = 'z'\n")
_ASIDE = ("import x; y = 1\n", "x = 1\n", "revision = 'z'\n", "from x import revision\n", "import x; revision = 'z'\n", "\\\n")
_FORMS = ("{} = {}\n", "{}: str | None = {}\n", "{}={}  # was 'z'\n", "{}: Union[str, None] = {}\n")
_ODD_FORMS = ("{} \t= {}\n", "{} = {};\n", "x = {} = {}\n", "{} += {}\n", "  {} = {}\n", "{} = \\\n{}\n", "", "{} = {}\\\n")
_BODIES = (
    *("", "\n\ndef upgrade():\n    pass\n", "\n\ndef upgrade():\n    print 'x'\n"),
    *("x = '''\n\ndef upgrade():\n'''\n", "x = (\n"),
)
_USUAL = ("'b'", '"b"', "'größe'", "None", "('b', 'c')", "['b']", "( 'b' , )", "('b',)")


def _script(random: Random) -> bytes:
    data = mutated(random.choice(SCRIPTS), random)
    return mutated_bytes(data, _BYTES, random) if random.random() < 0.1 else data


def _header(random: Random) -> bytes:
    """Draw the form that the scanner knows, in one of a few with something out of order in it."""
    lines, oddness = [random.choice(_OPENINGS)], random.choice((0, 0, 0.1, 0.3))
    for name in IDENTIFIER_NAMES:
        lines += [random.choice(_ASIDE if random.random() < oddness else _PASSED) for _ in range(random.choice((0, 0, 1, 2)))]
        usual = _USUAL[:3] if name == "revision" else _USUAL
        value = a_value(random) if random.random() < oddness else random.choice(usual)
        form = random.choice(_ODD_FORMS if random.random() < oddness else _FORMS)
        lines.append(form.format(name, value))
    text = "".join([*lines, random.choice(_BODIES)])
    return mutated_bytes(text.encode(), _BYTES, random) if random.random() < 0.3 else text.encode()


def _executed(data: bytes) -> Executed | None:
    with limited(_SECONDS):
        return executed(data)


def _judge_reading(data: bytes, counts: Counts) -> str | None:
    try:
        return disagreement(data, counts, _executed)
    except Expired:
        counts["runs on and on"] += 1
        return None


def _judge_scan(data: bytes, counts: Counts) -> str | None:
    """Compare the scanner with the syntax tree; below the header it says nothing of the syntax."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    scanned = scan(text)
    if scanned is None or text.startswith("\ufeff") or "coding" in "".join(text.splitlines()[:2]):
        counts["left to the parser"] += 1
        return None
    parsed = read_carefully(data)
    is_whole = isinstance(parsed, Identifiers) and parsed.defect is None
    counts["scanned" if is_whole else "scanned though it does not parse"] += 1
    agrees = parsed == scanned if is_whole else parsed.revision in (None, scanned.revision)
    return None if agrees else f"scanned as {scanned}, parsed as {parsed}"


def _edit(random: Random) -> tuple[bytes, Identifiers | None]:
    data = _script(random)
    known = read_carefully(data)
    if not isinstance(known, Identifiers):
        return data, None

    def names(before: tuple[str, ...]) -> tuple[str, ...]:
        if random.random() < 0.5:
            return before
        if before and random.random() < 0.5:
            return tuple(dict.fromkeys(random.choice(_NAMES) for _ in before))
        return tuple(dict.fromkeys(random.choice(_NAMES) for _ in range(random.choice((0, 1, 1, 2, 3)))))

    revision = known.revision if random.random() < 0.7 else random.choice(_NAMES)
    return data, known._replace(
        revision=revision,
        down_revisions=names(known.down_revisions),
        branch_labels=names(known.branch_labels),
        depends_on=names(known.depends_on),
    )


def _judge_edit(asked: tuple[bytes, Identifiers | None], counts: Counts) -> str | None:
    data, wanted = asked
    if wanted is None:
        counts["unreadable"] += 1
        return None
    try:
        written = rewrite(data, wanted, "x.py")
    except MigmergeError:
        counts["refused"] += 1
        return None
    counts["edited" if written != data else "left alone"] += 1
    if read_carefully(written) != wanted:
        return f"reads {read_carefully(written)}, wanted {wanted}: {written!r}"
    before, after = _without_identifiers(data), _without_identifiers(written)
    return None if before == after else f"changes more than {wanted}: {written!r}"


def _without_identifiers(data: bytes) -> bytes:
    """Return a script as UTF-8, cut where an identifier's value stands, and where the docstring names it."""
    text = data.decode(encoding_of(data)).removeprefix("\ufeff")
    module = ast.parse(text)
    lines = re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text.encode("utf-8", "surrogatepass"))
    for first, start, last, end in sorted(_values(module), reverse=True):
        lines[first : last + 1] = [lines[first][:start], b"<value>", lines[last][end:]]
    match module.body:
        case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
            first, last, end = docstring.lineno - 1, (docstring.end_lineno or 0) - 1, docstring.end_col_offset or 0
            said = b"".join([*lines[first:last], lines[last][:end]])
            lines[first : last + 1] = [_DOCUMENTED.sub(rb"\1", said), lines[last][end:]]
    return b"".join(lines)


def _values(module: ast.Module) -> Iterator[tuple[int, int, int, int]]:
    for statement in module.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if value and any(isinstance(each, ast.Name) and each.id in IDENTIFIER_NAMES for each in targets):
            yield value.lineno - 1, value.col_offset, value.end_lineno - 1, value.end_col_offset


TARGETS = (
    Target("script reader against execution", 120, _script, _judge_reading),
    Target("scanner against syntax", 200, _header, _judge_scan),
    Target("byte edit against parse", 80, _edit, _judge_edit),
)
