"""What is going to be done, decided; and what became of it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from datetime import datetime

from ..environment import Environment
from ..text import printable


@dataclass(frozen=True, slots=True)
class CreateMergeRevision:
    """Write one merge revision into `folder`; `parents` are sorted."""

    environment: Environment
    revision: str
    parents: tuple[str, ...]
    message: str
    create_date: datetime
    folder: str


@dataclass(frozen=True, slots=True)
class RunProjectCode:
    """Run code of the project while the merge revision is written: `what` the file at `path` is, or has.

    `python` is the project's own Python, None where it is the one that runs migmerge. `commands` are the command lines of
    post-write hooks. `files` are those of the repository that say what runs, in the `state` of a digest. `new` are those that
    came with the merge, `unsure` says that git does not tell what the user had before.
    """

    what: str
    path: str
    python: str | None = None
    commands: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    state: str = ""
    new: tuple[str, ...] = field(default=(), compare=False)
    unsure: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class RewriteScript:
    """Put `data` in the place of a script, or of a head file, which holds `expected` on disk.

    `new_path` differs from `path` where the file gets another name. `uncommitted` says that no commit holds the script: it is
    changed where it is, and staged again where it was staged.
    """

    path: str
    new_path: str
    expected: bytes
    data: bytes
    uncommitted: bool = False


@dataclass(frozen=True, slots=True)
class RemoveScript:
    """Remove a script, which holds `expected` on disk, as a copy of another one; `uncommitted` says that no commit holds it."""

    path: str
    expected: bytes
    uncommitted: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit the files of the steps before, and nothing else."""

    message: str


Step = CreateMergeRevision | RunProjectCode | RewriteScript | RemoveScript | Commit


def _paths_of(step: Step) -> tuple[str, ...]:
    match step:
        case CreateMergeRevision():
            return (posixpath.join(step.folder, step.revision),)
        case RewriteScript():
            return step.path, step.new_path
        case RemoveScript():
            return (step.path,)
    return ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A decided change: its steps in order, and why it is the right one.

    `moved` are the revisions that run later than before, by the ids that they have now; `notes` is what to look at besides.
    `diff` are the lines to show before anybody agrees, where the plan changes what a script does.
    """

    steps: tuple[Step, ...]
    reason: str
    moved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()

    @property
    def revisions(self) -> tuple[str, ...]:
        """Return the revisions that are new or run later once the plan is carried out."""
        return (*(step.revision for step in self.steps if isinstance(step, CreateMergeRevision)), *self.moved)

    @property
    def code(self) -> tuple[RunProjectCode, ...]:
        """Return the steps that run code of the project."""
        return tuple(step for step in self.steps if isinstance(step, RunProjectCode))

    @property
    def new_code(self) -> tuple[RunProjectCode, ...]:
        """Return the steps that run code of the project which came with the merge."""
        return tuple(step for step in self.code if step.new)

    @property
    def title(self) -> str:
        """Name the plan in a few words."""
        made = [step.revision for step in self.steps if isinstance(step, CreateMergeRevision)]
        if made:
            return f"merge revision {made[0]}"
        if messages := [step.message.splitlines()[0] for step in self.steps if isinstance(step, Commit)]:
            return messages[0]
        verb = "removed" if any(isinstance(step, RemoveScript) for step in self.steps) else "changed"
        return f"{verb} {', '.join(dict.fromkeys(self.moved or self.paths))}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the files that the plan changes; of a merge revision, whose file has no name yet, one in its folder."""
        return tuple(path for step in self.steps for path in _paths_of(step))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say why nothing is done about an environment, and the command that cures it."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The decided alternatives for one divergence: nothing is left to decide but which one.

    `if_unapplied` is the re-parenting that is right if no database has run what it moves, `if_downgraded_first` the one that is
    right once the databases at hand have taken it back; None where `reparent` says all. `is_in_place` says that only scripts
    which no commit holds are moved, which a merge revision cannot join; `is_on_top` that git has what is moved after the rest
    already, as a rebase leaves it. `obstacle` says why no cure is recommended: whichever the user chooses, no database gets past
    the scripts.
    """

    merge: Plan | Refusal
    reparent: Plan | Refusal
    if_unapplied: Plan | None = None
    if_downgraded_first: Plan | None = None
    is_in_place: bool = False
    obstacle: Refusal | None = None
    is_on_top: bool = False

    def recommended(self, configured: str) -> str:
        """Return "merge", but "reparent" where it is the only cure, or is safe, and the order of commits or the team wants it."""
        if self.is_in_place:
            return "reparent"
        wanted = configured == "reparent" or self.is_on_top
        return "reparent" if wanted and isinstance(self.reparent, Plan) else "merge"


@dataclass(frozen=True, slots=True)
class Repair:
    """The one cure of an error that comes before every divergence: it gives scripts other identifiers.

    `if_vouched` is the plan that is right if the user vouches for what cannot be known; None where `plan` says all.
    """

    plan: Plan | Refusal
    if_vouched: Plan | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan that was carried out: the paths that it changed, and the commit where there is one."""

    plan: Plan
    paths: tuple[str, ...]
    commit: str | None


@dataclass(frozen=True, slots=True)
class WouldApply:
    """What a dry run would have written: a script or a diff; None where only running the project's template would tell."""

    plan: Plan
    paths: tuple[str, ...]
    text: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A plan that was not carried out; the repository is as it was, or the message says which file is left."""

    plan: Plan
    message: str
    hint: str


Outcome = Applied | WouldApply | Refused


@dataclass(frozen=True, slots=True)
class Policy:
    """Say whether plans end with a commit and what its message is, and whether running numbers are brought in order.

    `commit_message` may name {revision}, {parents} and {message}. With `fixup` a re-parenting is committed for
    `git rebase --autosquash`, which folds it into the commit of the script.
    """

    commit: bool = True
    commit_message: str | None = None
    renumber: bool = False
    fixup: bool = False

    def message(self, facts: dict[str, str]) -> str | None:
        """Fill in the commit's message; None where it is left to the plan."""
        if self.commit_message is None:
            return None
        return re.sub(r"\{(revision|parents|message)\}", lambda blank: printable(facts[blank[1]]), self.commit_message)
