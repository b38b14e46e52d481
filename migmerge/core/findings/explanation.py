"""What `explain` and the documentation say of a finding code: its row of the registry, its example, and its page."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import UnknownWord
from ..finding import FindingKind
from ..suggestion import nearest
from .examples import EXAMPLES, FIRST, Example, ExampleScript
from .pages import page_of
from .registry import REGISTRY

LIST = "migmerge explain --list"


class Explanation(NamedTuple):
    """Hold the texts about a finding code; `happened` and `said` are the lines of its example, around `command`."""

    kind: FindingKind
    symptom: str
    happened: tuple[str, ...]
    command: str
    said: tuple[str, ...]
    page: str


def explain_kind(kind: FindingKind) -> Explanation:
    """Return what there is to say of a finding code."""
    example = EXAMPLES[kind.code]
    happened = (_line(FIRST), *(_line(each) if isinstance(each, ExampleScript) else f"$ {each}" for each in example.before))
    symptom = example.symptom or (kind.symptom or "").format(first="…", last="…", all="…")
    return Explanation(kind, symptom, happened, example.command, _said(kind, example), page_of(kind))


def _line(script: ExampleScript) -> str:
    where = f"on {script.branch}" if script.branch else "not committed"
    after = f", after {' and '.join(script.parents)}" if script.parents else ""
    upgrade = f": {script.upgrade}" if script.upgrade else ""
    return f'{where}: {script.revision} "{script.message}"{after}{upgrade}'


def _said(kind: FindingKind, example: Example) -> tuple[str, ...]:
    symptom = [f"you see: {example.symptom}"] if example.symptom else []
    return f"{kind.severity.value} {kind.code} {kind.name}", example.message, *symptom, f"hint: {example.hint}"


def kind_named(text: str) -> FindingKind:
    """Return the finding with a code, in capitals or not, or a name.

    Raises:
        UnknownWord: for what is neither.
    """
    for kind in REGISTRY:
        if text.lower() in (kind.code.lower(), kind.name):
            return kind
    # A code that is near another one is about something else.
    near = nearest(text.lower(), [kind.name for kind in REGISTRY])
    raise UnknownWord(f"no finding {text}", word=text, near=near, hint=LIST)
