"""Empty databases in place of those of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.database.backup import Saved
from .backup.saved import require_saved
from .drop_tables import drop_all_but
from .guard import address_of
from .project import Project
from .recreate import recreate


def recreate_databases(project: Project, saved: Saved) -> None:
    """Replace every database that was inspected by an empty one."""
    empty_databases(project, {}, saved)


def empty_databases(project: Project, kept: Mapping[str, Sequence[str]], saved: Saved) -> None:
    """Recreate every database that was inspected, or drop its tables where some of them are kept, by bind."""
    project.guard.allow_changes()
    project.close_connections()
    for bind, url in project.urls.items():
        project.guard.allow(address_of(url))
        require_saved(saved, bind, address_of(url).name)
    for bind, url in project.urls.items():
        if kept.get(bind):
            drop_all_but(url, kept[bind])
        else:
            recreate(url)
