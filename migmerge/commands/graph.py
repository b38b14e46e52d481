"""`migmerge graph`: a picture of the revisions."""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import replace

from ..core.errors import MigmergeError
from ..core.picture import Kind, Picture, draw
from ..core.provenance import Provenance
from ..terminal.graph.words import Drawn
from ..terminal.screen import Screen
from .options import Options
from .survey import Survey, survey_commit

_MOST_ASKED = 300
"""Revisions whose authors git is asked for; more are a picture of shapes."""

_PIPE_WIDTH = 120
"""Cells of a line where no terminal says how many there are."""


def graph(options: Options, *, at: str | None, whole: bool, output: str) -> int:
    """Print the divergent revisions, or all, as `output`: "text", "mermaid", "dot", "svg" or "json"."""
    survey = survey_commit(options, at)
    pictures = _pictures(survey, whole=whole)
    match output:
        case "text":
            _print_text(options, pictures)
        case "mermaid":
            _print_mermaid(options, survey, pictures, whole=whole)
        case _:
            _print_document(pictures, output)
    if survey.repository.shallow and not options.quiet:
        _note(options, "a shallow clone: authors and branches beyond it are not known; git fetch --unshallow")
    return 0


def _pictures(survey: Survey, *, whole: bool) -> list[Drawn]:
    pictures = [draw(each, whole=whole) for each in survey.snapshots]
    return [(picture, _known(survey, picture)) for picture in pictures]


def _known(survey: Survey, picture: Picture) -> dict[str, Provenance]:
    from .examining import provenance

    names = [row.name for row in picture.rows if row.kind is Kind.REVISION]
    if len(names) > _MOST_ASKED:
        return {}
    graph = picture.snapshot.graph
    shared = frozenset.intersection(*map(graph.ancestors, graph.heads)) if len(graph.heads) > 1 else frozenset()
    known = provenance(survey, picture.snapshot, names)
    # Any branch has what all heads follow; the one that git names there says nothing.
    return {name: replace(each, branch=None) if name in shared else each for name, each in known.items()}


def _print_text(options: Options, pictures: list[Drawn]) -> None:
    from ..terminal.graph.text import report_heading, report_picture, report_rest

    screen = Screen(sys.stdout, options.color)
    width = shutil.get_terminal_size((_PIPE_WIDTH, 0)).columns if sys.stdout.isatty() else _PIPE_WIDTH
    for number, (picture, known) in enumerate(pictures):
        if not options.quiet:
            report_heading(screen, picture, again=number > 0)
        report_picture(screen, picture, known, width=width, encoding=sys.stdout.encoding)
        if not options.quiet:
            report_rest(screen, picture)


def _print_document(pictures: list[Drawn], output: str) -> None:
    match output:
        case "json":
            from ..terminal.graph.as_json import as_json as document
        case "dot":
            from ..terminal.graph.dot import as_dot as document
        case _:
            from ..terminal.graph.svg import as_svg as document
    _print(document(pictures))


def _print_mermaid(options: Options, survey: Survey, pictures: list[Drawn], *, whole: bool) -> None:
    """Print all that was asked for, or, where that is more than Mermaid draws, the divergent part."""
    from ..terminal.graph.mermaid import as_mermaid

    try:
        _print(as_mermaid(pictures))
    except MigmergeError as error:
        if not whole:
            raise
        _print(as_mermaid(_pictures(survey, whole=False), divergent_only=True))
        _note(options, f"{error}; this is the divergent part")


def _print(document: str) -> None:
    """Write UTF-8, whatever the terminal takes: that is what the SVG says it is, and what a browser and dot expect."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    print(document)


def _note(options: Options, text: str) -> None:
    Screen(sys.stderr, options.color).say(("note:", "info"), " ", text)
