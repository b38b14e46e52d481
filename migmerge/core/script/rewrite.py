"""Giving a script other identifiers, by position: every other byte of it stays as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import MigmergeError
from ..revision import Identifiers
from .read import encoding_of, read_carefully
from .syntax import NotPython, parse

_NEW_LINE = re.compile(r"\r\n|\r|\n")
_PLAIN = re.compile(r"""([uU]?)(['"])[^'"\\\n]*\2""")
_OPENING = re.compile(r"""[a-zA-Z]*(\"{3}|'{3}|"|')""")


@dataclass(frozen=True, slots=True)
class _Edit:
    """Put `text` in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def rewrite(data: bytes, wanted: Identifiers, path: str) -> bytes:
    """Return a script that has the ids and labels of `wanted`, in the code and in the docstring.

    `path` is for the message alone.

    Raises:
        MigmergeError: where the result would not say just that, or would say anything else anew.
    """
    current = read_carefully(data)
    if not isinstance(current, Identifiers):
        raise _by_hand(path, current.reason)
    try:
        written = _written(data, current, wanted)
    except (NotPython, UnicodeError, LookupError, _Unclear) as error:
        raise _by_hand(path, str(error)) from error
    if read_carefully(written) != current._replace(
        revision=wanted.revision,
        down_revisions=wanted.down_revisions,
        branch_labels=wanted.branch_labels,
        depends_on=wanted.depends_on,
    ):
        raise _by_hand(path, "its identifiers are not plain literals")
    return written


_Change = tuple[tuple[str, ...], tuple[str, ...]]
"""Old and new names."""


class _Unclear(Exception):
    """Say what keeps an identifier from being replaced without losing something."""


def _by_hand(path: str, reason: str) -> MigmergeError:
    return MigmergeError(f"{path} cannot be rewritten: {reason}", hint="migmerge fix --strategy merge")


def _written(data: bytes, current: Identifiers, wanted: Identifiers) -> bytes:
    try:
        encoding = encoding_of(data)
    except SyntaxError as error:  # Python itself minds no encoding where it finds a comment alone
        raise _Unclear("its encoding is not what it declares") from error
    text = data.decode(encoding)
    if text.encode(encoding) != data:
        raise _Unclear(f"its bytes are not those that {encoding} would write")
    edits = sorted(_edits(text, current, wanted), key=lambda edit: edit.start, reverse=True)
    for edit in edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text.encode(encoding)


def _edits(text: str, current: Identifiers, wanted: Identifiers) -> Iterator[_Edit]:
    module = parse(text.removeprefix("\ufeff"))
    source = _Source(text)
    changes = {
        "revision": ((current.revision,), (wanted.revision,)),
        "down_revision": (current.down_revisions, wanted.down_revisions),
        "branch_labels": (current.branch_labels, wanted.branch_labels),
        "depends_on": (current.depends_on, wanted.depends_on),
    }
    for name, (old, new) in changes.items():
        if old != new:
            yield from _value_edits(source, _last_value(module, name), old, new)
    yield from _docstring_edits(source, module, {name: change for name, change in changes.items() if change[0] != change[1]})


class _Source:
    """Find the characters of a node: `ast` counts lines, and within them the bytes of UTF-8."""

    def __init__(self, text: str) -> None:
        self.text = text
        first = len(text) - len(text.removeprefix("\ufeff"))
        self._starts = [first, *(end.end() for end in _NEW_LINE.finditer(text))]

    def span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._position(node.lineno, node.col_offset), self._position(node.end_lineno, node.end_col_offset)

    def _position(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        return start + len(self.text[start : start + column].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _last_value(module: ast.Module, name: str) -> ast.expr:
    """Return the expression that the module assigns to a name, the last one where there are several."""
    found = None
    for statement in module.body:
        match statement:
            case ast.Assign(targets=targets, value=value) if any(
                isinstance(each, ast.Name) and each.id == name for each in targets
            ):
                found = value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                found = value
    if found is None:
        raise _Unclear(f"{name} is not assigned by itself")
    return found


def _value_edits(source: _Source, value: ast.expr, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[_Edit]:
    """Replace the strings of a value one by one; where their number changes, or it is no literal, the whole value."""
    strings = [(node, node.value) for node in ast.walk(value) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    literal = isinstance(value, ast.Constant | ast.Tuple | ast.List | ast.Set)
    if literal and len(old) == len(new) and sorted(text for _, text in strings) == sorted(old):
        renamed = dict(zip(old, new, strict=True))
        for node, name in strings:
            if renamed[name] != name:
                start, end = source.span(node)
                yield _Edit(start, end, _quoted(source.text[start:end], renamed[name]))
        return
    start, end = source.span(value)
    if "#" in source.text[start:end]:
        raise _Unclear("a comment stands among its parents")
    yield _Edit(start, end, repr(new[0] if len(new) == 1 else new or None))


def _quoted(before: str, name: str) -> str:
    """Write a string with the prefix and the quotes of the one it replaces."""
    plain = _PLAIN.fullmatch(before)
    return f"{plain[1]}{plain[2]}{name}{plain[2]}" if plain else repr(name)


def _docstring_edits(source: _Source, module: ast.Module, changed: Mapping[str, _Change]) -> Iterator[_Edit]:
    """Let the docstring's lines say what the code says."""
    match module.body:
        case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
            start, end = source.span(docstring)
        case _:
            return
    opening = _OPENING.match(source.text, start)
    quote = len(opening[1]) if opening else 1
    first = opening.end() if opening else start + 1
    inner = source.text[first : end - quote]
    for name, label in (("revision", "Revision ID"), ("down_revision", "Revises")):
        lines = re.finditer(rf"(?:^|\r)[ \t]*{label}:([^\r\n]*)", inner, re.MULTILINE)
        old, new = changed.get(name, ((), ()))
        if new and (line := min(lines, key=lambda line: _strangeness(line[1], old), default=None)):
            yield _Edit(first + line.start(1), first + line.end(1), " " + ", ".join(new))


def _strangeness(said: str, old: tuple[str, ...]) -> tuple[bool, int]:
    """Sort the line that names the old parents first, then a stale one with as few words; what is left is prose."""
    words = [word for word in re.split(r"[,\s]+", said) if word]
    return set(words) != set(old), len(words)
