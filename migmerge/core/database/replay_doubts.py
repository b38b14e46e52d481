"""What a replay says nothing of, because a revision that may have made or changed it fails on an empty database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..operations.possible_drops import RawSqlEffectsById, source_words
from .schema_catalog import CatalogKey, words_of
from .script_set import ScriptSet


@dataclass(frozen=True, slots=True)
class ReplayDoubts:
    """Hold the words of the scripts that failed, casefolded, among which the names are of all that they may touch.

    `sweeping` where one of them may touch anything.
    """

    words: frozenset[str] = frozenset()
    sweeping: bool = False

    def cover(self, key: CatalogKey) -> bool:
        """Say whether a fact is of something that a failed script may have made or changed."""
        return words_of(key) <= self.words


NO_DOUBTS = ReplayDoubts()


def replay_doubts(failed: Iterable[str], scripts: ScriptSet) -> ReplayDoubts:
    """Return what is in doubt where these revisions failed."""
    names = tuple(failed)
    effects = RawSqlEffectsById(scripts.operations, scripts.texts)
    words = frozenset().union(*(source_words(scripts.texts[name]) for name in names))
    return ReplayDoubts(words, any(effects[name].sweeping for name in names))
