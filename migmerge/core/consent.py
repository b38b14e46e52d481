"""The order of a change, as types: a plan is shown, the user consents to what was shown, and only that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Planned = TypeVar("Planned")
Later = TypeVar("Later")


@dataclass(frozen=True, slots=True)
class Shown(Generic[Planned]):
    """Hold a plan that was printed; the functions that print plans return it."""

    plan: Planned


@dataclass(frozen=True, slots=True)
class Consent(Generic[Planned]):
    """Hold a plan to which the user agreed after it was shown; functions that ask return it, and those that act require it.

    `new_code` says that the user also agreed, by a yes of its own, to what the plan runs and the merge has brought.
    """

    plan: Planned
    new_code: bool = False

    def followed_by(self, shown: Shown[Later]) -> Consent[Later]:
        """Return the consent to a second part of the same plan, which is known, and shown, once the first part is done."""
        return Consent(shown.plan)
