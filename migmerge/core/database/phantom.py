"""A revision that a database records and the checkout lacks, and what git still knows of it."""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import islice

from ..errors import MigmergeError
from ..graph import RevisionGraph
from ..order import Needs, circle_in, sorted_after
from ..revision import Identifiers, Revision
from ..script.identifiers import IDENTIFIER_NAMES
from ..script.names import is_script_name
from ..script.read import read_script, script_at, source_text
from ..script.syntax import NotPython, parse, without_annotations


class Fate(Enum):
    """What became of a phantom's script."""

    ELSEWHERE = "elsewhere"
    """A branch or a tag that is not checked out has it, or another work tree."""
    LOST = "lost"
    """Only a reflog, a stash or nothing at all leads to it."""
    DELETED = "deleted"
    """HEAD's history has it, the checkout has not."""
    RENAMED = "renamed"
    """The checkout has a script of another id that does the same on the same parents."""
    REPARENTED = "reparented"
    """The checkout has a script of another id that does the same on another parent."""
    LEFT = "left"
    """Nothing in git has it, and it was kept when a checkout, a merge or a rebase took it away."""


@dataclass(frozen=True, slots=True)
class Phantom:
    """Say where git has the script of a phantom; `date` is ISO 8601 and `age` in git's words, `3 days ago`.

    `commit` holds the script at `path`; it is empty where none ever did: then the script lies in the index or the files of
    `work_tree`, is the dangling `blob` alone, whose path nobody knows, or is in the ledger. Where a shallow or partial
    clone cannot tell who wrote it, `author`, `date` and `age` are empty. A deleted one has the commit that deleted it in
    `deleted_in`, empty where no single one did. `branch` and `tag` name one that contains the commit, `successor` what the
    checkout has instead. `versions` are the commits and paths of the other texts that the script has had.
    """

    revision: str
    commit: str
    path: str
    author: str = ""
    date: str = ""
    age: str = ""
    branch: str | None = None
    fate: Fate = Fate.LOST
    successor: str | None = None
    message: str = ""
    deleted_in: str = ""
    deleted_by: str = ""
    tag: str | None = None
    stashed: bool = False
    work_tree: str | None = None
    blob: str = ""
    versions: tuple[tuple[str, str], ...] = field(default=(), compare=False)


def describe_phantom(phantom: Phantom) -> str:
    """Name a phantom, its author and its place in one phrase: `"add orders" by bea, 3 days ago, on the branch feature`."""
    name = f'"{phantom.message}"' if phantom.message else posixpath.basename(phantom.path) or phantom.revision
    author = f"{name} by {phantom.author}" if phantom.author else name
    return ", ".join(filter(None, (author, phantom.age, _where(phantom))))


def _where(phantom: Phantom) -> str:
    commit = f"in commit {phantom.commit[:10]}"
    match phantom.fate:
        case Fate.RENAMED:
            return f"here as {phantom.successor}"
        case Fate.REPARENTED:
            return f"here as {phantom.successor}, on another parent"
        case Fate.DELETED if phantom.deleted_in:
            return f"deleted by {phantom.deleted_by} in commit {phantom.deleted_in[:10]}"
        case Fate.DELETED:
            return f"{commit}, which HEAD contains, and no longer among the scripts"
        case Fate.ELSEWHERE if phantom.branch:
            return f"on the branch {phantom.branch}"
        case Fate.ELSEWHERE if phantom.tag:
            return f"under the tag {phantom.tag}"
        case Fate.ELSEWHERE:
            return f"not committed, in the work tree {phantom.work_tree}"
        case Fate.LEFT:
            return "in no commit any more, kept when a checkout, merge or rebase took it away"
    return _where_lost(phantom)


def _where_lost(phantom: Phantom) -> str:
    if not phantom.commit and not phantom.blob:
        return "in no commit, kept since a database here ran it"
    if not phantom.commit:
        return f"in blob {phantom.blob[:10]}, which was staged and never committed"
    return f"in commit {phantom.commit[:10]}, {'a stash' if phantom.stashed else 'on no branch any more'}"


