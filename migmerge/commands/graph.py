"""`migmerge graph`: a drawing of the revisions."""

from __future__ import annotations

import sys

from ..core.errors import MigmergeError
from ..core.options import Options
from ..output.graph.labels import LaidOutGraph
from ..output.screen import Screen, print_document, report_note, stdout_width
from ..workspace.drawn_graph import drawn_graphs
from ..workspace.workspace import Workspace, open_workspace


def graph(options: Options, *, at: str | None, whole: bool, output: str) -> int:
    """Print the divergent revisions, or all, as `output`: "text", "mermaid", "dot", "svg" or "json"."""
    workspace = open_workspace(options, at)
    layouts = drawn_graphs(workspace, whole=whole)
    match output:
        case "text":
            _print_text(options, layouts)
        case "mermaid":
            _print_mermaid(options, workspace, layouts, whole=whole)
        case _:
            _print_document(layouts, output)
    if workspace.repository.shallow and not options.quiet:
        report_note("a shallow clone: authors and branches beyond it are not known; git fetch --unshallow", options.color)
    return 0


def _print_text(options: Options, layouts: list[LaidOutGraph]) -> None:
    from ..output.graph.text import Page, report_graph, report_heading, report_rest

    screen = Screen(sys.stdout, options.color)
    for number, (layout, known) in enumerate(layouts):
        if not options.quiet:
            report_heading(screen, layout, again=number > 0)
        report_graph(screen, layout, known, Page(stdout_width(), sys.stdout.encoding))
        if not options.quiet:
            report_rest(screen, layout)


def _print_document(layouts: list[LaidOutGraph], output: str) -> None:
    match output:
        case "json":
            from ..output.formats.json import graph_as_json as document
        case "dot":
            from ..output.graph.dot import as_dot as document
        case _:
            from ..output.graph.svg import as_svg as document
    print_document(document(layouts))


def _print_mermaid(options: Options, workspace: Workspace, layouts: list[LaidOutGraph], *, whole: bool) -> None:
    """Print the layouts, or the divergent part of them where they exceed the limits of Mermaid."""
    from ..output.graph.mermaid import as_mermaid

    try:
        print_document(as_mermaid(layouts))
    except MigmergeError as error:
        if not whole:
            raise
        print_document(as_mermaid(drawn_graphs(workspace, whole=False), divergent_only=True))
        report_note(f"{error}; this is the divergent part", options.color)
