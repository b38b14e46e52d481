"""What is written for other programs: JSON, SARIF, what GitHub and GitLab read, Markdown, each read back as its reader reads it."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from migmerge.core.environment import Environment
from migmerge.core.finding import Finding, Hint, Severity
from migmerge.core.findings.registry import REGISTRY
from migmerge.core.provenance import Provenance
from migmerge.core.revision import Identifiers, Revision
from migmerge.core.script.positions import positions_of
from migmerge.core.snapshot import Snapshot
from migmerge.output.formats.github import findings_as_annotations
from migmerge.output.formats.gitlab import findings_as_code_quality
from migmerge.output.formats.json import CheckedTree, findings_as_json
from migmerge.output.formats.markdown import findings_as_markdown
from migmerge.output.formats.sarif import sarif
from tests.soak.fuzz_target import Counts, Target
from tests.support.github_runner import read_as_the_runner, shown
from tests.support.rendered_markdown import ELEMENTS, calls_in, cells, elements, rendered

_PIECES = (
    *(
        "a",
        "b1",
        "migrations/versions/x.py",
        "größe",
        "表",
        "🙂",
        " ",
        ":",
        "::",
        ",",
        "%",
        "%0A",
        "%25",
        "#",
        "[",
        "]",
        "](",
        "\\",
        '"',
        "'",
    ),
    *("\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\x1b[31m", "\0", "\x7f", "\u202e", "\ufeff", "\udcff", "\x1c", "\t"),
    *(
        "::error::x",
        "</script>",
        "<!--",
        "&amp;",
        "{}",
        "//here",
        "../",
        "/etc",
        "-x",
        "file=1",
        "title=y",
        "\\u0041",
        "a" * 300,
        "",
    ),
)


class Told(NamedTuple):
    """Hold findings, the lines of their scripts, and the revisions of the environment that they are about."""

    findings: list[Finding]
    lines: dict[str, int]
    revisions: tuple[Revision, ...]


def _text(random: Random) -> str:
    return "".join(random.choice(_PIECES) for _ in range(random.choice((0, 1, 1, 2, 3, 6))))


def _texts(random: Random, most: int) -> tuple[str, ...]:
    return tuple(_text(random) for _ in range(random.randrange(most + 1)))


def _finding(random: Random) -> Finding:
    paths = _texts(random, 5)
    return Finding(
        random.choice(REGISTRY),
        *(_text(random), _text(random), Hint(_text(random), random.random() < 0.5, _texts(random, 2))),
        *(_texts(random, 3), paths, random.choice((None, _text(random)))),
        lines=tuple(random.randrange(-1, 99) for _ in paths) if random.random() < 0.5 else (),
        own_severity=random.choice((None, *Severity)),
    )


def _draw(random: Random) -> Told:
    findings = [_finding(random) for _ in range(random.randrange(4))]
    lines = {path: random.randrange(1, 999) for each in findings for path in each.paths if random.random() < 0.7}
    names = list(dict.fromkeys(name for name in _texts(random, 4) if name))
    revisions = [
        Revision(Identifiers(name, tuple(names[:number][-1:]), _texts(random, 1), (), _text(random)), f"{number}{_text(random)}")
        for number, name in enumerate(names)
    ]
    return Told(findings, lines, tuple(revisions))


def _judge_json(told: Told, counts: Counts) -> str | None:
    environment = Environment("migrations", "alembic", ("migrations/versions",))
    snapshot = Snapshot(environment, told.revisions)
    known = {each.revision: Provenance(commit=each.message, author=each.path, date=each.message) for each in told.revisions}
    tree = CheckedTree("worktree", "c0ffee", None, [snapshot], {environment.name: known})
    document = findings_as_json(tree, told.findings)
    counts["of findings" if told.findings else "of none"] += 1
    if not document.isascii():
        return f"is not ASCII: {document}"
    read = json.loads(document)
    (read_environment,) = read["environments"]
    heads = {each["revision"]: (each["path"], each["message"], each["commit"]) for each in read_environment["heads"]}
    given = {head: (snapshot.graph[head].path, snapshot.graph[head].message, known[head].commit) for head in snapshot.graph.heads}
    said = [(each["code"], each["severity"], each["message"], each["hint"], each["paths"]) for each in read["findings"]]
    meant = [(each.code, each.severity.value, each.message, str(each.hint), [*each.paths]) for each in told.findings]
    return None if (heads, said) == (given, meant) else f"{heads} of {given}, {said} of {meant}"


def _judge_sarif(told: Told, counts: Counts) -> str | None:
    document = sarif(told.findings, told.lines, commit=None)
    counts["of findings" if told.findings else "of none"] += 1
    if not document.isascii():
        return f"is not ASCII: {document}"
    (run,) = json.loads(document)["runs"]
    prints = [each["partialFingerprints"]["migmergeFinding/v1"] for each in run["results"]]
    if len(set(prints)) != len(told.findings):
        return f"fingerprints {prints}"
    return next(filter(None, map(_wrong_result, told.findings, run["results"], [told.lines] * len(told.findings))), None)


def _wrong_result(finding: Finding, result: dict[str, Any], lines: dict[str, int]) -> str | None:
    positions = positions_of(finding, lines) or ((f"{finding.environment}/env.py", 1),)
    places = [each["physicalLocation"] for each in (*result["locations"], *result.get("relatedLocations", ()))]
    for (path, line), place in zip(positions, places, strict=True):
        uri = unquote_to_bytes(place["artifactLocation"]["uri"])
        if place["region"]["startLine"] != line or line < 1:
            return f"line {place['region']} of {path!r}:{line}"
        if uri != path.encode("utf-8", "surrogateescape") and finding.paths:
            return f"{uri!r} of {path!r}"
    said = result["message"]["text"].split("\n")[0]
    meant = shown(finding.message).replace("](", "] (")
    is_whole = said == meant or not finding.message
    return None if is_whole and result["ruleId"] == finding.code else f"{said!r} of {meant!r}"


def _judge_github(told: Told, counts: Counts) -> str | None:
    said = findings_as_annotations(told.findings, told.lines)
    counts["of findings" if told.findings else "of none"] += 1
    if len(said) != len(told.findings):
        return f"{len(said)} commands of {len(told.findings)} findings"
    for finding, line in zip(told.findings, said, strict=True):
        if not line.isprintable():
            return f"more than a line: {line!r}"
        properties, text = read_as_the_runner(line)
        path = next((path for path, _ in positions_of(finding, told.lines)), "")
        if properties.get("file", "") != shown(path) or properties["title"] != f"{finding.code} {finding.name}":
            return f"{properties} of {path!r}"
        if not text.startswith(shown(finding.message)):
            return f"{text!r} of {finding.message!r}"
    return None


def _judge_gitlab(told: Told, counts: Counts) -> str | None:
    issues = json.loads(findings_as_code_quality(told.findings, told.lines))
    counts["of findings" if told.findings else "of none"] += 1
    if len({each["fingerprint"] for each in issues}) != len(told.findings):
        return f"{len(issues)} issues of {len(told.findings)} findings"
    for finding, issue in zip(told.findings, issues, strict=True):
        path, line = next(iter(positions_of(finding, told.lines)), (posixpath.join(finding.environment, "env.py"), 1))
        if issue["location"] != {"path": path, "lines": {"begin": line}}:
            return f"{issue['location']} of {path!r}:{line}"
        if not issue["description"].startswith(f"{finding.code}: {shown(finding.message)}"):
            return f"{issue['description']!r} of {finding.message!r}"
    return None


def _judge_markdown(told: Told, counts: Counts) -> str | None:
    html = rendered(findings_as_markdown(told.findings, environments=1))
    counts["of findings" if told.findings else "of none"] += 1
    if foreign := elements(html) - ELEMENTS:
        return f"{foreign} in {html!r}"
    if calls := calls_in(html):
        return f"{calls} in {html!r}"
    seen = [cell.split() for cell in cells(html)]
    lost = [each.message for each in told.findings if shown(each.message).split() not in seen]
    return f"{lost} in {html!r}" if lost or len(seen) != 4 * len(told.findings) else None


def _target(name: str, share: int, judge: Callable[[Told, Counts], str | None]) -> Target:
    return Target(name, share, _draw, judge)


TARGETS = (
    _target("JSON of check", 80, _judge_json),
    _target("SARIF", 30, _judge_sarif),
    _target("commands for GitHub", 80, _judge_github),
    _target("code quality for GitLab", 60, _judge_gitlab),
    _target("Markdown", 20, _judge_markdown),
)
