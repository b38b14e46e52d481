"""The bounds of a hook end what takes too long, also where errors are swallowed, and leave nothing behind."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.repository.hook_budget import within_budget

SWALLOWS = """
from migmerge.repository.hook_budget import within_budget
with within_budget():
    {body}
"""


def run(body: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SWALLOWS.format(body=body)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**environment})


def wait_for_ever() -> None:
    while True:
        with suppress(Exception):
            signal.pause()


def test_what_takes_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGMERGE_HOOK_SECONDS", "0.05")
    with pytest.raises(MigmergeError, match=r"not done after 0\.05 seconds"), within_budget():
        wait_for_ever()


def test_what_takes_too_much_memory_ends() -> None:
    with pytest.raises(MigmergeError, match="more than 512 MB"), within_budget():
        bytearray(1 << 30)


def test_what_no_exception_reaches_is_ended_by_the_system() -> None:
    done = run("import re; re.match('(a|a)*b', 'a' * 99)", MIGMERGE_HOOK_SECONDS="0.05")
    assert done.returncode == -signal.SIGXCPU or "not done after" in done.stderr


def test_what_the_process_used_before_does_not_count() -> None:
    worked = "import resource, time\nwhile time.process_time() < 1.5: pass\n"
    left = "print(resource.getrlimit(resource.RLIMIT_CPU)[0] - time.process_time())"
    command = [sys.executable, "-c", worked + SWALLOWS.format(body=left)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"MIGMERGE_HOOK_SECONDS": "100"})
    assert float(done.stdout) >= 101


@pytest.mark.parametrize("lifted", [True, False])
def test_nothing_is_left_of_the_bounds(lifted: bool) -> None:
    kinds = (resource.RLIMIT_DATA, resource.RLIMIT_CPU)
    before = [resource.getrlimit(kind) for kind in kinds], signal.getsignal(signal.SIGALRM)
    with within_budget() as lift:
        if lifted:
            lift()
            assert [resource.getrlimit(kind) for kind in kinds] == before[0]
    after = [resource.getrlimit(kind) for kind in kinds], signal.getsignal(signal.SIGALRM)
    assert (after, signal.getitimer(signal.ITIMER_REAL)) == (before, (0.0, 0.0))
