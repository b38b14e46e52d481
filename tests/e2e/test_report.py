"""`migmerge report`: one page that needs nothing else, in a real browser."""

from __future__ import annotations

import base64
import os
import re
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.browser import browse, document, needs_browser
from tests.support.project import Project

HOSTILE = "</script></title><img src=x onerror=alert(1)>'\"&"


class Elements(HTMLParser):
    """Collect the elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def merged(diverged: Project) -> Project:
    diverged.git("merge", "--quiet", "--no-edit", "feature")
    return diverged


def written(project: Project, *arguments: str) -> Path:
    page = project.top.parent / "page.html"
    done = project.migmerge("report", "--html", str(page), "--no-db", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"wrote {page}\n"
    return page


def texts(page: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", page))


def test_the_page_shows_findings_graph_and_branches(merged: Project) -> None:
    merged.git("switch", "--quiet", "--create", "other", "feature~1")
    merged.user = "cid"
    merged.revision("d1", "a1", message="add lines")
    merged.git("switch", "--quiet", "main")
    said = texts(written(merged, "--days", "36500").read_text(encoding="utf-8"))
    for words in ("MM001 divergent-heads", "2 heads diverge after a1", "migrations/versions/b1.py", "add orders", "bea, feature"):
        assert words in said
    assert re.search(r"other\s+cid\s+collides\s+divergent heads b1, c1 and d1", said)
    assert "Databases" not in said


def test_a_database_is_asked_unless_it_may_not(merged: Project) -> None:
    page = merged.top.parent / "page.html"
    done = merged.migmerge("report", "--html", str(page))
    assert done.returncode == 0
    assert "The databases of migrations could not be asked: " in texts(page.read_text(encoding="utf-8"))


def test_nothing_is_loaded_and_nothing_of_the_repository_is_run(merged: Project) -> None:
    merged.user = HOSTILE.replace("<", "").replace(">", "")
    merged.revision("d1", "b1", message=HOSTILE)
    page = written(merged).read_text(encoding="utf-8")
    found = Elements(page).found
    assert not [each for each in found if each[0] in ("img", "link", "iframe", "object", "base", "a")]
    assert not [
        name for _, attributes in found for name in attributes if name.startswith("on") or name in ("src", "href", "style")
    ]
    (policy,) = [each["content"] for tag, each in found if tag == "meta" and "http-equiv" in each]
    styles, scripts = (re.findall(f"<{name}>(.*?)</{name}>", page, re.DOTALL) for name in ("style", "script"))
    assert [len(styles), len(scripts)] == [2, 1]
    hashes = ["'sha256-" + base64.b64encode(sha256(each.encode()).digest()).decode() + "'" for each in (*styles, *scripts)]
    assert policy == f"default-src 'none'; style-src {hashes[0]} {hashes[1]}; script-src {hashes[2]}"


def test_stdout_takes_the_page_too(merged: Project) -> None:
    done = merged.migmerge("report", "--html", "-", "--no-db", "--quiet")
    assert (done.returncode, done.stdout.startswith("<!doctype html>")) == (0, True)


def test_a_file_is_named_from_where_migmerge_runs(merged: Project, tmp_path: Path) -> None:
    (merged.top / "build").mkdir()
    done = merged.migmerge("-C", str(merged.top / "build"), "report", "--html", "page.html", "--no-db", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (merged.top / "build/page.html").is_file()


def test_before_the_first_commit_and_without_migrations(tmp_path: Path) -> None:
    assert "No migrations here." in written(Project.empty(tmp_path / "empty")).read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_an_error(merged: Project) -> None:
    done = merged.migmerge("report", "--html", os.path.join("nowhere", "page.html"), "--no-db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert merged.migmerge("report").returncode == 2


@needs_browser
def test_a_browser_filters_searches_and_zooms(merged: Project) -> None:
    page = written(merged)
    plain = document(page)
    assert 'class="unmatched"' not in plain
    assert '<form class="tools" role="search">' in plain
    by_author = document(page, "#author=bea")
    assert len(re.findall('<g [^>]*class="unmatched', by_author)) == 3
    assert "1 of 4" in texts(document(page, "#q=ADD+email&zoom=2"))
    widths = [float(re.findall(r'<svg [^>]*\bwidth="([\d.]+)"', each)[0]) for each in (plain, document(page, "#zoom=2"))]
    assert widths[1] == 2 * widths[0]


@needs_browser
@pytest.mark.parametrize("width", [400, 1400])
def test_no_page_is_wider_than_its_window(merged: Project, width: int) -> None:
    page = written(merged)
    text = page.read_text(encoding="utf-8")
    probe = "document.title = document.documentElement.scrollWidth <= innerWidth ? 'fits' : 'too wide'"
    policy = f"'sha256-{base64.b64encode(sha256(probe.encode()).digest()).decode()}'"
    page.write_text(text.replace("script-src ", f"script-src {policy} ").replace("</body>", f"<script>{probe}</script></body>"))
    assert "<title>fits</title>" in browse(page, "--dump-dom", width=width)


@needs_browser
def test_it_prints(merged: Project) -> None:
    page = written(merged)
    browse(page, f"--print-to-pdf={page.with_suffix('.pdf')}")
    assert page.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(("parent", "is_part"), [("c1", True), ("a0", False)])
def test_a_page_of_many_revisions_says_whether_all_are_drawn(diverged: Project, parent: str, is_part: bool) -> None:
    """The divergent part of more than 2,000 may be all of them."""
    for number in range(2000):
        diverged.write(f"migrations/versions/r{number}.py", f'revision = "r{number}"\ndown_revision = "{parent}"\n')
        parent = f"r{number}"
    page = written(diverged).read_text(encoding="utf-8")
    assert ("There are too many revisions to draw all of them" in page) is is_part
