"""The reminder: the commands that bring a database up to date."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.environment import upgrade_command
from ..core.snapshot import Snapshot
from .survey import Survey


def upgrade_commands(survey: Survey, snapshots: Iterable[Snapshot]) -> list[str]:
    """Return the configured command, or one for each environment, as it will be once divergent heads are joined."""
    if survey.settings.upgrade_command:
        return [survey.settings.upgrade_command]
    return [upgrade_command(each.environment, heads=each.graph.heads_once_joined) for each in snapshots]
