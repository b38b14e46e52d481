"""The mark of an unfinished change, which names the script that restores the state before it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from migmerge.core.database.backup import Backup, Safeguards
from migmerge.core.database.database import Address, Database
from migmerge.core.database.kept_backup import Occasion
from migmerge.repository.git import Git
from migmerge.repository.repository import Repository
from migmerge.sync.backup_folder import store
from migmerge.sync.backups import begin_change, mark_finished, restore_scripts_of

SHOP = Database(Address("mysql://localhost/shop", "mysql", "shop", "localhost"))
STOCK = Database(Address("mysql://localhost/stock", "mysql", "stock", "localhost"), "stock")
SAME_NAME = Database(Address("sqlite:////elsewhere/shop", "sqlite", "shop"))


def repository(folder: Path) -> Repository:
    return Repository(str(folder), str(folder / ".git"), str(folder / ".git"), Git(str(folder)), shallow=False)


def backed_up(folder: Path, *databases: Database, time: str = "20240102-030405") -> Safeguards:
    """Begin a change of databases as `sync` does, with the backups of a moment."""
    saved: dict[str, Backup] = {}
    for database in databases:
        path = folder / f".git/migmerge/backups/{database.address.name}-{database.bind}-{time}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        commands, bind = ("echo restored",), database.bind
        saved[bind] = Backup(str(path), "mysql", "shop", 0, restore_commands=commands, url=database.address.url, bind=bind)
        store(saved[bind], Occasion("sync"), datetime.fromisoformat(time.replace("-", "T")))
    begin_change(saved.values())
    return Safeguards(saved)


def scripts(safeguards: Safeguards) -> list[str]:
    return list(safeguards.scripts.values())


def test_a_change_that_does_not_end_leaves_its_restore_script(tmp_path: Path) -> None:
    (script,) = scripts(backed_up(tmp_path, SHOP))
    assert restore_scripts_of(repository(tmp_path), [SHOP]) == {"": script}
    assert Path(script).read_text() == "set -e\necho restored\n" and Path(script).stat().st_mode & 0o077 == 0


def test_a_change_that_ends_well_leaves_none(tmp_path: Path) -> None:
    mark_finished(backed_up(tmp_path, SHOP, STOCK))
    assert restore_scripts_of(repository(tmp_path), [SHOP, STOCK]) == {}


def test_the_success_of_another_environment_keeps_the_warning(tmp_path: Path) -> None:
    (script,) = scripts(backed_up(tmp_path, SHOP))
    mark_finished(backed_up(tmp_path, STOCK, time="20240102-040000"))
    assert restore_scripts_of(repository(tmp_path), [SHOP]) == {"": script}
    assert restore_scripts_of(repository(tmp_path), [STOCK]) == {}


def test_the_failure_of_another_environment_keeps_the_warning(tmp_path: Path) -> None:
    (one,) = scripts(backed_up(tmp_path, SHOP))
    (other,) = scripts(backed_up(tmp_path, STOCK, time="20240102-040000"))
    assert restore_scripts_of(repository(tmp_path), [SHOP, STOCK]) == {"": one, "stock": other}


def test_a_later_change_of_a_database_replaces_its_mark(tmp_path: Path) -> None:
    backed_up(tmp_path, SHOP)
    later = backed_up(tmp_path, SHOP, time="20240102-040000")
    assert restore_scripts_of(repository(tmp_path), [SHOP]) == {"": scripts(later)[0]}
    mark_finished(later)
    assert restore_scripts_of(repository(tmp_path), [SHOP]) == {}


def test_a_database_elsewhere_with_the_same_name_is_another_one(tmp_path: Path) -> None:
    backed_up(tmp_path, SHOP)
    assert restore_scripts_of(repository(tmp_path), [SAME_NAME]) == {}


def test_a_mark_without_its_script_names_nothing(tmp_path: Path) -> None:
    (script,) = scripts(backed_up(tmp_path, SHOP))
    Path(script).unlink()
    assert restore_scripts_of(repository(tmp_path), [SHOP]) == {}


def test_without_backups_there_is_no_mark(tmp_path: Path) -> None:
    assert restore_scripts_of(repository(tmp_path), [SHOP]) == {}
