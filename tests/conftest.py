"""A sealed world for every test: no HOME, no git configuration and no clock of the machine's."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.examples import COUNTS, SOAK
from tests.support.project import Project

# A shell starts what it runs in the background with Ctrl-C ignored, and every process of the tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# So does nohup with what closes a terminal; Windows has none.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile("repeated", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if SOAK else "repeated")

_OURS = ("GIT_", "MIGMERGE", "FLASK_", "ALEMBIC_")
_KEPT = ("MIGMERGE_TEST_POSTGRES", "MIGMERGE_TEST_MARIADB", "MIGMERGE_REQUIRE_DATABASES")
_LEFT_OUT = ("CI", "PRE_COMMIT", "NO_COLOR", "PYTHONPATH")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests of the model of a team have counted, whichever process they ran in."""
    total: Counter[str] = Counter()
    reports = [each for reports in terminalreporter.stats.values() for each in reports if getattr(each, "when", "") == "call"]
    for name, counts in (each for report in reports for each in report.user_properties):
        if name == COUNTS:
            total.update(counts)
    if total:
        terminalreporter.section("the model of a team")
        terminalreporter.write_line(", ".join(f"{name}: {total[name]}" for name in sorted(total)))


@pytest.fixture(scope="session")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which tests run that need none."""
    return tmp_path_factory.mktemp("nowhere")


@pytest.fixture
def own_folder(request: pytest.FixtureRequest, nowhere: Path) -> Path:
    """Return the folder of a test; making one takes as long as many a test that needs none."""
    folder: Path = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else nowhere
    return folder


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    """Hide the machine's git configuration; an editor that nobody expected fails instead of waiting."""
    for name in list(os.environ):
        if (name.startswith(_OURS) and name not in _KEPT) or name in _LEFT_OUT:
            monkeypatch.delenv(name)
    home = own_folder / "home"
    home.mkdir(exist_ok=True)
    values = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_DATE": "2024-05-01T12:00:00+0000",
        "GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000",
        "GIT_TEST_DATE_NOW": "1714824000",  # three days later
        "TZ": "UTC",
        "TERM": "xterm",
        "MIGMERGE_HOOK_SECONDS": "100",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(own_folder)


@pytest.fixture
def strict_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every migmerge print an error for a file or a process that it leaves open."""
    monkeypatch.setenv("PYTHONWARNINGS", "error::ResourceWarning")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a Flask-Migrate project on main with the revisions a0 and a1."""
    return Project.create(tmp_path / "app")


@pytest.fixture
def diverged(tmp_path: Path) -> Project:
    """Return the project on main with b1 there and c1, by bea, on feature, both on a1; not merged."""
    return Project.create_diverged(tmp_path / "app")
