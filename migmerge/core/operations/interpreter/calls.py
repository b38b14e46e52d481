"""What the calls of a script do: Alembic's directives, its own helpers, and what cannot be followed."""

from __future__ import annotations

import ast
import re

from ...script.identifiers import COMPUTED
from ...script.literals import LONGEST
from ..directives import is_directive, perform, table_item
from ..operation import Action
from ..schema_items import ItemLocation, NotLiteral, enum_operation, enums_in
from .expressions import OP, Expressions, Function
from .values import Arguments, Batch, Built, Class, Dotted, Method, attribute, blur, items_of, text_method

QUERYING = frozenset(
    ["execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars", "run_sync", "run_callable"]
)
_DEFINING = frozenset(["create", "drop", "create_all", "drop_all"])
SAVING = frozenset(
    ["add", "add_all", "merge", "delete", "flush", "query", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"]
)
_LOGGING = frozenset(["debug", "info", "warning", "warn", "error", "exception", "critical", "log", "echo"])
_HARMLESS = re.compile(
    r"(builtins|sqlalchemy|logging|warnings|datetime|time|json|re|uuid|enum|typing|collections|itertools|functools|math|random"
    r"|string|decimal|hashlib|textwrap|pprint|traceback|contextlib|copy|operator|csv|sys|pathlib|click|alembic\.context"
    r"|alembic\.util)\."
)
_RESULT = "the result of a query"
_RUNNING = frozenset(f"builtins.{name}" for name in ("exec", "eval", "compile", "__import__"))
_LOOKING = re.compile(r"^_?(?:is|has|get|inspect|check)_|exist|^inspect$")
_NOTHING = frozenset(["f", "get_bind", "get_context", "inline_literal", "register_operation", "implementation_for", "context"])
_SAME_OBJECT = frozenset(
    ["with_variant", "copy", "_copy", "desc", "asc", "nulls_first", "nulls_last", "nullsfirst", "nullslast", "label"]
)


class Calls(Expressions):
    """Evaluate calls, noting every directive among them."""

    def enter(self, function: Function, node: ast.expr, given: Arguments) -> object:
        """Read a function's body with the arguments bound."""
        raise NotImplementedError

    def call(self, node: ast.Call) -> object:
        """Return what a call gives, noting what it does to the schema."""
        statement = node is self.discarded
        match node.func:
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals" | "locals")), slice=key):
                return self._call_by_name(node, key)
            case ast.Call(func=ast.Name(id="eval"), args=[key]):
                return self._call_by_name(node, key)
        callee = self.evaluate(node.func)
        given = self.arguments(node)
        match callee:
            case Function():
                return self.enter(callee, node, given)
            case Dotted(path=path) if path.startswith(f"{OP}."):
                return self._directive(node, path.removeprefix(f"{OP}."), given)
            case Dotted(path=path) if path.startswith("builtins.") and path not in _RUNNING:
                return self._builtin(node, path.removeprefix("builtins."), given)
            case Method(owner=owner, name=name):
                return self._method(node, owner, name, given, statement=statement)
            case Class(name=name):
                return Built(name, given.args, given.keywords, node.lineno)
        return self._foreign(node, callee, given, statement=statement)

    def _call_by_name(self, node: ast.Call, key: ast.expr) -> object:
        """Read every function that the name may mean, as `upgrade()` of a script for several databases calls them."""
        name = self.evaluate(key)
        texts = (part.value for part in ast.walk(key) if isinstance(part, ast.Constant) and isinstance(part.value, str))
        prefix = next(texts, "").partition("%")[0].partition("{")[0]
        functions = {
            known: function
            for known, function in self.module.maps[0].items()
            if isinstance(function, Function) and (known == name or (name is COMPUTED and prefix and known.startswith(prefix)))
        }
        if not functions:
            self.miss(node, "a call of a function whose name is computed")
        for known, function in functions.items():
            self.database = known.removeprefix(prefix) if name is COMPUTED else self.database
            self.enter(function, node, Arguments(computed=True))
            self.database = None
        return COMPUTED

    def _directive(self, node: ast.Call, name: str, given: Arguments) -> object:
        match name, given.args:
            case "f", (marked, *_):
                return marked
            case "f", ():
                return given.keywords.get("name", COMPUTED)
            case "batch_alter_table", args:
                return self._batch(node, args[0] if args else given.keywords.get("table_name"), given)
        if name.split(".")[0] in _NOTHING:
            return Built(f"{OP}.{name}", line=node.lineno)
        self.note(perform(name, given, node.lineno))
        if name == "create_table":
            return Built("sqlalchemy.Table", given.args, given.keywords, node.lineno)
        return COMPUTED

    def _batch(self, node: ast.Call, table: object, given: Arguments) -> Batch:
        schema = given.keywords.get("schema", given.args[1] if len(given.args) > 1 else None)
        if not isinstance(table, str) or not isinstance(schema, str | None) or given.computed:
            self.miss(node, "op.batch_alter_table with a computed table name")
            return Batch(COMPUTED, None)
        if given.keywords.get("copy_from") is not None:
            self.miss(node, "op.batch_alter_table with copy_from, which leaves only what that table has")
        for item in items_of(given.keywords.get("table_args", ())) or ():
            self.note(table_item(item, ItemLocation(table, schema, node.lineno), "op.batch_alter_table"))
        return Batch(table, schema)

    def _builtin(self, node: ast.Call, name: str, given: Arguments) -> object:
        match name, given.args:
            case "list" | "sorted" | "set" | "frozenset", (values,):
                return _copied(values, list)
            case "tuple", (values,):
                return _copied(values, tuple)
            case "reversed", (values,):
                return (items_of(values) or [COMPUTED])[::-1]
            case "enumerate", (values,):
                return list(enumerate(items_of(values) or [COMPUTED]))
            case "zip", lists:
                return list(zip(*[items_of(each) or [COMPUTED] for each in lists], strict=False))
            case "dict", ():
                return dict(given.keywords) if not given.computed else COMPUTED
            case "str", (str() as text,):
                return text
            case "getattr", (owner, key, *_):
                return attribute(owner, key if isinstance(key, str) else "getattr()")
        if any(map(_is_op, given.values)) or (name in ("map", "filter") and any(map(_acts, given.values))):
            self.miss(node, f"{_shown(node.func)}(), which is given what changes the schema")
        return COMPUTED

    def _method(self, node: ast.Call, owner: object, name: str, given: Arguments, *, statement: bool) -> object:
        match owner:
            case Batch():
                return self._batch_method(node, owner, name, given)
            case str():
                return text_method(owner, name, given.args, given.keywords)
            case list() | dict():
                return self._changed(owner, name, given)
            case Built() if name in _SAME_OBJECT:
                return owner
            case Built() if name in ("create", "drop") and self._thing(node, owner, name, given):
                return COMPUTED
        if isinstance(owner, Built) and owner.path == _RESULT:
            return owner
        if self._queries(node, name):
            return Built(_RESULT)
        if any(map(_acts, given.values)) or is_directive(name) or (statement and isinstance(owner, Class)):
            self.miss(node, f"{_shown(node.func)}(), which cannot be followed")
        return Built("method", (owner,), line=node.lineno)

    def _batch_method(self, node: ast.Call, batch: Batch, name: str, given: Arguments) -> object:
        if name == "f":
            return given.args[0] if given.args else COMPUTED
        if name not in _NOTHING and (batch.table is not COMPUTED or name == "execute"):
            self.note(perform(name, given, node.lineno, batch))
        return COMPUTED

    def _changed(self, owner: list[object] | dict[object, object], name: str, given: Arguments) -> object:
        """Do a method of a list or dict; where that may not happen, what it holds is not known for sure."""
        before = len(owner)
        result = _changed(owner, name, given)
        if self.conditional and len(owner) > before:
            blur(owner)
        return result

    def _thing(self, node: ast.Call, built: Built, name: str, given: Arguments) -> bool:
        """Note the enum or the table that creates or drops itself."""
        if built.tail.lower() == "table" and "sqlalchemy" in built.path:
            args = (*built.args[:1], *built.args[2:]) if name == "create" else built.args[:1]
            words = {key: value for key, value in built.keywords.items() if key in ("schema", "prefixes")}
            if given.args[1:] or given.keywords.get("checkfirst", False) is not False:
                words |= {"if_not_exists": True} if name == "create" else {"if_exists": True}
            self.note(perform(f"{name}_table", Arguments(args, words), node.lineno))
            return True
        if not any(enums_in(built)):
            return False
        try:
            self.note(enum_operation(Action(name), built, None, node.lineno))
        except NotLiteral as computed:
            self.miss(node, f"{_shown(node.func)}() of an enum with a computed {str(computed).removeprefix('enum ')}")
        return True

    def _queries(self, node: ast.Call, name: str) -> bool:
        shown = _shown(node.func)
        if name in QUERYING:
            self.miss(node, f"raw SQL in {shown}")
        elif name in _DEFINING:
            self.miss(node, f"{shown}(), which may change the schema")
        elif name in SAVING and "session" in shown.lower():
            self.miss(node, f"rows in {shown}")
        else:
            return False
        return True

    def _foreign(self, node: ast.Call, callee: object, given: Arguments, *, statement: bool) -> object:
        path = callee.path if isinstance(callee, Dotted | Built) else ""
        tail = path.rpartition(".")[2]
        if path and path not in _RUNNING and self._queries(node, tail):
            return Built(_RESULT)
        harmless = path not in _RUNNING and (_HARMLESS.match(path) or tail in _LOGGING)
        touching = any(map(_acts, given.values)) or (any(map(_is_bind, given.values)) and not _LOOKING.search(tail))
        if any(map(_is_op, given.values)) or ((statement or touching) and not harmless):
            self.miss(node, f"{_shown(node.func)}(), which is {self._why(node.func, path)}")
        return Built(path, given.args, given.keywords, node.lineno)

    def _why(self, function: ast.expr, path: str) -> str:
        if path.startswith("builtins."):
            return "given code"
        if path:
            return "imported"
        unknown = isinstance(function, ast.Name) and function.id not in self.names
        return "not defined here" if unknown else "computed"


def _copied(values: object, kind: type[list[object]] | type[tuple[object, ...]]) -> object:
    found = items_of(values)
    return COMPUTED if found is None else kind(found)


def _changed(owner: list[object] | dict[object, object], name: str, given: Arguments) -> object:
    """Do what a method does to a list or dict; one that is not known leaves something unknown in it."""
    match owner, name, given.args:
        case dict(), "items", ():
            return list(owner.items())
        case dict(), "keys", ():
            return list(owner)
        case dict(), "values", ():
            return list(owner.values())
        case dict(), "get", (str() | int() as key, *_):
            return owner.get(key, COMPUTED)
        case list(), "append" | "add", (value,):
            owner.append(value)
        case list(), "extend", ((list() | tuple()) as values,) if len(owner) + len(values) <= LONGEST:
            owner.extend(values)
        case list(), "count" | "index" | "copy", _:
            return list(owner) if name == "copy" else COMPUTED
        case _:
            blur(owner)
    return COMPUTED


def _acts(value: object) -> bool:
    """Tell whether a value lets its holder change the schema."""
    return isinstance(value, Function) or _is_op(value)


def _is_op(value: object) -> bool:
    return isinstance(value, Batch) or (isinstance(value, Dotted) and f"{value.path}.".startswith(f"{OP}."))


def _is_bind(value: object) -> bool:
    return isinstance(value, Built) and value.path in (f"{OP}.get_bind", f"{OP}.get_context")


def _shown(function: ast.expr) -> str:
    """Return how the script spells a callee, its arguments left out."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name):
            return f"{_shown(owner)}.{name}"
        case ast.Call(func=inner):
            return f"{_shown(inner)}()"
    return "…"
