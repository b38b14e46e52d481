"""The options of `migmerge fix`, and the values that travel with its plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.database.selection import ALL, Selection
from ..core.fix_plan.plan import Proposal, Repair
from ..core.options import Options
from ..core.settings import Settings
from ..output.screen import Screen
from ..repository.journal import Journal
from ..workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FixOptions:
    """Hold the choice among the cures, and how far to go; `strategy` is None for the recommended cure.

    `databases` allows to ask databases, `downgrade_first` to change the selected ones, `backup` is false where none is wanted.
    `run_new_hooks` agrees to code of the project that came with the merge.
    """

    yes: bool = False
    dry_run: bool = False
    commit: bool = True
    message: str | None = None
    strategy: str | None = None
    assume_unapplied: bool = False
    renumber: bool = False
    fixup: bool = False
    databases: bool = True
    selection: Selection = ALL
    downgrade_first: bool = False
    backup: bool = True
    run_new_hooks: bool = False
    output: str = "text"

    @property
    def asks(self) -> bool:
        return not (self.yes or self.dry_run)

    def with_settings(self, settings: Settings) -> FixOptions:
        """Take over the trusted databases, and the strategy "merge", after which no other cure is offered, if none was given."""
        strategy = "merge" if (self.strategy, settings.strategy) == (None, "merge") else self.strategy
        return replace(self, strategy=strategy, selection=self.selection.trusting(settings.trusted_databases))


@dataclass(frozen=True, slots=True)
class FixContext:
    """Hold the values with which plans are chosen and applied; `edited` says that scripts do something else since this began."""

    workspace: Workspace
    options: Options
    fix_options: FixOptions
    screen: Screen
    journal: Journal
    proposals: Sequence[Proposal]
    repairs: Sequence[Repair] = ()
    edited: bool = False
