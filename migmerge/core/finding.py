"""A finding: what is wrong, where, and the command that leads on."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Severity(str, Enum):
    """Order findings from what stops a team to what deserves a look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class InHook(Enum):
    """Say when a hook reports a finding; an error is reported whenever it is new, whatever stands here."""

    NEVER = "never"
    WHEN_NEW = "when new"
    WITH_DIVERGENCE = "with divergence"


class FindingKind(NamedTuple):
    """Describe one finding code: the texts for a reader, and how the rest of migmerge treats such a finding.

    `title`, `cause` and `cure` are a sentence each. `certain` is false where the text of the scripts allows only a good
    guess. `symptom` is the error in which a user meets the finding, with {first}, {last} and {all} for its revisions.
    `blocks_fix` is set where a merge revision would only bury an error of this kind, `refusal` where `fix` refuses to join
    heads because of it: the reason. `shown_before_fix` is set where `fix` repeats the finding before it shows its plans,
    `needs_history` where git is asked who wrote the scripts, and `follows_from_conflict` where the markers of a conflict
    are enough to cause it. `has_repair` is set where `fix` can give the scripts other identifiers.
    """

    code: str
    name: str
    severity: Severity
    title: str
    cause: str
    cure: str
    certain: bool = True
    symptom: str | None = None
    in_hook: InHook = InHook.NEVER
    blocks_fix: bool = False
    refusal: str | None = None
    shown_before_fix: bool = False
    needs_history: bool = True
    follows_from_conflict: bool = False
    has_repair: bool = False


class Need(Enum):
    """Name the state in which the command of a hint works."""

    COMMITTED = "the scripts that the finding is about are in HEAD"


class Hint(NamedTuple):
    """Hold the command to run next, what it needs, and the commands that have to run before it."""

    command: str
    needs: Need | None = None
    before: tuple[str, ...] = ()

    def after(self, *commands: str) -> Hint:
        """Return the hint with commands in front of its own."""
        return self._replace(before=(*commands, *self.before))

    def __str__(self) -> str:
        return " && ".join((*self.before, self.command))


class Finding(NamedTuple):
    """Say what is wrong, where, and the command to run next.

    `environment` is the path of the environment. `lines` are the 1-based lines that `paths` are about, one each, or empty
    where the whole script is meant. `symptom` is the error in which a user meets the finding, in Alembic's or the
    database's own words. `own_severity` is set where the finding weighs less than others of its kind, `graph_is_known` where
    the scripts' places in the history are known all the same.
    """

    kind: FindingKind
    environment: str
    message: str
    hint: Hint
    revisions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    branch_point: str | None = None
    lines: tuple[int, ...] = ()
    symptom: str | None = None
    own_severity: Severity | None = None
    graph_is_known: bool = False

    @property
    def severity(self) -> Severity:
        return self.own_severity or self.kind.severity

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def blocks_fix(self) -> bool:
        return self.kind.blocks_fix and self.is_error and not self.graph_is_known

    @property
    def identity(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Return what two findings about the same fault share, whatever their messages say."""
        return self.code, self.revisions, self.paths

    def where(self, need: Need, *commands: str) -> Finding:
        """Return the finding with a hint that first runs the commands which bring about what the hint needs."""
        return self._replace(hint=self.hint.after(*commands)) if self.hint.needs is need else self
