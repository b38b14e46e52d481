"""Whether a value that came out of a file is what its declaration says."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


@cache
def _types_of_fields(declared: Any) -> tuple[Any, ...]:
    return tuple(get_type_hints(declared).values())


def has_type(value: object, declared: Any) -> bool:
    """Say whether a value has a declared type: a plain one, a union, a tuple, or a NamedTuple of them. A bool is no int."""
    origin, parts = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return any(has_type(value, part) for part in parts)
    if origin is tuple:
        kinds = parts[:1] * len(value) if isinstance(value, tuple) and parts[-1] is ... else parts
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(has_type, value, kinds))
    if hasattr(declared, "_fields"):
        kinds = _types_of_fields(declared)
        return type(value) is declared and isinstance(value, tuple) and all(map(has_type, value, kinds))
    return type(value) is declared
