"""The proof that what a database records has run: a replay of the recorded scripts beside it, or a cached one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..core.database.coverage import Coverage, deep_coverage, light_coverage, revisions_run
from ..core.database.proof import Proof, prove
from ..core.database.proven_status import with_proof, without_vouched
from ..core.database.replay import RealCatalog, Replay, ReplayRequest, replay_as_json, replay_from_json
from ..core.database.replay_doubts import replay_doubts
from ..core.database.status import DatabaseStatus
from ..core.errors import MigmergeError
from ..core.graph import RevisionGraph
from ..core.revision import Revision
from ..core.script.read import read_script, script_at
from ..database.session import Session
from ..output.progress import delayed_bar
from ..repository.replays import ReplayCache
from ..repository.repository import Repository
from .inspect import TIMEOUT, Inspection
from .seen import blobs_that_ran
from .temporary_scripts import temporary_scripts
from .user_word import blobs_of, vouch, vouched_revisions


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
    """Judge the databases of one environment, whose catalogues are read at most once."""

    def __init__(self, repository: Repository, session: Session, inspection: Inspection, options: ProofOptions) -> None:
        self._repository = repository
        self._session = session
        self._inspection = inspection
        self._options = options
        self._cache = ReplayCache(repository.storage)
        self._catalogs: Mapping[str, RealCatalog] | None = None
        chains = (inspection.report.chains or {}).values()
        phantoms = {each.revision: each for chain in chains for each in chain.revisions}
        self._graph = RevisionGraph((phantoms | inspection.scripts.graph.revisions).values())

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
            replayed = self._replay(status, ran)
        except MigmergeError as error:
            return status, replace(self._light(status, ran), reason=_with_hint(error))
        if replayed is None:
            return status, self._light(status, ran)
        replay, real = replayed
        doubts = replay_doubts(replay.failed, self._inspection.scripts_for(status.database))
        if doubts.sweeping:
            return status, replace(self._light(status, ran), failures=replay.failures)
        proof = self._without_pending(prove(replay, real.catalog, self._is_unrelated, doubts), status)
        proof = proof.doubting_rows_of(status.rewritten)
        proven = with_proof(status, proof, ran, self._inspection.scripts.graph)
        wrong = {*(proof.altered or ()), *(each.revision for each in proof.skipped)}
        edited = blobs_that_ran(self._repository, self._inspection.tree, status.database, wrong)
        return proven, replace(deep_coverage(ran, proof, replay.failures), edited=edited)

    def _light(self, status: DatabaseStatus, ran: Sequence[str]) -> Coverage:
        return light_coverage(ran, self._inspection.scripts_for(status.database), status.database)

    def _replay(self, status: DatabaseStatus, ran: Sequence[str]) -> tuple[Replay, RealCatalog] | None:
        """Return the replay with the real catalogue; None where the cache has none and none is wanted."""
        scripts = [status.database.bind, *(f"{name} {blob}" for name, blob in blobs_of(self._inspection, ran).items())]
        if not self._options.replays and not self._cache.has(scripts):
            return None
        real = self._real(status.database.bind)
        server = (real.server, real.search_path, *real.schemas, "", *real.extensions)
        if known := self._cache.get(scripts, server):
            return replay_from_json(known), real
        if not self._options.replays:
            return None
        replay = self._replayed(ReplayRequest(tuple(ran), real.bind, real.schemas, real.extensions, real.search_path))
        self._cache.put(scripts, server, replay_as_json(replay))
        return replay, real

    def _real(self, bind: str) -> RealCatalog:
        if self._catalogs is None:
            found: tuple[RealCatalog, ...] = self._session.ask("read catalogs", timeout=TIMEOUT)
            self._catalogs = {each.bind: each for each in found}
        if bind not in self._catalogs:
            raise MigmergeError(f"the catalogue of {bind or 'the database'} could not be read", hint="migmerge doctor")
        return self._catalogs[bind]

    def _replayed(self, request: ReplayRequest) -> Replay:
        with (
            self._scripts(request.order) as (folder, scripts),
            delayed_bar("replaying", shown=self._options.shows_progress) as on_progress,
        ):
            replay: Replay = self._session.ask("replay", on_progress=on_progress, wanted=request, folder=folder, scripts=scripts)
        return replay

    @contextmanager
    def _scripts(self, ran: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield a temporary folder, and the folders of the scripts: where they are in the checkout, else of copies.

        A script may read files that lie beside it, which a copy does not have.
        """
        graph, texts = self._inspection.scripts.graph, self._inspection.scripts.texts
        here = {graph[name].path: texts[name] for name in ran if name in graph}
        there = {} if len(here) == len(ran) else self._phantom_files(ran)
        in_place = not there and not self._inspection.scripts.unreadable and not graph.duplicates and not graph.missing
        with temporary_scripts(**({} if in_place else {"here": here, "there": there})) as copies:
            places = sorted({os.path.dirname(self._repository.absolute(path)) for path in here})
            yield copies.folder, tuple(places) if in_place else copies.versions

    def _phantom_files(self, ran: Sequence[str]) -> dict[str, bytes]:
        """Return the scripts of phantoms in the version that ran, and the other files beside them."""
        scripts = self._inspection.scripts
        phantoms = {self._graph[name].path: scripts.texts[name] for name in ran if name not in scripts.graph}
        beside = {path: data for path, data in self._inspection.files.items() if not _is_revision(path, data)}
        return beside | phantoms

    def _is_unrelated(self, one: str, other: str) -> bool:
        return one != other and one not in self._graph.implied([other]) and other not in self._graph.implied([one])

    def _without_pending(self, proof: Proof, status: DatabaseStatus) -> Proof:
        """Leave out the tables that pending revisions make, of which others speak."""
        operations = self._inspection.scripts_for(status.database).operations
        made = {operation.table for name in status.pending if name in operations for operation in operations[name].done}
        return replace(proof, foreign=tuple(name for name in proof.foreign if name not in made))


def _is_revision(path: str, data: bytes) -> bool:
    return path.endswith(".py") and isinstance(script_at(read_script(data), path), Revision)
