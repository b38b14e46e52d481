"""Files of the work tree and of temporary folders: listed, replaced in one step, written below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from errno import ENOTDIR

from ..core.errors import MigmergeError
from ..core.script.names import COMPILED, is_script_name

TYPE_CHECKING = False  # typing takes 3 ms to import, pathlib 4
if TYPE_CHECKING:
    from pathlib import Path

_UNSAFE = frozenset("\0" if os.sep == "/" else "\0\\:")
_BY_HAND = "git show <commit>:<path> prints a script as a commit has it"


def script_files(top: str, folder: str, *, recursive: bool) -> Iterator[str]:
    """Yield the scripts that Alembic would load from a versions directory, as paths relative to the top."""
    for inner, folders, files in os.walk(os.path.join(top, folder)):
        relative = os.path.relpath(inner, top).replace(os.sep, "/")
        prefix = "" if relative == "." else f"{relative}/"
        yield from (prefix + name for name in files if is_script_name(name))
        folders[:] = [name for name in folders if not name.endswith(COMPILED)] if recursive else []


def path_from(folder: str, path: str) -> str:
    """Return a path that is relative to a folder, or absolute, as the process needs it."""
    return os.path.join(folder, path) if folder != "." else path


def replace_file(path: str | os.PathLike[str], data: bytes, mode: int | None = None) -> None:
    """Write a file in one step, so that no reader ever sees half of it; the mode of a new file where None."""
    temporary = half_written(path, os.getpid())
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            error.filename = os.fspath(path)  # what the caller, and the user, know
        raise


def require_replaceable(path: str, start: bytes, git_folders: Iterable[str]) -> None:
    """Let a file be written whose name a user gave: one that is not there, or that is empty or begins with `start`.

    Raises:
        MigmergeError: for another one, and for one in a missing folder or in git's own.
    """
    from ..core.shell import quoted_path  # hooks do without

    folder, name = os.path.split(path)
    if not name:
        raise MigmergeError(f"{path!r} names no file", hint="migmerge report --html migrations.html")
    if not os.path.isdir(folder or "."):
        raise MigmergeError(f"{folder} is not a folder", hint=f"mkdir -p {quoted_path(folder)}")
    if is_below(os.path.join(folder, "."), git_folders):
        raise MigmergeError(f"{path} is in a folder of git's own", hint=f"ls -d {quoted_path(path)}")
    if os.path.lexists(path) and not _begins(path, start):
        raise MigmergeError(
            f"{path} exists and was not written by migmerge, so that it is left as it is", hint=f"ls -ld {quoted_path(path)}"
        )


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Say whether a path leads into one of some folders."""
    real = os.path.realpath(path)
    return any(f"{real}{os.sep}".startswith(f"{os.path.realpath(folder)}{os.sep}") for folder in folders)


def _begins(path: str, start: bytes) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(len(start)) in (start, b"")


def half_written(path: str | os.PathLike[str], process: int) -> str:
    """Return the file that a process which was killed in `replace_file` has left beside a file."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{process}")


def write_below(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder by their paths, following no link.

    Raises:
        MigmergeError: for a path that leads elsewhere, and where a file cannot be written.
    """
    for path, data in files.items():
        parts = path.split("/")
        if any(part in ("", ".", "..") or not _UNSAFE.isdisjoint(part) for part in parts):
            raise MigmergeError(f"{path!r} does not lie below the folder that scripts are laid out in", hint=_BY_HAND)
        try:
            _write(folder, parts, data)
        except OSError as error:
            raise MigmergeError(f"{path} cannot be written below {folder}: {error.strerror}", hint=_BY_HAND) from error


def _write(folder: Path, parts: Sequence[str], data: bytes) -> None:
    for inner in (folder, *(folder.joinpath(*parts[:count]) for count in range(1, len(parts)))):
        if inner != folder and inner.is_symlink():
            raise NotADirectoryError(ENOTDIR, f"{inner.name} is a link")
        inner.mkdir(parents=True, exist_ok=True)
    # Windows has no O_NOFOLLOW, and other systems no O_BINARY.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(folder.joinpath(*parts), flags, 0o644), "wb") as file:
        file.write(data)
