"""Talking to a worker: a process of the project's own Python, in which its application may print, exit or hang."""

from __future__ import annotations

import os
import pickle
import subprocess
import tempfile
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ..core.errors import MigmergeError
from .project import without_password
from .runtime import ProjectRuntime

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_START = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("migmerge", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
module = sys.modules["migmerge"] = module_from_spec(spec)
spec.loader.exec_module(module)
from migmerge.database.worker import serve
serve()
"""
"""Give the worker this very package and nothing else of our environment: Alembic and the drivers are the project's."""

OnProgress = Callable[[int, int], None]

_SHOWN = 12
"""Lines of what the worker said last."""


class Session:
    """Hold one worker, which connects as the project does and only to databases that are local or named."""

    def __init__(self, runtime: ProjectRuntime, named: tuple[str, ...] = ()) -> None:
        self._runtime = runtime
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        self._process = self._started()
        self._opening: dict[str, Any] = {"runtime": runtime, "named": named}
        self._opened = False

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                (self._runtime.python, "-c", _START, _PACKAGE),
                cwd=self._runtime.folder,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
            )
        except OSError as error:
            raise MigmergeError(f"{self._runtime.python} does not start: {error.strerror}") from error

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let the worker finish what it is at and go; with the pipe closed there is nothing more for it."""
        assert self._process.stdin and self._process.stdout
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except OSError:
                continue
        self._process.wait()
        self._said.close()

    def ask(self, request: str, *, timeout: float | None = None, told: OnProgress | None = None, **given: object) -> Any:
        """Return the worker's answer; one that takes longer than `timeout` seconds is ended.

        `told` hears meanwhile how much of how much is done.

        Raises:
            MigmergeError: what the worker could not do, or that it died or was ended.
        """
        if not self._opened:
            self._opened = True
            self._asked("open", self._opening, timeout)
        return self._asked(request, given, timeout, told)

    def _asked(self, request: str, given: dict[str, Any], timeout: float | None, told: OnProgress | None = None) -> Any:
        assert self._process.stdin and self._process.stdout
        watch = threading.Timer(timeout, self._process.kill) if timeout else None
        if watch:
            watch.start()
        try:
            pickle.dump((request, given), self._process.stdin)
            self._process.stdin.flush()
            # It comes from our own code in a process that runs the project's, as `flask db` does for the same user.
            answer, *rest = pickle.load(self._process.stdout)  # noqa: S301
            while answer == "progress":
                if told:
                    told(*rest)
                answer, *rest = pickle.load(self._process.stdout)  # noqa: S301
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            self._process.wait()
            raise MigmergeError(self._last_words(watch), hint=self._other_way) from error
        finally:
            if watch:
                watch.cancel()
        if answer == "failed":
            raise MigmergeError(rest[0], hint=rest[1])
        return rest[0]

    def _last_words(self, watch: threading.Timer | None) -> str:
        if watch and watch.finished.is_set() and self._process.returncode in (-9, 1):
            return "no answer in time"
        last = self.said[-1:] or ["it said nothing"]
        return f"the project's Python ended with {self._process.returncode}: {without_password(last[0])}"

    @property
    def _other_way(self) -> str:
        return "flask db current" if self._runtime.environment.kind == "flask-migrate" else "alembic current"

    @property
    def said(self) -> list[str]:
        """Return the last lines that the application, env.py or Alembic printed."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").splitlines()
        self._said.seek(0, os.SEEK_END)
        return [line for line in lines if line.strip()][-_SHOWN:]
