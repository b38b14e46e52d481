"""Scripts in a temporary folder, from which the worker runs them without touching the work tree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..repository.files import write_below
from ..repository.held_folder import held_folder


class TemporaryScripts(NamedTuple):
    """Hold the temporary folder, and the folders in it that hold scripts."""

    folder: str
    versions: tuple[str, ...]


@contextmanager
def temporary_scripts(**files: Mapping[str, bytes]) -> Iterator[TemporaryScripts]:
    """Write each set of files, by path, below a folder with its name, and remove all folders at the end."""
    with held_folder() as folder:
        for name, texts in files.items():
            write_below(Path(folder, name), texts)
        versions = (str(Path(folder, name, each)) for name, texts in files.items() for each in _script_folders(texts))
        yield TemporaryScripts(folder, tuple(versions))


def _script_folders(paths: Mapping[str, bytes]) -> list[str]:
    return sorted({posixpath.dirname(path) for path in paths if path.endswith(".py")})
