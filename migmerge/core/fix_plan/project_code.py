"""Which code of the project came with the merge: whatever the user's own side had not before the heads diverged."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

from ..consent import Consent
from .plan import Plan, Refusal, RunProjectCode


class CodeFile(NamedTuple):
    """A file of which a plan runs code, and what git tells of it.

    `is_same` says that the user's side had the same before the heads diverged, `by_others` names the commits since then that
    changed the file and are not the user's own, None where git does not tell.
    """

    path: str
    is_same: bool
    by_others: tuple[str, ...] | None = None


def new_files(files: Iterable[CodeFile]) -> frozenset[str]:
    """Return the files that came with the merge; what git does not tell counts as such."""
    return frozenset(each.path for each in files if not each.is_same and each.by_others != ())


def with_new_named(step: RunProjectCode, new: Collection[str], *, unsure: bool) -> RunProjectCode:
    """Return the step with the files that are new; `unsure` says that git does not tell what the user had before."""
    found = tuple(path for path in step.files if path in new)
    return replace(step, new=found, unsure=unsure and bool(found))


def refusal_of_new_code(consent: Consent[Plan]) -> Refusal | None:
    """Refuse a plan that runs new code to which nobody has agreed: without that code a colleague would get other bytes."""
    if consent.new_code or not consent.plan.new_code:
        return None
    paths = dict.fromkeys(path for step in consent.plan.new_code for path in step.new)
    return Refusal(
        f"{', '.join(paths)}: what runs there is new with this merge and needs a yes of its own; written without it, the merge "
        "revision would differ from a colleague's, so nothing is changed",
        "migmerge fix --yes --run-new-hooks",
    )
