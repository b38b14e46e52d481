"""The documentation: no link leads nowhere, no page is lost, and what the package has is on its pages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from docs.generate.pages import commands, generated_pages
from migmerge.arguments import COMMANDS
from migmerge.core.finding import FindingKind
from migmerge.core.findings.pages import DOCUMENTATION, page_of
from migmerge.core.findings.registry import REGISTRY
from migmerge.core.settings import KEYS
from tests.support.paths import ROOT

DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
GENERATED = generated_pages()
PAGES = {
    **{str(path.relative_to(DOCS)): path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")},
    **{name: text for name, text in GENERATED.items() if name.endswith(".md")},
}
"""The text of each page by its path."""


def anchors_of(text: str) -> set[str]:
    """Return the anchors of a page's headings, as Sphinx makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_each_link_of_a_page_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        path, _, anchor = target.partition("#")
        named = os.path.normpath(Path(page).parent / path) if path else page
        assert named in PAGES or (DOCS / named).is_file(), target
        assert not anchor or anchor in anchors_of(PAGES[named]), target


@pytest.mark.parametrize("page", sorted(PAGES))
def test_each_file_that_a_page_shows_is_there(page: str) -> None:
    for screen in re.findall(r"^```\{screen\} (\S+)", PAGES[page], re.MULTILINE):
        assert all((DOCS / "screens" / f"{screen}{end}").is_file() for end in (".txt", "-light.svg", "-dark.svg")), screen
    for path in re.findall(r"^```\{(?:literalinclude|include)\} (\S+)", PAGES[page], re.MULTILINE):
        named = os.path.normpath(Path(page).parent / path)
        assert named in GENERATED or (DOCS / named).is_file(), path


def test_each_page_is_in_the_navigation() -> None:
    listed = {"index.md"}
    for page, text in PAGES.items():
        for entries in re.findall(r"^```\{toctree\}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            names = [line for line in entries.splitlines() if line and not line.startswith(":")]
            listed |= {os.path.normpath(Path(page).parent / f"{name}.md") for name in names}
    assert listed == set(PAGES)


def test_each_screen_is_on_a_page() -> None:
    shown = {screen for text in PAGES.values() for screen in re.findall(r"^```\{screen\} (\S+)", text, re.MULTILINE)}
    assert {path.stem for path in (DOCS / "screens").glob("*.txt")} == shown


def test_nothing_is_loaded_from_another_host() -> None:
    loaded = [
        address
        for path in [*DOCS.rglob("*.svg"), *DOCS.rglob("*.css"), DOCS / "conf.py"]
        for address in re.findall(r"(?:href|src|url\(|@import)[=\s\"'(]*(https?://[^\s\"')]+)", path.read_text(encoding="utf-8"))
    ]
    assert loaded == []


@pytest.mark.parametrize("kind", REGISTRY, ids=lambda kind: kind.code)
def test_each_code_has_its_page_and_its_row(kind: FindingKind) -> None:
    page = GENERATED[f"findings/{kind.code}.md"]
    assert page.startswith(f"# {kind.code} {kind.name}\n")
    assert all(text in page for text in (kind.title, kind.cause, kind.cure, "## An example"))
    assert page_of(kind) == f"{DOCUMENTATION}findings/{kind.code}/"
    row = f"| [{kind.code}]({kind.code}.md) | {kind.name} | {kind.severity.value} | {kind.title} | {kind.cure} |"
    assert row in GENERATED["findings/index.md"].splitlines()


def test_each_command_is_in_the_reference() -> None:
    headings = re.findall(r"^## migmerge (\S+)$", GENERATED["commands.md"], re.MULTILINE)
    assert headings == list(commands())
    assert set(re.findall(r"^\| `(\w+)`", GENERATED["exit-statuses.txt"], re.MULTILINE)) == set(commands())


def test_each_command_that_answers_in_json_is_named() -> None:
    answering = {
        name
        for name, (_, arguments) in COMMANDS.items()
        if any("json" in settings.get("choices", ()) for _, settings in arguments)
    }
    named = PAGES["exit-codes.md"].partition("## JSON")[2].partition("take `--format json`")[0]
    assert set(re.findall(r"`(\w+)", named)) == answering


def test_each_link_of_the_readme_is_absolute_and_leads_to_a_page() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert links
    for link in links:
        assert link.startswith(DOCUMENTATION), link
        path, named = link.removeprefix(DOCUMENTATION), Path(link)
        if path.startswith("_images/"):
            assert (DOCS / "screens" / named.name).is_file()
        else:
            assert {f"{path.rstrip('/')}.md", f"{path}index.md"} & set(PAGES), link


def test_the_story_of_the_readme_is_a_captured_one() -> None:
    story = README.partition("## One story\n\n```console\n")[2].partition("```")[0]
    assert story == (DOCS / "screens/joined.txt").read_text(encoding="utf-8")


def test_each_command_is_in_the_table_of_the_readme() -> None:
    rows = re.findall(r"^\| (`migmerge .*?) \|", README, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(?:migmerge )?(\w+)", row)}
    # Only git calls the command hook.
    assert named == set(commands()) - {"hook"}


def test_the_trust_model_has_each_command() -> None:
    table = PAGES["security.md"].partition("## What runs when")[2].partition("##")[0]
    rows = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    assert set(commands()) - {"hook"} <= {name for row in rows for name in re.findall(r"`(\w+)", row)}


def test_each_input_of_the_action_is_explained() -> None:
    inputs = (ROOT / "action.yml").read_text(encoding="utf-8").partition("\ninputs:\n")[2].partition("\noutputs:")[0]
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGES["howto/ci.md"], re.MULTILINE)
    assert sorted(rows) == sorted(re.findall(r"^  ([\w-]+):$", inputs, re.MULTILINE))


def test_each_setting_is_explained() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGES["settings.md"].partition("[[tool.migmerge.environment]]")[0], re.MULTILINE)
    assert sorted(rows) == sorted(KEYS)
