"""Run `flask`, `alembic` and `migmerge` in a process of their own, forked from one that has imported what they use already.

Importing them takes seven tenths of a second, which most of the tests' time went into; nothing else is shared.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

IMPORTS = """
import gc, importlib, json, os, pkgutil, select, socket, sys
import alembic.autogenerate, alembic.command, alembic.config, git, sqlalchemy.dialects.sqlite
import migmerge.cli

for module in pkgutil.walk_packages(migmerge.__path__, "migmerge."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
gc.freeze()
"""
"""What a process does that others are forked from; what it has imported, `gc` leaves alone, so that it stays shared."""
_SERVER = """
import flask.cli, flask_migrate, flask_sqlalchemy

mains = {"flask": flask.cli.main, "alembic": alembic.config.main, "migmerge": migmerge.cli.main}

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["folder"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(asked["out"], os.O_WRONLY | os.O_CREAT), 1)
        os.dup2(os.open(asked["err"], os.O_WRONLY | os.O_CREAT), 2)
        sys.argv = asked["command"]
        try:
            status = mains[sys.argv[0]]()
        except SystemExit as error:
            status = error.code
        except BaseException:
            sys.excepthook(*sys.exc_info())
            status = 1
        if isinstance(status, str):
            print(status, file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else int(status is not None))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-IB", "-c", IMPORTS + _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    assert server.stdin
    server.stdin.close()
    server.wait()


def run_program(*command: str, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of "flask", "alembic" or "migmerge" and return what it did, as `subprocess.run` does."""
    server = _server()
    assert server.stdin and server.stdout
    with tempfile.TemporaryDirectory() as folder:
        out, err = (Path(folder, name) for name in ("out", "err"))
        asked = {"command": command, "folder": str(cwd), "environment": dict(env), "out": str(out), "err": str(err)}
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(command, status, out.read_text(), err.read_text())
