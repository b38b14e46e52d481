"""The reminder: the commands that bring a database up to date, and on a terminal the offer to do it at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.environment import upgrade_command
from ..core.snapshot import Snapshot
from ..terminal.arrivals import report_next
from ..terminal.prompt import may_prompt
from .survey import Survey

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from .making import Making


def upgrade_commands(survey: Survey, snapshots: Iterable[Snapshot]) -> list[str]:
    """Return the configured command, or one for each environment, as it will be once divergent heads are joined."""
    if survey.settings.upgrade_command:
        return [survey.settings.upgrade_command]
    return [upgrade_command(each.environment, heads=each.graph.heads_once_joined) for each in snapshots]


def remind(making: Making, snapshots: Sequence[Snapshot]) -> None:
    """Print the command that comes next; where somebody is there to answer, say what is pending and offer to run it."""
    if not (_may_offer(making) and _upgraded(making, snapshots)):
        report_next(making.screen, "to bring your database up to date:", upgrade_commands(making.survey, snapshots))


def _may_offer(making: Making) -> bool:
    return making.wishes.asks and making.wishes.databases and making.survey.settings.offer_upgrade and may_prompt()


def _upgraded(making: Making, snapshots: Sequence[Snapshot]) -> bool:
    # What talks to databases takes 60 ms to import.
    from .upgrading import offer_upgrade

    return offer_upgrade(making, snapshots)
