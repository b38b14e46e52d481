"""How the user wants plans to be made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..text import printable


@dataclass(frozen=True, slots=True)
class Policy:
    """Say whether plans end with a commit and what its message is, and whether running numbers are brought in order.

    `commit_message` may name {revision}, {parents} and {message}.
    """

    commit: bool = True
    commit_message: str | None = None
    renumber: bool = False

    def message(self, facts: dict[str, str]) -> str | None:
        """Fill in the commit's message; None where it is left to the plan."""
        if self.commit_message is None:
            return None
        return re.sub(r"\{(revision|parents|message)\}", lambda blank: printable(facts[blank[1]]), self.commit_message)
