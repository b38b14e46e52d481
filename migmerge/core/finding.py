"""A finding: what is wrong, where, and the command that leads on."""

from __future__ import annotations

import shlex
from enum import Enum
from typing import NamedTuple

from .shell import quoted_path


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
    are enough to cause it. `has_repair` is set where `fix` can give the scripts other identifiers, `names_line` where the hint
    may have to name the line that a person edits.
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
    names_line: bool = False


class Hint(NamedTuple):
    """Hold the command to run next, and those that have to run before and after it.

    `commits` says that nothing of what the command changes is left to commit. Where only a person can write what is right,
    `edited` is the path of the file to edit, and `command` a sentence.
    """

    command: str
    commits: bool = False
    before: tuple[str, ...] = ()
    edited: str = ""
    then: tuple[str, ...] = ()

    def after(self, *commands: str) -> Hint:
        """Return the hint with commands in front of its own."""
        return self._replace(before=(*commands, *self.before))

    def followed_by(self, *commands: str) -> Hint:
        """Return the hint with commands behind its own, the last of which commits."""
        return self._replace(then=(*self.then, *commands), commits=True)

    def committed(self) -> Hint:
        """Return the hint with a commit of what it changes."""
        if self.commits:
            return self
        return self.followed_by(f"git commit {quoted_path(self.edited)}" if self.edited else "git commit")

    @property
    def only_commits(self) -> bool:
        """Say whether the command commits what those before it have staged."""
        return self.command == COMMIT

    def __str__(self) -> str:
        if not self.edited:
            return " && ".join((*self.before, self.command, *self.then))
        return ", then ".join(filter(None, (" && ".join(self.before), self.command, " && ".join(self.then))))


COMMIT = "git commit"
FIX = Hint("migmerge fix", commits=True)


def edit(path: str, line: int, what: str) -> Hint:
    """Return the hint to edit a file; `line` is 1-based, `what` says what to write there."""
    return Hint(f"edit {shlex.quote(path)}:{line}: {what}", edited=path)


class Finding(NamedTuple):
    """Say what is wrong, where, and the command to run next.

    `environment` is the path of the environment. `lines` are the 1-based lines that `paths` are about, one each, or empty
    where the whole script is meant. `symptom` is the error in which a user meets the finding, in Alembic's or the
    database's own words. `own_severity` is set where the finding weighs less or more than others of its kind,
    `graph_is_known` where the scripts' places in the history are known all the same. `otherwise` is what to do where
    `migmerge fix`, if that is the hint, has no cure. `stops_upgrade` is set where no database gets past the scripts. `what` is
    the message without its revisions and places, for a text in which these stand on lines of their own.
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
    otherwise: Hint | None = None
    stops_upgrade: bool = False
    what: str = ""

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
    def way_on(self) -> Hint:
        """Return what to do where `migmerge fix` has no cure."""
        return self.otherwise if self.otherwise and self.hint.command == FIX.command else self.hint

    @property
    def identity(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Return what two findings about the same fault share, whatever their messages say."""
        return self.code, self.revisions, self.paths

    def after(self, *commands: str) -> Finding:
        """Return the finding with a hint that first runs commands, and that commits what it changes."""
        return self._replace(hint=self.hint.committed().after(*commands))
