"""Findings as SARIF 2.1.0, in the subset that GitHub code scanning shows."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from ... import __version__
from ...core.finding import Finding, FindingKind, Severity
from ...core.findings.pages import page_of
from ...core.findings.registry import REGISTRY
from ...core.script.positions import positions_of
from ...core.shell import runnable
from ...core.text import printable
from .fingerprint import fingerprints_of

Properties = dict[str, object]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_IMPORTANCE = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_INDEXES = {kind.code: index for index, kind in enumerate(REGISTRY)}
_MOST_LOCATIONS = 100
"""GitHub shows a hundred locations of a result, and rejects the whole file for a result with more than a thousand."""
_MOST_LINKS = 3


def sarif(findings: Sequence[Finding], lines: Mapping[str, int], *, commit: str | None) -> str:
    """Return the log of one run, in ASCII; the same findings give the same bytes."""
    run: Properties = {
        "tool": {"driver": {"name": "migmerge", "version": __version__, "rules": [_rule(kind) for kind in REGISTRY]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": _text("The top of the git repository.")}},
        "results": list(_results(findings, lines)),
    }
    if commit is not None:
        # versionControlProvenance needs the address of the repository, which a clone does not know for certain.
        run["properties"] = {"commit": commit}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _rule(kind: FindingKind) -> Properties:
    """Return the rule for a kind of finding; GitHub requires all three texts."""
    return {
        "id": kind.code,
        "name": "".join(word.capitalize() for word in kind.name.split("-")),
        "shortDescription": _text(kind.title),
        "fullDescription": _text(f"{kind.title} {kind.cure}"),
        "help": _text(kind.cure),
        "helpUri": page_of(kind),
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
        "properties": {
            "precision": "very-high" if kind.certain else "high",
            "problem.severity": _IMPORTANCE[kind.severity],
            "tags": ["alembic", "migrations"],
        },
    }


def _results(findings: Sequence[Finding], lines: Mapping[str, int]) -> Iterator[Properties]:
    for finding, fingerprint in zip(findings, fingerprints_of(findings), strict=True):
        yield _result(finding, lines, fingerprint)


def _result(finding: Finding, lines: Mapping[str, int], fingerprint: str) -> Properties:
    # GitHub rejects the whole file for one result without a location; every environment has an env.py.
    positions = positions_of(finding, lines) or ((posixpath.join(finding.environment, "env.py"), 1),)
    result: Properties = {
        "ruleId": finding.code,
        "ruleIndex": _INDEXES[finding.code],
        "level": _LEVELS[finding.severity],
        "message": _text(_message(finding)),
        "locations": [_location(*positions[0])],
        # GitHub's upload action computes primaryLocationLineHash and warns where the log has another one.
        "partialFingerprints": {"migmergeFinding/v1": fingerprint},
    }
    further = positions[1:_MOST_LOCATIONS]
    if further:
        result["relatedLocations"] = [{"id": number, **_location(*position)} for number, position in enumerate(further, 1)]
    return result


def _message(finding: Finding) -> str:
    """Return message, links to the further scripts, which GitHub does not show otherwise, and hint."""
    # SARIF 2.1.0 cannot escape text that looks like a link (oasis-tcs/sarif-spec issue 597), so a space breaks it.
    message, hint = (text.replace("](", "] (") for text in (printable(finding.message), runnable(str(finding.hint))))
    return "\n".join(part for part in (message, _links(finding.paths[1:]), f"hint: {hint}" if hint else "") if part)


def _links(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    links = ", ".join(f"[{_link_text(path)}]({number})" for number, path in enumerate(paths[:_MOST_LINKS], 1))
    return f"also: {links}" + (f" and {len(paths) - _MOST_LINKS} more" if len(paths) > _MOST_LINKS else "")


def _link_text(path: str) -> str:
    return printable(path).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(path: str, line: int) -> Properties:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(path), "uriBaseId": _ROOT}, "region": {"startLine": line}}}


def _uri(path: str) -> str:
    """Encode the bytes of a path; a colon too, for the text before it would be read as a scheme."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "surrogatepass"))


def _text(text: str) -> Properties:
    return {"text": text}
