"""SQL statements that sqlglot does not take apart: commands that are told by their first words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..operation import Action, ObjectKind, Operation, RowChange
from ..other_objects import with_other_objects
from ..schema_items import qualified

_PART = r"""(?:"[^"]+"|`[^`]+`|\w+)"""
_PARTS = rf"{_PART}(?:\s*,\s*{_PART})*"
_NAME = rf"(?P<name>{_PART}(?:\s*\.\s*{_PART})*)"
_OTHER = rf"(?P<other>{_PART}(?:\s*\.\s*{_PART})*)"
_VALUE = r"'(?P<value>(?:[^']|'')*)'"
_EXISTS = r"(?P<exists>if\s+(?:not\s+)?exists\s+)?"
_TABLE = rf"alter\s+table\s+{_EXISTS}(?:only\s+)?{_NAME}\s*\*?\s+"

_TRANSIENT = re.compile(
    r"(?:set|reset|show|begin|start|end|commit|rollback|savepoint|release|lock|unlock|vacuum|analy[sz]e|reindex|refresh|cluster|use"
    r"|pragma|discard|checkpoint|notify|listen|unlisten|optimize|flush|kill|describe|desc)\b",
    re.IGNORECASE,
)
"""What changes nothing that lasts, or no names."""

_ELSEWHERE = re.compile(
    r"(?:(?:create(?:\s+or\s+replace|\s+or\s+alter)?|alter|drop)(?:\s+(?:default|constraint|temp|temporary|event|recursive|definer\s*=\s*\S+"
    r"|trusted|procedural))*"
    r"\s+(?:extension|role|user|group|sequence|function|procedure|routine|policy|collation|publication|subscription|operator|aggregate|cast"
    r"|rule|trigger|event|statistics|language|server|view|materialized\s+view|privileges|database|system|text\s+search|foreign\s+data)\b"
    r"|create\s+(?:schema|domain)\b|grant\b|revoke\b|comment\s+on\s+(?!table\b|column\b)|security\s+label\b)",
    re.IGNORECASE,
)
"""What changes something that is no table."""

_CASCADE = re.compile(r"\bdrop\b(?!\s+(?:view|materialized|trigger|policy|rule)\b).*\bcascade\b", re.IGNORECASE | re.DOTALL)
_MORE_ACTIONS = re.compile(r",\s*(?:add|drop|alter|rename|change|modify|set|enable|disable)\b", re.IGNORECASE)
_SEVERAL = re.compile(r";\s*\S")
_USED_TABLE = re.compile(
    rf"\b(?:from|join|insert\s+into|update|delete\s+from|on(?!\s+(?:conflict|delete|update|duplicate)\b))\s+(?:only\s+)?{_NAME}",
    re.IGNORECASE,
)
_NO_TABLE = frozenset(
    ["select", "set", "of", "or", "unnest", "generate_series", "lateral", "new", "old", "table", "column", "schema"]
)
_LINE_COMMENT = re.compile(r"--[^\n]*")


def command_effects(sql: str, line: int) -> list[Operation] | None:
    """Return what one statement does, None where its words do not tell."""
    text = _LINE_COMMENT.sub(" ", _without_comments(sql)).strip().rstrip("; \n\t")
    for pattern, effects in _COMMANDS:
        if (found := pattern.fullmatch(text)) and not _MORE_ACTIONS.search(text):
            return list(effects(found, line))
    elsewhere = _ELSEWHERE.match(text)
    if _SEVERAL.search(text) and not elsewhere:
        return None
    if _TRANSIENT.match(text):
        return []
    return _elsewhere(text, line) if elsewhere and not _CASCADE.match(text) else None


def _without_comments(sql: str) -> str:
    # Not by a pattern: comments that never end would make it look to the end again and again.
    kept, rest = [], sql
    while rest:
        before, opened, rest = rest.partition("/*")
        kept.append(before)
        rest = rest.partition("*/")[2] if opened else ""
    return " ".join(kept)


def _elsewhere(text: str, line: int) -> list[Operation]:
    """Refer to the tables that the definition of a function, a trigger or a view names, and to what is no table."""
    named = (found["name"] for found in _USED_TABLE.finditer(text))
    tables = dict.fromkeys(_name(each) for each in named if each.casefold() not in _NO_TABLE)
    return [
        *with_other_objects(Operation(Action.REFER, ObjectKind.TABLE, None, None, line), text),
        *(Operation(Action.REFER, ObjectKind.TABLE, table, None, line) for table in tables),
    ]


def _name(written: str) -> str:
    """Return a name as SQLAlchemy would spell it, its schema in front."""
    parts = [part.strip().strip('"`') for part in re.findall(_PART, written)]
    return qualified(parts[-1], ".".join(parts[:-1]) or None)


def _add_value(found: re.Match[str], line: int) -> Iterator[Operation]:
    value = found["value"].replace("''", "'")
    yield Operation(Action.CREATE, ObjectKind.VALUE, _name(found["name"]), value, line, guarded=bool(found["exists"]))


