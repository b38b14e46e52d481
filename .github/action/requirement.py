"""Print what pip has to install: the wanted version of migmerge, else that of the project's lock, else the action itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_IN_LOCK = re.compile(r'^name = "migmerge"\s*^version = "([^"\s]+)"', re.MULTILINE)
_IN_PIPFILE = re.compile(r'"migmerge": \{[^{}]*"version": "==([^"\s]+)"')
_IN_REQUIREMENTS = re.compile(r"^migmerge(?:\[[\w,-]*\])? *={2,3} *([^\s;#\\]+)", re.MULTILINE | re.IGNORECASE)
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]*")


def versions_in(project: Path) -> Iterator[str]:
    """Yield the versions that files of the project name, those of lock files first."""
    searches = [(_IN_LOCK, [project / name for name in _LOCKS]), (_IN_PIPFILE, [project / "Pipfile.lock"])]
    searches.append((_IN_REQUIREMENTS, sorted((*project.glob("*requirements*.txt"), *project.glob("requirements/*.txt")))))
    for pattern, files in searches:
        for file in filter(Path.is_file, files):
            yield from pattern.findall(file.read_text(encoding="utf-8", errors="replace"))


def main(wanted: str, action: str) -> int:
    """Print the requirement; return 1 where the wanted version cannot be one."""
    version = wanted or next(filter(_VERSION.fullmatch, versions_in(Path())), "")
    if version and not _VERSION.fullmatch(version):
        print(f"::error title=migmerge::{version!r} is no version", file=sys.stderr)
        return 1
    print(f"migmerge=={version}" if version else action)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
