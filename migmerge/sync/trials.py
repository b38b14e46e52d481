"""Plans tried on copies of the databases' schemas before one of them is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from ..core.database.candidates import Situation, first_plan, needs_trial, other_plans
from ..core.database.chosen_plan import Attempt, chosen_plan
from ..core.database.leftovers import catalog_with_only_copies
from ..core.database.replay import RealCatalog
from ..core.database.replay_doubts import replay_doubts
from ..core.database.schema_catalog import Catalog
from ..core.database.status import DatabaseStatus
from ..core.database.sync_steps import NOTHING_SAID, Complete, Discard, Downgrade, Rerun, SyncPlan, SyncStep, Upgrade
from ..core.database.trial import PendingTrial, ScriptStep, Target, Trial, TrialRequest, TrialResult, judge_trial
from ..core.errors import MigmergeError
from ..core.fix_plan.plan import Refusal
from ..database.session import Session
from ..output.progress import delayed_bar
from ..repository.repository import Repository
from .inspect import Inspection
from .replays import Replays
from .temporary_scripts import phantom_files, revision_in, temporary_scripts


def plan_with_trials(
    repository: Repository, session: Session, inspection: Inspection, situation: Situation
) -> SyncPlan | Refusal:
    """Return the plan for an environment; where it does more than to run what is pending, the best of those that were tried."""
    first = first_plan(situation)
    if not needs_trial(first, situation):
        return first
    trials = _Trials(repository, session, inspection)
    targets = trials.targets(situation)
    left = {status.database.bind: status.leftovers for status in situation.statuses}
    places = ((bind, each) for bind, each in targets.items() if isinstance(each, _Place))
    made = {bind: each.target.made_in(catalog_with_only_copies(each.real.catalog, left[bind])) for bind, each in places}
    plans = ([] if isinstance(first, Refusal) else [first]) + [each for each in other_plans(situation, made) if each != first]
    return chosen_plan(first, [trials.attempt(each, situation, targets) for each in plans])


def tried_plan(
    repository: Repository, session: Session, inspection: Inspection, situation: Situation, plan: SyncPlan
) -> SyncPlan | Refusal:
    """Return one plan with what its trial showed; a refusal where a step of it is sure to fail."""
    trials = _Trials(repository, session, inspection)
    return chosen_plan(plan, [trials.attempt(plan, situation, trials.targets(situation))])


def pending_trials(
    repository: Repository, session: Session, inspection: Inspection, *, shows_progress: bool
) -> dict[str, PendingTrial]:
    """Try what is pending on copies, and return what came of it by bind; empty where something comes before the upgrade."""
    report = inspection.report
    situation = Situation(inspection.scripts, report.statuses, report.chains or {}, NOTHING_SAID)
    plan = first_plan(situation)
    if isinstance(plan, Refusal) or any(isinstance(step, Downgrade | Rerun) for step in plan.steps):
        return {}
    trials = _Trials(repository, session, inspection, shows_progress=shows_progress)
    concerned = [each for each in report.statuses if any(each.database.bind in _binds(step, each) for step in plan.steps)]
    return {each.database.bind: trials.pending(plan, each) for each in concerned}


class _Place(NamedTuple):
    """Hold what a database is to become, and what it is."""

    target: Target
    real: RealCatalog


class _Trials:
    """Try plans on the databases of one environment."""

    def __init__(self, repository: Repository, session: Session, inspection: Inspection, *, shows_progress: bool = True) -> None:
        self._repository, self._session, self._inspection = repository, session, inspection
        self._shows_progress = shows_progress
        self._replays = Replays(repository, session, inspection, makes_new=True)

    def targets(self, situation: Situation) -> dict[str, _Place | str]:
        """Return by bind what the databases are to become, or why that is not known."""
        return {status.database.bind: self._target(status) for status in situation.statuses}

    def _target(self, status: DatabaseStatus) -> _Place | str:
        """Return what a database is to become; why that is not known, where the whole checkout cannot be replayed."""
        graph = self._inspection.scripts.graph
        try:
            replayed = self._replays.of(status.database.bind, graph.in_order_to_run(graph.revisions))
        except MigmergeError as error:
            return str(error)
        assert replayed
        replay, real = replayed
        doubts = replay_doubts(replay.failed, self._inspection.scripts_for(status.database))
        if doubts.sweeping:
            first = replay.failures[0]
            return f"{first.revision} fails on an empty database: {first}"
        return _Place(Target(replay, self._replays.is_unrelated, doubts), real)

    def attempt(self, plan: SyncPlan, situation: Situation, targets: Mapping[str, _Place | str]) -> Attempt:
        """Try a plan in every database."""
        results, untried = dict[str, TrialResult](), dict[str, str]()
        for status in situation.statuses:
            place, name = targets[status.database.bind], status.database.name
            found = place if isinstance(place, str) else self._result(plan, status, place)
            if isinstance(found, str):
                untried[name] = found
            else:
                results[name] = found
        applied = {each.database.name: each.applied for each in situation.statuses}
        return Attempt(plan, results, untried, applied)

    def _result(self, plan: SyncPlan, status: DatabaseStatus, place: _Place) -> TrialResult | str:
        try:
            trial = self._tried(plan, status, place.real)
        except MigmergeError as error:
            return str(error)
        return _difference(trial, place.real.catalog) or judge_trial(trial, place.target)

    def pending(self, plan: SyncPlan, status: DatabaseStatus) -> PendingTrial:
        """Say what comes of a plan in one database, whatever the checkout makes of an empty one."""
        try:
            real = self._replays.real(status.database.bind)
            trial = self._tried(plan, status, real)
        except MigmergeError as error:
            return PendingTrial(reason=str(error))
        different = _difference(trial, real.catalog)
        return PendingTrial(reason=different) if different else PendingTrial(trial.failure)

    def _tried(self, plan: SyncPlan, status: DatabaseStatus, real: RealCatalog) -> Trial:
        there = phantom_files(self._inspection, plan)
        parts = {f"{number}.py": text for number, each in enumerate(plan.steps) if (text := _text_of(each))}
        with temporary_scripts(there=there, parts=parts) as copies:
            paths = {
                revision: f"{copies.folder}/there/{path}" for path, text in there.items() if (revision := revision_in(path, text))
            }
            graph = self._inspection.scripts.graph
            paths |= {name: self._repository.absolute(each.path) for name, each in graph.revisions.items()}
            steps = tuple(_steps(plan, status, paths, f"{copies.folder}/parts"))
            request = TrialRequest(status.database.bind, steps, real.search_path, real.extensions)
            with delayed_bar("trying the plan", shown=self._shows_progress) as on_progress:
                trial: Trial = self._session.ask("try plan", on_progress=on_progress, wanted=request, folder=copies.folder)
        return trial


def _difference(trial: Trial, catalog: Catalog) -> str:
    """Say in what the copy of a trial differs from the database; empty where it does not."""
    different = [key for key, value in catalog.items() if trial.start.get(key) != value]
    return f"its copy differs in {different[0]}" if different else ""


def _steps(plan: SyncPlan, status: DatabaseStatus, paths: Mapping[str, str], parts: str) -> Iterator[ScriptStep | Discard]:
    """Yield what a plan runs in one database; what is only recorded changes no schema."""
    for number, step in enumerate(plan.steps):
        if status.database.bind not in _binds(step, status):
            continue
        match step:
            case Discard():
                yield step
            case Complete() | Downgrade() | Rerun() | Upgrade():
                path = f"{parts}/{number}.py" if _text_of(step) else paths.get(step.revision)
                if path is None:
                    raise MigmergeError(f"no file holds the script of {step.revision}")
                yield ScriptStep(step.revision, "downgrade" if isinstance(step, Downgrade) else "upgrade", path)


def _text_of(step: SyncStep) -> bytes | None:
    """Return the script of a step that is neither the checkout's nor a phantom's."""
    return step.text if isinstance(step, Complete | Downgrade) else None


def _binds(step: SyncStep, status: DatabaseStatus) -> Collection[str]:
    """Return the binds of the databases that a step changes, as far as that of a status may be one of them."""
    match step:
        case Rerun():
            return step.binds
        case Downgrade() | Upgrade():
            return (status.database.bind,) if not step.where or status.database.name in step.where else ()
    return (step.bind,)
