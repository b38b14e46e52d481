"""From the four values a script assigns to its identifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..revision import Identifiers, Reading, Unreadable
from .budget import LONGEST_NAME, MOST_NAMES

IDENTIFIER_NAMES = ("revision", "down_revision", "branch_labels", "depends_on")


class Computed:
    """Stand for a value that only running the script would tell."""


COMPUTED = Computed()


def identify(values: Mapping[str, object], docstring: str | None, defect: str | None = None) -> Reading:
    """Build the reading of a script from the values of `IDENTIFIER_NAMES` that were found."""
    if "revision" not in values:
        return Unreadable(defect or "no revision id is assigned")
    if any(_is_too_long(value) for value in values.values()):
        return Unreadable(defect or f"it has a name of more than {LONGEST_NAME} characters, or a list of so many", computed=True)
    revision = values["revision"]
    if not isinstance(revision, str) or not revision:
        return Unreadable(defect or "its revision id is computed", computed=defect is None and bool(revision))
    if "down_revision" not in values:
        return Unreadable(defect or "no down_revision is assigned", revision)
    parents = _as_references(values["down_revision"])
    if parents is None:
        return Unreadable(defect or "its down_revision is computed", revision, computed=defect is None)
    labels = _as_names(values.get("branch_labels"))
    depends_on = _as_references(values.get("depends_on"))
    if None in (*parents, *(depends_on or ())):
        return Unreadable(defect or f"its {'down_revision' if None in parents else 'depends_on'} lists None", revision)
    unknown = {"branch_labels": labels is None, "depends_on": depends_on is None}
    return Identifiers(
        revision,
        _without_none(parents),
        labels or (),
        () if depends_on == ("",) else _without_none(depends_on or ()),
        message_of(docstring),
        create_date_of(docstring),
        defect,
        tuple(name for name, is_unknown in unknown.items() if is_unknown),
    )


def _is_too_long(value: object) -> bool:
    if isinstance(value, tuple):
        return len(value) > MOST_NAMES or any(isinstance(each, str) and len(each) > LONGEST_NAME for each in value)
    return isinstance(value, str) and len(value) > LONGEST_NAME


def _as_names(value: object) -> tuple[str, ...] | None:
    """Return the labels in `value` as often as they are there, or None where they are not known."""
    names = _as_tuple(value)
    return None if names is None else _without_none(names)


def _as_references(value: object) -> tuple[str | None, ...] | None:
    """Return the ids in `value` once each, or None where they are not known; Alembic takes a lone None for no id."""
    names = _as_tuple(value)
    return () if names == (None,) else names and tuple(dict.fromkeys(names))


def _without_none(names: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name is not None)


def _as_tuple(value: object) -> tuple[str | None, ...] | None:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple) and all(item is None or isinstance(item, str) for item in value):
        return tuple(value)
    return None


_CREATE_DATE = re.compile(r"^[ \t]*Create Date:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


def message_of(docstring: str | None) -> str:
    """Return the first paragraph in one line, as Alembic shows it; empty where there is none."""
    paragraph = (docstring or "").strip().split("\n\n", 1)[0]
    return "" if paragraph.startswith(("Revision ID:", "Revises:", "Create Date:")) else " ".join(paragraph.split())


def create_date_of(docstring: str | None) -> str | None:
    """Return the text after "Create Date:"."""
    found = _CREATE_DATE.search(docstring or "")
    return found[1] if found else None
