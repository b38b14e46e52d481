"""The rehearsals of a project: one, or one for each named database of a project with several."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.database.rehearsal import Rehearsal, RehearsalPlan
from ...core.errors import MigmergeError
from ..guard import address_of
from ..project import Project
from .rehearse import RehearsalOptions, rehearse
from .surroundings import NO_SURROUNDINGS

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import URL


@dataclass(frozen=True, slots=True)
class _Target:
    """Hold the bind and the URL of a database, and what the reader calls it; empty where there is only one."""

    bind: str
    url: URL
    name: str = ""


def rehearse_plan(
    project: Project, plan: RehearsalPlan, folder: str, scripts: Sequence[str], *, downgrade: bool
) -> tuple[Rehearsal, ...]:
    """Rehearse on the servers of the databases that were inspected, or on SQLite where none was.

    Named databases have functions of their own in the scripts, so that each has a rehearsal; else the first one stands for all.
    The scripts run in the context of the application, if it starts.
    """
    project.guard.allow_changes()
    config: Config | None = None
    with suppress(MigmergeError), project.errors_translated():
        config = project.config()
    targets = _targets(project, config)
    expected, done = plan.expected_steps(downgrade=downgrade) * len(targets), count(1)

    def progress(_: str) -> None:
        number = next(done)
        project.on_progress(number, max(number, expected))

    found = []
    for target in targets:
        project.guard.allow(address_of(target.url))
        project.guard.may_create_files = True
        surroundings = project.surroundings.get(target.bind, NO_SURROUNDINGS)
        name = target.bind if target.name else ""
        options = RehearsalOptions(downgrade, project.naming_convention, progress, surroundings, name)
        rehearsal = rehearse(target.url, [Path(each) for each in scripts], plan, Path(folder), options)
        found.append(replace(rehearsal, database=target.name))
    return tuple(found)


def _targets(project: Project, config: Config | None) -> list[_Target]:
    from sqlalchemy import make_url

    urls = project.urls or dict.fromkeys(_declared_binds(project, config), make_url("sqlite://"))
    if any(bind and not bind.isdecimal() and not project.tenants.get(bind) for bind in urls):
        return [_Target(bind, url, bind or address_of(url).name) for bind, url in urls.items()]
    bind, url = next(iter(urls.items()))
    return [_Target(bind, url)]


def _declared_binds(project: Project, config: Config | None) -> list[str]:
    """Return the names of the databases in the configuration, as the multi-database templates of both tools read them."""
    if config is None:
        return [""]
    if project.environment.kind == "flask-migrate":
        return ["", *(project.enter_application().config.get("SQLALCHEMY_BINDS") or {})]
    declared = config.get_main_option("databases") or ""
    return [name.strip() for name in declared.split(",") if name.strip()] or [""]
