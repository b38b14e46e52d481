"""How far the recorded revisions of a database were judged, and by what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..graph import RevisionGraph
from ..operations.operation import Operations
from ..text import enumerate_names
from .catalog_check import CatalogCheck
from .database import Database
from .expected_schema import expected_after
from .proof import Proof
from .rehearsal import Failure
from .script_set import ScriptSet
from .status import DatabaseStatus, PhantomChain, revisions_beyond


@dataclass(frozen=True, slots=True)
class Coverage:
    """Say which of the recorded revisions are verified, and which are unproven, in the order in which they ran.

    `is_deep` where their scripts were replayed, `failures` those that failed in it; `reason` says why it could not be done.
    `of_rows` are those of the unproven ones that are known to read or write rows, `assumed` those for which the user
    vouches. `suspected` are unproven ones beside which others were skipped. `altered` are facts that no revision made so,
    in words, by revision; of revisions that differ, `edited` are those that ran from another text, with the ids of its blobs.
    `foreign` are the tables that no revision makes, and `foreign_parts` the columns, indexes and
    constraints of others.
    """

    verified: tuple[str, ...]
    unproven: tuple[str, ...] = ()
    total: int = 0
    is_deep: bool = False
    failures: tuple[Failure, ...] = ()
    reason: str = ""
    of_rows: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    altered: Mapping[str, tuple[str, ...]] | None = None
    edited: Mapping[str, str] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    foreign_parts: tuple[str, ...] = ()
    suspected: tuple[str, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Say whether the replay that was asked for told all that it can."""
        return not self.failures and not self.reason

    def reason_of_failure(self, named: Callable[[str], str] = str) -> str:
        """Say why a replay says nothing, or not all, with what `named` calls a revision; empty where it says all."""
        if not self.failures:
            return self.reason
        first, *others = self.failures
        statement = f" in {first.statement}" if first.statement else ""
        after = f", and {enumerate_names(named(each.revision) for each in others)} after it" if others else ""
        return f"{named(first.revision)} fails on an empty database: {first.reason}{statement}{after}"

    @property
    def unmade(self) -> tuple[str, ...]:
        """Return what no revision makes."""
        return (*self.foreign, *self.foreign_parts)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Return the revisions for which a user can vouch: the unproven ones, and those whose work was altered."""
        return (*self.unproven, *(self.altered or {}))

    def suspecting(self, names: Collection[str]) -> Coverage:
        """Return the coverage where revisions may have been skipped with others."""
        return replace(self, suspected=tuple(name for name in self.unproven if name in names))

    def after_running(self, names: Collection[str]) -> Coverage:
        """Return the coverage right after revisions ran, which is known of them whatever they leave."""
        ran = tuple(name for name in self.unproven if name in names)
        left = tuple(name for name in self.unproven if name not in ran)
        rows = tuple(name for name in self.of_rows if name in left)
        return replace(self, verified=(*self.verified, *ran), unproven=left, of_rows=rows)

    def vouched_for(self, names: Collection[str]) -> Coverage:
        """Return the coverage where the user vouches for revisions."""
        left = tuple(name for name in self.unproven if name not in names)
        altered = {name: facts for name, facts in (self.altered or {}).items() if name not in names}
        rows = tuple(name for name in self.of_rows if name in left)
        assumed = tuple(name for name in self.doubtful if name in names)
        failures = tuple(each for each in self.failures if each.revision not in names)
        return replace(self, unproven=left, assumed=assumed, altered=altered, of_rows=rows, failures=failures)


def light_coverage(ran: Sequence[str], scripts: ScriptSet, database: Database) -> Coverage:
    """Judge by the texts of the scripts: verified is what leaves a name in the catalogue, or does nothing at all."""
    expected = expected_after(ran, scripts.operations, database.bind)
    checked = tuple(CatalogCheck(database.schema).look(expected))
    shown = {each.revision for each in checked if not each.missing and each.proof and not each.item.guarded}
    missing = {each.revision for each in checked if each.missing}
    idle = {name for name in ran if scripts.operations.get(name) == Operations()}
    verified = tuple(name for name in ran if name in (shown | idle) - missing)
    left = tuple(name for name in ran if name not in verified and name not in missing)
    return Coverage(verified, left, len(ran))


def deep_coverage(ran: Sequence[str], proof: Proof, failures: tuple[Failure, ...]) -> Coverage:
    """Judge by a replay of the scripts, some of which failed."""
    return Coverage(
        proof.proven,
        proof.unproven,
        len(ran),
        is_deep=True,
        failures=failures,
        of_rows=proof.of_rows,
        altered=proof.altered,
        foreign=proof.foreign,
        foreign_parts=proof.foreign_parts,
    )


def revisions_run(status: DatabaseStatus, graph: RevisionGraph, chains: Mapping[str, PhantomChain]) -> tuple[str, ...]:
    """Return the revisions that a database is recorded to have run, phantoms included, in an order in which they can run.

    A phantom that the checkout has under another id is represented by that.
    """
    renamed = dict(status.renamed)
    beyond = [name for name in revisions_beyond(status, chains) if name not in renamed and name not in status.applied]
    return (*graph.in_order_to_run(status.applied), *reversed(beyond))
