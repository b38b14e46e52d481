"""The name of a database among the several of one env.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


def bind_of(context: MigrationContext, number: int) -> str:
    """Return the name of a database among several: the multi-database templates put it before their upgrade token."""
    token = str(context.opts.get("upgrade_token") or "")
    named = token.removesuffix("_upgrades") if token.endswith("_upgrades") else ""
    return named or (str(number) if number and not token else "")
