"""The models against the schema, by Alembic's own comparison, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


_MODIFIED = {
    "modify_type": "type",
    "modify_nullable": "nullability",
    "modify_default": "default",
    "modify_comment": "comment",
}


def differences(context: MigrationContext) -> tuple[str, ...] | None:
    """Return how the models that env.py names differ from the database; None where it names none."""
    from alembic.autogenerate import compare_metadata

    metadata = context.opts.get("target_metadata")
    if metadata is None:
        return None
    found = [each for diff in compare_metadata(context, metadata) for each in _flat(diff)]
    whole = {item.key for name, item, *_ in found if name in ("add_table", "remove_table")}
    return tuple(sorted({_words(each) for each in found if _table_of(each) not in whole}))


def _flat(diff: Any) -> Iterator[tuple[Any, ...]]:
    """Yield single differences: those of one column come as a list."""
    if isinstance(diff, list):
        yield from diff
    else:
        yield diff


def _table_of(diff: tuple[Any, ...]) -> str | None:
    """Return the table of an index or constraint, which need not be told apart from a table that comes or goes whole."""
    name, item, *_ = diff
    return None if name.endswith("_table") else getattr(getattr(item, "table", None), "key", None)


def _words(diff: tuple[Any, ...]) -> str:
    name, *facts = diff
    if name in _MODIFIED:
        return f"{facts[1]}.{facts[2]} has another {_MODIFIED[name]}"
    where = "only the models have" if name.startswith("add_") else "only the database has"
    return f"{where} the {_thing(name.partition('_')[2], facts)}"


def _thing(kind: str, facts: list[Any]) -> str:
    if kind == "column":
        return f"column {facts[1]}.{facts[2].name}"
    item = facts[0]
    table = getattr(getattr(item, "table", None), "name", None)
    named = getattr(item, "name", None) or "without a name"
    kind = {"fk": "foreign key"}.get(kind, kind.replace("_", " "))
    return f"{kind} {named}" + (f" of {table}" if table and table != named else "")
