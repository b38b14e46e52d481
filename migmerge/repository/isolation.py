"""Keeping the repository from answering our imports: nothing that a branch brings in is executed to look at it.

This module imports only what Python's own start has imported, and not `__future__`, which is a file like any other.
"""

import os
import sys

_START = (
    "import sys; del sys.argv[0]; "
    "sys.path += [each for each in sys.argv.pop(1).split({separator!r}) if each and each not in sys.path]; "
    "import migmerge.__main__"
)
_OWN = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
_STANDARD = os.path.realpath(os.path.dirname(os.__file__))


def isolate(typed: "list[str]") -> None:
    """Start again in an isolated Python where a module of the repository could answer an import, before any import of ours.

    The repository is that of the current folder and of `-C`. A folder of it that Python's own start has put behind the
    standard library, as an installation in place does, is only taken off the path.
    """
    tops = _tops(typed)
    first = [os.path.realpath(each) for each in sys.path].index(_STANDARD) if _STANDARD in _real(sys.path) else len(sys.path)
    if not sys.flags.isolated and any(_is_foreign(each, tops) and _holds_modules(each) for each in sys.path[:first]):
        start_isolated(typed)
    keep_out_of_imports(*tops)


def start_isolated(typed: "list[str]", program: str = "") -> None:
    """Become an isolated Python that runs the same command; return where there is no Python to become.

    `program` is what help and hints call the program, where that is not migmerge.
    """
    if not sys.executable or os.name == "nt":
        return
    tops = _tops(typed)
    kept = [_OWN, *(each for each in sys.path if not _is_foreign(each, tops) and not _is_of_program(each))]
    flags = ["-I", *(["-B"] if sys.dont_write_bytecode else []), *(["-X", "utf8"] if sys.flags.utf8_mode else [])]
    start = _START.format(separator=os.pathsep)
    os.execv(sys.executable, [sys.executable, *flags, "-c", start, program or sys.argv[0], os.pathsep.join(kept), *typed])  # noqa: S606


def keep_out_of_imports(*tops: str) -> None:
    """Remove from `sys.path` the current folder and the folders of repositories: a `git.py` there would be imported."""
    sys.path[:] = [entry for entry in sys.path if not _is_foreign(entry, [os.path.realpath(top) for top in tops])]


def _tops(typed: "list[str]") -> "list[str]":
    """Return the tops of the repositories that a command line is about, without git: importing `subprocess` is not safe yet."""
    folders = ["", os.environ.get("GIT_WORK_TREE", "")]
    for number, word in enumerate(typed):
        if word[:1] == "-" and word[:2] != "--" and "C" in word:
            folders += [word.partition("C")[2].lstrip("="), *typed[number + 1 : number + 2]]
    return [top for top in map(_top_of, folders) if top]


def _top_of(folder: str) -> str:
    """Return the folder at or above that holds a `.git`; empty where none does."""
    folder = os.path.realpath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        if os.path.dirname(folder) == folder:
            return ""
        folder = os.path.dirname(folder)
    return folder


def _is_foreign(entry: str, tops: "list[str]") -> bool:
    """Say whether an entry of the path is the current folder, or in a repository and not where packages are installed."""
    path = os.path.realpath(entry)
    if path == _OWN or f"{path}{os.sep}".startswith(f"{_STANDARD}{os.sep}"):
        return False
    named = path in _real(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    if not named and os.path.basename(path) in ("site-packages", "dist-packages"):
        return False
    return path == os.path.realpath("") or any(f"{path}{os.sep}".startswith(f"{top}{os.sep}") for top in tops)


def _is_of_program(entry: str) -> bool:
    """Say whether an entry is the folder of the program, which Python puts first."""
    return os.path.realpath(entry) == os.path.dirname(os.path.realpath(sys.argv[0]))


def _real(entries: "list[str]") -> "set[str]":
    return {os.path.realpath(each) for each in entries}


def _holds_modules(entry: str) -> bool:
    """Say whether a module could be imported from an entry of the path: from a file, a folder or an archive."""
    try:
        names = os.listdir(entry or ".")
    except NotADirectoryError:
        return True
    except OSError:
        return False
    folders = (name for name in names if name[:1] != ".")
    return any("." in name and name.endswith((".py", ".pyc", ".so")) for name in names) or any(
        os.path.isdir(os.path.join(entry, name)) for name in folders
    )
