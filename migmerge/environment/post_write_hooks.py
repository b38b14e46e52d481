"""Post-write hooks as a configuration declares them: their command lines, and the files of the repository that these name."""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

_PROGRAM = {"exec": "executable", "console_scripts": "entrypoint", "module": "module"}
"""The option that names what a hook of each type runs."""
_MODULE = re.compile(r"\w+(?:\.\w+)*")


def command_line(options: Mapping[str, str]) -> str:
    """Return what a hook runs, as its configuration says it; of a type of the project's own, the type."""
    kind = options.get("type", "")
    program = options.get(_PROGRAM.get(kind, ""), kind)
    words = (*(("python", "-m") if kind == "module" else ()), program, options.get("options", ""))
    line = " ".join(filter(None, words))
    return f"(cd {options['cwd']} && {line})" if options.get("cwd") else line


def files_named(options: Mapping[str, str], folder: str, top: str) -> list[str]:
    """Return the files of the repository that the command line of a hook names, which runs in `folder`; both are absolute."""
    start = os.path.join(folder, options.get("cwd") or "")
    words = _words(options.get(name, "") for name in (*_PROGRAM.values(), "options"))
    found = (path for word in words for path in _candidates(word) if os.path.isfile(os.path.join(start, path)))
    return list(dict.fromkeys(each for path in found for each in files_behind(os.path.join(start, path), top)))


def _words(texts: Iterable[str]) -> Iterator[str]:
    """Yield the words of command lines, and those of a script that is one word: `sh -c 'tools/a; tools/b'`."""
    for text in texts:
        for word in _split(text):
            yield from {word, word.partition("=")[2]}
            yield from re.split(r"[\s;&|]+", word)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed
        return text.split()


def _candidates(word: str) -> Iterator[str]:
    """Yield the files that a word may mean: a path, a folder that Python runs, a module."""
    if not word or "\0" in word:
        return
    yield from (word, f"{word}/__main__.py")
    if _MODULE.fullmatch(word):
        path = word.replace(".", "/")
        yield from (f"{path}.py", f"{path}/__main__.py", f"{path}/__init__.py")


def files_behind(path: str, top: str) -> list[str]:
    """Return, relative to the repository, the file at an absolute path and the links over which that is reached.

    What lies outside of the repository is left out: no branch brings it.
    """
    real_top = os.path.realpath(top)
    relative = os.path.relpath(os.path.normpath(path), os.path.normpath(top)).replace(os.sep, "/")
    parts = relative.split("/")
    above = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)] if parts[0] != ".." else []
    links = [each for each in above if os.path.islink(os.path.join(top, each))]
    real = os.path.relpath(os.path.realpath(path), real_top).replace(os.sep, "/")
    return [*links, *([] if real.split("/")[0] == posixpath.pardir else [real])]
