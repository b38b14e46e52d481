"""Evaluate the calls of a script: Alembic's directives, functions of the script, and functions that cannot be read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from ...script.identifiers import COMPUTED
from ..directives import is_directive, perform, rebuilds_table, table_item
from ..operation import Action, Unread
from ..queries import Query, query_effects, sql_of, table_of_class
from ..schema_items import ItemLocation, NotLiteral, enum_operation, enums_in
from ..sql.words import words_in_sql
from .expressions import OP, Expressions, ScriptFunction
from .values import (
    Arguments,
    Attribute,
    Batch,
    CallResult,
    DottedName,
    ScriptClass,
    add_unknown,
    attribute_of,
    call_container_method,
    call_text_method,
    items_of,
    method_result,
)

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
_QUERY_RESULT = "the result of a query"
_RUNS_CODE = frozenset(f"builtins.{name}" for name in ("exec", "eval", "compile", "__import__"))
_HOLE = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}")
_MOST_SQL = 64 * 1024
"""Characters of SQL that are read of one script, in loops and helpers too; of 2,118 real scripts, one has 26,817."""

_NAMES_TABLE = re.compile(r"\b(?:table|from|join|into|update|on|index|view|type|exists|only)\s*[\"'`]?$", re.IGNORECASE)
_INSPECTING = re.compile(r"^_?(?:is|has|get|inspect|check)_|exist|^inspect$")
_WITHOUT_EFFECT = frozenset(
    ["f", "get_bind", "get_context", "inline_literal", "register_operation", "implementation_for", "context"]
)
_SAME_OBJECT = frozenset(
    ["with_variant", "copy", "_copy", "desc", "asc", "nulls_first", "nulls_last", "nullsfirst", "nullslast", "label"]
)


class Calls(Expressions):
    """Evaluate calls, and note the operations of directives and the calls that cannot be read."""

    def call_function(self, function: ScriptFunction, node: ast.expr, given: Arguments) -> object:
        """Read the body of a function with its parameters bound to `given`."""
        raise NotImplementedError

    def call(self, node: ast.Call) -> object:
        """Return the value of a call, and note its operations."""
        statement = node is self.discarded
        match node.func:
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals" | "locals")), slice=key):
                return self._call_by_name(node, key)
            case ast.Call(func=ast.Name(id="eval"), args=[key]):
                return self._call_by_name(node, key)
        callee = self.evaluate(node.func)
        given = self.arguments(node)
        match callee:
            case ScriptFunction():
                return self.call_function(callee, node, given)
            case DottedName(path=path) if path.startswith(f"{OP}."):
                return self._directive(node, path.removeprefix(f"{OP}."), given)
            case DottedName(path=path) if path.startswith("builtins.") and path not in _RUNS_CODE:
                return self._builtin(node, path.removeprefix("builtins."), given)
            case Attribute(owner=owner, name=name):
                return self._method(node, owner, name, given, statement=statement)
            case ScriptClass(name=name):
                return CallResult(name, given.args, given.keywords, node.lineno)
        return self._other_call(node, callee, given, statement=statement)

    def _call_by_name(self, node: ast.Call, key: ast.expr) -> object:
        """Read every function whose name `key` may be, as `upgrade()` of a script for several databases calls them."""
        name = self.evaluate(key)
        texts = (part.value for part in ast.walk(key) if isinstance(part, ast.Constant) and isinstance(part.value, str))
        prefix = next(texts, "").partition("%")[0].partition("{")[0]
        functions = {
            known: function
            for known, function in self.module.maps[0].items()
            if isinstance(function, ScriptFunction)
            and (known == name or (name is COMPUTED and prefix and known.startswith(prefix)))
        }
        if not functions:
            self.note_unread(node, "a call of a function whose name is computed")
        for known, function in functions.items():
            self.database = known.removeprefix(prefix) if name is COMPUTED else self.database
            self.call_function(function, node, Arguments(computed=True))
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
        if name.split(".")[0] in _WITHOUT_EFFECT:
            return CallResult(f"{OP}.{name}", line=node.lineno)
        if name == "execute":
            self._send(node, "op.execute", given)
            return COMPUTED
        self.note(perform(name, given, node.lineno))
        if name == "create_table":
            return CallResult("sqlalchemy.Table", given.args, given.keywords, node.lineno)
        return COMPUTED

    def _batch(self, node: ast.Call, table: object, given: Arguments) -> Batch:
        schema = given.keywords.get("schema", given.args[1] if len(given.args) > 1 else None)
        if not isinstance(table, str) or not isinstance(schema, str | None) or given.computed:
            self.note_unread(node, "op.batch_alter_table with a computed table name")
            return Batch(COMPUTED, None)
        if given.keywords.get("copy_from") is not None:
            self.note_unread(node, "op.batch_alter_table with copy_from, which leaves only what that table has")
        for item in items_of(given.keywords.get("table_args", ())) or ():
            self.note(table_item(item, ItemLocation(table, schema, node.lineno), "op.batch_alter_table"))
        batch = Batch(table, schema)
        if given.keywords.get("recreate", "auto") not in ("auto", "never"):
            self.rebuilding.add(batch)
        return batch

    def _builtin(self, node: ast.Call, name: str, given: Arguments) -> object:
        match name, given.args:
            case "list" | "sorted" | "set" | "frozenset", (values,):
                return _as_container(values, list)
            case "tuple", (values,):
                return _as_container(values, tuple)
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
                return attribute_of(owner, key if isinstance(key, str) else "getattr()")
        if any(map(_is_op, given.values)) or (name in ("map", "filter") and any(map(_can_change_schema, given.values))):
            self.note_unread(node, f"{_spelling(node.func)}(), which is given what changes the schema")
        return COMPUTED

    def _method(self, node: ast.Call, owner: object, name: str, given: Arguments, *, statement: bool) -> object:
        match owner:
            case Batch():
                return self._batch_method(node, owner, name, given)
            case str():
                return call_text_method(owner, name, given)
            case list() | dict():
                return self._container_method(owner, name, given)
            case CallResult() if name in _SAME_OBJECT:
                return owner
            case CallResult() if name in ("create", "drop") and self._creates_or_drops_itself(node, owner, name, given):
                return COMPUTED
        if isinstance(owner, CallResult) and owner.path == _QUERY_RESULT:
            return owner
        if self._note_query(node, name, given):
            return CallResult(_QUERY_RESULT)
        if any(map(_can_change_schema, given.values)) or is_directive(name) or (statement and isinstance(owner, ScriptClass)):
            self.note_unread(node, f"{_spelling(node.func)}(), which cannot be followed")
        return method_result(owner, name, given, node.lineno)

    def _batch_method(self, node: ast.Call, batch: Batch, name: str, given: Arguments) -> object:
        if name == "f":
            return given.args[0] if given.args else COMPUTED
        if name == "execute":
            self._send(node, "batch_op.execute", given)
        elif name not in _WITHOUT_EFFECT and batch.table is not COMPUTED:
            before = len(self.done)
            self.note(perform(name, given, node.lineno, batch))
            self.batched.setdefault(batch, []).extend(range(before, len(self.done)))
            if rebuilds_table(name, given):
                self.rebuilding.add(batch)
        return COMPUTED

    def _container_method(self, container: list[object] | dict[object, object], name: str, given: Arguments) -> object:
        """Do a method of a list or dict; items that are added conditionally leave an unknown item."""
        before = len(container)
        result = call_container_method(container, name, given.args)
        if self.conditional and len(container) > before:
            add_unknown(container)
        return result

    def _creates_or_drops_itself(self, node: ast.Call, item: CallResult, name: str, given: Arguments) -> bool:
        """Note `item.create()` or `item.drop()`; tell whether the item is a table or an enum, which have these methods."""
        if item.tail.lower() == "table" and "sqlalchemy" in item.path:
            args = (*item.args[:1], *item.args[2:]) if name == "create" else item.args[:1]
            keywords = {key: value for key, value in item.keywords.items() if key in ("schema", "prefixes")}
            if _checks_first(given, by_default=False):
                keywords |= {"if_not_exists": True} if name == "create" else {"if_exists": True}
            self.note(perform(f"{name}_table", Arguments(args, keywords), node.lineno))
            return True
        if not any(enums_in(item)):
            return False
        guarded = _checks_first(given, by_default="postgresql" in item.path)
        try:
            self.note(enum_operation(Action(name), item, None, node.lineno, guarded=guarded))
        except NotLiteral as computed:
            self.note_unread(node, f"{_spelling(node.func)}() of an enum with a computed {str(computed).removeprefix('enum ')}")
        return True

    def _note_query(self, node: ast.Call, name: str, given: Arguments) -> bool:
        """Note a call that sends SQL or rows; tell whether the call is one."""
        spelling = _spelling(node.func)
        if name in QUERYING:
            self._send(node, spelling, given)
        elif name in _DEFINING:
            self.note_unread(node, f"{spelling}(), which may change the schema")
        elif name in SAVING and "session" in spelling.lower():
            tables = [table_of_class(each) for each in given.values]
            words = frozenset(table.casefold() for table in tables if table) if tables and all(tables) else None
            self.note([Unread(node.lineno, f"rows in {spelling}", words)])
        else:
            return False
        return True

    def _send(self, node: ast.Call, spelling: str, given: Arguments) -> None:
        """Note what is sent to the database."""
        values = given.values
        statement, rows = (*values, None, None)[:2] if values else (COMPUTED, None)
        self.sql_characters += len(sql_of(statement) or "")
        if self.sql_characters > _MOST_SQL:
            self.note([Unread(node.lineno, f"raw SQL in {spelling}, of which there is too much", _words_at(node))])
            return
        query = Query(statement, rows, node.lineno, f"raw SQL in {spelling}", self.dialect)
        for effect in query_effects(query):
            if isinstance(effect, Unread) and effect.words is None:
                effect = replace(effect, words=_words_at(node))
            self.note([effect])

    def _other_call(self, node: ast.Call, callee: object, given: Arguments, *, statement: bool) -> object:
        """Evaluate a call of an object that is imported or not known; note the call as unread where it may change the schema."""
        path = callee.path if isinstance(callee, DottedName | CallResult) else ""
        tail = path.rpartition(".")[2]
        if path and path not in _RUNS_CODE and self._note_query(node, tail, given):
            return CallResult(_QUERY_RESULT)
        harmless = path not in _RUNS_CODE and (_HARMLESS.match(path) or tail in _LOGGING)
        touches_schema = any(map(_can_change_schema, given.values)) or (
            any(map(_is_bind, given.values)) and not _INSPECTING.search(tail)
        )
        if any(map(_is_op, given.values)) or ((statement or touches_schema) and not harmless):
            self.note_unread(node, f"{_spelling(node.func)}(), which is {self._why_unread(node.func, path)}")
        return CallResult(path, given.args, given.keywords, node.lineno)

    def _why_unread(self, function: ast.expr, path: str) -> str:
        if path.startswith("builtins."):
            return "given code"
        if path:
            return "imported"
        unknown = isinstance(function, ast.Name) and function.id not in self.names
        return "not defined here" if unknown else "computed"


def _as_container(values: object, kind: type[list[object]] | type[tuple[object, ...]]) -> object:
    found = items_of(values)
    return COMPUTED if found is None else kind(found)


def _can_change_schema(value: object) -> bool:
    """Tell whether a function that is given the value can change the schema with it."""
    return isinstance(value, ScriptFunction) or _is_op(value)


def _is_op(value: object) -> bool:
    return isinstance(value, Batch) or (isinstance(value, DottedName) and f"{value.path}.".startswith(f"{OP}."))


def _is_bind(value: object) -> bool:
    return isinstance(value, CallResult) and value.path in (f"{OP}.get_bind", f"{OP}.get_context")


def _checks_first(given: Arguments, *, by_default: bool) -> bool:
    """Tell whether `create` or `drop` of SQLAlchemy may do nothing; a value that is not known may be true."""
    return bool((*given.args[1:2], given.keywords.get("checkfirst", by_default))[0] is not False)


def _spelling(function: ast.expr) -> str:
    """Return how the script spells a callee, its arguments left out."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name):
            return f"{_spelling(owner)}.{name}"
        case ast.Call(func=inner):
            return f"{_spelling(inner)}()"
    return "…"


def _words_at(node: ast.Call) -> frozenset[str] | None:
    """Return the words of the SQL that stands in a call, casefolded; None where a table's name may be computed."""
    texts = [text for argument in node.args[:1] for text in _texts_in(argument)]
    if not texts or any(_NAMES_TABLE.search(text) for text in texts):
        return None
    return words_in_sql(" ".join(texts))


def _texts_in(argument: ast.expr) -> Iterator[str]:
    """Yield the literal parts of a text, each up to the next part that is not."""
    for each in ast.walk(argument):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from _HOLE.split(each.value)
