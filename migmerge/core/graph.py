"""The revisions of one environment and how they hang together, as Alembic sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import combinations
from operator import attrgetter
from typing import NamedTuple

from .order import circle_in, sorted_after
from .revision import Revision


class Divergence(NamedTuple):
    """Two or more heads that no known label sets apart since their branch point; None where they have no single one.

    `uncertain` are the revisions since whose branch labels are unknown: they may set the heads apart after all.
    """

    heads: tuple[str, ...]
    branch_point: str | None
    uncertain: tuple[str, ...] = ()


_SHARED = 3
"""Followed by both of two revisions, of which 1 and 2 stand for one each."""


class RevisionGraph:
    """Answer questions about a set of revisions; broken ones are answered too, never raised.

    Where two scripts share an id the one whose path sorts last stands for it, as in Alembic the last one loaded does.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self.scripts: dict[str, tuple[Revision, ...]] = {}
        for revision in sorted(revisions, key=attrgetter("path")):
            name = revision.identifiers.revision
            self.scripts[name] = (*self.scripts[name], revision) if name in self.scripts else (revision,)
        self.revisions: dict[str, Revision] = {name: scripts[-1] for name, scripts in self.scripts.items()}
        self._ancestors: dict[str, frozenset[str]] = {}
        self._needs: dict[str, tuple[str, ...]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.revisions

    def __getitem__(self, name: str) -> Revision:
        return self.revisions[name]

    def __len__(self) -> int:
        return len(self.revisions)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Return the revision that carries each branch label; Alembic lets a label stand for its revision.

        The label of a script whose id another one has too is known to Alembic as well.
        """
        return {label: name for name, scripts in self.scripts.items() for script in scripts for label in script.branch_labels}

    @cached_property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """Return the down revisions that exist, by revision."""
        known = self.revisions
        named = {name: revision.identifiers.down_revisions for name, revision in known.items()}
        return {
            name: parents if known.keys() >= set(parents) else tuple(parent for parent in parents if parent in known)
            for name, parents in named.items()
        }

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Return the revisions that name each revision as a down revision."""
        children: dict[str, list[str]] = defaultdict(list)
        for name, parents in self.parents.items():
            for parent in parents:
                children[parent].append(name)
        return children

    def resolve(self, reference: str) -> str | None:
        """Return the revision that a down_revision or depends_on means, or None where there is none."""
        return reference if reference in self.revisions else self.labels.get(reference)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Return the ids that no down_revision names, sorted: what `alembic heads` prints."""
        named = {parent for parents in self.parents.values() for parent in parents}
        return tuple(sorted(self.revisions.keys() - named))

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Return the ids of revisions without a down_revision, sorted."""
        return tuple(sorted(name for name, revision in self.revisions.items() if not revision.down_revisions))

    @cached_property
    def missing(self) -> tuple[tuple[Revision, str], ...]:
        """Return each revision with a down_revision or depends_on that no script has."""
        return tuple(
            (revision, reference)
            for scripts in self.scripts.values()
            for revision in scripts
            if not self.revisions.keys() >= {*revision.identifiers.down_revisions, *revision.identifiers.depends_on}
            for reference in dict.fromkeys((*revision.down_revisions, *revision.depends_on))
            if reference not in self.revisions and (reference not in self.labels or reference in revision.down_revisions)
        )

    @property
    def duplicates(self) -> tuple[tuple[Revision, ...], ...]:
        """Return the scripts that share an id, grouped."""
        return tuple(scripts for scripts in self.scripts.values() if len(scripts) > 1)

    def ancestors(self, name: str) -> frozenset[str]:
        """Return a revision and all that it follows by down_revision."""
        if name not in self._ancestors:
            self._ancestors[name] = self._reached([name], self.parents.__getitem__)
        return self._ancestors[name]

    def descendants(self, name: str) -> frozenset[str]:
        """Return a revision and all that follow it by down_revision."""
        return self._reached([name], lambda revision: self.children.get(revision, ()))

    @staticmethod
    def _reached(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> frozenset[str]:
        pending = list(dict.fromkeys(starts))
        reached = set(pending)
        while pending:
            for name in following(pending.pop()):
                if name not in reached:
                    reached.add(name)
                    pending.append(name)
        return frozenset(reached)

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Return circles of revisions that follow themselves, by down_revision or depends_on, each sorted."""
        if self._settles():
            return ()
        needs = {name: self._known_needs(name) for name in self.revisions}
        cycles: list[tuple[str, ...]] = []
        while cycle := circle_in(needs):
            cycles.append(cycle)
            for name in cycle:
                del needs[name]
        return tuple(cycles)

    def _settles(self) -> bool:
        """Say quickly that there is no circle: every revision is reached once all its parents are, and none depends on more."""
        return len(self._places) == len(self.revisions) and not any(each.depends_on for each in self.revisions.values())

    @cached_property
    def _places(self) -> dict[str, int]:
        """Number the revisions so that each comes after its parents; those in or above a circle are left out."""
        return {name: place for place, name in enumerate(sorted_after(self.parents, self.parents))}

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Sort revisions so that each comes after those it follows."""
        places = self._places
        return tuple(sorted(names, key=lambda name: (places.get(name, len(places)), name)))

    def implied(self, names: Iterable[str]) -> frozenset[str]:
        """Return the revisions that have run where these have: with all that they follow and depend on."""
        return self._reached((name for name in names if name in self.revisions), self._known_needs)

    def overlapping(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of the revisions that another one of them implies."""
        known = [name for name in dict.fromkeys(names) if name in self.revisions]
        if self.cycles:  # in a circle a revision reaches itself
            return frozenset(name for name in known if any(name in self.implied([each]) for each in known if each != name))
        return self.implied(need for name in known for need in self._known_needs(name)).intersection(known)

    @cached_property
    def redundant(self) -> dict[str, tuple[str, ...]]:
        """Return the needs of each revision that another one of its needs implies, where `upgrade` dies of them.

        With two other needs Alembic 1.20 deletes a row of the version table for each need, also for an implied one, which has
        none. With one it only looks for the row that is there. Nothing is implied in a circle.
        """
        if self.cycles:
            return {}
        found = {
            name: self._redundant(name)
            for name, each in self.revisions.items()
            if len(each.down_revisions) + len(each.depends_on) > 2
        }
        return {name: names for name, names in found.items() if names and len(self.effective_needs(name)) - len(names) > 1}

    def _redundant(self, name: str) -> tuple[str, ...]:
        needs = self.effective_needs(name)
        return tuple(need for need in needs if any(need != other and self._implies(other, need) for other in needs))

    def effective_needs(self, name: str) -> tuple[str, ...]:
        """Return what a revision follows and depends on, without a dependency that an ancestor has as well."""
        parents, known = self.parents[name], self._known_needs(name)
        depends = [need for need in known if need not in parents]
        if depends:
            above = self.ancestors(name) - {name}
            shared = {self.resolve(reference) for each in above for reference in self.revisions[each].depends_on}
            depends = [need for need in depends if need not in shared]
        return tuple(dict.fromkeys((*parents, *depends)))

    def _implies(self, name: str, other: str) -> bool:
        """Say whether a revision follows or depends on another one."""
        # By their order a walk along parents ends at the other one's place; dependencies have another order.
        first = 0 if self._has_dependencies else self._places.get(other, 0)
        needs = self._known_needs
        return other in self._reached(
            [name], lambda each: [need for need in needs(each) if self._places.get(need, first) >= first]
        )

    @cached_property
    def _has_dependencies(self) -> bool:
        return any(each.depends_on for each in self.revisions.values())

    def in_order_to_run(self, names: Iterable[str]) -> tuple[str, ...]:
        """Sort revisions so that each comes after those it follows and depends on; those in a circle are left as they are."""
        wanted = frozenset(names)
        listed = self.in_order(wanted)
        needs = {name: [each for each in self._known_needs(name) if each in wanted] for name in listed}
        ordered = sorted_after(needs)
        return ordered if len(ordered) == len(listed) else listed

    def needs(self, name: str) -> tuple[str, ...]:
        """Return what a revision follows and depends on; a reference that no script has is returned as the script spells it."""
        revision = self.revisions[name]
        return (*revision.down_revisions, *(self.resolve(reference) or reference for reference in revision.depends_on))

    def _known_needs(self, name: str) -> tuple[str, ...]:
        if name not in self._needs:
            self._needs[name] = tuple(need for need in self.needs(name) if need in self.revisions)
        return self._needs[name]

    @cached_property
    def divergences(self) -> tuple[Divergence, ...]:
        """Return the groups of heads that share an ancestor with no branch label on either lineage since."""
        if len(self.heads) < 2:
            return ()
        lineages = {head: self.ancestors(head) for head in self.heads}
        groups = _joined_groups(self.heads, lambda one, other: self._diverge(lineages[one], lineages[other]))
        return tuple(self._divergence(group, [lineages[head] for head in group]) for group in groups)

    @property
    def heads_once_joined(self) -> int:
        """Return how many heads are left when every divergence is joined: those that labels and roots keep apart."""
        return len(self.heads) - sum(len(each.heads) - 1 for each in self.divergences if not each.uncertain)

    def _divergence(self, heads: tuple[str, ...], lineages: list[frozenset[str]]) -> Divergence:
        since = frozenset.union(*lineages) - frozenset.intersection(*lineages)
        uncertain = tuple(sorted(name for name in since if not self.revisions[name].labels_are_known))
        return Divergence(heads, self._branch_point(lineages), uncertain)

    def _diverge(self, one: frozenset[str], other: frozenset[str]) -> bool:
        return not one.isdisjoint(other) and not any(self.revisions[name].branch_labels for name in one ^ other)

    def _branch_point(self, lineages: list[frozenset[str]]) -> str | None:
        shared = frozenset.intersection(*lineages)
        near = {parent for lineage in lineages for name in lineage - shared for parent in self.parents[name]} & shared
        lowest = [name for name in near if shared.isdisjoint(self.children[name])]
        return lowest[0] if len(lowest) == 1 else None

    @cached_property
    def double_merges(self) -> tuple[tuple[str, ...], ...]:
        """Return the merge revisions that join the same parents and that nothing has joined or labelled since, grouped."""
        by_parents: dict[frozenset[str], list[str]] = defaultdict(list)
        for name, parents in self.parents.items():
            if len(parents) > 1:
                by_parents[frozenset(parents)].append(name)
        groups = [sorted(names) for names in by_parents.values() if len(names) > 1]
        return tuple(tuple(group) for group in groups if self._still_diverge(group))

    def _still_diverge(self, names: Iterable[str]) -> bool:
        descendants = [self.descendants(name) for name in names]
        joined = frozenset.intersection(*descendants)
        heads = (each.heads for each in self.divergences)
        return not joined and any(sum(not each.isdisjoint(above) for each in descendants) > 1 for above in heads)

    @property
    def merge_points(self) -> tuple[str, ...]:
        """Return the revisions with several parents."""
        return tuple(name for name, parents in self.parents.items() if len(parents) > 1)

    def sides_joined_by(self, merge_point: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        """Yield, for each two parents of a merge point, what one of them follows and the other does not, and the reverse."""
        for one, other in combinations(self.parents[merge_point], 2):
            yield self._apart(one, other)

    def _apart(self, one: str, other: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return what only one of two revisions follows, in a graph without circles; the walk ends where all is shared."""
        from heapq import heappop, heappush

        places, sides = self._places, (set[str](), set[str]())
        held = {one: 1, other: 2} if one != other else {}
        pending = sorted((-places[name], name) for name in held)
        apart = len(held)  # of those pending, how many are not known to be shared
        while apart:
            _, name = heappop(pending)
            side = held[name]
            if side != _SHARED:
                apart -= 1
                sides[side - 1].add(name)
            for parent in self.parents[name]:
                before = held.get(parent, 0)
                held[parent] = before | side
                if not before:
                    heappush(pending, (-places[parent], parent))
                apart += (held[parent] != _SHARED) - (0 < before < _SHARED)
        return frozenset(sides[0]), frozenset(sides[1])

    @cached_property
    def families(self) -> tuple[frozenset[str], ...]:
        """Return the sets of revisions that are related by down_revision at all, one a root where none is joined."""
        families: list[frozenset[str]] = []
        seen: set[str] = set()
        for base in self.bases:
            if base not in seen:
                family = self._reached([base], lambda name: (*self.parents[name], *self.children.get(name, ())))
                families.append(family)
                seen |= family
        return tuple(families)

    @cached_property
    def diverging(self) -> frozenset[str]:
        """Return the revisions that not all heads of their divergence share."""
        lineages = (self.lineages_since(divergence).values() for divergence in self.divergences)
        return frozenset(name for each in lineages for lineage in each for name in lineage)

    def lineages_since(self, divergence: Divergence) -> dict[str, frozenset[str]]:
        """Return, for each head of a divergence, the revisions that not all of its heads share."""
        lineages = {head: self.ancestors(head) for head in divergence.heads}
        shared = frozenset.intersection(*lineages.values())
        return {head: lineage - shared for head, lineage in lineages.items()}


def _joined_groups(heads: tuple[str, ...], related: Callable[[str, str], bool]) -> Iterator[tuple[str, ...]]:
    """Yield the groups of two and more heads that are related, directly or through one another, each sorted."""
    remaining = dict.fromkeys(heads)
    while remaining:
        first = next(iter(remaining))
        del remaining[first]
        group, pending = [first], [first]
        while pending:
            one = pending.pop()
            found = [other for other in remaining if related(one, other)]
            for other in found:
                del remaining[other]
            group += found
            pending += found
        if len(group) > 1:
            yield tuple(sorted(group))
