"""The options that all commands share."""

from __future__ import annotations


class Options:
    """The options that all commands share; `folder` is where migmerge was called, or `-C`.

    No dataclass: importing dataclasses takes 12 ms, which a check that has nothing new to look at does not need.
    """

    __slots__ = ("color", "environments", "folder", "quiet")

    def __init__(
        self, folder: str = ".", environments: tuple[str, ...] = (), *, quiet: bool = False, color: str = "auto"
    ) -> None:
        self.folder = folder
        self.environments = environments
        self.quiet = quiet
        self.color = color
