"""The replays of one environment's scripts: cached ones, and those that are made beside a database that was inspected."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..core.database.replay import RealCatalog, Replay, ReplayRequest, replay_as_json, replay_from_json
from ..core.errors import MigmergeError
from ..core.graph import RevisionGraph
from ..database.session import Session
from ..output.progress import delayed_bar
from ..repository.replays import ReplayCache
from ..repository.repository import Repository
from .inspect import TIMEOUT, Inspection
from .temporary_scripts import revision_in, temporary_scripts
from .user_word import blobs_of


class Replays:
    """Hold the replays of one environment; the catalogues of its databases are read at most once.

    Unless `makes_new`, they are those that the cache has.
    """

    def __init__(
        self, repository: Repository, session: Session, inspection: Inspection, *, makes_new: bool, shows_progress: bool = True
    ) -> None:
        self._repository = repository
        self._session = session
        self._inspection = inspection
        self._makes_new = makes_new
        self._shows_progress = shows_progress
        self._cache = ReplayCache(repository.storage)
        self._catalogs: Mapping[str, RealCatalog] | None = None
        chains = (inspection.report.chains or {}).values()
        phantoms = {each.revision: each for chain in chains for each in chain.revisions}
        self._graph = RevisionGraph((phantoms | inspection.scripts.graph.revisions).values())

    def of(self, bind: str, ran: Sequence[str]) -> tuple[Replay, RealCatalog] | None:
        """Return the replay of revisions in their order, and the real catalogue; None where no replay is known and none is made.

        Raises:
            MigmergeError: where the catalogue cannot be read, or the scripts not be replayed.
        """
        scripts = [bind, *(f"{name} {blob}" for name, blob in blobs_of(self._inspection, ran).items())]
        if not self._makes_new and not self._cache.has(scripts):
            return None
        real = self.real(bind)
        server = (real.server, real.search_path, *real.schemas, "", *real.extensions)
        if known := self._cache.get(scripts, server):
            return replay_from_json(known), real
        if not self._makes_new:
            return None
        replay = self._replayed(ReplayRequest(tuple(ran), real.bind, real.schemas, real.extensions, real.search_path))
        self._cache.put(scripts, server, replay_as_json(replay))
        return replay, real

    def real(self, bind: str) -> RealCatalog:
        """Return the catalogue of the database of a bind."""
        if self._catalogs is None:
            found: tuple[RealCatalog, ...] = self._session.ask("read catalogs", timeout=TIMEOUT)
            self._catalogs = {each.bind: each for each in found}
        if bind not in self._catalogs:
            raise MigmergeError(f"the catalogue of {bind or 'the database'} could not be read", hint="migmerge doctor")
        return self._catalogs[bind]

    def is_unrelated(self, one: str, other: str) -> bool:
        """Say whether neither of two revisions comes before the other."""
        return one != other and one not in self._graph.implied([other]) and other not in self._graph.implied([one])

    def _replayed(self, request: ReplayRequest) -> Replay:
        with (
            self._scripts(request.order) as (folder, scripts),
            delayed_bar("replaying", shown=self._shows_progress) as on_progress,
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
        beside = {path: data for path, data in self._inspection.files.items() if revision_in(path, data) is None}
        return beside | phantoms
