"""What a script's docstring says."""

from __future__ import annotations

import re

_CREATE_DATE = re.compile(r"^[ \t]*Create Date:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


def message_of(docstring: str | None) -> str:
    """Return the first paragraph in one line, as Alembic shows it; empty where there is none."""
    paragraph = (docstring or "").strip().split("\n\n", 1)[0]
    return "" if paragraph.startswith(("Revision ID:", "Revises:", "Create Date:")) else " ".join(paragraph.split())


def create_date_of(docstring: str | None) -> str | None:
    """Return the text after "Create Date:"."""
    found = _CREATE_DATE.search(docstring or "")
    return found[1] if found else None
