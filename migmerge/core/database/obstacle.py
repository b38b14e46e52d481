"""What keeps a project from its database: facts for an advice from the files of the project, none of them a secret."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import MigmergeError


@dataclass(frozen=True, slots=True)
class MissingVariables:
    """Hold the names of variables that the project asked for and that are not set, or empty; `certain` is the one it died of.

    `words` are the names in the error, in capitals, for what reads all variables at once.
    """

    certain: str | None = None
    asked: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ServerName:
    """Hold the name of a server that was not reached, and the variables that have it: as a part of a URL, or alone.

    `trusted_as` is what a user trusts where the name means something, and `set_variables` are the names of all variables that are
    set.
    """

    host: str
    port: int
    trusted_as: str
    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    set_variables: frozenset[str] = frozenset()


Obstacle = MissingVariables | ServerName


class ObstacleError(MigmergeError):
    """Tell the user what a `MigmergeError` tells, with the facts about the obstacle."""

    def __init__(self, message: str, *, hint: str | None, obstacle: Obstacle) -> None:
        super().__init__(message, hint=hint)
        self.obstacle = obstacle
