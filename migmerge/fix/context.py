"""What the user told `migmerge fix`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.fix_plan.plan import Proposal
from ..core.options import Options
from ..core.settings import Settings
from ..output.screen import Screen
from ..workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FixOptions:
    """How to choose among the cures and how far to go; `strategy` is None where it is left to the recommendation.

    `databases` says whether they may be asked, those in `named` wherever they are; `downgrade_first` whether they may be changed.
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
    downgrade_first: bool = False

    @property
    def asks(self) -> bool:
        return not (self.yes or self.dry_run)

    def under(self, settings: Settings) -> FixOptions:
        """Let the configuration decide where the user did not: "merge" there means that nothing else is offered."""
        return replace(self, strategy="merge") if (self.strategy, settings.strategy) == (None, "merge") else self


@dataclass(frozen=True, slots=True)
class FixContext:
    """Hold what a decided plan is carried out with."""

    workspace: Workspace
    options: Options
    fix_options: FixOptions
    screen: Screen
    proposals: Sequence[Proposal]
