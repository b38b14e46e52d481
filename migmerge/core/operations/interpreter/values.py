"""What an expression of a script is known to be, short of running it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...script.identifiers import COMPUTED
from ...script.literals import LONGEST, short, text_of

_PERCENT = re.compile(r"%(?:\(\w+\))?[sd]")
_BRACES = re.compile(r"\{\w*\}")
_TEXT_METHODS = frozenset(
    ["lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "replace", "removeprefix", "removesuffix", "split"]
)


@dataclass(frozen=True, slots=True, eq=False)
class Dotted:
    """Stand for what an import or a builtin name gives: "alembic.op.add_column"."""

    path: str

    @property
    def tail(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """Stand for what a call of something imported returns: `sa.Column(...)`."""

    path: str
    args: tuple[object, ...] = ()
    keywords: dict[str, object] = field(default_factory=dict)
    line: int = 1

    @property
    def tail(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Arguments:
    """Hold the values that a call is given; `computed` where a `*` or `**` of it is not known."""

    args: tuple[object, ...] = ()
    keywords: dict[str, object] = field(default_factory=dict)
    computed: bool = False

    @property
    def values(self) -> tuple[object, ...]:
        return *self.args, *self.keywords.values()


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Stand for what `op.batch_alter_table` yields; `table` is COMPUTED where it cannot be read."""

    table: object
    schema: object


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """Stand for a class of the script."""

    name: str
    names: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """Stand for an attribute of a value."""

    owner: object
    name: str


def attribute(owner: object, name: str) -> object:
    """Return what `owner.name` is."""
    match owner:
        case Dotted(path=path):
            return Dotted(f"{path}.{name}")
        case Class(names=names):
            return names.get(name, Method(owner, name))
    return Method(owner, name)


def same(one: object, other: object) -> bool:
    """Tell whether two values are certainly one; never looks into a list, which may hold itself."""
    return one is other or (type(one) is type(other) and isinstance(one, str | int) and one == other)


def items_of(value: object) -> list[object] | None:
    """Return what a loop over the value visits."""
    match value:
        case list() | tuple() | dict():
            return list(value)
    return None


def all_known(items: list[object] | None) -> bool:
    """Tell whether a loop visits just these items; what is unknown among them may be none or many."""
    return items is not None and not any(_is_unknown(item) for item in items)


def _is_unknown(item: object) -> bool:
    return item is COMPUTED or (isinstance(item, tuple) and any(part is COMPUTED for part in item))


def item_at(value: object, key: object) -> object:
    """Return what `value[key]` is."""
    match value, key:
        case dict(), str() | int() | None:
            return value.get(key, COMPUTED)
        case (list() | tuple()) as items, int() as place if -len(items) <= place < len(items):
            return items[place]
    return COMPUTED


def put(owner: object, key: object, value: object) -> None:
    """Do `owner[key] = value`."""
    match owner, key:
        case dict(), str() | int() | None if value is not COMPUTED:
            owner[key] = value
        case dict() | list(), _:
            blur(owner)


def blur(owner: list[object] | dict[object, object]) -> None:
    """Leave something unknown in a list or dict."""
    if isinstance(owner, dict):
        owner[COMPUTED] = COMPUTED
    else:
        owner.append(COMPUTED)


def merged(branches: list[dict[str, object]]) -> dict[str, object]:
    """Return what the names are behind branches of which only one is taken."""
    names: dict[str, object] = {}
    for branch in branches:
        for name, value in branch.items():
            names[name] = value if name not in names or same(names[name], value) else COMPUTED
    return names


def percent(template: str, values: object) -> object:
    """Return what `template % values` is; only %s and %d, for a width can ask for gigabytes."""
    if len(template) > LONGEST or "%" in _PERCENT.sub("", template):
        return COMPUTED
    parts = values if isinstance(values, tuple | dict) else (values,)
    if any(text_of(part) is None for part in (parts.values() if isinstance(parts, dict) else parts)):
        return COMPUTED
    try:
        return short(template % parts)
    except (TypeError, ValueError, KeyError):
        return COMPUTED


def text_method(text: str, name: str, args: tuple[object, ...], keywords: dict[str, object]) -> object:
    """Return what `text.name(...)` is."""
    if len(text) > LONGEST:
        return COMPUTED
    try:
        if name == "format":
            return _format(text, args, keywords)
        if name == "join":
            return _join(text, *args)
        if name in _TEXT_METHODS and all(isinstance(arg, str) and len(arg) <= LONGEST for arg in args):
            return short(getattr(text, name)(*args))
    except (TypeError, ValueError, LookupError):
        pass
    return COMPUTED


def _format(template: str, args: tuple[object, ...], keywords: dict[str, object]) -> object:
    if set("{}") & set(_BRACES.sub("", template)):
        return COMPUTED
    if any(text_of(value) is None for value in (*args, *keywords.values())):
        return COMPUTED
    return short(template.format(*args, **keywords))


def _join(separator: str, parts: object) -> object:
    texts = [part for part in items_of(parts) or [COMPUTED] if isinstance(part, str)]
    complete = len(texts) == len(items_of(parts) or [COMPUTED]) <= LONGEST
    return short(separator.join(texts)) if complete else COMPUTED
