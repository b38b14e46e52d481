"""What a finding code means, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.finding import FindingKind
from ...core.findings.explanation import Explanation
from ..screen import Screen, as_called


def report_kinds(screen: Screen, kinds: Sequence[FindingKind]) -> None:
    """Print a line a finding code."""
    width = max(len(kind.name) for kind in kinds)
    for kind in kinds:
        severity = kind.severity.value
        screen.say(f"{kind.code}  {kind.name:{width}}  ", (severity, severity))
    screen.say_hint(f"migmerge explain {kinds[0].code}")


def report_explanation(screen: Screen, explanation: Explanation) -> None:
    """Print what a finding is, how a user meets it, why it comes and what cures it, an example, and the page about it."""
    kind = explanation.kind
    screen.say((f"{kind.code} {kind.name}", "heading"), "  ", (kind.severity.value, kind.severity.value))
    screen.say("  ", kind.title)
    for heading, text in (("you see", explanation.symptom), ("cause", kind.cause), ("cure", as_called(kind.cure))):
        if text:
            screen.say((heading, "heading"))
            screen.say("  ", text)
    screen.say(("example", "heading"))
    for line in explanation.happened:
        screen.say("  ", line)
    screen.say("  $ ", explanation.command)
    first, *further = explanation.said
    screen.say("  ", first)
    for line in further:
        screen.say("    ", line)
    screen.say(explanation.page)
