"""What a decided plan of `fix` is carried out with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.cures.plan import Proposal
from ..terminal.screen import Screen
from .options import Options
from .survey import Survey
from .wishes import Wishes


@dataclass(frozen=True, slots=True)
class Making:
    """Hold what a decided plan is carried out with."""

    survey: Survey
    options: Options
    wishes: Wishes
    screen: Screen
    proposals: Sequence[Proposal]
