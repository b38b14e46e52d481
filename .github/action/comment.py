"""Keep one comment of a pull request up to date, with the text of a file; python3 and the job's token are all it takes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

_MARK = "<!-- migmerge -->"
_PER_PAGE = 100
_MOST = 60_000
"""Characters; GitHub takes 65,536."""


def call(method: str, path: str, body: object = None) -> object:
    """Ask the API of GitHub about the repository of the job."""
    request = Request(
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {os.environ['TOKEN']}", "Accept": "application/vnd.github+json"},
        method=method,
    )
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def comments(number: int) -> Iterator[dict[str, object]]:
    """Yield the comments of a pull request, page by page."""
    page, found = 1, _PER_PAGE
    while found == _PER_PAGE:
        listed = call("GET", f"issues/{number}/comments?per_page={_PER_PAGE}&page={page}")
        assert isinstance(listed, list)
        yield from listed
        page, found = page + 1, len(listed)


def is_ours(comment: dict[str, object]) -> bool:
    """Say whether an earlier run wrote a comment; anybody may type the mark."""
    user, body = comment.get("user"), comment.get("body")
    return isinstance(user, dict) and user.get("type") == "Bot" and isinstance(body, str) and body.startswith(_MARK)


def main(*arguments: str) -> int:
    """Write the comment; with --only-update only where there is one. Return 0: a comment that fails fails no job."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = event["pull_request"]["number"]
    text = Path(arguments[-1]).read_text(encoding="utf-8")
    if len(text) > _MOST:
        text = "### migmerge: the report is too long for a comment; see the summary of the job"
    body = {"body": f"{_MARK}\n{text}"}
    try:
        ours = next(filter(is_ours, comments(number)), None)
        if ours:
            call("PATCH", f"issues/comments/{ours['id']}", body)
        elif "--only-update" not in arguments:
            call("POST", f"issues/{number}/comments", body)
    except (OSError, HTTPException, ValueError) as error:
        # In a pull request from a fork the token may only read.
        print(f"::notice title=migmerge::The comment could not be written ({error}); the summary of the job has it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
