"""The requests of a worker: each has its function, and the project cannot stand in the way of its import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from migmerge.database.requests import REQUESTS, function_of

IMPORT_ALL = """
import sys
import migmerge.database.worker, alembic
before = {*sys.modules}
from migmerge.database.requests import REQUESTS, function_of
for request in REQUESTS:
    function_of(request)
print(*{name.split(".")[0] for name in sys.modules.keys() - before} & sys.stdlib_module_names)
"""


@pytest.mark.parametrize("request_name", REQUESTS)
def test_each_request_has_its_function(request_name: str) -> None:
    assert callable(function_of(request_name))


def test_a_module_of_the_project_takes_the_place_of_none_of_the_standard_library() -> None:
    """The project's folder comes first on sys.path by then; SQLAlchemy imports `sqlite3` as late."""
    done = subprocess.run([sys.executable, "-I", "-c", IMPORT_ALL], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"sqlite3", "_sqlite3"}
