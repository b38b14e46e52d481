"""What a killed process left: finished or taken back, with what it had half written."""

from __future__ import annotations

import io
import os

from migmerge.core.journal import JournalFile
from migmerge.fix.undo import recover
from migmerge.output.screen import Screen
from migmerge.repository.files import half_written
from migmerge.repository.journal import Journal
from migmerge.repository.repository import open_repository
from tests.support.project import Project

A1 = "migrations/versions/a1.py"


def test_a_file_that_was_half_written_is_removed_and_no_other(project: Project) -> None:
    repository = open_repository(str(project.top))
    before = (project.top / A1).read_bytes()
    journal = Journal(repository)
    journal.begin("re-parent a1", [JournalFile(A1, before, b"# after\n")])
    journal.leave()
    ours = half_written(str(project.top / A1), os.getpid())
    (project.top / A1).write_bytes(b"# after\n")
    for path in (ours, f"{ours}0"):
        with open(path, "w") as file:
            file.write("half")
    said = io.StringIO()
    recover(repository, Screen(said))
    assert said.getvalue() == "note: migmerge was ended in the middle of re-parent a1, which is taken back\n"
    assert (project.top / A1).read_bytes() == before
    assert project.status() == f"?? migrations/versions/.a1.py.{os.getpid()}0\n"
    assert journal.entries == ()


def test_the_change_of_a_database_that_could_not_be_written_down_is_not_said_to_be_taken_back(project: Project) -> None:
    repository = open_repository(str(project.top))
    journal = Journal(repository)
    journal.begin("reset stamp", environment="migrations")
    journal.leave()
    said = io.StringIO()
    recover(repository, Screen(said))
    assert said.getvalue() == (
        "note: reset stamp was done and could not be written down; what takes it back is its backup: migmerge backups\n"
    )
    assert journal.entries == ()
