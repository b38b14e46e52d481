"""Running git, in one place."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping

from ..core.errors import MigmergeError

COMMITTING = "MIGMERGE_COMMITTING"
"""Set for our own commit, whose post-commit hook would call us again."""

_LEAKED = (
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_REFLOG_ACTION",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_CHERRY_PICK_HELP",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_DATE",
)
"""What git leaves in a hook's environment and must not reach a git of ours.

Not all that `rev-parse --local-env-vars` names: that includes GIT_CONFIG_PARAMETERS, the user's own `git -c`.
"""
_READING = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
"""Looking takes no lock and fetches nothing, in a partial clone either (git before 2.44 does not know NO_LAZY_FETCH)."""


def environment(*, in_hook: bool = False, reading: bool = True) -> dict[str, str]:
    """Return the environment for a git of ours; outside hooks the user's own GIT_AUTHOR_* and GIT_EDITOR stay."""
    leaked = _LEAKED if in_hook else ("GIT_INDEX_FILE", "GIT_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in leaked}
    return kept | _READING if reading else kept


class GitProcess:
    """A git that was started and whose output is still to be read."""

    def __init__(self, folder: str, arguments: tuple[str, ...], more: Mapping[str, str]) -> None:
        self.arguments = arguments
        try:
            self.process = subprocess.Popen(
                ("git", *arguments),
                cwd=folder,
                env={**environment(), **more},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            if not os.path.isdir(folder):
                raise MigmergeError(f"{folder} is not a folder") from error
            raise MigmergeError("git is not installed", hint="install git 2.30 or newer") from error

    def result(self, given: bytes = b"") -> bytes:
        """Return what it printed.

        Raises:
            MigmergeError: with git's own words, where it failed.
        """
        output, complaint = self.process.communicate(given)
        if self.process.returncode:
            raise GitFailed(self.arguments, complaint.decode("utf-8", "replace"))
        return output

    def text(self) -> str:
        return self.result().decode("utf-8", "surrogateescape")


class GitFailed(MigmergeError):
    """Hold what git said when it refused."""

    def __init__(self, arguments: tuple[str, ...], complaint: str) -> None:
        said = complaint.strip().splitlines() or ["no reason given"]
        told = said[-1].removeprefix("fatal: ").removeprefix("error: ")
        super().__init__(f"git {arguments[0]}: {told}")
        self.complaint = complaint


class Git:
    """Run git in one folder; every path it is given or returns is relative to the top of the work tree.

    `more` is added to the environment of those that only read.
    """

    def __init__(self, folder: str, more: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._more = dict(more or {})

    def start(self, *arguments: str) -> GitProcess:
        """Start a git that only reads; several can run at once."""
        return GitProcess(self.folder, arguments, self._more)

    def read(self, *arguments: str, given: bytes = b"") -> bytes:
        return self.start(*arguments).result(given)

    def text(self, *arguments: str) -> str:
        return self.start(*arguments).text()

    def line(self, *arguments: str) -> str | None:
        """Return the one line that a git prints, or None where it fails or prints none."""
        try:
            return self.text(*arguments).strip() or None
        except GitFailed:
            return None

    def start_settings(self) -> GitProcess:
        """Start asking for `git config migmerge.*`: `migmerge.<key>LF<value>NUL`, and a failure where there is none."""
        return self.start("config", "--null", "--get-regexp", r"^migmerge\.")

    def act(self, *arguments: str, more: Mapping[str, str] | None = None, in_hook: bool = False) -> int:
        """Run a git that writes, or whose hooks speak to the user, where our output goes; return its exit status."""
        changed = environment(in_hook=in_hook, reading=False) | dict(more or {})
        with subprocess.Popen(("git", *arguments), cwd=self.folder, env=changed) as process:
            try:
                process.wait()
            except KeyboardInterrupt:
                # `subprocess.run` would kill it after a quarter of a second, and its index.lock would stay.
                process.send_signal(signal.SIGINT)
                process.wait()
                raise
        return process.returncode


_TIMEOUT = 3.0
"""Seconds after which a walk through history is given up: what it found until then has to do."""


def lines_of(walk: GitProcess, timeout: float = _TIMEOUT) -> Iterator[str]:
    """Yield a walk's lines until it ends, nobody wants more, or timeout does; only the first leaves its exit status 0."""
    process = walk.process
    alarm = threading.Timer(timeout, process.kill)
    alarm.daemon = True
    alarm.start()
    assert process.stdout and process.stderr and process.stdin
    try:
        for line in process.stdout:
            yield line.decode("utf-8", "surrogateescape").rstrip("\n")
        process.wait()
    finally:
        alarm.cancel()
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        process.wait()
