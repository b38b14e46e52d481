"""The options that all commands share."""

from __future__ import annotations

from migmerge.core.options import Options


def test_without_options_all_environments_here_are_looked_at() -> None:
    options = Options()
    assert (options.folder, options.environments, options.quiet, options.color) == (".", (), False, "auto")
    given = Options("web", ("db",), quiet=True, color="never")
    assert (given.folder, given.environments, given.quiet, given.color) == ("web", ("db",), True, "never")
