"""A tree of the repository with all that is found about its scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

from ..core.errors import MigmergeError, NoEnvironment
from ..core.finding import Finding
from ..core.options import Options
from .evidence import diagnose_unread, diagnose_workspace
from .workspace import Workspace, open_index, open_or_empty, open_workspace

TYPE_CHECKING = False  # the preview of a merge takes 10 ms to import, which only --against needs
if TYPE_CHECKING:
    from .merge_preview import MergeSides


class Judgement(NamedTuple):
    """Hold a tree, its findings, and, where it is that of a merge, the sides."""

    workspace: Workspace
    findings: tuple[Finding, ...]
    sides: MergeSides | None = None


@contextmanager
def judgement(options: Options, *, at: str | None, against: str | None, staged: bool) -> Iterator[Judgement]:
    """Yield the judgement of the work tree, of the index, of the commit `at`, or of what merging it into `against` gives.

    Raises:
        MigmergeError: where the tree cannot be looked at.
    """
    if staged and (at or against):
        raise MigmergeError("--staged looks at the index, --at and --against at commits", hint="migmerge check --staged")
    if against is not None:
        with _of_merge(options, at, against) as judged:
            yield judged
        return
    opened = _opened_index(options) if staged else _opened(options, at)
    workspace = open_or_empty(opened)
    yield Judgement(workspace, findings_of(workspace, options, at))


def _opened(options: Options, at: str | None) -> Callable[[bool], Workspace]:
    return lambda required: open_workspace(options, at, required=required)


def _opened_index(options: Options) -> Callable[[bool], Workspace]:
    return lambda required: open_index(options, required=required)


def findings_of(workspace: Workspace, options: Options, at: str | None = None) -> tuple[Finding, ...]:
    """Return the findings about a tree that is no merge, with hints that run in it."""
    findings, _ = diagnose_workspace(workspace, with_published=True)
    found = (*findings, *diagnose_unread(workspace, options))
    if not found:
        return found
    from .hints import with_hints_that_run

    return (*with_hints_that_run(workspace, found, options, at),)


@contextmanager
def _of_merge(options: Options, at: str | None, against: str) -> Iterator[Judgement]:
    from .merge_preview import as_if_merged, is_into_default, open_merge_preview

    with ExitStack() as stack:
        entered = None
        with suppress(NoEnvironment):
            entered = stack.enter_context(open_merge_preview(options, at, against))
        if entered is None:
            yield Judgement(open_workspace(options, at, required=False), ())
            return
        workspace, sides = entered
        found, _ = diagnose_workspace(workspace, with_published=is_into_default(workspace))
        yield Judgement(workspace, tuple(as_if_merged(finding, sides.names) for finding in found), sides)
