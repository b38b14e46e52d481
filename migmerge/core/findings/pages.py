"""The addresses of the documentation."""

from __future__ import annotations

from ..finding import FindingKind

DOCUMENTATION = "https://migmerge.readthedocs.io/en/stable/"


def page_of(kind: FindingKind) -> str:
    """Return the address of the page about a finding code."""
    return f"{DOCUMENTATION}findings/{kind.code}/"
