"""The choice among plans that were tried, and what the user is told of the trials."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..fix_plan.plan import Refusal
from ..text import enumerate_names
from .schema_catalog import CatalogKey
from .sync_steps import Downgrade, SyncPlan
from .trial import TrialResult, rank


class Attempt(NamedTuple):
    """Hold a plan with what came of it, why it could not be tried, and what had run before, by the name of the database."""

    plan: SyncPlan
    results: Mapping[str, TrialResult]
    untried: Mapping[str, str] = {}
    applied: Mapping[str, frozenset[str]] = {}

    @property
    def is_good(self) -> bool:
        """Say whether nothing about the plan is in doubt: it was tried in every database, and ended well in each."""
        return not self.plan.doubts and not self.untried and all(each.is_good for each in self.results.values())

    @property
    def is_known(self) -> bool:
        """Say whether the plan was tried to its end in every database; one that stops early has lost little by then."""
        return not self.untried and not any(each.failure for each in self.results.values())


def chosen_plan(first: SyncPlan | Refusal, attempts: Sequence[Attempt]) -> SyncPlan | Refusal:
    """Return the plan that loses the least of what the checkout has; the earlier one of two that are as good.

    Another one than the first is taken only where its trial came to the end. Where the first one is refused, or a step of it is
    sure to fail, that end has to be as the checkout makes a database. A plan that loses something is in doubt.
    """
    refusal = first if isinstance(first, Refusal) else next((_refused(each) for each in attempts if each.plan == first), None)
    if refusal:
        good = next((each for each in attempts if each.is_good), None)
        return _told(good) if good else refusal
    known = [each for each in attempts if each.plan == first or each.is_known]
    return _told(min(known, key=lambda each: rank(each.results))) if known else first


def untried_plan(plan: SyncPlan | Refusal, names: Iterable[str], reason: str) -> SyncPlan | Refusal:
    """Return a plan that says why it was tried in none of the databases of these names."""
    if isinstance(plan, Refusal):
        return plan
    return replace(plan, untried=(*plan.untried, *(f"{name}: {reason}" for name in names)))


def _refused(attempt: Attempt) -> Refusal | None:
    for name, result in attempt.results.items():
        if result.failure and result.failure.is_of_schema:
            what = f"{result.failure.revision} would fail in {name}: {result.failure}"
            taken_back = {step.revision for step in attempt.plan.steps if isinstance(step, Downgrade)}
            stamp = f"migmerge reset stamp --database {shlex.quote(name)}"
            hint = stamp if result.failure.revision in taken_back else "migmerge reset --dry-run"
            return Refusal(f"{what}; nothing was changed", hint)
    return None


def _told(attempt: Attempt) -> SyncPlan:
    plan, results = attempt.plan, attempt.results
    untried = [f"{name}: {reason}" for name, reason in attempt.untried.items()]
    untried += [f"{name}: {each.failure.revision} fails there: {each.failure}" for name, each in results.items() if each.failure]
    lost = [
        f"the plan drops {_named(each.lost)} of {name}, which this checkout {'may have' if each.in_doubt else 'has'}, too"
        for name, each in results.items()
        if each.lost
    ]
    tried = [_outcome(name, each) for name, each in results.items() if not each.failure]
    notes = (*plan.notes, *_gaps(attempt))
    return replace(plan, notes=notes, doubts=(*plan.doubts, *lost), tried=tuple(tried), untried=tuple(untried))


def _gaps(attempt: Attempt) -> Iterator[str]:
    """Yield what a database is recorded to have afterwards, and has otherwise or not at all."""
    for name, result in attempt.results.items():
        for revision, facts in result.missing.items():
            if revision not in attempt.applied.get(name, ()):
                yield f"{revision} will be recorded in {name}, where {enumerate_names(facts, most=3)}"


def _outcome(name: str, result: TrialResult) -> str:
    end = "still differs from this checkout's then" if result.missing else "ends as this checkout makes it"
    end += ", as far as that can be told" if result.in_doubt else ""
    stays = f"; {_named(result.left)} {'stays' if len(result.left) == 1 else 'stay'}" if result.left else ""
    return f"on an empty copy of {name} every step runs, and the schema {end}{stays}"


def _named(keys: Sequence[CatalogKey]) -> str:
    return enumerate_names((str(each) for each in keys), most=3)
