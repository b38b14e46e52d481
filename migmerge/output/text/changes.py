"""What a git event brought and took away, and the command that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.provenance import Provenance
from ...core.revision import Revision
from ...core.snapshot import EnvironmentChange
from ...core.text import enumerate_names
from ..screen import Screen

_MOST = 12
"""Revisions listed one by one; a checkout across years brings hundreds."""


def report_change(screen: Screen, change: EnvironmentChange, occasion: str, provenance: Mapping[str, Provenance]) -> None:
    """Print which revisions arrived and which are gone; `occasion` says how, such as "from feature"."""
    headings = []
    if change.arrived:
        headings.append(f"{_revisions(change.arrived)} arrived")
    if change.gone:
        headings.append(f"{_revisions(change.gone)} no longer here")
    where = "" if change.environment.path == "migrations" else f" in {change.environment.path}"
    whose = f"{occasion}{_whose(change.arrived, provenance)}"
    screen.say(("migmerge: ", "heading"), " and ".join(headings), where, f" {whose}".rstrip())
    _list(screen, ("+ ", "good"), change.arrived, provenance)
    _list(screen, ("- ", "gone"), change.gone, provenance)


def _whose(arrived: Sequence[Revision], provenance: Mapping[str, Provenance]) -> str:
    """Name the authors, and say how old the newest revision is: ` (bea, 3 days ago)`."""
    known = [provenance[revision.revision] for revision in arrived if revision.revision in provenance]
    if not known:
        return ""
    authors = enumerate_names(dict.fromkeys(each.author for each in known), most=3)
    newest = max(known, key=lambda each: each.date)
    return f" ({', '.join(filter(None, (authors, newest.age)))})"


def report_sides(
    screen: Screen,
    by_commit: Mapping[str, Sequence[Revision]],
    by_against: Mapping[str, Sequence[Revision]],
    provenance: Mapping[str, Mapping[str, Provenance]],
    names: tuple[str, str],
) -> None:
    """Print what each side of a merge, by its name, would bring to the other, by environment."""
    for path, known in provenance.items():
        for side, brought in zip(names, (by_commit, by_against), strict=True):
            if revisions := brought.get(path):
                screen.say((path or ".", "heading"), f"  {side} brings {_revisions(revisions)}")
                _list(screen, ("+ ", "good"), revisions, known)


def _revisions(revisions: Sequence[Revision]) -> str:
    return "1 revision" if len(revisions) == 1 else f"{len(revisions)} revisions"


def _list(screen: Screen, sign: tuple[str, str], revisions: Sequence[Revision], provenance: Mapping[str, Provenance]) -> None:
    for revision in revisions[:_MOST]:
        known = provenance.get(revision.revision)
        origin = ", ".join(filter(None, (known.author, known.branch))) if known else ""
        screen.say(
            "  ",
            sign,
            (revision.revision, "revision"),
            "  ",
            revision.message or revision.path,
            f"  ({origin})" if origin else "",
        )
    if len(revisions) > _MOST:
        screen.say("  ", sign, f"and {len(revisions) - _MOST} more")


def report_gone(screen: Screen, change: EnvironmentChange) -> None:
    """Say what a database does that has run a revision which is gone, and what takes it back with the script that is not here."""
    example = change.gone[-1].revision
    screen.say(
        f"a database that has run {example} fails here with \"Can't locate revision identified by '{example}'\"; to take it back:"
    )
    screen.say("  ", ("migmerge sync", "command"))


def report_next(screen: Screen, why: str, commands: Sequence[str]) -> None:
    """Print the commands to run next, the last of them last."""
    screen.say(why)
    for command in commands:
        screen.say("  ", (command, "command"))
