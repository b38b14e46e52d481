"""The session with a worker: a process of the project's own Python, whose application can print, exit or hang."""

from __future__ import annotations

import os
import pickle
import subprocess
import tempfile
import threading
from types import TracebackType
from typing import Any

from ..core.database.obstacle import Obstacle
from ..core.database.selection import ALL, Selection
from ..core.errors import MigmergeError
from ..core.redaction import without_secrets
from .advice import advised
from .error_text import lines_of
from .runtime import OnProgress, ProjectRuntime

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST_PYTHON = (3, 10)
"""The oldest Python that can import this package."""

_START = f"""
import pickle, sys
if sys.version_info < {OLDEST_PYTHON}:
    version = ".".join(map(str, sys.version_info[:3]))
    while sys.stdin.buffer.raw.read(65536):
        pickle.dump(("too old", version), sys.stdout.buffer, 2)
        sys.stdout.flush()
    sys.exit()
sys.path[:] = [entry for entry in sys.path if entry]
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("migmerge", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
module = sys.modules["migmerge"] = module_from_spec(spec)
spec.loader.exec_module(module)
from migmerge.database.worker import serve
serve()
"""
"""The start of the worker, in a syntax that an old Python reads too; what is not this package comes from the project's own."""


class Session:
    """Hold one worker, which connects as the project does, and only to databases that are local or trusted."""

    def __init__(self, runtime: ProjectRuntime, selection: Selection = ALL) -> None:
        self._runtime = runtime
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        self._process = self._start()
        self._opening: dict[str, Any] = {"runtime": runtime, "selection": selection}
        self._command = selection.command
        self._opened = False

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                (self._runtime.python, "-c", _START, _PACKAGE),
                cwd=self._runtime.folder,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._output,
            )
        except OSError as error:
            raise MigmergeError(f"{self._runtime.python} does not start: {error.strerror}") from error

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the pipes, after which the worker finishes its request and ends."""
        assert self._process.stdin and self._process.stdout
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except OSError:
                continue
        self._process.wait()
        self._output.close()

    def ask(
        self, request: str, *, timeout: float | None = None, on_progress: OnProgress | None = None, **arguments: object
    ) -> Any:
        """Return the worker's answer to a request; after `timeout` seconds the worker is killed.

        Raises:
            MigmergeError: where the worker reports a failure, has died or was killed.
        """
        if not self._opened:
            self._opened = True
            self._exchange("open", self._opening, timeout, None)
        return self._exchange(request, arguments, timeout, on_progress)

    def _exchange(self, request: str, arguments: dict[str, Any], timeout: float | None, on_progress: OnProgress | None) -> Any:
        assert self._process.stdin and self._process.stdout
        timer = threading.Timer(timeout, self._process.kill) if timeout else None
        if timer:
            timer.start()
        try:
            pickle.dump((request, arguments), self._process.stdin)
            self._process.stdin.flush()
            # The answer comes from our own code in a process that runs the project's code, as `flask db` does for this user.
            answer, *rest = pickle.load(self._process.stdout)  # noqa: S301
            while answer == "progress":
                if on_progress:
                    on_progress(*rest)
                answer, *rest = pickle.load(self._process.stdout)  # noqa: S301
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            self._process.wait()
            raise MigmergeError(self._reason_of_end(timer), hint=self._runtime.current_command) from error
        finally:
            if timer:
                timer.cancel()
        if answer == "too old":
            raise self._too_old(rest[0])
        if answer == "failed":
            raise self._failure(*rest)
        return rest[0]

    def _failure(self, reason: str, hint: str | None, obstacle: Obstacle | None) -> MigmergeError:
        failure = MigmergeError(reason, hint=hint)
        return advised(failure, obstacle, self._runtime, self._command) if obstacle else failure

    def _too_old(self, version: str) -> MigmergeError:
        needed = ".".join(map(str, OLDEST_PYTHON))
        reason = f"migmerge needs Python {needed} or newer in the project to ask its databases"
        return MigmergeError(f"{reason}; {self._runtime.asked_python} is {version}", hint="migmerge doctor --no-db")

    def _reason_of_end(self, timer: threading.Timer | None) -> str:
        if timer and timer.finished.is_set() and self._process.returncode in (-9, 1):
            return "no answer in time"
        return f"the project's Python ended with {self._process.returncode}: {without_secrets(self._last_line)}"

    @property
    def asked_python(self) -> str:
        """Return the path of the project's Python, and why it is that one."""
        return self._runtime.asked_python

    @property
    def output(self) -> str:
        """Return what the application, env.py, Alembic and the project's tools have printed."""
        descriptor = self._output.fileno()  # whose position the worker shares
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "replace")

    @property
    def _last_line(self) -> str:
        lines = lines_of(self.output)
        return lines[-1] if lines else "it said nothing"
