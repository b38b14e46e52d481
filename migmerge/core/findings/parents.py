"""Findings about what scripts follow: MM002, with the cause of each missing parent and its cure, and MM015."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator

from ..declared_environment import declaration_command
from ..environment import Environment
from ..evidence import Evidence
from ..finding import FIX, Finding, Hint, Severity, edit
from ..fix_plan.missing_parent import Cause, MissingParent, bring, missing_parents
from ..provenance import LastSeen, describe
from ..revision import NEW, Revision
from ..shell import quoted_path
from ..snapshot import Snapshot
from ..text import enumerate_names
from .environments import HIDDEN, bring_back
from .registry import MISSING_PARENT, REDUNDANT_PARENT


def parents_missing(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM002 for each reference that leads nowhere."""
    for found in missing_parents(snapshot, evidence):
        unknown = _computed_names(snapshot, found.role)
        elsewhere = _elsewhere(snapshot.environment, found.role, found.missing) if found.cause is Cause.NOWHERE else None
        cause, hint, severity = elsewhere or (*_cause(found, snapshot, evidence), Severity.WARNING if unknown else None)
        yield Finding(
            MISSING_PARENT,
            snapshot.environment.name,
            f"{describe(found.revision, evidence.provenance)} has the {found.role} {found.missing}, "
            f"which is in no script{unknown}: {cause}",
            hint,
            (found.revision.revision, found.missing),
            (found.revision.path,),
            own_severity=severity,
            otherwise=_by_hand(found, evidence),
        )


def _by_hand(found: MissingParent, evidence: Evidence) -> Hint:
    path = found.revision.path
    hint = edit(path, evidence.lines.get(path, 1), f"name another {found.role} than {found.missing}")
    return hint if found.revision.uncommitted else hint.committed()


def _computed_names(snapshot: Snapshot, role: str) -> str:
    """Return in words which scripts may have any id, or where a depends_on is looked for, any label."""
    paths = [script.path for script in snapshot.computed if script.revision is None]
    if role == "depends_on":
        paths += [revision.path for revision in snapshot.graph.revisions.values() if not revision.labels_are_known]
    return f", unless {enumerate_names(paths)} computes that name" if paths else ""


def _elsewhere(environment: Environment, role: str, missing: str) -> tuple[str, Hint, Severity] | None:
    """Return which location outside of the repository may have a missing script; None where none may have it."""
    search = Hint(shlex.join(["git", "log", "--all", "--oneline", f"-S{missing}"]))
    if environment.outside:
        return f"{enumerate_names(environment.outside)}, outside of this repository, may have it", search, Severity.INFO
    if environment.external and role == "depends_on":
        return f"{enumerate_names(environment.external)}, declared as external, may have it", search, Severity.INFO
    if environment.is_located:
        return None
    declare = Hint(declaration_command(environment.path, [folder or "." for folder in environment.versions]))
    return (
        "no configuration names the version locations of this environment, and another one may have it",
        declare,
        Severity.WARNING,
    )


def _cause(found: MissingParent, snapshot: Snapshot, evidence: Evidence) -> tuple[str, Hint]:
    """Return why the parent is missing, with the cures in their order, and the command of the first one."""
    if found.cause is Cause.ON_DISK:
        (path, *_) = (script.path for script in evidence.on_disk if script.revision == found.missing)
        return f"{path} has it and is not committed", Hint("git commit", commits=True, before=(f"git add {quoted_path(path)}",))
    if found.cause is Cause.GONE:
        path = evidence.gone[found.missing]
        is_hidden = path in evidence.hidden
        return f"HEAD has it in {path}, which {HIDDEN if is_hidden else 'is deleted here'}", bring_back([path], hidden=is_hidden)
    if found.stand_ins is not None:
        return _cause_of_stand_in(found, snapshot), FIX
    if found.last_seen is not None:
        return _cause_without_stand_in(found, found.last_seen, snapshot)
    return "no commit that this clone has holds it", FIX.after("git fetch --all")


