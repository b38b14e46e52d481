"""`migmerge explain`: what a finding means, what causes it and what cures it."""

from __future__ import annotations

import sys

from ..core.findings.explanation import explain_kind, kind_named
from ..core.findings.registry import REGISTRY
from ..core.options import Options
from ..output.screen import Screen, print_document


def print_schema() -> int:
    """Print the JSON schema of the documents of all commands."""
    from ..output.formats.schema import schema

    print_document(schema())
    return 0


def explain(options: Options, named: str | None, *, output: str) -> int:
    """Explain the finding with a code or a name; without one, list all of them."""
    kinds = REGISTRY if named is None else (kind_named(named),)
    if output == "json":
        from ..output.formats.json import explanations_as_json

        print_document(explanations_as_json([explain_kind(kind) for kind in kinds]))
        return 0
    from ..output.text.explanation import report_explanation, report_kinds

    screen = Screen(sys.stdout, options.color)
    if named is None:
        report_kinds(screen, kinds)
    else:
        report_explanation(screen, explain_kind(kinds[0]))
    return 0