@dataclass(frozen=True, slots=True)
class PathChange:
    """A commit that changed what is at a path: from the blobs that its parents have there to its own; empty where none is."""

    commit: str
    parents: tuple[str, ...]
    author: str
    date: str
    age: str
    path: str
    before: tuple[str, ...]
    after: str


def path_changes_in(text: str) -> Iterator[PathChange]:
    """Read, all ended by NUL: five facts of a commit, then in pairs `:<modes> <blobs> <status>` and the path."""
    tokens = iter(text.split("\0"))
    facts: list[str] = []
    for token in tokens:
        if token.startswith("\x01"):
            facts = [token[1:], *islice(tokens, 4)]
        elif (entry := token.lstrip("\n")).startswith(":") and len(facts) == 5 and (path := next(tokens, "")):
            count = len(entry) - len(entry.lstrip(":")) + 1
            fields = entry.lstrip(":").split(" ")
            modes, oids = fields[:count], fields[count : 2 * count]
            # Links and submodules are no scripts.
            *before, after = (oid if mode.startswith("100") else "" for mode, oid in zip(modes, oids, strict=True))
            commit, parents, author, date, age = facts
            yield PathChange(commit, tuple(parents.split()), author, date.replace("Z", "+00:00"), age, path, tuple(before), after)


def earliest_branch(branches: Sequence[str]) -> str:
    """Name the branch that ended first, for the others went on from there; the user's own one where a remote has it too."""
    first = branches[0].removeprefix("refs/heads/").removeprefix("refs/remotes/")
    own = first.partition("/")[2]
    return own if branches[0].startswith("refs/remotes/") and f"refs/heads/{own}" in branches else first


def longest_plain_part(name: str) -> str:
    """Return the longest part of an id that a script spells as it is and a pattern takes literally."""
    return max(re.findall(r"[A-Za-z0-9_ -]+", name), key=len, default="")


def named_in(data: bytes, names: Collection[str]) -> tuple[str, str] | None:
    """Return the id and the message of a script if it is one of the named revisions."""
    if not any(longest_plain_part(name).encode() in data for name in names):
        return None
    reading = read_script(data)
    message = reading.message if isinstance(reading, Identifiers) else ""
    return (reading.revision, message) if reading.revision and reading.revision in names else None


ScriptTexts = Mapping[str, tuple[Revision, bytes]]
"""Readable scripts with their texts, by revision id."""


def scripts_in(files: Mapping[str, bytes]) -> dict[str, tuple[Revision, bytes]]:
    """Read the scripts among files by path; of several with one id the last one counts."""
    placed = (
        (script_at(read_script(data), path), data) for path, data in files.items() if is_script_name(posixpath.basename(path))
    )
    return {script.revision: (script, data) for script, data in placed if isinstance(script, Revision)}


def phantom_chain(revision: str, there: ScriptTexts, here: Collection[str]) -> tuple[str, ...]:
    """Return a phantom and all revisions below it that the checkout lacks, children first.

    `there` are the scripts of the phantom's commit, `here` the revisions of the checkout.

    Raises:
        MigmergeError: where one of them is not there, or they follow one another in a circle.
    """
    graph = RevisionGraph(script for script, _ in there.values())
    needs: dict[str, tuple[str, ...]] = {}
    pending = [(revision, "")]
    while pending:
        name, child = pending.pop()
        if name in needs:
            continue
        if name not in graph:
            raise _missing(name, child)
        needs[name] = tuple(each for each in graph.needs(name) if each not in here)
        pending += [(each, name) for each in reversed(needs[name])]
    return _top_down(needs)


def _missing(name: str, child: str) -> MigmergeError:
    subject = f"{name}, which {child} follows or depends on," if child else name
    return MigmergeError(
        f"{subject} has no readable script beside it: the way down from there is not known",
        hint=f"git log --all --reflog --oneline -S {shlex.quote(name)}",
    )


