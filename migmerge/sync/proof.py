"""The proof that what a database records has run: a replay of the recorded scripts beside it, or a cached one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.database.coverage import Coverage, deep_coverage, light_coverage, revisions_run
from ..core.database.leftovers import catalog_with_only_copies
from ..core.database.proof import Proof, prove
from ..core.database.proven_status import with_proof, without_vouched
from ..core.database.replay_doubts import replay_doubts
from ..core.database.status import DatabaseStatus
from ..core.errors import MigmergeError
from ..database.session import Session
from ..repository.repository import Repository
from .inspect import Inspection
from .replays import Replays
from .seen import blobs_that_ran
from .user_word import vouch, vouched_revisions


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """Say whether to replay what no cache knows, whether the user vouches for what is unproven, and whether to show a bar."""

    replays: bool = False
    vouches: bool = False
    shows_progress: bool = True


def prove_inspection(repository: Repository, session: Session, inspection: Inspection, options: ProofOptions) -> Inspection:
    """Return an inspection whose report says how far the recorded revisions of each database were judged, and by what.

    Where a replay tells, what it says of skipped revisions stands in place of what their texts say.
    """
    prover = _Prover(repository, session, inspection, options)
    judged = [prover.judge(status) for status in inspection.report.statuses]
    coverages = {status.database.bind: coverage for status, coverage in judged if coverage}
    report = replace(inspection.report, statuses=tuple(status for status, _ in judged), coverages=coverages)
    return replace(inspection, report=report)


def _with_hint(error: MigmergeError) -> str:
    return f"{error} ({error.hint})" if error.hint else str(error)


class _Prover:
    """Judge the databases of one environment."""

    def __init__(self, repository: Repository, session: Session, inspection: Inspection, options: ProofOptions) -> None:
        self._repository = repository
        self._inspection = inspection
        self._options = options
        self._replays = Replays(repository, session, inspection, makes_new=options.replays, shows_progress=options.shows_progress)

    def judge(self, status: DatabaseStatus) -> tuple[DatabaseStatus, Coverage | None]:
        """Return the status as the proof has it, and the coverage; None where other findings say that nothing is known."""
        ran = revisions_run(status, self._inspection.scripts.graph, self._inspection.report.chains or {})
        if status.lost or not ran:
            return status, None
        status, coverage = self._judged(status, ran)
        repository, inspection, database = self._repository, self._inspection, status.database
        doubtful = {*coverage.doubtful, *status.unproven}
        if self._options.vouches:
            vouch(repository, inspection, database, doubtful)
        vouched = vouched_revisions(repository, inspection, database, doubtful)
        return without_vouched(status, vouched), coverage.vouched_for(vouched)

    def _judged(self, status: DatabaseStatus, ran: Sequence[str]) -> tuple[DatabaseStatus, Coverage]:
        try:
            replayed = self._replays.of(status.database.bind, ran)
        except MigmergeError as error:
            return status, replace(self._light(status, ran), reason=_with_hint(error))
        if replayed is None:
            return status, self._light(status, ran)
        replay, real = replayed
        doubts = replay_doubts(replay.failed, self._inspection.scripts_for(status.database))
        if doubts.sweeping:
            return status, replace(self._light(status, ran), failures=replay.failures)
        catalog = catalog_with_only_copies(real.catalog, status.leftovers)
        proof = self._without_pending(prove(replay, catalog, self._replays.is_unrelated, doubts), status)
        proof = proof.doubting_rows_of(status.rewritten)
        proven = with_proof(status, proof, ran, self._inspection.scripts.graph)
        wrong = {*(proof.altered or ()), *(each.revision for each in proof.skipped)}
        edited = blobs_that_ran(self._repository, self._inspection.tree, status.database, wrong)
        return proven, replace(deep_coverage(ran, proof, replay.failures), edited=edited)

    def _light(self, status: DatabaseStatus, ran: Sequence[str]) -> Coverage:
        return light_coverage(ran, self._inspection.scripts_for(status.database), status.database)

    def _without_pending(self, proof: Proof, status: DatabaseStatus) -> Proof:
        """Leave out the tables that pending revisions make, of which others speak."""
        operations = self._inspection.scripts_for(status.database).operations
        made = {operation.table for name in status.pending if name in operations for operation in operations[name].done}
        return replace(proof, foreign=tuple(name for name in proof.foreign if name not in made))