def _rename_value(found: re.Match[str], line: int) -> Iterator[Operation]:
    yield Operation(Action.RENAME, ObjectKind.VALUE, _name(found["name"]), found["value"], line, found["new"])


def _rename_type(found: re.Match[str], line: int) -> Iterator[Operation]:
    yield Operation(Action.RENAME, ObjectKind.ENUM, None, _name(found["name"]), line, _name(found["other"]))


def _alter_type(found: re.Match[str], line: int) -> Iterator[Operation]:
    yield Operation(Action.REFER, ObjectKind.ENUM, None, _name(found["name"]), line)


def _refer(found: re.Match[str], line: int) -> Iterator[Operation]:
    yield Operation(Action.REFER, ObjectKind.TABLE, _name(found["name"]), None, line)
    if found.groupdict().get("other"):
        yield Operation(Action.REFER, ObjectKind.TABLE, _name(found["other"]), None, line)


def _validate(found: re.Match[str], line: int) -> Iterator[Operation]:
    yield Operation(Action.REFER, ObjectKind.CONSTRAINT, _name(found["name"]), _name(found["other"]), line)


def _rename_constraint(found: re.Match[str], line: int) -> Iterator[Operation]:
    table = _name(found["name"])
    yield Operation(Action.RENAME, ObjectKind.CONSTRAINT, table, _name(found["other"]), line, _name(found["new"]))


def _alter_column(found: re.Match[str], line: int) -> Iterator[Operation]:
    yield Operation(Action.ALTER, ObjectKind.COLUMN, _name(found["name"]), _name(found["other"]), line)


def _take_index(found: re.Match[str], line: int) -> Iterator[Operation]:
    """Make a constraint of an index, which then has the constraint's name."""
    table = _name(found["name"])
    yield Operation(Action.DROP, ObjectKind.INDEX, table, _name(found["index"]), line)
    yield Operation(Action.CREATE, ObjectKind.CONSTRAINT, table, _name(found["other"]), line, indexed=True)


def _rename_tables(found: re.Match[str], line: int) -> Iterator[Operation]:
    for pair in found["pairs"].split(","):
        old, new = re.split(r"\s+to\s+", pair.strip(), flags=re.IGNORECASE)
        yield Operation(Action.RENAME, ObjectKind.TABLE, _name(old), None, line, _name(new))


def _replace(found: re.Match[str], line: int) -> Iterator[Operation]:
    columns = tuple(_name(each) for each in re.findall(_PART, found["columns"] or ""))
    yield Operation(Action.REFER, ObjectKind.TABLE, _name(found["name"]), None, line, columns=columns, rows=RowChange.INSERT)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_PAIR = rf"{_PART}(?:\.{_PART})?\s+to\s+{_PART}(?:\.{_PART})?"
_COMMANDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], Iterator[Operation]]], ...] = (
    (_pattern(rf"alter\s+type\s+{_NAME}\s+add\s+value\s+{_EXISTS}{_VALUE}(?:\s+(?:before|after)\s+'[^']*')?"), _add_value),
    (_pattern(rf"alter\s+type\s+{_NAME}\s+rename\s+value\s+{_VALUE}\s+to\s+'(?P<new>[^']*)'"), _rename_value),
    (_pattern(rf"alter\s+type\s+{_NAME}\s+rename\s+to\s+{_OTHER}"), _rename_type),
    (_pattern(rf"alter\s+(?:type|domain)\s+{_NAME}\s+owner\s+to\b.*"), _alter_type),
    (_pattern(rf"{_TABLE}validate\s+constraint\s+{_OTHER}"), _validate),
    (_pattern(rf"{_TABLE}rename\s+constraint\s+{_OTHER}\s+to\s+(?P<new>{_PART})"), _rename_constraint),
    (
        _pattern(rf"{_TABLE}add\s+constraint\s+{_OTHER}\s+(?:primary\s+key|unique)\s+using\s+index\s+(?P<index>{_PART})[^,]*"),
        _take_index,
    ),
    (_pattern(rf"{_TABLE}attach\s+partition\s+{_OTHER}\b.*"), _refer),
    (
        _pattern(
            rf"{_TABLE}alter\s+(?:column\s+)?{_OTHER}\s+(?:add\s+generated|set\s+(?:statistics|storage|generated|compression)"
            r"|drop\s+(?:identity|expression)|restart)\b.*"
        ),
        _alter_column,
    ),
    (
        _pattern(
            rf"{_TABLE}(?:owner\s+to|enable|disable|force|no\s+force|set\s*\(|set\s+(?:logged|unlogged|tablespace|access|without)|reset"
            r"|replica|cluster\s+on|convert\s+to|default\s+char|character\s+set|engine|row_format|auto_increment|no\s+inherit|inherit).*"
        ),
        _refer,
    ),
    (_pattern(rf"rename\s+table\s+(?P<pairs>{_PAIR}(?:\s*,\s*{_PAIR})*)"), _rename_tables),
    (_pattern(rf"replace\s+into\s+{_NAME}\s*(?:\(\s*(?P<columns>(?:{_PARTS})?)\s*\))?\s*(?:values|select)\b.*"), _replace),
)
