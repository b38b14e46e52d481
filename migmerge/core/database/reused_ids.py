"""Recorded ids under which another script ran than the checkout has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..graph import RevisionGraph
from .effects import effects_of
from .phantom import is_same_script
from .script_set import ScriptSet


@dataclass(frozen=True, slots=True)
class OtherScript:
    """Say what ran under an id that the checkout gives to a script: `successor` is what the checkout calls it, None for nothing.

    `edited` where the two are versions of one script; of what no commit has, `commit` is empty and `blob` is its id.
    """

    revision: str
    commit: str
    message: str
    successor: str | None = None
    edited: bool = False
    blob: str = ""


def other_scripts(applied: frozenset[str], scripts: ScriptSet) -> tuple[OtherScript, ...]:
    """Return what ran under ids of the checkout in another version than the checkout's."""
    graph = scripts.graph
    return tuple(_other_script(name, applied, scripts) for name in graph.in_order_to_run(applied & scripts.older.keys()))


def _other_script(name: str, applied: frozenset[str], scripts: ScriptSet) -> OtherScript:
    older = scripts.older[name]
    candidates = (other for other in sorted(scripts.texts.keys() & scripts.graph.revisions.keys()) if other not in applied)
    successor = next((other for other in candidates if is_same_script(older.text, scripts.texts[other])), None)
    same_file = older.revision.path == scripts.graph[name].path
    edited = successor is None and (same_file or _share_effects(name, scripts))
    return OtherScript(name, older.commit, older.revision.message, successor, edited, older.blob)


def _share_effects(name: str, scripts: ScriptSet) -> bool:
    """Say whether both versions make something of one name: then one is an edit of the other."""
    one = {str(each) for each in effects_of((name,), {name: scripts.older_operations(name)})}
    return not one.isdisjoint(str(each) for each in effects_of((name,), scripts.operations))


def graph_that_ran(scripts: ScriptSet, others: Iterable[OtherScript]) -> RevisionGraph:
    """Return the graph of the checkout with the parents that reused ids had when they ran."""
    reused = {each.revision: scripts.older[each.revision].revision for each in others if not each.edited}
    return RevisionGraph((scripts.graph.revisions | reused).values())
