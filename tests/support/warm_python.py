"""A Python for the projects of tests that starts in 30 ms: a process that has imported Alembic already forks for each start.

It knows `-c CODE` and `-I -m migmerge`, which is how workers and hooks are started; their code is the real one.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.programs import IMPORTS
from tests.support.project import Project

_LAUNCHER = """#!{python} -ISE
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
asked = {{"arguments": [*{arguments!r}, *sys.argv[1:]], "folder": os.getcwd(), "environment": dict(os.environ)}}
socket.send_fds(connection, [b"f"], [0, 1, 2])
connection.sendall(json.dumps(asked).encode() + b"\\n")
status = connection.recv(1)
os._exit(status[0] if status else 1)
"""
_SERVER = """
address, launcher = sys.argv[1:]

def run(arguments):
    if arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        exec(arguments[1], {"__name__": "__main__"})
    else:
        sys.argv = ["migmerge", *arguments[arguments.index("-m") + 2:]]
        sys.exit(migmerge.cli.main())

def serve(connection):
    if process := os.fork():
        connection.sendall(bytes([os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) % 256]))
        os._exit(0)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    asked = json.loads(connection.makefile().readline())
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.executable = launcher
    status = 0
    try:
        run(asked["arguments"])
    except SystemExit as error:
        status = error.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    os._exit(status)

listener = socket.socket(socket.AF_UNIX)
listener.bind(address)
listener.listen()
print("ready", flush=True)
children = 0
while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
    connection, _ = listener.accept()
    if not os.fork():
        listener.close()
        serve(connection)
    connection.close()
    children += 1
    while children and os.waitpid(-1, os.WNOHANG)[0]:
        children -= 1
"""


@cache
def warm_environment() -> Path:
    """Return a folder that is like a virtual environment, whose `bin/python` and `bin/migmerge` start quickly."""
    folder = Path(tempfile.mkdtemp())
    launcher, address = folder / "bin/python", str(folder / "socket")
    (folder / "lib/python3/site-packages/alembic").mkdir(parents=True)
    launcher.parent.mkdir()
    for file, arguments in ((launcher, ()), (launcher.with_name("migmerge"), ("-I", "-m", "migmerge"))):
        file.write_text(_LAUNCHER.format(python=sys.executable, address=address, arguments=arguments))
        file.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, "-IB", "-c", IMPORTS + _SERVER, address, str(launcher)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout and server.stdout.readline() == "ready\n"
    atexit.register(_end, server, folder)
    return folder


def _end(server: subprocess.Popen[str], folder: Path) -> None:
    assert server.stdin
    server.stdin.close()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class WarmProject(Project):
    """A clone whose migmerge, and the Python of whose application, start quickly."""

    @property
    def program(self) -> str:
        return str(warm_environment() / "bin/migmerge")

    def migmerge(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        return super().migmerge(*arguments, cwd=cwd, **{"VIRTUAL_ENV": str(warm_environment()), **more})
