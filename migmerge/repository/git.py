"""The one runner of git: in which folder it runs, with which environment, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from weakref import WeakSet

from ..core.errors import MigmergeError

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import IO

COMMITTING = "MIGMERGE_COMMITTING"
"""Set for our own commit, whose post-commit hook would call us again."""

HOOK_LEAKS: Mapping[str, None] = dict.fromkeys(
    (
        "GIT_REFLOG_ACTION",
        "GIT_EDITOR",
        "GIT_SEQUENCE_EDITOR",
        "GIT_CHERRY_PICK_HELP",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_DATE",
    )
)
"""What git leaves in a hook's environment and a commit of ours must not see; outside hooks these are the user's own.

Not all that `rev-parse --local-env-vars` names: that includes GIT_CONFIG_PARAMETERS, the user's own `git -c`.
"""
_LEAKS: Mapping[str, None] = dict.fromkeys(("GIT_INDEX_FILE", "GIT_PREFIX"))
"""What no git of ours sees: the index and the folder of the git that called us."""
_READING = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}
"""Reading takes no lock and fetches nothing, in a partial clone either (git before 2.44 does not know NO_LAZY_FETCH).

In English: what git says is compared, and stands in messages of ours ("3 days ago").
"""
_COMPLAINT = re.compile(rb"^(?:fatal|error): ", re.MULTILINE)
WALK_TIMEOUT = 3.0
"""Seconds after which a walk through history ends; the caller works with the lines until then."""
EVIDENCE_TIMEOUT = 20.0
"""Seconds for a walk on which it depends whether something may be changed: on a busy machine, through 50,000 commits, too."""


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment for a git of ours, with some variables set and others, where None, removed."""
    changed = {**os.environ, **_LEAKS, **changes}
    return {name: value for name, value in changed.items() if value is not None}


_RUNNING: WeakSet[GitProcess] = WeakSet()


def stop_all() -> None:
    """End the git processes that read and whose output nobody will read any more."""
    for process in list(_RUNNING):
        process.stop()


class GitProcess:
    """A git that reads: started, its output not yet read."""

    def __init__(self, folder: str, arguments: tuple[str, ...], changes: Mapping[str, str]) -> None:
        self.arguments = arguments
        try:
            self.process = subprocess.Popen(
                ("git", *arguments),
                cwd=folder,
                env=environment({**_READING, **changes}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            _RUNNING.add(self)
        except (FileNotFoundError, NotADirectoryError) as error:
            if not os.path.isdir(folder):
                raise MigmergeError(f"{folder or repr(folder)} is not a folder") from error
            raise MigmergeError("git is not installed", hint="install git 2.30 or newer") from error
        except ValueError as error:
            raise MigmergeError("no name that git knows has a null character in it") from error

    def __del__(self) -> None:
        """End a git whose answer nobody wants any more, as another one that was asked at once has failed."""
        if "process" in self.__dict__ and self.process.returncode is None:
            self.stop()

    def result(self, given: bytes = b"") -> bytes:
        """Return the output of a git that reads `given`.

        Raises:
            NothingFound: where git ends with 1, prints nothing and complains of nothing.
            GitFailed: for any other failure, with git's own words.
        """
        output, complaint = self.process.communicate(given)
        if self.process.returncode:
            found_nothing = self.process.returncode == 1 and not output and not _COMPLAINT.search(complaint)
            raise (NothingFound if found_nothing else GitFailed)(self.arguments, complaint.decode("utf-8", "replace"))
        return output

    def text(self, given: bytes = b"") -> str:
        return self.result(given).decode("utf-8", "surrogateescape")

    def lines(self, timeout: float = WALK_TIMEOUT, given: bytes = b"") -> Iterator[str]:
        """Yield the output of a walk line by line, for `timeout` seconds at most; `succeeded` says whether all of it came."""
        process = self.process
        alarm = threading.Timer(timeout, process.kill)
        alarm.daemon = True
        alarm.start()
        assert process.stdout and process.stdin
        try:
            with suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(given)
            for line in process.stdout:
                yield line.decode("utf-8", "surrogateescape").rstrip("\n")
            process.wait()
        finally:
            alarm.cancel()
            self.stop()

    def give(self, data: bytes, *, is_last: bool) -> None:
        """Write what a git reads, before its output is read: no more than a pipe holds."""
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(data)
            self.process.stdin.flush()
            if is_last:
                self.process.stdin.close()

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout
        return self.process.stdout

    def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, if it has not ended, and close its streams."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        self.process.wait()

    @property
    def succeeded(self) -> bool:
        return self.process.returncode == 0


class GitFailed(MigmergeError):
    """Hold what git said when it refused."""

    def __init__(self, arguments: tuple[str, ...], complaint: str) -> None:
        said = complaint.strip().splitlines() or ["no reason given"]
        reason = said[-1].removeprefix("fatal: ").removeprefix("error: ")
        super().__init__(f"git {arguments[0]}: {reason}")
        self.complaint = complaint


class NothingFound(GitFailed):
    """Say that git looked and found nothing, as `config --get`, `grep` and `rev-parse --verify --quiet` do."""


class Git:
    """Run git in one folder; every path it is given or returns is relative to the top of the work tree.

    `changes` are set in the environment of every git that reads.
    """

    def __init__(self, folder: str, changes: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._changes = dict(changes or {})

    @cached_property
    def version(self) -> tuple[int, ...]:
        """Return git's version, such as (2, 39, 5) for `git version 2.39.5 (Apple Git-154)`."""
        return tuple(int(part) for part in self.text("version").split()[2].split(".")[:3] if part.isdigit())

    def start(self, *arguments: str) -> GitProcess:
        """Start a git that reads; several can run at once."""
        return GitProcess(self.folder, arguments, self._changes)

    def read(self, *arguments: str, given: bytes = b"") -> bytes:
        return self.start(*arguments).result(given)

    def text(self, *arguments: str, given: bytes = b"") -> str:
        return self.start(*arguments).text(given)

    def found(self, *arguments: str) -> str:
        """Return what a git prints, without the last line end; empty where it finds nothing."""
        try:
            return self.text(*arguments).removesuffix("\n")
        except NothingFound:
            return ""

    def line(self, *arguments: str) -> str | None:
        """Return the one line that a git prints, or None where it prints or finds none; a failure is no answer."""
        try:
            return self.text(*arguments).strip() or None
        except NothingFound:
            return None

    def line_if_any(self, *arguments: str) -> str | None:
        """Return the one line that a git prints, or None where it fails or prints none."""
        try:
            return self.line(*arguments)
        except GitFailed:
            return None

    def start_settings(self) -> GitProcess:
        """Start asking for `git config migmerge.*`: `migmerge.<key>LF<value>NUL`, and a failure where there is none."""
        return self.start("config", "--null", "--get-regexp", r"^migmerge\.")

    def act(self, *arguments: str, changes: Mapping[str, str | None]) -> int:
        """Run a git that writes, on our own input and output, for the user's git hooks may ask; return its exit status."""
        with subprocess.Popen(("git", *arguments), cwd=self.folder, env=environment(changes)) as process:
            try:
                process.wait()
            except KeyboardInterrupt:
                # `subprocess.run` would kill it after a quarter of a second, and its index.lock would stay.
                process.send_signal(signal.SIGINT)
                process.wait()
                raise
        return process.returncode
