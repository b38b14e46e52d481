"""Evidence about revisions, from git, the work tree and databases."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .immovable import Immovable
from .provenance import LastSeen, Provenance
from .revision import Script

TYPE_CHECKING = False  # the operations take 5 ms to import
if TYPE_CHECKING:
    from .operations.operation import Operations
    from .published import PublishedChange

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Copy(NamedTuple):
    """Hold what is known of one of several scripts with one id, or of a script that names that id.

    `published` is a remote-tracking branch that has it, empty where none has, None where git cannot tell. `is_own` says that
    the user is its author, `blob` is its content's id. `is_picked` says that the message of its commit names the commit
    from which it was picked.
    """

    provenance: Provenance | None = None
    published: str | None = None
    is_own: bool = False
    blob: str = ""
    is_picked: bool = False


class NestedRepository(NamedTuple):
    """Hold what a submodule is made of: the address of a clone inside the work tree, and whether the index has it already."""

    url: str
    is_staged: bool = False


class ClosedCollision(NamedTuple):
    """Name the merge point whose sides cannot both run, with the revision of each side that the other one fails after.

    `lines` are the 1-based lines of the operations, `what` is a clause without a period.
    """

    merge_point: str
    what: str
    revisions: tuple[str, str]
    lines: tuple[int, int]


class Evidence(NamedTuple):
    """Hold the answers of git and of the work tree; each of them may be missing.

    `provenance` and `operations` go by revision id, `last_seen` by missing id. `uncommitted` are the scripts that git
    does not have, `conflicts` the paths on which git stopped or would stop, `files` the bytes on disk of the paths that
    a re-parenting may change, `on_disk` the scripts of the work tree where another tree is looked at, `copies` go by the paths of
    the scripts that share an id or name such a one.

    `gone` are the paths of the scripts that HEAD has and the work tree lacks, by revision id; `hidden` are those among them that
    git itself keeps out of the work tree. `nested` are the repositories, by folder, that hold scripts and are no submodules.
    `lines` are the 1-based lines to edit, by path: of the defect where Python cannot load the script, else of its identifiers.
    `closed` are the collisions that merge points hide.
    `contains` are the revisions of a divergence that the commit of each contains, by revision id, `subjects` the first lines
    of the messages of these commits. `used_names` are the names of all files that ever lay in a versions directory, on any
    branch, in a reflog or a stash. `dialect` is SQLAlchemy's name of the database, None where nothing tells of one alone.
    """

    provenance: Mapping[str, Provenance] = _NOTHING
    last_seen: Mapping[str, LastSeen] = _NOTHING
    uncommitted: tuple[Script, ...] = ()
    immovable: Immovable = Immovable()
    operations: Mapping[str, Operations] = _NOTHING
    published_changes: tuple[PublishedChange, ...] = ()
    files: Mapping[str, bytes] = _NOTHING
    conflicts: tuple[str, ...] = ()
    on_disk: tuple[Script, ...] = ()
    gone: Mapping[str, str] = _NOTHING
    hidden: frozenset[str] = frozenset()
    nested: Mapping[str, NestedRepository] = _NOTHING
    copies: Mapping[str, Copy] = _NOTHING
    lines: Mapping[str, int] = _NOTHING
    closed: tuple[ClosedCollision, ...] = ()
    contains: Mapping[str, frozenset[str]] = _NOTHING
    subjects: Mapping[str, str] = _NOTHING
    used_names: frozenset[str] = frozenset()
    dialect: str | None = None
