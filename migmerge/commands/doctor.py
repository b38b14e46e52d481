"""`migmerge doctor`: the scripts, the hooks and the databases in one report; nothing is changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..core.database.diagnosis import Checkup, diagnose_databases, with_symptom
from ..core.finding import Finding, Severity
from ..repository.hook_state import HookTrouble, hook_trouble
from ..terminal.doctor import doctor_as_json, report_health
from ..terminal.screen import Screen
from .checking_up import check_up, open_session
from .examining import examine
from .options import Options
from .survey import Survey, survey_commit


def doctor(options: Options, *, with_databases: bool, named: tuple[str, ...], output: str) -> int:
    """Print all that is wrong, with its cause, its error text and its cure; return 1 where one finding is an error."""
    survey = survey_commit(options)
    found, _ = examine(survey, with_uncommitted=True, with_published=True)
    trouble = hook_trouble(survey.repository)
    checkups = _checkups(survey, options, named) if with_databases else ()
    findings = (
        *(with_symptom(finding) for finding in found),
        *(finding for checkup in checkups for finding in diagnose_databases(checkup)),
        *_hooks_missing(survey, trouble),
    )
    if output == "json":
        Screen(sys.stdout, "never").show(doctor_as_json(survey.commit, survey.snapshots, checkups, trouble, findings))
    else:
        screen = Screen(sys.stdout, options.color)
        screen.commands_run_at(survey.repository.top)
        report_health(screen, survey.snapshots, checkups, trouble, findings, quiet=options.quiet)
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def _checkups(survey: Survey, options: Options, named: tuple[str, ...]) -> Sequence[Checkup]:
    found = []
    for snapshot in survey.snapshots:
        with open_session(survey.repository, snapshot.environment, options, named) as session:
            found.append(check_up(survey.repository, snapshot.environment, session).checkup)
    return found


def _hooks_missing(survey: Survey, trouble: HookTrouble | None) -> Sequence[Finding]:
    if trouble is None:
        return ()
    return (Finding("MM201", Severity.WARNING, survey.snapshots[0].environment.path, trouble.reason, trouble.hint),)
