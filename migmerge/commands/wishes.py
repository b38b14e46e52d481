"""What the user told `migmerge fix`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.settings import Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to choose among the cures and how far to go; `strategy` is None where it is left to the recommendation.

    `databases` says whether they may be asked, those in `named` wherever they are; `take_back` whether they may be changed.
    """

    yes: bool = False
    dry_run: bool = False
    commit: bool = True
    message: str | None = None
    strategy: str | None = None
    assume_unapplied: bool = False
    renumber: bool = False
    databases: bool = True
    named: tuple[str, ...] = ()
    take_back: bool = False

    @property
    def asks(self) -> bool:
        return not (self.yes or self.dry_run)

    def under(self, settings: Settings) -> Wishes:
        """Let the configuration decide where the user did not: "merge" there means that nothing else is offered."""
        return replace(self, strategy="merge") if (self.strategy, settings.strategy) == (None, "merge") else self
