"""What an expression of literals is, without running anything: the values of identifiers are read through this."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from .identifiers import COMPUTED

LONGEST = 500
"""Longer texts and lists are not put together: no name is as long, and hostile input would double them without end."""


class ChangeableItems(tuple[object, ...]):
    """Hold the items of a list or a set, which whoever has it may change."""


class UnorderedItems(ChangeableItems):
    """Hold the items of a set; in which order Python has them is not known."""


def literal_value(expression: ast.expr, names: Mapping[str, object]) -> object:
    """Return the strings, None and tuples that an expression is made of, `names` followed; COMPUTED where it is more.

    A list becomes ChangeableItems, a set UnorderedItems.
    """
    try:
        return _value(expression, names)
    except RecursionError:
        return COMPUTED


def _value(expression: ast.expr, names: Mapping[str, object]) -> object:
    match expression:
        case ast.Constant(value=None | str() as constant):
            return constant
        case ast.Tuple(elts=items) if len(items) <= LONGEST:
            return tuple(_value(item, names) for item in items)
        case ast.List(elts=items) if len(items) <= LONGEST:
            return ChangeableItems(_value(item, names) for item in items)
        case ast.Set(elts=items) if len(items) <= LONGEST:
            return UnorderedItems(_value(item, names) for item in items)
        case ast.Name(id=name):
            return names.get(name, COMPUTED)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return joined(_value(left, names), _value(right, names))
        case ast.JoinedStr(values=parts):
            return concatenated([_value(formatted(part), names) for part in parts])
    return COMPUTED


def formatted(part: ast.expr) -> ast.expr:
    """Return the expression whose text a part of an f-string is; the part itself where a format or conversion alters the text."""
    match part:
        case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
            return inner
    return part


def joined(left: object, right: object) -> object:
    """Return what `left + right` is."""
    match left, right:
        case str() as one, str() as two if len(one) + len(two) <= LONGEST:
            return one + two
        case list() as one, list() as two if len(one) + len(two) <= LONGEST:
            return one + two
        case tuple() as one, tuple() as two if type(one) is type(two) and len(one) + len(two) <= LONGEST:
            return type(one)((*one, *two))
    return COMPUTED


def parts_of(value: object) -> Iterator[object]:
    """Yield a value and the items in it at any depth, what is shared once."""
    pending, seen = [value], set[int]()
    while pending:
        part = pending.pop()
        yield part
        if isinstance(part, tuple) and id(part) not in seen:
            seen.add(id(part))
            pending.extend(part)


def concatenated(parts: list[object]) -> object:
    """Return the text that an f-string of these parts is."""
    texts = [text for part in parts if (text := text_of(part)) is not None]
    return short("".join(texts)) if len(texts) == len(parts) else COMPUTED


def text_of(value: object) -> str | None:
    """Return what a short text or number looks like in another text; a huge number cannot be written out at all."""
    match value:
        case str() if len(value) <= LONGEST:
            return value
        case int() if value.bit_length() < 64:
            return str(value)
    return None


def short(value: object) -> object:
    """Return a text or list of bearable length, COMPUTED for a longer one."""
    return COMPUTED if isinstance(value, str | list) and len(value) > LONGEST else value
