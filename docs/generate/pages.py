"""The pages that are written from the package itself: the finding codes from the registry, the commands from their own help."""

from __future__ import annotations

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from textwrap import wrap as wrapped

from migmerge.command_help import HELP
from migmerge.command_line import parser
from migmerge.core.finding import FindingKind, InHook
from migmerge.core.findings.explanation import explain_kind
from migmerge.core.findings.registry import REGISTRY
from migmerge.demo.application import BASE, BEA

_wrap = partial(wrapped, width=80, break_on_hyphens=False, break_long_words=False)
_NOQA = "  # noqa: E402, F401"
_IN_HOOK = {
    InHook.NEVER: "no",
    InHook.WHEN_NEW: "yes, where a merge, rebase, checkout or commit brings it",
    InHook.WITH_DIVERGENCE: "yes, together with the divergence that it is about",
}
_GUIDES = {
    "MM001": ("merge-or-reparent.md", "howto/rebase.md"),
    "MM003": ("howto/numbered.md",),
    "MM006": ("how-it-works.md",),
    "MM007": ("merge-or-reparent.md",),
    "MM008": ("howto/squash.md",),
    "MM012": ("howto/monorepo.md",),
    "MM013": ("howto/rebase.md",),
    "MM016": ("merge-or-reparent.md",),
    "MM101": ("howto/recover.md",),
    "MM102": ("howto/recover.md",),
    "MM103": ("howto/recover.md",),
    "MM104": ("howto/recover.md",),
    "MM106": ("howto/containers.md",),
    "MM107": ("howto/recover.md",),
    "MM108": ("howto/recover.md",),
    "MM109": ("howto/recover.md",),
    "MM110": ("howto/recover.md",),
    "MM201": ("hooks.md",),
    "MM202": ("hooks.md",),
}
"""The pages that say more about a code."""


def write_pages(folder: Path) -> None:
    """Write the pages into the folder of the documentation, those that are already right not anew."""
    for name, text in generated_pages().items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def generated_pages() -> dict[str, str]:
    """Return the text of each generated page by its path."""
    pages = {f"findings/{kind.code}.md": finding_page(kind) for kind in REGISTRY}
    pages |= {f"app/{name}": text.replace(_NOQA, "") for name, text in {**BEA, **BASE}.items() if name.endswith(".py")}
    pages["exit-statuses.txt"] = exit_statuses()
    return pages | {"findings/index.md": findings_page(), "commands.md": commands_page()}


def finding_page(kind: FindingKind) -> str:
    """Return the page of one finding code."""
    return "\n".join(
        [
            f"# {kind.code} {kind.name}",
            "",
            kind.title,
            "",
            "## What you see",
            "",
            *_symptom_of(kind),
            "## Why",
            "",
            kind.cause,
            "",
            "## What to do",
            "",
            kind.cure,
            "",
            *_example_of(kind),
            *_guides_of(kind),
            "## How migmerge treats it",
            "",
            "| | |",
            "|---|---|",
            f"| severity | {kind.severity.value} |",
            f"| a hook tells it | {_hook_of(kind)} |",
            f"| `migmerge fix` joins heads beside it | {_joins_beside(kind)} |",
            "",
        ]
    )


def _symptom_of(kind: FindingKind) -> Iterator[str]:
    symptom = explain_kind(kind).symptom
    if symptom:
        yield from ("The error:", "", "```text", symptom, "```", "")
    shown = f"{kind.severity.value} {kind.code} {kind.name}"
    yield from (f"migmerge says `{shown}`, with the revisions, whose they are, and the next command.", "")


def _example_of(kind: FindingKind) -> Iterator[str]:
    """Yield the example of `migmerge explain`, as wide as a terminal."""
    explanation = explain_kind(kind)
    happened = (part for line in explanation.happened for part in _wrap(line, subsequent_indent="  "))
    first, *said = explanation.said
    shown = (part for line in said for part in _wrap(line, initial_indent="  ", subsequent_indent="    "))
    yield from ("## An example", "", "A new repository. What happened in it:", "", "```text", *happened, "```", "")
    yield from ("What migmerge says then:", "", "```console", f"$ {explanation.command}", first, *shown, "```", "")


def _guides_of(kind: FindingKind) -> Iterator[str]:
    guides = [f"[](../{path})" for path in _GUIDES.get(kind.code, ())]
    if guides:
        yield from ("Read on: " + ", ".join(guides) + ".", "")


def _hook_of(kind: FindingKind) -> str:
    told_as_error = kind.severity.value == "error" and kind.in_hook is InHook.NEVER and kind.code < "MM1"
    return _IN_HOOK[InHook.WHEN_NEW if told_as_error else kind.in_hook]


def _joins_beside(kind: FindingKind) -> str:
    if kind.blocks_fix:
        return "no: it is repaired first"
    return f"no: {kind.refusal}" if kind.refusal else "yes"


def findings_page() -> str:
    """Return the table of all finding codes, with their pages in the navigation."""
    rows = (
        f"| [{kind.code}]({kind.code}.md) | {kind.name} | {kind.severity.value} | {kind.title} | {kind.cure} |"
        for kind in REGISTRY
    )
    return "\n".join(
        [
            "# Findings",
            "",
            "`check` reports the codes below MM100, `doctor` all of them. An error ends `check` with the exit status 1.",
            "",
            "| code | name | severity | what it means | the cure |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "```{toctree}",
            ":hidden:",
            "",
            *(kind.code for kind in REGISTRY),
            "```",
            "",
            "```{include} ../finding-notes.txt",
            "```",
            "",
        ]
    )


def exit_statuses() -> str:
    """Return the table of what the exit status of each command means; 130 is the same for all."""
    rows = ((name, dict(told.exits)) for name, told in HELP.items())
    cells = (f"| `{name}` | {' | '.join(exits.get(status, '') for status in (0, 1, 2))} |" for name, exits in rows)
    return "\n".join(["| command | 0 | 1 | 2 |", "|---|---|---|---|", *cells, ""])


def commands() -> dict[str, ArgumentParser]:
    """Return the parser of each command, in the order of the help."""
    # argparse has no other way to its commands.
    actions = parser()._actions  # noqa: SLF001
    subparsers = next(action for action in actions if isinstance(action, _SubParsersAction))
    return dict(subparsers.choices)


def commands_page() -> str:
    """Return the reference of all commands, in the words of their own help."""
    helps = (
        line
        for name, each in commands().items()
        for line in (f"## migmerge {name}", "", "```text", each.format_help().rstrip(), "```", "")
    )
    return "\n".join(
        [
            "# Commands",
            "",
            "Each command's own help. `flask migmerge COMMAND` is the same program. [](exit-codes.md) says how they end.",
            "",
            "```text",
            parser().format_help().rstrip(),
            "```",
            "",
            *helps,
        ]
    )
