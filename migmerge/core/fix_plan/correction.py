"""Scripts that get other identifiers, as a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import MigmergeError
from ..evidence import Evidence
from ..provenance import describe
from ..revision import Identifiers, Revision
from ..text import enumerate_names, printable
from .plan import Commit, Plan, Policy, Refusal, RewriteScript, Step
from .reparent_plan import rewrite_script

VOUCH = "migmerge fix --assume-unapplied"


class Correction(NamedTuple):
    """Give one script other identifiers, and another path where that differs."""

    revision: Revision
    wanted: Identifiers
    new_path: str


class Purpose(NamedTuple):
    """Hold why scripts are corrected, the first line of the commit's message, and what is said besides."""

    reason: str
    summary: str
    notes: tuple[str, ...] = ()


def planned(corrections: Sequence[Correction], purpose: Purpose, evidence: Evidence, policy: Policy) -> Plan | Refusal:
    """Plan to rewrite scripts and to commit them, in place where one of them is not committed as it is."""
    in_place = any(each.revision.uncommitted for each in corrections)
    try:
        rewrites = tuple(_rewritten(each, evidence, in_place=in_place) for each in corrections)
    except MigmergeError as error:
        (first, *_) = corrections
        return Refusal(str(error), f"git log -p -- {first.revision.path}")
    names = tuple(dict.fromkeys(each.wanted.revision for each in corrections))
    described = (printable(describe(each.revision, evidence.provenance)) for each in corrections)
    facts = {
        "revision": names[0],
        "parents": enumerate_names(corrections[0].wanted.down_revisions),
        "message": corrections[0].revision.message,
    }
    configured = policy.message(facts)
    message = "\n".join([purpose.summary, "", *described]) if configured is None else configured
    steps: tuple[Step, ...] = (*rewrites, Commit(message)) if policy.commit and not in_place else rewrites
    return Plan(steps, purpose.reason, names, purpose.notes)


def _rewritten(correction: Correction, evidence: Evidence, *, in_place: bool) -> RewriteScript:
    revision, wanted, path = correction
    step = rewrite_script(revision, wanted, path, evidence.files.get(revision.path))
    return RewriteScript(step.path, step.new_path, step.expected, step.data, in_place)
