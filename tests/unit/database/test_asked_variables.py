"""Which variables an error of the project may be about: names, and no value."""

from __future__ import annotations

import subprocess
import sys

import pytest

from migmerge.core.database.database import Address
from migmerge.database.asked_variables import server_name

READ = """import os, sys
sys.path.insert(0, {package!r})
from migmerge.database.asked_variables import AskedVariables
asked = AskedVariables()
asked.watch()
try:
    {code}
except BaseException as error:
    found = asked.missing_of(error)
    print(found.certain, ",".join(found.asked), "WANTED" in found.words)
"""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("os.environ['WANTED']", "WANTED  False"),
        ("os.getenv('OTHER'); {}['WANTED']", "None  True"),
        ("os.getenv('WANTED'); raise RuntimeError('set WANTED')", "None WANTED True"),
        ("os.environ.get('WANTED', ''); raise ValueError('Could not parse SQLAlchemy URL from string')", "None WANTED False"),
        ("os.getenv('EMPTY'); raise TypeError('Expected string or URL object, got None')", "None EMPTY False"),
        ("os.getenv('WANTED'); raise ValueError('something else')", "None  False"),
        ("raise SystemExit('wanted is missing')", "None  True"),
    ],
)
def test_what_was_asked_for_in_vain(code: str, said: str) -> None:
    package = next(each for each in sys.modules["migmerge"].__path__).rpartition("/")[0]
    program = READ.format(package=package, code=code)
    variables = {"EMPTY": "", "PATH": "/usr/bin"}
    ran = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True)
    assert ran.stdout.rstrip("\n") == said


def test_the_variables_that_hold_the_name_of_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:pw@db9/shop")
    monkeypatch.setenv("CACHE", "redis://db9")
    monkeypatch.setenv("DB_HOST", "db9")
    monkeypatch.setenv("DB_NAME", "db9")
    monkeypatch.setenv("OTHER_URL", "postgresql://ann:pw@db99/shop")
    found = server_name(Address("", "postgresql", "shop", "db9"))
    assert (found.port, found.trusted_as, found.urls, found.hosts) == (5432, "db9/shop", ("DATABASE_URL", "CACHE"), ("DB_HOST",))
    assert "pw" not in repr(found.urls)
