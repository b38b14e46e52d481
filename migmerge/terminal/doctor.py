"""What `doctor` found: the scripts, the hooks and the databases, for a reader and for a program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from ..core.database.condition import Condition
from ..core.database.diagnosis import Checkup
from ..core.finding import Finding
from ..core.provenance import enumerate_names
from ..core.snapshot import Snapshot
from .as_json import findings_as_json
from .findings import report_environment, report_list
from .screen import Screen


class Trouble(Protocol):
    """Say why git does not call the hooks, and the command that helps."""

    @property
    def reason(self) -> str: ...

    @property
    def hint(self) -> str: ...


def report_health(
    screen: Screen,
    snapshots: Sequence[Snapshot],
    checkups: Sequence[Checkup],
    trouble: Trouble | None,
    findings: Sequence[Finding],
    *,
    quiet: bool,
) -> None:
    """Print what there is, then the findings with the error that each shows itself by; when quiet only errors."""
    if not quiet:
        for snapshot in snapshots:
            report_environment(screen, snapshot)
        screen.say(("hooks", "heading"), f"  {'installed' if trouble is None else 'not in use'}")
        for checkup in checkups:
            _report_databases(screen, checkup)
    report_list(screen, findings, quiet=quiet)


def _report_databases(screen: Screen, checkup: Checkup) -> None:
    if checkup.unreachable:
        screen.say(("database", "heading"), "  could not be asked")
    for condition in checkup.conditions:
        address = condition.database.address
        screen.say(("database", "heading"), f"  {address.name}", *_at(checkup, condition), "  ", (address.url, "path"))


def _at(checkup: Checkup, condition: Condition) -> list[str | tuple[str, str]]:
    recorded = condition.database.recorded
    if not recorded:
        return ["  at no revision"]
    heads = checkup.snapshot.graph.heads
    return ["  at ", (enumerate_names(recorded), "revision"), " (head)" if recorded == heads else ""]


def doctor_as_json(
    commit: str | None,
    snapshots: Sequence[Snapshot],
    checkups: Sequence[Checkup],
    trouble: Trouble | None,
    findings: Sequence[Finding],
) -> str:
    """Return what `check` answers with the hooks and the databases beside; keys are only ever added."""
    answer = json.loads(findings_as_json(commit, None, snapshots, findings, {}))
    answer["hooks"] = {"installed": trouble is None, "reason": trouble.reason if trouble else None}
    answer["databases"] = [each for checkup in checkups for each in _databases(checkup)]
    return json.dumps(answer, indent=1)


def _databases(checkup: Checkup) -> list[dict[str, object]]:
    environment = checkup.snapshot.environment.path
    if checkup.unreachable:
        return [{"environment": environment, "reachable": False, "reason": checkup.unreachable.reason}]
    return [
        {
            "environment": environment,
            "reachable": True,
            "name": condition.database.address.name,
            "bind": condition.database.bind,
            "dialect": condition.database.address.dialect,
            "url": condition.database.address.url,
            "recorded": list(condition.database.recorded),
            "pending": list(condition.pending),
            "phantoms": list(condition.phantoms),
            "skipped": [trace.revision for trace in condition.skipped],
        }
        for condition in checkup.conditions
    ]
