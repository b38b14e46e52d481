"""Which of the databases that were found a command is about, and which are trusted although they may not be a developer's own."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import MigmergeError
from ..suggestion import nearest
from .database import Address


class Selection(NamedTuple):
    """Hold the names given by `--database`, all databases without one, and the trusted ones, as HOST/NAME.

    `command` is the command that the names belong to, for its hints.
    """

    names: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    command: str = "migmerge doctor"

    def trusting(self, more: Iterable[str]) -> Selection:
        """Return the selection with more trusted databases."""
        return self._replace(trusted=tuple(dict.fromkeys((*self.trusted, *more))))

    @property
    def of_all(self) -> Selection:
        """Return the selection of all databases, with the same trusted ones."""
        return self._replace(names=())

    def has(self, address: Address, bind: str) -> bool:
        """Say whether a database is selected: by its name, by its bind, or by the name of its file without the ending."""
        return not self.names or not _names_of(address, bind).isdisjoint(self.names)


ALL = Selection()


def require_known(selection: Selection, found: Sequence[tuple[Address, str]]) -> None:
    """Verify the names of a selection against all databases that were found, each with its bind.

    Raises:
        MigmergeError: for a name that fits none, naming the nearest one.
    """
    known = [each for address, bind in found for each in (address.name, bind) if each]
    for name in selection.names:
        if not any(name in _names_of(*each) for each in found):
            raise _unknown(name, list(dict.fromkeys(known)), selection.command)


def _names_of(address: Address, bind: str) -> frozenset[str]:
    stem = address.name.rpartition(".")[0] if address.dialect == "sqlite" else ""
    return frozenset(filter(None, (address.name, bind, stem, f"{address.name}.{bind}")))


def _unknown(name: str, known: list[str], command: str) -> MigmergeError:
    near = nearest(name, known, cutoff=0)
    if near is None:
        return MigmergeError(f"no database is called {name}: none was found", hint="migmerge doctor")
    others = f" (of {', '.join(known)})" if len(known) > 1 else ""
    return MigmergeError(
        f"no database is called {name}; the nearest is {near}{others}", hint=f"{command} --database {shlex.quote(near)}"
    )
