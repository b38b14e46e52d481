"""What commands cost: run side by side, in turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_TO_NOWHERE = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]
"""No terminal: a hook asks nothing. Nobody reads the output either, so that no pipe has a say."""

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of ru_maxrss."""


class Unmeasured(Exception):
    """Say what could not be measured, and why."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command in the folder it runs in; `prepare` puts the folder back into its first state and is not measured."""

    arguments: tuple[str, ...]
    folder: Path
    prepare: Callable[[], object] = lambda: None
    accepted: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of wall clock and of CPU, the children included, and the largest of the processes in MB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Bench:
    """Run commands in an environment in which neither git nor Python sees the user's own; `runs` is how often."""

    environment: Mapping[str, str]
    runs: int

    def compare(self, *commands: Command, times: int = 1) -> Iterator[Cost]:
        """Run A B A B …, `runs * times` rounds after one to warm up, and yield the medians of each command."""
        rounds = [[self._cost(command) for command in commands] for _ in range(1 + self.runs * times)]
        return map(_medians, zip(*rounds[1:], strict=True))

    def output(self, *arguments: str, folder: Path, on_stderr: bool = False, accepted: int = 0) -> str:
        """Run a command that must end with a status and return what it printed; hooks speak on stderr.

        Raises:
            Unmeasured: with the command's own words, where it failed.
        """
        done = subprocess.run(
            arguments, cwd=folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode != accepted:
            raise Unmeasured(f"{' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
        return (done.stderr if on_stderr else done.stdout).decode().strip()

    def _cost(self, command: Command) -> Cost:
        """Measure with wait4; posix_spawn knows no folder but ours, and costs a tenth of what `subprocess` does."""
        command.prepare()
        os.chdir(command.folder)
        start = time.perf_counter()
        process = os.posix_spawnp(command.arguments[0], command.arguments, self.environment, file_actions=_TO_NOWHERE)
        _, status, used = os.wait4(process, 0)
        wall = time.perf_counter() - start
        if (code := os.waitstatus_to_exitcode(status)) not in command.accepted:
            raise Unmeasured(f"{' '.join(command.arguments)} in {command.folder} ended with {code}")
        return Cost(wall * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss * _PEAK_UNIT / 1e6)


def sealed(home: Path) -> dict[str, str]:
    """Return an environment without the machine's git configuration, and in which Python keeps its bytecode."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "ann",
        "GIT_AUTHOR_EMAIL": "ann@example.invalid",
        "GIT_COMMITTER_NAME": "ann",
        "GIT_COMMITTER_EMAIL": "ann@example.invalid",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def _medians(costs: Sequence[Cost]) -> Cost:
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        median(cost.peak for cost in costs),
    )
