"""A trial: the steps of a plan, run on a copy of a database's schema before the database itself is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .proof import IsUnrelated, prove
from .rehearsal import Failure
from .renames import renamed_facts
from .replay import Replay, ReplayedRevision
from .replay_doubts import NO_DOUBTS, ReplayDoubts
from .schema_catalog import Catalog, CatalogChange, CatalogKey
from .sync_steps import Discard

_WITH_ROWS = ("table", "column")


class ScriptStep(NamedTuple):
    """Name one function of a script, `upgrade` or `downgrade`, in the file at `path`."""

    revision: str
    direction: str
    path: str


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """Say what to run on a copy of the database of a bind, where names are looked up along `search_path`.

    `extensions` are those of the database, without which the copy tells nothing.
    """

    bind: str
    steps: tuple[ScriptStep | Discard, ...]
    search_path: str = ""
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold the catalogue of the copy before the first step, what each step changed in it, and the failure that ended it."""

    start: Catalog
    ran: tuple[ReplayedRevision, ...] = ()
    failure: Failure | None = None

    @property
    def end(self) -> Catalog:
        """Return the catalogue after the last step."""
        found = dict(self.start)
        for each in self.ran:
            _apply(found, each.changes)
        return found


@dataclass(frozen=True, slots=True)
class TrialResult:
    """Say what a plan comes to in one database.

    `lost` are the tables and columns, with rows in them, that the plan drops on its way and the checkout has; `missing` are in
    words, by revision, the facts in which the end differs from what the checkout makes, and `left` are what no revision of the
    checkout made. `in_doubt` says that a revision fails on an empty database: what that makes or changes is not known.
    """

    lost: tuple[CatalogKey, ...] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left: tuple[CatalogKey, ...] = ()
    failure: Failure | None = None
    in_doubt: bool = False

    @property
    def is_good(self) -> bool:
        """Say whether it is known that every step ran, nothing was lost, and the end is the schema of the checkout alone."""
        return not (self.lost or self.missing or self.left or self.failure or self.in_doubt)


@dataclass(frozen=True, slots=True)
class PendingTrial:
    """Say what came of what is pending on a copy of a database: how it fails, if it does, or for what `reason` nobody knows."""

    failure: Failure | None = None
    reason: str = ""

    @property
    def fails(self) -> Failure | None:
        """Return the failure that the schema alone is the cause of, whatever rows there are."""
        return self.failure if self.failure and self.failure.is_of_schema else None

    @property
    def doubt(self) -> str:
        """Say why nobody knows whether what is pending runs; empty where it is known."""
        if self.failure and not self.failure.is_of_schema:
            return f"{self.failure.revision} fails on an empty copy: {self.failure}"
        return self.reason


class Made(NamedTuple):
    """Hold the revisions of a checkout of which all is in a catalogue, and those that read or write rows."""

    whole: frozenset[str] = frozenset()
    of_rows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """Hold a replay of the whole checkout, of which of its revisions the order does not matter, and what is in doubt of it."""

    replay: Replay
    is_unrelated: IsUnrelated
    doubts: ReplayDoubts = NO_DOUBTS

    def may_have(self, keys: Iterable[CatalogKey]) -> Iterator[CatalogKey]:
        """Yield the tables and columns that the checkout makes, and the tables that a revision of it may make which failed."""
        made = self.replay.history.catalog
        yield from (key for key in keys if key in made or (key.kind == "table" and self.doubts.cover(key)))

    def missing_in(self, catalog: Catalog) -> dict[str, tuple[str, ...]]:
        """Return in words, by revision, the facts in which a catalogue differs from what the checkout makes."""
        proof = prove(self.replay, catalog, self.is_unrelated, self.doubts)
        found = {each.revision: tuple(f"{effect} is not there" for effect in each.missing) for each in proof.skipped}
        for name, facts in (proof.altered or {}).items():
            found[name] = (*found.get(name, ()), *facts)
        return found

    def left_in(self, catalog: Catalog) -> Iterator[CatalogKey]:
        """Yield the items of a catalogue that no revision of the checkout makes: tables, and what is in those of the checkout."""
        former = self.replay.history.former
        for key in sorted(catalog):
            is_part = bool(key.name) and CatalogKey("table", key.owner) not in former
            if not (key.aspect or is_part or key in former or self.doubts.cover(key)):
                yield key

    def made_in(self, catalog: Catalog) -> Made:
        """Say of which revisions, that change a catalogue alone, all is in this one; and which change rows."""
        proven = set(prove(self.replay, catalog, self.is_unrelated, self.doubts).proven)
        rows = frozenset(each.revision for each in self.replay.revisions if each.has_rows)
        changing = frozenset(each.revision for each in self.replay.revisions if each.changes and not self._is_doubtful(each))
        return Made(changing & proven - rows, rows)

    def _is_doubtful(self, revision: ReplayedRevision) -> bool:
        return any(self.doubts.cover(key) for key, _ in revision.changes)


def judge_trial(trial: Trial, target: Target) -> TrialResult:
    """Compare what a plan did on a copy with what the checkout makes; nobody knows the end of one that failed."""
    lost, in_doubt = tuple(_lost(trial, target)), bool(target.replay.failures)
    if trial.failure:
        return TrialResult(lost, failure=trial.failure, in_doubt=in_doubt)
    return TrialResult(lost, target.missing_in(trial.end), tuple(target.left_in(trial.end)), in_doubt=in_doubt)


def _lost(trial: Trial, target: Target) -> Iterator[CatalogKey]:
    """Yield the tables, and the columns of other tables, that had rows before, are dropped on the way, and may be wanted."""
    alive = {key: key for key in trial.start if key.kind in _WITH_ROWS and not key.aspect}
    catalog, gone = dict(trial.start), set[CatalogKey]()
    for each in trial.ran:
        renamed = {moved.before: key for key, moved in renamed_facts(catalog, each.changes).items()}
        for key, after in each.changes:
            if after is None and key in alive:
                origin = alive.pop(key)
                if key in renamed:
                    alive[renamed[key]] = origin
                else:
                    gone |= {key, origin}
        _apply(catalog, each.changes)
    for key in sorted(target.may_have(gone)):
        if key.kind == "table" or CatalogKey("table", key.owner) not in gone:
            yield key


def _apply(catalog: dict[CatalogKey, str], changes: tuple[CatalogChange, ...]) -> None:
    for key, after in changes:
        if after is None:
            catalog.pop(key, None)
        else:
            catalog[key] = after


def rank(results: Mapping[str, TrialResult]) -> tuple[bool, int, int, bool]:
    """Return what makes one plan worse than another, by its results in the databases: the least is the best.

    Worst is a step that the schema does not allow, then what is lost, then an end that is another one, then what nobody knows.
    """
    failures = [each.failure for each in results.values() if each.failure]
    return (
        any(each.is_of_schema for each in failures),
        sum(len(each.lost) for each in results.values()),
        sum(sum(map(len, each.missing.values())) + len(each.left) for each in results.values()),
        bool(failures),
    )
