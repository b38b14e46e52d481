"""Entries of several runs at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from migmerge.core.errors import OutcomeUnknown
from migmerge.repository.journal import Journal
from migmerge.repository.repository import open_repository
from tests.support.project import Project


def test_runs_at_once_take_numbers_of_their_own(project: Project) -> None:
    repository = open_repository(str(project.top))

    def begun(number: int) -> int:
        journal = Journal(repository)
        entry = journal.begin(f"change {number}")
        journal.finish(entry)
        return entry.number

    with ThreadPoolExecutor(8) as runs:
        numbers = list(runs.map(begun, range(40)))
    assert sorted(numbers) == list(range(1, 41))
    assert len(Journal(repository).entries) == 40


def test_of_many_entries_the_last_hundred_stay_and_what_is_not_finished(project: Project) -> None:
    journal = Journal(open_repository(str(project.top)))
    journal.begin("broken off")
    for number in range(2, 120):
        journal.finish(journal.begin(f"change {number}"))
    assert len(journal.entries) == 119
    journal.finish(journal.begin("change 120"))
    assert [entry.number for entry in journal.entries] == [1, *range(21, 121)]
    journal.finish(journal.begin("change 121"))
    assert [entry.number for entry in journal.entries] == [1, *range(21, 122)]


def test_a_change_of_a_database_that_cannot_be_written_down_is_said_with_the_way_to_its_backup(project: Project) -> None:
    folder = project.top / ".git/migmerge/journal"
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    said = rf"^reset stamp is done, but {re.escape(str(folder))} cannot be written: File exists$"
    with pytest.raises(OutcomeUnknown, match=said) as raised:
        Journal(open_repository(str(project.top))).record_by_hand("reset stamp", (), ("restore.sh",))
    assert raised.value.hint == "df -h . && migmerge backups"


def test_the_end_of_a_change_of_a_database_that_cannot_be_written_down(project: Project) -> None:
    journal = Journal(open_repository(str(project.top)))
    entry = journal.begin("sync")
    path = project.top / ".git/migmerge/journal/1.json"
    path.unlink()
    path.mkdir()
    with pytest.raises(OutcomeUnknown, match=r"^sync is done, but ") as raised:
        journal.finish(entry)
    journal.leave()
    assert raised.value.hint == "df -h . && migmerge backups"
