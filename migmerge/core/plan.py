"""What is going to be done, decided; and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .environment import Environment


@dataclass(frozen=True, slots=True)
class CreateMergeRevision:
    """Write one merge revision into `folder`; `parents` are sorted, `create_date` is None where nothing tells it."""

    environment: Environment
    revision: str
    parents: tuple[str, ...]
    message: str
    create_date: datetime | None
    folder: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit the script of the step before, and nothing else."""

    message: str


Step = CreateMergeRevision | Commit


@dataclass(frozen=True, slots=True)
class Plan:
    """A decided change: its steps in order, why it is the right one, and the command that, given the path, takes it back."""

    steps: tuple[Step, ...]
    reason: str
    undo: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say why nothing is done about an environment, and the command that cures it."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan that was carried out: the script's path, and the commit where there is one."""

    plan: Plan
    path: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class WouldApply:
    """What a dry run would have written; `text` is None where only running the project's template would tell it."""

    plan: Plan
    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A plan that was not carried out; the repository is as it was, or the message says which file is left."""

    plan: Plan
    message: str
    hint: str


Outcome = Applied | WouldApply | Refused