def _top_down(needs: Needs) -> tuple[str, ...]:
    if circle := circle_in(needs):
        raise MigmergeError(
            f"{' and '.join(circle)} follow one another in a circle: there is no way down from them", hint="migmerge reset"
        )
    return tuple(reversed(sorted_after(needs)))


def successor_of(revision: str, there: ScriptTexts, here: ScriptTexts) -> tuple[Fate, str] | None:
    """Return the script of the checkout that does the same as a phantom, with the phantom's fate; None where there is none.

    A script is the same only if its parents are the same, or are known to be the same under other ids.
    """
    return successors_of(reversed(_known_chain(revision, there, here)), there, here).get(revision) if revision in there else None


def successors_of(names: Iterable[str], there: ScriptTexts, here: ScriptTexts) -> dict[str, tuple[Fate, str]]:
    """Return what the checkout has in the place of each of some phantoms, given parents first, with their fates."""
    candidates = {name: each for name, each in here.items() if name not in there}
    found: dict[str, tuple[Fate, str]] = {}
    for name in names if candidates else ():
        renamed = {old: new for old, (fate, new) in found.items() if fate is Fate.RENAMED}
        if successor := _successor(there[name], renamed, candidates):
            found[name] = successor
    return found


def is_same_script(one: bytes, other: bytes) -> bool:
    """Say whether two scripts do the same, whatever their ids, parents and layout; False where one cannot be parsed."""
    body = _body(one)
    return body is not None and body == _body(other)


def _known_chain(revision: str, there: ScriptTexts, here: ScriptTexts) -> tuple[str, ...]:
    try:
        return phantom_chain(revision, there, here.keys())
    except MigmergeError:
        return (revision,)


def _successor(phantom: tuple[Revision, bytes], renamed: Mapping[str, str], candidates: ScriptTexts) -> tuple[Fate, str] | None:
    script, data = phantom
    body = _body(data)
    if body is None:
        return None
    same = {name: each for name, (each, other) in sorted(candidates.items()) if _body(other) == body}
    if not body.acts:
        # Many scripts do nothing: only what joins the same heads, or says the same, is the same.
        same = {name: each for name, each in same.items() if len(script.down_revisions) > 1 or each.message == script.message}
    after = _follows(script, renamed)
    after_the_same = [name for name in same if _follows(same[name], {}) == after]
    if not after_the_same and not body.acts:
        return None
    fate = Fate.RENAMED if after_the_same else Fate.REPARENTED
    named_alike = sorted(after_the_same or same, key=lambda name: same[name].message != script.message)
    return (fate, named_alike[0]) if named_alike else None


def _follows(script: Revision, renamed: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    parents, others = ([renamed.get(name, name) for name in names] for names in (script.down_revisions, script.depends_on))
    return frozenset(parents), frozenset(others)


@dataclass(frozen=True, slots=True)
class _Body:
    """Hold all that a script does, whatever its identifiers, its docstring and its layout; `acts` where it calls anything."""

    statements: tuple[str, ...]
    acts: bool


@lru_cache(maxsize=2048)
def _body(data: bytes) -> _Body | None:
    text, defect = source_text(data)
    if defect:
        return None
    try:
        module = without_annotations(parse(text))
        statements = [each for each in module.body if not _says_nothing(each)]
        return _Body(tuple(map(ast.dump, statements)), any(map(_is_act, ast.walk(module))))
    except (NotPython, RecursionError):
        return None


def _says_nothing(statement: ast.stmt) -> bool:
    """Say whether a statement only names the script, or imports what every script does."""
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in IDENTIFIER_NAMES
        case ast.ImportFrom(module=str(name)) | ast.Import(names=[ast.alias(name=name)]):
            return name.split(".")[0] in ("alembic", "sqlalchemy")
    return False


def _is_act(node: ast.AST) -> bool:
    """Say whether something is called; in Flask-Migrate's scripts for several databases `globals()["..."]()` only passes on."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name != "globals"
        case ast.Call(func=ast.Attribute()):
            return True
    return False
