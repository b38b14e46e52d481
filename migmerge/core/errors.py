"""The exceptions of expected failures."""


class MigmergeError(Exception):
    """Tell the user what went wrong and, where there is one, the next command.

    Raised where the failure is known, caught in `cli` alone.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UnknownWord(MigmergeError):
    """Say that nothing has a name that was typed; `near` is the one that was probably meant, `hint` the command without one."""

    def __init__(self, message: str, *, word: str, near: str | None, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.word = word
        self.near = near


class OutcomeUnknown(MigmergeError):
    """Say that a change was begun of which nothing tells how far it came: it stays in the journal, for the next run to end."""


class NoEnvironment(MigmergeError):
    """Say that a repository has no Alembic environment at all."""
