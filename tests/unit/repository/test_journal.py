"""Entries of several runs at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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
