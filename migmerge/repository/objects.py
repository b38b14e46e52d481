"""Reading many objects from one git process, one after the other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from types import TracebackType

from ..core.script.names import is_script_name
from .git import Git
from .tree import not_here, read_cut

_ENTRY = re.compile(rb"(\d+) ([^\0]+)\0(.{20})", re.DOTALL)
_LONG_ENTRY = re.compile(rb"(\d+) ([^\0]+)\0(.{32})", re.DOTALL)
"""SHA-256 repositories have longer ids."""
_FOLDER = b"40000"
_ASKED_AT_ONCE = 500
"""Ids that fit into a pipe before git has answered the first."""
_Entry = tuple[bytes, bytes, bytes]
"""Mode, name and id, as git stores them."""


class Objects:
    """Hold one `git cat-file --batch` open; a folder that many commits share is read once."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._cat_file = git.start("cat-file", "--batch")
        self._seen: set[str] = set()
        self._folders: dict[tuple[str, str], dict[str, str]] = {}
        # Trees differ in a few entries of a thousand: the others are decoded once.
        self._entries: dict[str, dict[_Entry, tuple[str, str] | None]] = {}

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cat_file.stop()

    def get(self, name: str, *, cut: bool = False) -> tuple[str, bytes] | None:
        """Return the id and the content of an object, `cut` behind what anybody reads; None where this clone does not have it."""
        self._ask(f"{name}\n")
        answer = self._answer(cut=cut)
        if answer is None:
            self._restart()
        return answer or None

    def _ask(self, names: str) -> None:
        stdin = self._cat_file.process.stdin
        assert stdin
        stdin.write(names.encode("utf-8", "surrogateescape"))
        stdin.flush()

    def _answer(self, *, cut: bool) -> tuple[str, bytes] | tuple[()] | None:
        """Read the next object, empty where there is none; None where git ended."""
        stdout = self._cat_file.process.stdout
        assert stdout
        header = stdout.readline().split(b" ")
        if len(header) == 3 and header[2].strip().isdigit():
            size = int(header[2])
            return header[0].decode(), read_cut(stdout, size) if cut else stdout.read(size + 1)[:-1]
        return None if header == [b""] else ()

    def _restart(self) -> None:
        """Start git again: in a partial clone it ends at the first object that it would have to fetch."""
        self._cat_file.stop()
        self._cat_file = self._git.start("cat-file", "--batch")

    def found_in(self, blobs: Iterable[str], pattern: re.Pattern[bytes]) -> dict[str, bool]:
        """Say of each blob whether a pattern is in it; of one that this clone lacks, that it may be."""
        wanted = list(dict.fromkeys(blobs))
        starts = range(0, len(wanted), _ASKED_AT_ONCE)
        return {
            blob: content is None or pattern.search(content) is not None
            for start in starts
            for blob, content in self._each_content(wanted[start : start + _ASKED_AT_ONCE])
        }

    def _each_content(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield blobs with their contents; git is asked for all of them at once, and anew for each where it has ended."""
        self._ask("".join(f"{blob}\n" for blob in blobs))
        ended = False
        for blob in blobs:
            answer = self.get(blob, cut=True) if ended else self._answer(cut=True)
            if answer is None and not ended:
                ended = True
                self._restart()
            yield blob, answer[1] if answer else None

    def content(self, blob: str) -> bytes:
        """Return a blob's content, cut behind what anybody reads.

        Raises:
            MigmergeError: where this clone does not have it, as a partial clone may not.
        """
        found = self.get(blob, cut=True)
        if found is None:
            raise not_here(blob)
        return found[1]

    def scripts(self, commit: str, folder: str, *, recursive: bool) -> dict[str, str]:
        """Return the scripts in a commit's folder, by path, with their blob ids; empty where there is no such folder.

        Raises:
            MigmergeError: where this clone lacks the tree, as one without trees may.
        """
        tree = self._tree(commit, folder)
        if tree is None and (lacking := self._lacking(f"{commit}^{{tree}}", folder.split("/"))):
            raise not_here(lacking)
        return self._scripts_in(tree, folder, recursive) if tree else {}

    def unseen_scripts(self, commit: str, folders: Collection[str], names: Collection[str]) -> Iterator[str]:
        """Yield the blob ids of likely scripts anywhere in a commit, without those of trees that an earlier call read.

        A Python file is a likely script in a folder called `versions`, in one of the `folders`, or with one of the `names`.
        """
        pending = [("", self.get(f"{commit}^{{tree}}"))]
        while pending:
            folder, tree = pending.pop()
            if tree is None:
                raise not_here(f"{commit}:{folder}")
            if tree[0] in self._seen:
                continue
            self._seen.add(tree[0])
            likely = folder in folders or "versions" in folder.split("/")
            for mode, name, blob in self._entries_of(tree):
                path = _path(folder, name)
                if mode == _FOLDER:
                    pending.append((path, self.get(blob.hex())))
                elif path.endswith(".py") and (likely or path.rpartition("/")[2] in names):
                    yield blob.hex()

    def _lacking(self, name: str, parts: Sequence[str]) -> str | None:
        """Return the tree on the way to a folder that this clone does not have; None where the folder is not in the commit."""
        for part in (*parts, ""):
            tree = self.get(name)
            if tree is None:
                return name
            inner = self._inner(tree, part)
            if inner is None:
                return None
            name = inner
        return None

    def _tree(self, commit: str, folder: str) -> tuple[str, bytes] | None:
        """Return a folder of a commit; git is asked for one name a line, and for one with a line end step by step."""
        if "\n" not in folder:
            return self.get(f"{commit}:{folder}")
        tree = self.get(f"{commit}^{{tree}}")
        for part in folder.split("/"):
            inner = self._inner(tree, part) if tree else None
            tree = self.get(inner) if inner else None
        return tree

    def _inner(self, tree: tuple[str, bytes], name: str) -> str | None:
        """Return the id of a folder in a tree."""
        wanted = name.encode("utf-8", "surrogateescape")
        return next((oid.hex() for mode, each, oid in self._entries_of(tree) if mode == _FOLDER and each == wanted), None)

    @staticmethod
    def _entries_of(tree: tuple[str, bytes]) -> list[_Entry]:
        oid, data = tree
        return (_ENTRY if len(oid) == 40 else _LONG_ENTRY).findall(data)

    def _scripts_in(self, tree: tuple[str, bytes], folder: str, recursive: bool) -> dict[str, str]:
        oid, _ = tree
        if (oid, folder) not in self._folders:
            entries = self._entries_of(tree)
            known = self._entries.setdefault(folder, {})
            known |= {entry: _script(folder, entry) for entry in set(entries) - known.keys()}
            found = dict(filter(None, map(known.__getitem__, entries)))
            for mode, name, blob in entries if recursive else ():
                if mode == _FOLDER and (inner := self.get(blob.hex())):
                    found |= self._scripts_in(inner, _path(folder, name), recursive)
            self._folders[oid, folder] = found
        return self._folders[oid, folder]


def _script(folder: str, entry: _Entry) -> tuple[str, str] | None:
    """Return the path and the blob id of an entry; None where it is no script."""
    mode, name, blob = entry
    path = _path(folder, name)
    return (path, blob.hex()) if mode.startswith(b"100") and is_script_name(path.rpartition("/")[2]) else None


def _path(folder: str, name: bytes) -> str:
    return f"{folder}/{name.decode('utf-8', 'surrogateescape')}".lstrip("/")
