"""The functions of a script, read from its text; a script that Python does not parse has none."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from .read import source_text
from .syntax import NotPython, is_bare_constant, parse, walk_scope


def function_body(data: bytes, function: str) -> tuple[str, ...]:
    """Return the lines of a function's body, without its indentation; none where there is no such function.

    In a script for several databases the function only calls those that bear its name with a database's behind it:
    `downgrade_log`. Each of these that does something follows under its name.
    """
    text, _ = source_text(data)
    functions = _functions(text)
    parts = [name for name in functions if name.startswith(f"{function}_") and not _is_idle(functions[name])]
    below = (line for name in parts for line in (f"{name}():", *(f"    {each}" for each in _body_lines(text, functions[name]))))
    return (*(_body_lines(text, functions[function]) if function in functions else ()), *below)


def function_code(data: bytes, function: str) -> str:
    """Return what a function does in a form that can be compared, whatever its layout; empty where there is none."""
    found = _functions(source_text(data)[0])
    return "".join(ast.dump(node) for name, node in found.items() if name == function or name.startswith(f"{function}_"))


def calls_in(data: bytes, function: str, database: str = "") -> frozenset[str]:
    """Return the statements of a function that call something, in a form that can be compared, with the blocks around each.

    Of a function that only calls those for several databases, they are those for one of them.
    """
    functions = _functions(source_text(data)[0])
    node = functions.get(function)
    if node and any(map(_is_call_by_name, ast.walk(node))):
        node = functions.get(f"{function}_{database}")
    return frozenset(_calls(node.body, ())) if node else frozenset()


def call_form(call: ast.expr, around: Sequence[ast.With]) -> str:
    """Return a call in the form of `calls_in`: in a block for another table it is another call."""
    return " ".join([*(ast.dump(item.context_expr) for block in around for item in block.items), ast.dump(call)])


def _calls(body: Iterable[ast.AST], around: tuple[ast.With, ...]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield call_form(node.value, around)
        yield from _calls(ast.iter_child_nodes(node), (*around, node) if isinstance(node, ast.With) else around)


def _is_call_by_name(node: ast.AST) -> bool:
    """Say whether a node is `globals()["upgrade_%s" % engine_name]()`, as the templates for several databases write it."""
    match node:
        case ast.Call(func=ast.Subscript(value=ast.Call(func=ast.Name(id="globals")))):
            return True
    return False


def raises(data: bytes, function: str) -> bool:
    """Return whether a function raises whatever the database holds, as a migration does that cannot be taken back."""
    node = _functions(source_text(data)[0]).get(function)
    for statement in node.body if node else ():
        if isinstance(statement, ast.Raise):
            return True
        if any(isinstance(inner, ast.Return) for inner in walk_scope(statement)):
            return False
    return False


def does_nothing(data: bytes, function: str) -> bool:
    """Return whether a function is missing, or only passes."""
    node = _functions(source_text(data)[0]).get(function)
    return node is None or _is_idle(node)


def _functions(text: str) -> dict[str, ast.FunctionDef]:
    """Return the functions of a script by name; of two with one name the last, as in Python."""
    try:
        module = parse(text)
    except NotPython:
        return {}
    return {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}


def _body_lines(text: str, function: ast.FunctionDef) -> tuple[str, ...]:
    first = function.body[0]
    start = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))])
    if start == function.lineno:  # def downgrade(): pass
        return (ast.get_source_segment(text, first) or "",)
    # Not `splitlines`, which ends a line at a form feed too.
    lines = text.split("\n")[start - 1 : function.end_lineno]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return tuple(line[margin:].rstrip() for line in lines)


def _is_idle(function: ast.FunctionDef) -> bool:
    return all(_says_nothing(statement) for statement in function.body)


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or is_bare_constant(statement)
