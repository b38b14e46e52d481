"""GitPython for what is off the hot path: its commands, run by our own runner.

What writes (the commit of `fix`, the configuration of `install`) and what investigates (phantoms, who published a revision)
goes through `repository.porcelain`. Hooks with nothing to ask, `check` and a `doctor` without phantoms never come here:
`import git` takes 30 to 75 ms, more than all of a `check` without news. Walks that need a deadline are plumbing too:
`GitProcess.lines`.

Only GitPython's command layer is used, the `git.cmd.Git` that a `git.Repo` carries. The rest reads the repository's files by
itself, and is wrong in places where migmerge has to be right. Found with GitPython 3.1.40 and 3.2.1, git 2.39:

- In a repository with SHA-256 ids `head.commit`, `references`, `ref.log()`, `iter_commits`, `merge_base` and `index` raise.
- In a linked worktree `ref.log()` has no entry for any branch, remote or stash; one damaged line of a log makes it raise.
- `index` refuses a split index and one of version 4.
- `config_writer()` writes the whole file anew, without the user's comments (3.1.40: also without keys that have no value,
  and without quotes, so that git reads half of our hook command). `config_reader()` knows no scopes, and neither it nor
  `remotes` sees `git -c`, GIT_CONFIG_COUNT and, for remotes, the user's global file.
- `git.Repo(top)` raises where GIT_WORK_TREE leads to another folder, and runs git elsewhere where a folder is called `$HOME`.
- `Git.execute` cannot remove a variable such as GIT_INDEX_FILE, sets LC_ALL for the user's own hooks, always captures what
  they print, and after Ctrl-C leaves a `git commit` running behind it, with its index.lock.

The last is why `execute` is ours.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from .git import Git, GitFailed, NothingFound

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
"""Whether git can be run is known already: GitPython need not refuse to be imported for another reason."""
import git.cmd  # noqa: E402

TYPE_CHECKING = False


class Porcelain(git.cmd.Git):
    """Run `porcelain.rev_list("--all")` as `git rev-list --all`, with the environment of every git of ours."""

    def __init__(self, runner: Git) -> None:
        super().__init__(runner.folder)
        self._runner = runner

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., str]: ...

    def execute(  # type: ignore[override]  # GitPython's own options for streams and processes have no place here
        self,
        command: Sequence[str],
        *,
        with_stdout: bool = True,
        with_exceptions: bool = True,
        env: Mapping[str, str | None] | None = None,
    ) -> str:
        """Return what a git that reads printed; with `with_stdout=False` run one that writes, on our own input and output.

        `env` changes the environment of a git that writes, see `git.environment`. Without exceptions the caller gets ""
        of a git that writes and fails, or that reads and finds nothing.

        Raises:
            GitFailed: where git fails.
        """
        arguments = tuple(command[1:])
        if not with_stdout:
            if self._runner.act(*arguments, changes=env or {}) and with_exceptions:
                raise GitFailed(arguments, "")
            return ""
        try:
            return self._runner.text(*arguments).removesuffix("\n")
        except NothingFound:
            if with_exceptions:
                raise
            return ""
