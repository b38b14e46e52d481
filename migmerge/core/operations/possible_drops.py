"""What the part of a script that cannot be read may drop, judged by its words alone."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..script.read import source_text
from ..script.syntax import NotPython, is_bare_constant, parse
from .directives import is_directive
from .interpreter.calls import QUERYING, SAVING
from .operation import Operations, Unread

_TAKING = re.compile(
    r"""drop(?!\s+(?:not\s+null|default|identity|expression)\b)(?!\s+(?:type|trigger|function|view|materialized|sequence|policy
    |extension|rule|domain)\b(?![^;]*cascade))
    |renam|detach|exchange|\bchange\b|set\s+schema|\bcall\b|\bexec(?:ute)?\b|\bperform\b|\bdo\s+(?!nothing\b|update\b)
    |^\W*select\s+(?!(?:count|max|min|sum|avg|coalesce|exists|now|nextval|currval|setval|distinct)\b)[\w.]+\s*\(""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""What SQL says that may take a table, a column or an index away, or give it another name."""

_ASIDE = re.compile(r"\balter\s+(?:type|sequence|function|view|materialized|domain|policy|trigger)\s[^;]*", re.IGNORECASE)
"""What is renamed without being a table, a column or an index, up to the end of the statement."""

_HOLE = re.compile(r"%[s(]|\{|\bexecute\b|\|\||\s$", re.IGNORECASE)
_LOOKING = re.compile(
    r"inspect|get_\w*(?:names|index|constraint|column)|information_schema|\bpg_|sqlite_|fetch|scalar|tables\b|reflect",
    re.IGNORECASE,
)
"""How a script finds out what there is, so that it need not say what it takes away."""

_HARMLESS = re.compile(
    r"seed|insert|populat|fill|load|creat|add|grant|log|check|print|exist|^_?(?:is|has|get|make)_|^(?:f|text|commit|join|len|str)$",
    re.IGNORECASE,
)
_STATEMENTS = frozenset(["update", "insert", "delete", "select", "values", "where"])
_KNOWN = frozenset(["alembic", "sqlalchemy", "sqlmodel", "geoalchemy2", "flask", *sys.stdlib_module_names])
_READING = frozenset(["open", "read_text", "read_bytes", "read"])
_RUNNING = frozenset(["exec", "eval", "compile", "__import__", "import_module", "drop_all"])
_TYPES = ("foreignkey", "unique", "check", "primary")
_TAKING_DIRECTIVES = ("drop", "rename", "alter")
_BLIND = re.compile(
    r"what follows|code that|a call of|no |\w+, which|its encoding|syntax error|Python cannot|.*which calls itself"
)
"""How `Unread.what` begins where not even the calls of the script are known."""

_MAYBE = re.compile(
    r"^\s*(?:from|import)\s+(?!alembic\b|sqlalchemy\b|__future__\b|typing\b|collections\b)"
    r"|\b(?:open|read\w*|eval|exec|__import__|batch_alter_table)\s*\(",
    re.MULTILINE,
)
"""What a script has to hold, if not SQL that takes something away, to be worth a closer look."""

_DOWNGRADE = re.compile(r"\n(?:async )?def downgrade.*?(?=\n\S|\Z)", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class RawSqlEffects:
    """Hold the words, casefolded, among which the names are of all that a script may take away.

    `sweeping` where it may take away anything, named or not; `said` are the words of the script, harmless or not.
    """

    words: frozenset[str] = frozenset()
    sweeping: bool = False
    said: frozenset[str] = frozenset()


_ANYTHING = RawSqlEffects(sweeping=True)


def raw_sql_effects(data: bytes, operations: Operations) -> RawSqlEffects:
    """Return what a script may do beyond what was read of it, its `downgrade()` left out; any bytes are answered."""
    if not operations.unread:
        return RawSqlEffects()
    text, _ = source_text(data)
    upgrade = _DOWNGRADE.sub(lambda found: "\n" * found[0].count("\n"), text)
    said = words_in(upgrade)
    blind = any(_BLIND.match(each.what) for each in operations.unread)
    if not blind and not _TAKING.search(upgrade) and not _MAYBE.search(upgrade):
        return RawSqlEffects(said=said)
    for each in (upgrade, text):
        try:
            return _Remainder(parse(each), operations.unread, said).suspicion(blind=blind)
        except NotPython:
            continue
    return RawSqlEffects(said, sweeping=True, said=said)


def source_words(data: bytes) -> frozenset[str]:
    """Return the words of a script, casefolded, those of its `downgrade()` included; any bytes are answered."""
    return words_in(source_text(data)[0])


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text, casefolded."""
    return frozenset(_WORD.findall(text.casefold()))


class RawSqlEffectsById:
    """Look at each script once, and only when asked; a script of which nothing is known may do anything."""

    def __init__(self, operations: Mapping[str, Operations], texts: Mapping[str, bytes]) -> None:
        self._operations = operations
        self._texts = texts
        self._found: dict[str, RawSqlEffects] = {}

    def __getitem__(self, name: str) -> RawSqlEffects:
        if name not in self._found:
            operations, text = self._operations.get(name), self._texts.get(name)
            if operations is None or (text is None and operations.unread):
                self._found[name] = _ANYTHING
            else:
                self._found[name] = raw_sql_effects(text or b"", operations)
        return self._found[name]


class PossibleDrops:
    """Answer what scripts that ran in this order may have taken away without saying so."""

    def __init__(self, names: Sequence[str], suspicions: RawSqlEffectsById) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        found = [suspicions[name] for name in names]
        self._swept = max((place for place, each in enumerate(found) if each.sweeping), default=-1)
        self._words = frozenset().union(*(each.words for each in found))
        self.said = frozenset().union(*(each.said for each in found))

    def about(self, revision: str, names: Iterable[str]) -> bool:
        """Tell whether something that a revision made, known under these names, may have been taken away since."""
        return self._places[revision] <= self._swept or any(words_in(name) <= self._words for name in names)


class _Remainder:
    """Gather the literals and calls that no directive which was read accounts for."""

    def __init__(self, module: ast.Module, unread: Iterable[Unread], said: frozenset[str]) -> None:
        self.lines = {each.line for each in unread}
        # In a batch whose table is not known, not even its literal columns were read.
        self.batches = any("batch_alter_table" in each.what for each in unread)
        self.said = said
        self.strings: list[str] = []
        self.holed: list[str] = []
        self.calls: dict[int, list[ast.Call]] = {}
        self.names: set[str] = set()
        self.foreign: set[str] = set()
        for node in _nodes(module, self._was_read):
            self._gather(node)

    def _was_read(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(attr=name), lineno=line):
                return is_directive(name) and line not in self.lines and not self.batches
        return False

    def _gather(self, node: ast.AST) -> None:
        match node:
            case ast.Constant(value=str() as text):
                self.strings.append(text)
            case ast.JoinedStr(values=parts):
                self.holed += [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            case ast.Call(lineno=line):
                self.calls.setdefault(line, []).append(node)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                self.names.add(name)
            case ast.Import(names=aliases):
                self.foreign |= {_bound(each) for each in aliases if each.name.split(".")[0] not in _KNOWN}
            case ast.ImportFrom(module=module, level=level, names=aliases):
                if level or (module or "").split(".")[0] not in _KNOWN:
                    self.foreign |= {_bound(each) for each in aliases}

    def suspicion(self, *, blind: bool) -> RawSqlEffects:
        taking = [text for text in self.strings if _takes(text)]
        lines = self.calls.keys() if self.batches else self.calls.keys() & self.lines
        helpers = self.batches or any(not _asks(self.calls[line]) for line in lines)
        sweeping = blind or self._looks(taking) or bool(_READING & self.names) or any(self._sweeps(line) for line in lines)
        words = words_in(" ".join(self.strings)) if taking or helpers or sweeping else frozenset[str]()
        return RawSqlEffects(words, sweeping, self.said)

    def _looks(self, taking: list[str]) -> bool:
        """Tell whether names that the database itself gives may be put into what takes away."""
        holes = any(_HOLE.search(text) for text in taking) or any(_takes(text) for text in self.holed)
        return holes and any(_LOOKING.search(each) for each in (*self.names, *self.strings))

    def _sweeps(self, line: int) -> bool:
        """Tell whether one of a line's calls may take something away that it is not told by a literal name."""
        calls = self.calls[line]
        if any(_tail(call) in _RUNNING for call in calls):
            return True
        if _asks(calls):
            return any(self._is_told_elsewhere(call) for call in calls if _tail(call) in QUERYING)
        return any(self._acts(call) for call in calls if not _holds_name(call))

    def _is_told_elsewhere(self, query: ast.Call) -> bool:
        inside = [node for given in (*query.args, *(word.value for word in query.keywords)) for node in ast.walk(given)]
        if any(isinstance(node, ast.Call) and _tail(node) in _STATEMENTS for node in inside):
            return False
        return any(isinstance(node, ast.Name) and node.id in self.foreign for node in inside)

    def _acts(self, call: ast.Call) -> bool:
        name = _tail(call)
        if is_directive(name):
            return name.startswith(_TAKING_DIRECTIVES)
        return name != "batch_alter_table" and _root(call) not in ("sa", "sqlalchemy") and not _HARMLESS.search(name)


def _nodes(module: ast.Module, was_read: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    """Yield what stands outside `downgrade()`, docstrings and what was read."""
    pending: list[ast.AST] = [statement for statement in module.body if not _takes_back(statement)]
    while pending:
        node = pending.pop()
        if was_read(node) or is_bare_constant(node):
            continue
        yield node
        pending.extend(ast.iter_child_nodes(node))


def _takes(sql: str) -> bool:
    return _TAKING.search(_ASIDE.sub("", sql)) is not None


def _takes_back(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name.startswith("downgrade")


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


def _asks(calls: list[ast.Call]) -> bool:
    """Tell whether a line sends something to the database, so that what matters is the SQL that it sends."""
    return any(_tail(call) in QUERYING | SAVING for call in calls)


def _holds_name(call: ast.Call) -> bool:
    """Tell whether a call is given a whole name, and so does nothing that its words would not tell."""
    given = [*call.args, *(word.value for word in call.keywords if word.arg not in ("type_", "schema"))]
    given += [element for each in given if isinstance(each, ast.List | ast.Tuple) for element in each.elts]
    return any(isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value not in _TYPES for each in given)


def _tail(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _root(call: ast.Call) -> str:
    node: ast.expr = call
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
