"""Offering, after `fix`, to run what is pending; never in a hook, and not where the configuration says no."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from ..core.database.diagnosis import diagnose_databases
from ..core.database.journey import Journey, Up, plan_journey
from ..core.errors import MigmergeError
from ..core.provenance import enumerate_names
from ..core.snapshot import Snapshot
from ..core.text import printable
from ..terminal.prompt import Choice, ask, own_terminal
from .backups import back_up
from .checking_up import Examination, check_up, open_session
from .making import Making
from .travelling import travel

_PENDING_ALONE = {"MM102"}


def offer_upgrade(making: Making, snapshots: Sequence[Snapshot]) -> bool:
    """Say what is pending and ask whether to run it; return whether that has been answered with a yes."""
    return all(_offer(making, snapshot) for snapshot in snapshots)


def _offer(making: Making, snapshot: Snapshot) -> bool:
    """Offer it for one environment where its databases answer and nothing but pending revisions is the matter."""
    with open_session(making.survey.repository, snapshot.environment, making.options, making.wishes.named) as session:
        examination = check_up(making.survey.repository, snapshot.environment, session)
        journey = _way_up(examination)
        if journey is None or not _agreed(making, examination, journey):
            return False
        if command := making.survey.settings.upgrade_command:
            return subprocess.run(command, shell=True, cwd=making.survey.repository.top, check=False).returncode == 0  # noqa: S602 (the user's own)
        undo = back_up(making.survey.repository, session, making.screen, verified=False)
        return travel(session, examination, journey, making.screen, undo) == 0


def _way_up(examination: Examination) -> Journey | None:
    checkup = examination.checkup
    if {finding.code for finding in diagnose_databases(checkup)} - {"MM105"} != _PENDING_ALONE:
        return None
    journey = plan_journey(checkup.snapshot.environment, examination.scripts, checkup.conditions, checkup.lineages or {})
    return journey if isinstance(journey, Journey) and all(isinstance(move, Up) for move in journey.moves) else None


def _agreed(making: Making, examination: Examination, journey: Journey) -> bool:
    names = enumerate_names(condition.database.address.name for condition in examination.checkup.conditions)
    pending = enumerate_names(move.revision for move in journey.moves if isinstance(move, Up))
    making.screen.say(f"pending in {names}: ", (pending, "revision"))
    making.screen.flush()
    command = making.survey.settings.upgrade_command
    question = f"Run {printable(command)} now?" if command else f"Upgrade {names} now?"
    try:
        with own_terminal() as terminal:
            return ask(question, [Choice("yes", "yes"), Choice("not now", "no")], terminal) == "yes"
    except (KeyboardInterrupt, MigmergeError):
        return False
