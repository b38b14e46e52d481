"""Which versions of the checkout's scripts ran in databases: told by the schema, or by the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..core.database.database import Database
from ..core.database.renumbered import Renumbered, alike_elsewhere, renumbered_script
from ..core.database.script_set import ScriptVersion
from ..core.database.script_versions import RanAfter, lacks_of, ran_in_an_older_version
from ..core.database.status import PhantomChain, applied_in
from ..core.operations.interpreter.statements import read_operations
from ..core.operations.operation import Operations
from ..core.revision import Revision
from ..repository.ledger import STAMPED, Ledger
from ..repository.repository import Repository
from ..workspace.snapshots import WorkTreeScripts
from .kept_scripts import Versions
from .seen import ledger_key


@dataclass(frozen=True, slots=True)
class VersionsThatRan:
    """Look for the versions of scripts that ran in `databases`, with the scripts and the chains of their phantoms."""

    repository: Repository
    tree: WorkTreeScripts
    databases: Sequence[Database]
    chains: Mapping[str, PhantomChain]
    scripts: Sequence[Mapping[str, tuple[Revision, bytes]]]

    def older(self, here: Mapping[str, ScriptVersion], versions: Versions) -> dict[str, ScriptVersion]:
        """Return the recorded scripts of the checkout that ran in an older version, which the databases show."""
        found, ran = dict[str, ScriptVersion](), [(each, self._applied(each)) for each in self.databases]
        for name, current in here.items():
            concerned = [(database, names) for database, names in ran if name in names]
            if any(lacks_of(current, database) for database, _ in concerned):
                after = [self._after(name, *each) for each in concerned]
                older = ran_in_an_older_version(current, versions[name], after)
                found |= {name: older} if older else {}
        return found

    def renumbered(self, here: Mapping[str, ScriptVersion], versions: Versions) -> dict[str, dict[str, Renumbered]]:
        """Return by bind the recorded scripts that the checkout has under another id now, as far as that is known."""
        return {each.bind: found for each in self.databases if (found := dict(self._renumbered(each, here, versions)))}

    def _renumbered(
        self, database: Database, here: Mapping[str, ScriptVersion], versions: Versions
    ) -> Iterator[tuple[str, Renumbered]]:
        names = self._applied(database)
        texts = {name: text for name, (_, text) in self.tree.by_revision.items()}
        for name, alike in alike_elsewhere(names, texts, {each: versions[each] for each in here}).items():
            known = self._known(database, name)
            if ran := renumbered_script(here[name], alike, self._after(name, database, names), known):
                yield name, ran

    def _known(self, database: Database, name: str) -> bytes | None:
        """Return the text from which the ledger says that a revision ran."""
        ledger = Ledger(self.repository)
        entry = ledger.of(ledger_key(self.repository, database)).get(name)
        return ledger.texts([entry]).get(entry.path) if entry and entry.by != STAMPED else None

    def _applied(self, database: Database) -> tuple[str, ...]:
        graph = self.tree.snapshot.graph
        return graph.in_order_to_run(applied_in(graph, database.recorded, self.chains))

    def _after(self, name: str, database: Database, names: Sequence[str]) -> RanAfter:
        return RanAfter(database, self._operations(database, names[names.index(name) + 1 :]))

    def _operations(self, database: Database, names: Iterable[str]) -> dict[str, Operations]:
        """Return what revisions of the checkout do, and the phantoms of a database after them."""
        by_revision = self.tree.by_revision
        texts = {each: by_revision[each][1] for each in names if each in by_revision}
        there = {each: text for scripts in self.scripts for each, (_, text) in scripts.items()}
        for chain in (self.chains[each] for each in database.recorded if each in self.chains):
            texts |= {each.revision: there[each.revision] for each in reversed(chain.revisions) if each.revision in there}
        return {each: read_operations(text) for each, text in texts.items()}
