"""The scripts of phantoms, laid out beside those of the checkout in a folder that is thrown away."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.revision import Revision
from ..core.script.reading import place, read_script
from ..repository.phantoms import lay_out
from .checking_up import Examination


@contextmanager
def laid_out(examination: Examination) -> Iterator[tuple[str, ...]]:
    """Write the scripts and yield the folders that hold them; the work tree is not touched.

    Where the checkout and a phantom's commit have a revision of one id, it is the checkout's.
    """
    here = dict(examination.tree.texts)
    known = set(examination.tree.snapshot.graph.revisions)
    there: dict[str, bytes] = {}
    for path, data in sorted(examination.files.items()):
        name = _revision(path, data)
        if name is None or name not in known:
            there[path] = data
            known |= {name} if name else set()
    with tempfile.TemporaryDirectory(prefix="migmerge-") as folder:
        top = Path(folder)
        lay_out(top / "here", here)
        lay_out(top / "there", there)
        yield (*_folders(top / "here", here), *_folders(top / "there", there))


def _revision(path: str, data: bytes) -> str | None:
    script = place(read_script(data), path) if path.endswith(".py") else None
    return script.revision if isinstance(script, Revision) else None


def _folders(top: Path, files: dict[str, bytes]) -> list[str]:
    return [str(top / folder) for folder in sorted({posixpath.dirname(path) for path in files if path.endswith(".py")})]
