"""Migration scripts: what their text says, and the path where they lie."""

from __future__ import annotations

from typing import NamedTuple

NEW, EDITED, REWIRED = "not committed", "edited, not committed", "edited to other identifiers, not committed"
"""How a script of the work tree or the index differs from HEAD, in words for a message."""

IN_SUBMODULE, NESTED = "in a submodule", "in another repository"
"""Where a script is that the work tree has and this repository cannot have; of a NESTED one HEAD knows nothing."""


class Identifiers(NamedTuple):
    """Hold what the text of a script says, whatever its path; the blob cache stores it.

    `down_revisions` is empty for a base and has two or more items in a merge revision. `create_date` is the text after
    "Create Date:". `defect` says why Python cannot load the script although its identifiers are known. `unknown` names those
    of "branch_labels" and "depends_on" that the script computes: empty here, they may be anything.
    """

    revision: str
    down_revisions: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    message: str = ""
    create_date: str | None = None
    defect: str | None = None
    unknown: tuple[str, ...] = ()


class Unreadable(NamedTuple):
    """Say why a text's identifiers cannot be known; `revision` is set where only the parents are unknown.

    `computed` says that Python may well load the script, and then knows them.
    """

    reason: str
    revision: str | None = None
    computed: bool = False


Reading = Identifiers | Unreadable


def is_wired_alike(one: Reading, other: Reading) -> bool:
    """Say whether two readings give a script the same place in the graph."""
    return isinstance(one, Identifiers) and isinstance(other, Identifiers) and one[:4] == other[:4]


class Revision(NamedTuple):
    """Hold a readable script and its path, relative to the top of the repository, with slashes.

    `uncommitted` is NEW, EDITED or REWIRED where the script is not as HEAD has it, IN_SUBMODULE or NESTED where another
    repository has it, else empty.
    """

    identifiers: Identifiers
    path: str
    uncommitted: str = ""

    @property
    def revision(self) -> str:
        return self.identifiers.revision

    @property
    def down_revisions(self) -> tuple[str, ...]:
        return self.identifiers.down_revisions

    @property
    def branch_labels(self) -> tuple[str, ...]:
        return self.identifiers.branch_labels

    @property
    def depends_on(self) -> tuple[str, ...]:
        return self.identifiers.depends_on

    @property
    def message(self) -> str:
        return self.identifiers.message

    @property
    def create_date(self) -> str | None:
        return self.identifiers.create_date

    @property
    def labels_are_known(self) -> bool:
        return "branch_labels" not in self.identifiers.unknown


class UnreadableScript(NamedTuple):
    """Hold the path of a script whose identifiers cannot be known, and the reason; `link` is the one that leads to it."""

    path: str
    reason: str
    revision: str | None = None
    computed: bool = False
    uncommitted: str = ""
    link: str = ""


Script = Revision | UnreadableScript
