"""Migration scripts: what their text says, and the path where they lie."""

from __future__ import annotations

from typing import NamedTuple


class Identifiers(NamedTuple):
    """Hold what the text of a script says, whatever its path; the blob cache stores it.

    `down_revisions` is empty for a base and has two or more items in a merge revision. `create_date` is the text after
    "Create Date:". `defect` says why Python cannot load the script although its identifiers are known.
    """

    revision: str
    down_revisions: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    message: str = ""
    create_date: str | None = None
    defect: str | None = None


class Unreadable(NamedTuple):
    """Say why a text's identifiers cannot be known; `revision` is set where only the parents are unknown."""

    reason: str
    revision: str | None = None


Reading = Identifiers | Unreadable


class Revision(NamedTuple):
    """Hold a readable script and its path, relative to the top of the repository, with slashes."""

    identifiers: Identifiers
    path: str

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


class UnreadableScript(NamedTuple):
    """Hold the path of a script whose identifiers cannot be known, and the reason."""

    path: str
    reason: str
    revision: str | None = None


Script = Revision | UnreadableScript