def _cause_without_stand_in(found: MissingParent, seen: LastSeen, snapshot: Snapshot) -> tuple[str, Hint]:
    name, is_here = found.revision.revision, found.cause in (Cause.SUCCEEDED, Cause.DELETED)
    bound = f"{name} has its id from its parents {enumerate_names(found.revision.down_revisions)}" if found.is_bound else ""
    if bound and is_here and name not in seen.needed_by:
        cause = f"its script is here as {seen.successor}" if found.cause is Cause.SUCCEEDED else _deleted(seen)
        return f"{cause}; {bound}, and a merge revision of others is another one", _remove(found.revision)
    picked = f"{name} was copied from there without it" if name in seen.picked else ""
    needed = f"{name} changes what it makes" if name in seen.needed_by else ""
    return ", and ".join(filter(None, (_where(seen), needed or picked, bound))), Hint(
        bring(seen, snapshot.environment.versions[0])
    )


def _remove(revision: Revision) -> Hint:
    """Return the hint to remove a script, whether git has it or not."""
    path = quoted_path(revision.path)
    return Hint(f"rm {path}", commits=True) if revision.uncommitted == NEW else Hint(f"git rm --quiet -- {path}").committed()


def _cause_of_stand_in(found: MissingParent, snapshot: Snapshot) -> str:
    graph, folder = snapshot.graph, snapshot.environment.versions[0]
    stand_ins = found.stand_ins or ()
    (name, *_) = stand_ins or ("",)
    match found.cause:
        case Cause.FILE_NAME:
            return f"that is the name of a file, {posixpath.basename(graph[name].path)}, whose revision is {name}"
        case Cause.LABEL:
            return f"that is the branch label of {name}, and a down_revision names ids alone"
        case Cause.PREFIX:
            return f"that is not the id {name}, which {posixpath.basename(graph[name].path)} has"
        case Cause.SUCCEEDED:
            moved = ", on another parent" if found.last_seen and found.last_seen.moved else ""
            return f"its script is here as {name}{moved} ({graph[name].path})"
    seen = found.last_seen
    assert seen is not None
    follow = f"{found.revision.revision} can follow {enumerate_names(stand_ins) or 'nothing'}"
    otherwise = f"to have both instead: {bring(seen, folder)}"
    if found.cause is Cause.DELETED:
        kept = f"a database that has run {found.missing} keeps what it made"
        return f"{_deleted(seen)}; {follow}, which {found.missing} followed; {kept}; {otherwise}"
    return f"{_where(seen)}, and {found.revision.revision} was copied from there without it; {follow}; {otherwise}"


def _deleted(seen: LastSeen) -> str:
    by = f"{seen.deleted_by} deleted {seen.path} in commit {seen.deleted_in[:10]}" if seen.deleted_in else ""
    return by or f"{_where(seen)}, which HEAD contains"


def _where(seen: LastSeen) -> str:
    if not seen.commit:
        return f"{seen.path} has it in the work tree {seen.work_tree} and is not committed"
    author = " on ".join(filter(None, (seen.author, seen.branch)))
    return f"{seen.path} had it in commit {seen.commit[:10]}{f' ({author})' if author else ''}"


def parents_redundant(snapshot: Snapshot, evidence: Evidence) -> Iterator[Finding]:
    """Yield an MM015 for each revision that names what another one of its needs implies."""
    graph = snapshot.graph
    for name, redundant in graph.redundant.items():
        others = enumerate_names(each for each in graph.effective_needs(name) if each not in redundant)
        yield Finding(
            REDUNDANT_PARENT,
            snapshot.environment.name,
            f"{describe(graph[name], evidence.provenance)} names {enumerate_names(redundant)}, which {others} imply: "
            "the upgrade of a new database dies of it",
            FIX,
            (name, *redundant),
            (graph[name].path,),
            otherwise=edit(graph[name].path, evidence.lines.get(graph[name].path, 1), f"leave out {enumerate_names(redundant)}"),
        )
