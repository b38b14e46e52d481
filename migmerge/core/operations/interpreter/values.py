"""The values that expressions of a script are known to have, and Python's operations on them, without running the script."""

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
class DottedName:
    """Stand for an imported object or a builtin, by its dotted name: "alembic.op.add_column"."""

    path: str

    @property
    def tail(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True, eq=False)
class CallResult:
    """Stand for the result of calling an imported object, `sa.Column(...)`: `path` is the dotted name of that object."""

    path: str
    args: tuple[object, ...] = ()
    keywords: dict[str, object] = field(default_factory=dict)
    line: int = 1

    @property
    def tail(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Arguments:
    """Hold the arguments of a call; `computed` where the items of a `*` or `**` argument are not known."""

    args: tuple[object, ...] = ()
    keywords: dict[str, object] = field(default_factory=dict)
    computed: bool = False

    @property
    def values(self) -> tuple[object, ...]:
        return *self.args, *self.keywords.values()


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Stand for the batch that `op.batch_alter_table` yields; `table` is COMPUTED where its name cannot be read."""

    table: object
    schema: object


@dataclass(frozen=True, slots=True, eq=False)
class ScriptClass:
    """Stand for a class of the script; `names` holds the names that its body binds."""

    name: str
    names: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """Stand for an attribute, a method for instance, of a value that is not known."""

    owner: object
    name: str


def attribute_of(owner: object, name: str) -> object:
    """Return the value of `owner.name`."""
    match owner:
        case DottedName(path=path):
            return DottedName(f"{path}.{name}")
        case ScriptClass(names=names):
            return names.get(name, Attribute(owner, name))
    return Attribute(owner, name)


def method_result(owner: object, name: str, given: Arguments, line: int) -> CallResult:
    """Return what stands for the result of `owner.name(...)`, where the owner is a value that is not known."""
    return CallResult(f"method.{name}()", (owner, *given.args), given.keywords, line)


def method_of(result: CallResult) -> str | None:
    """Return the method whose result a value is; None where it is the result of an imported object."""
    return result.path[len("method.") : -2] if result.path.startswith("method.") and result.path.endswith("()") else None


def is_same(one: object, other: object) -> bool:
    """Tell whether two values are certainly equal; lists are compared by identity, for a list may hold itself."""
    return one is other or (type(one) is type(other) and isinstance(one, str | int) and one == other)


def items_of(value: object) -> list[object] | None:
    """Return the items that a loop over a value visits, None where they are not known."""
    match value:
        case list() | tuple() | dict():
            return list(value)
    return None


def are_all_known(items: list[object] | None) -> bool:
    """Tell whether a loop visits just these items; an unknown item stands for any number of items."""
    return items is not None and not any(_is_unknown(item) for item in items)


def _is_unknown(item: object) -> bool:
    return item is COMPUTED or (isinstance(item, tuple) and any(part is COMPUTED for part in item))


def item_at(value: object, key: object) -> object:
    """Return the value of `value[key]`."""
    match value, key:
        case dict(), str() | int() | None:
            return value.get(key, COMPUTED)
        case Attribute(name="c" | "columns"), str():
            return Attribute(value, key)
        case (list() | tuple()) as items, int() as index if -len(items) <= index < len(items):
            return items[index]
    return COMPUTED


def set_item(owner: object, key: object, value: object, *, conditional: bool) -> None:
    """Do `owner[key] = value`; what is done conditionally leaves an unknown item."""
    match owner, key:
        case list(), int() if -len(owner) <= key < len(owner):
            owner[key] = COMPUTED if conditional else value
        case dict(), str() | int() | None:
            owner[key] = COMPUTED if conditional and key in owner else value
        case dict() | list(), _:
            forget_items(owner)
    if conditional and isinstance(owner, dict):
        add_unknown(owner)


def delete_item(owner: object, key: object, *, conditional: bool) -> None:
    """Do `del owner[key]`."""
    match owner, key:
        case dict(), str() | int() | None if not conditional:
            owner.pop(key, None)
        case dict() | list(), _:
            forget_items(owner)


def forget_items(owner: list[object] | dict[object, object]) -> None:
    """Forget the items of a list, and the values of a dict, where nobody knows which of them was changed."""
    if isinstance(owner, dict):
        owner.update(dict.fromkeys(owner, COMPUTED))
    else:
        owner.clear()
    add_unknown(owner)


def add_unknown(owner: list[object] | dict[object, object]) -> None:
    """Add an unknown item to a list or dict."""
    if isinstance(owner, dict):
        owner[COMPUTED] = COMPUTED
    else:
        owner.append(COMPUTED)


def merge_branches(branches: list[dict[str, object]]) -> dict[str, object]:
    """Return the values of names after branches of which one is taken; COMPUTED where the branches differ."""
    names: dict[str, object] = {}
    for branch in branches:
        for name, value in branch.items():
            names[name] = value if name not in names or is_same(names[name], value) else COMPUTED
    return names


def percent_format(template: str, values: object) -> object:
    """Return the text `template % values`; only of %s and %d, for a width can ask for gigabytes."""
    if len(template) > LONGEST or "%" in _PERCENT.sub("", template):
        return COMPUTED
    parts = values if isinstance(values, tuple | dict) else (values,)
    if any(text_of(part) is None for part in (parts.values() if isinstance(parts, dict) else parts)):
        return COMPUTED
    try:
        return short(template % parts)
    except (TypeError, ValueError, KeyError):
        return COMPUTED


def call_text_method(text: str, name: str, arguments: Arguments) -> object:
    """Return the value of `text.name(...)`."""
    args, keywords = arguments.args, arguments.keywords
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


def call_container_method(container: list[object] | dict[object, object], name: str, args: tuple[object, ...]) -> object:
    """Do `container.name(*args)` and return its value; an unknown method adds an unknown item."""
    match container, name, args:
        case dict(), "items", ():
            return list(container.items())
        case dict(), "keys", ():
            return list(container)
        case dict(), "values", ():
            return list(container.values())
        case dict(), "get", (str() | int() as key, *_):
            return container.get(key, COMPUTED)
        case list(), "append" | "add", (value,):
            container.append(value)
        case list(), "extend", ((list() | tuple()) as values,) if len(container) + len(values) <= LONGEST:
            container.extend(values)
        case list(), "count" | "index" | "copy", _:
            return list(container) if name == "copy" else COMPUTED
        case _:
            add_unknown(container)
    return COMPUTED
