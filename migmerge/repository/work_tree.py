"""The files that lie in the work tree, whatever git knows of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..core.script.script_names import is_script_name


def script_files(top: str, folder: str, *, recursive: bool) -> Iterator[str]:
    """Yield the scripts that Alembic would load from a versions directory, as paths relative to the top."""
    for inner, folders, files in os.walk(os.path.join(top, folder)):
        place = os.path.relpath(inner, top).replace(os.sep, "/")
        yield from (f"{place}/{name}".removeprefix("./") for name in files if is_script_name(name))
        if not recursive:
            folders.clear()
