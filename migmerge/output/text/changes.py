"""The revisions that a git event or a merge adds and removes, and the command that follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...core.finding import Finding
from ...core.provenance import Provenance
from ...core.revision import Revision
from ...core.snapshot import EnvironmentChange
from ...core.text import counted, enumerate_names
from ..screen import Screen

_MOST = 12
"""Revisions listed one by one; a checkout across years brings hundreds."""


def report_change(screen: Screen, change: EnvironmentChange, occasion: str, provenance: Mapping[str, Provenance]) -> None:
    """Print the revisions that arrived and those that are gone; `occasion` tells the event, such as "from feature"."""
    headings = []
    if change.arrived:
        headings.append(f"{counted(len(change.arrived), 'revision')} arrived")
    if change.gone:
        headings.append(f"{counted(len(change.gone), 'revision')} {'is' if len(change.gone) == 1 else 'are'} gone")
    if not change.arrived and occasion.startswith("from "):
        occasion = f"with the merge of {occasion.removeprefix('from ')}"
    where = "" if change.environment.name == "migrations" else f" in {change.environment.name}"
    origin = f"{occasion}{_origin(change.arrived, provenance)}"
    screen.say(("migmerge: ", "heading"), " and ".join(headings), where, f" {origin}".rstrip())
    _list(screen, ("+ ", "good"), change.arrived, {} if _is_told(change.arrived, provenance, occasion) else provenance)
    _list(screen, ("- ", "gone"), change.gone, provenance)


def _origin(arrived: Sequence[Revision], provenance: Mapping[str, Provenance]) -> str:
    """Return the authors, and the age of the newest revision: ` (bea, 3 days ago)`."""
    known = [provenance[revision.revision] for revision in arrived if revision.revision in provenance]
    if not known:
        return ""
    authors = enumerate_names(dict.fromkeys(each.author for each in known), most=3)
    newest = max(known, key=lambda each: each.date)
    return f" ({', '.join(filter(None, (authors, newest.age)))})"


def _is_told(arrived: Sequence[Revision], provenance: Mapping[str, Provenance], occasion: str) -> bool:
    """Say whether the heading names author and branch of all that arrived."""
    known = [provenance.get(each.revision) for each in arrived]
    origins = {(each.author, each.branch) for each in known if each}
    return None not in known and len(origins) == 1 and all(branch in occasion.split(" ") for _, branch in origins if branch)


def report_sides(
    screen: Screen,
    by_commit: Mapping[str, Sequence[Revision]],
    by_against: Mapping[str, Sequence[Revision]],
    provenance: Mapping[str, Mapping[str, Provenance]],
    names: tuple[str, str],
) -> None:
    """Print for each environment the revisions that each side of a merge adds to the other; `names` are those of the sides."""
    for path, known in provenance.items():
        for side, brought in zip(names, (by_commit, by_against), strict=True):
            if revisions := brought.get(path):
                screen.say((path or ".", "heading"), f"  {side} brings {counted(len(revisions), 'revision')}")
                _list(screen, ("+ ", "good"), revisions, known)


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


def report_gone(screen: Screen, change: EnvironmentChange, command: str) -> None:
    """Print the error of a database that has run a revision which is gone, and the command that takes the revision back."""
    what, back = ("it", "it") if len(change.gone) == 1 else ("one of them", "that")
    screen.say(f'a database that has run {what} fails with "Can\'t locate revision"; to take {back} back:')
    screen.say("  ", (command, "command"))


def report_stopped(screen: Screen, findings: Iterable[Finding]) -> None:
    """Print, in the place of an upgrade, which scripts no database gets past, and the command that looks again."""
    paths = dict.fromkeys(path for finding in findings if finding.stops_upgrade for path in finding.paths)
    screen.say("no database can be upgraded: whichever of these runs second fails:")
    for path in paths:
        screen.say("  ", (path, "path"))
    screen.say("drop what both do from the one that no database has run, then look again:")
    screen.say("  ", ("migmerge check", "command"))


def report_next(screen: Screen, why: str, commands: Sequence[str]) -> None:
    """Print the commands to run next, in their order."""
    screen.say(why)
    for command in commands:
        screen.say("  ", (command, "command"))
