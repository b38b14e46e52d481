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
    Not `is_sure` where the script of the checkout may have run all the same.
    """

    revision: str
    commit: str
    message: str
    successor: str | None = None
    edited: bool = False
    blob: str = ""
    is_sure: bool = True

    @property
    def described(self) -> str:
        """Name what ran, as git has it: `"add ten" of commit 1f2e3d4c5b`."""
        what = f'"{self.message}"' if self.message else "another script"
        return f"{what} of commit {self.commit[:10]}" if self.commit else what


def nothing_tells(other: OtherScript, database: str, graph: RevisionGraph) -> str:
    """Say what is not known of an id under which another script may have run."""
    here, there = (_titled(name, graph) for name in (other.revision, other.successor or ""))
    return f"nothing in {database} tells whether {here} ran, or under its id {other.described}, which is {there} here"


def _titled(name: str, graph: RevisionGraph) -> str:
    message = graph[name].message if name in graph else ""
    return f'{name} "{message}"' if message else name


def other_scripts(applied: frozenset[str], scripts: ScriptSet) -> tuple[OtherScript, ...]:
    """Return what ran under ids of the checkout in another version than the checkout's."""
    graph = scripts.graph
    return tuple(_other_script(name, applied, scripts) for name in graph.in_order_to_run(applied & scripts.older.keys()))


def _other_script(name: str, applied: frozenset[str], scripts: ScriptSet) -> OtherScript:
    older = scripts.older[name]
    free = (scripts.texts.keys() & scripts.graph.revisions.keys()) - (applied - scripts.older.keys()) - {name}
    successor = next((other for other in sorted(free) if is_same_script(older.text, scripts.texts[other])), None)
    same_file = older.revision.path == scripts.graph[name].path
    edited = successor is None and (same_file or _share_effects(name, scripts))
    is_sure = name not in scripts.unsure
    return OtherScript(name, older.commit, older.revision.message, successor, edited, older.blob, is_sure)


def _share_effects(name: str, scripts: ScriptSet) -> bool:
    """Say whether both versions make something of one name: then one is an edit of the other."""
    one = {str(each) for each in effects_of((name,), {name: scripts.older_operations(name)})}
    return not one.isdisjoint(str(each) for each in effects_of((name,), scripts.operations))


def graph_that_ran(scripts: ScriptSet, others: Iterable[OtherScript]) -> RevisionGraph:
    """Return the graph of the checkout with the parents that reused ids had when they ran."""
    reused = {each.revision: scripts.older[each.revision].revision for each in others if not each.edited}
    return RevisionGraph((scripts.graph.revisions | reused).values())
