"""A job of GitHub Actions as far as the action of this repository needs one: expressions, steps in bash, and the API of comments."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from tests.support.paths import ROOT
from tests.support.project import MIGMERGE

_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


def action() -> dict[str, Any]:
    """Return the action as GitHub reads it."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return read


def value_of(expression: str, contexts: Mapping[str, Any]) -> str:
    """Evaluate names, strings, `||`, `&&`, `==` and `!=`, which is all that the action uses."""
    for operator in (" || ", " && "):
        if operator in expression:
            first, _, rest = expression.partition(operator)
            value = value_of(first, contexts)
            return value if bool(value and value != "false") == (operator == " || ") else value_of(rest, contexts)
    if compared := re.fullmatch(r"(\S+) (==|!=) (\S+)", expression):
        left, right = (value_of(compared[part], contexts) for part in (1, 3))
        return str((left == right) == (compared[2] == "==")).lower()
    if expression.startswith("'"):
        return expression.strip("'")
    found: Any = contexts
    for name in expression.split("."):
        found = found.get(name, {})
    return str(found or "")


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    return _EXPRESSION.sub(lambda found: value_of(found[1], contexts), text)


@dataclass
class Comments:
    """The comments of a pull request, and how many were written."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    read_only: bool = False
    requests: list[str] = field(default_factory=list)


@contextmanager
def github_api(comments: Comments) -> Iterator[str]:
    """Serve the comments on the loopback and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.rpartition("page=")[2])
            self._answer(200, comments.kept[100 * (page - 1) : 100 * page])

        def do_POST(self) -> None:
            self._write(lambda body: comments.kept.append({"id": 1000 + len(comments.kept), "user": {"type": "Bot"}, **body}))

        def do_PATCH(self) -> None:
            number = int(self.path.rpartition("/")[2])
            self._write(lambda body: next(each for each in comments.kept if each["id"] == number).update(body))

        def _write(self, change: Any) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            comments.requests.append(f"{self.command} {self.path} {self.headers['Authorization']}")
            if not comments.read_only:
                change(body)
            self._answer(403 if comments.read_only else 200, {})

        def _answer(self, status: int, body: object) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@dataclass
class Job:
    """One run of the action in a checkout; `said` is what its steps printed, `status` that of the first that failed."""

    checkout: Path
    temporary: Path
    said: str = ""
    status: int = 0
    left_out: str = "Install migmerge"
    """The step that does not run: a command of the tests is put in its place."""

    @property
    def summary(self) -> str:
        return (self.temporary / "summary.md").read_text(encoding="utf-8")

    def run(self, event: str, *, base: str = "", api: str = "", inputs: Mapping[str, str] | None = None) -> Job:
        """Run the steps as GitHub does, but for those of other repositories."""
        (self.temporary / "migmerge/bin").mkdir(parents=True, exist_ok=True)
        if self.left_out:
            (self.temporary / "migmerge/bin/migmerge").unlink(missing_ok=True)
            (self.temporary / "migmerge/bin/migmerge").symlink_to(MIGMERGE)
        (self.temporary / "summary.md").write_text("")
        (self.temporary / "event.json").write_text(json.dumps({"pull_request": {"number": 7}} if base else {}))
        read = action()
        contexts: dict[str, Any] = {
            "inputs": {
                name: filled(each.get("default", ""), {"github": {"token": "t0ken"}}) for name, each in read["inputs"].items()
            },
            "github": {"base_ref": base, "event_name": event, "action_path": str(ROOT)},
            "runner": {"temp": str(self.temporary)},
            "steps": {},
        }
        contexts["inputs"] |= inputs or {}
        for step in read["runs"]["steps"]:
            wanted = not self.status and value_of(step.get("if", "'true'"), contexts) == "true"
            if wanted and "uses" in step:
                contexts["steps"][step.get("id", "")] = {"outputs": {"artifact-url": "https://github.invalid/artifact"}}
            elif wanted and step["name"] != self.left_out:
                self._run(step, contexts, api)
        return self

    def _run(self, step: Mapping[str, Any], contexts: dict[str, Any], api: str) -> None:
        outputs = self.temporary / "output"
        outputs.write_text("")
        given = {name: filled(value, contexts) for name, value in step.get("env", {}).items()}
        assert "${{" not in step["run"], "an input in a script is code"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.checkout / filled(step.get("working-directory", "."), contexts),
            env={**os.environ, **self._variables(api), **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        self.said += done.stdout
        self.status = done.returncode
        lines = (line.partition("=") for line in outputs.read_text().splitlines())
        contexts["steps"][step.get("id", "")] = {"outputs": {name: value for name, _, value in lines}}

    def _variables(self, api: str) -> dict[str, str]:
        return {
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_OUTPUT": str(self.temporary / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
            "GITHUB_EVENT_PATH": str(self.temporary / "event.json"),
            "GITHUB_REPOSITORY": "shop/shop",
            "GITHUB_API_URL": api,
            "CI": "true",
        }
