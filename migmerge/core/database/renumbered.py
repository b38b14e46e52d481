"""Scripts that ran under an id that the checkout gives to another script, where the schema does not tell it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..script.functions import does_nothing, function_code
from .phantom import is_same_script
from .script_set import ScriptVersion
from .script_versions import RanAfter


class Renumbered(NamedTuple):
    """Hold the version that ran under an id; not `is_sure` where the script of the checkout may have run instead."""

    version: ScriptVersion
    is_sure: bool


def alike_elsewhere(
    applied: Collection[str], here: Mapping[str, bytes], versions: Mapping[str, Sequence[ScriptVersion]]
) -> dict[str, tuple[ScriptVersion, ...]]:
    """Return the versions of applied scripts of which the checkout has the like under another id, that has not run.

    `here` are the texts of the checkout. An id that ran for another script itself has not run either: ids may have been
    pushed on by one.
    """
    found: dict[str, tuple[ScriptVersion, ...]] = {}
    while True:
        free = {name: here[name] for name in here if name not in applied or name in found}
        names = [name for name in versions if name in applied and name in here and name not in found]
        more = {name: alike for name in names if (alike := tuple(_alike(versions[name], name, here, free)))}
        if not more:
            return found
        found |= more


def _alike(
    versions: Sequence[ScriptVersion], name: str, here: Mapping[str, bytes], free: Mapping[str, bytes]
) -> Iterator[ScriptVersion]:
    """Yield the versions of a script that do something else than it does now, and the same as a script of a free id."""
    now = function_code(here[name], "upgrade")
    for each in versions:
        is_other = function_code(each.text, "upgrade") != now and not does_nothing(each.text, "upgrade")
        if is_other and any(is_same_script(each.text, text) for text in free.values()):
            yield each


def renumbered_script(
    current: ScriptVersion, alike: Sequence[ScriptVersion], ran: RanAfter, known: bytes | None
) -> Renumbered | None:
    """Return which of some versions ran in a database in place of the current script; None where that one ran.

    `known` is the text from which the id is known to have run. Without it the schema decides where it shows the current one,
    or lacks something of the others.
    """
    there = [each for each in alike if ran.database.schema.tables and not ran.lacks(each)]
    if known is not None:
        upgrade = function_code(known, "upgrade")
        return next((Renumbered(each, is_sure=True) for each in there if function_code(each.text, "upgrade") == upgrade), None)
    return Renumbered(there[0], is_sure=False) if there and not ran.shows(current) else None
