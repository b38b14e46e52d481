"""The files of a commit, or of the index, with their blob ids."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property

from ..core.errors import MigmergeError
from ..core.script.budget import MOST_BYTES
from .git import Git, GitProcess

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import IO

_BATCH = 500
"""Ids, of which a pipe holds two batches, also in a repository with SHA-256 ids."""
_MOST_KEPT, _MOST_KEPT_BYTES = 2000, 16_000_000
"""Blobs whose contents are kept in memory, 5 MB as a rule."""
_PASSED_AT_ONCE = 64 * 1024
_FILE, _LINK = "100", "120"
"""How the modes of regular files and of symbolic links begin."""


class Tree:
    """Map each regular file's path to its blob id, and each link's; never changed once made.

    `contents` holds the blobs that git does not have, for they are not committed, `targets` the paths to which links lead,
    `broken` the links that lead nowhere: their blobs are what git has of a link, the path.
    """

    def __init__(
        self,
        blobs: Mapping[str, str],
        links: Mapping[str, str] | None = None,
        contents: Mapping[str, bytes] | None = None,
        targets: Mapping[str, str] | None = None,
        broken: Collection[str] = (),
    ) -> None:
        self.blobs = blobs
        self.links = links or {}
        self.contents = contents or {}
        self.targets = targets or {}
        self.broken = broken
        self._kept: dict[str, bytes] = {}
        self._kept_bytes = 0

    def leads_out(self, path: str) -> bool:
        """Say whether a file of the work tree lies outside of the repository, behind a link: it is not read."""
        return self.targets.get(path, "").startswith("../")

    @cached_property
    def paths(self) -> list[str]:
        """Return the paths of the regular files, sorted."""
        return sorted(self.blobs)

    def read(self, git: Git, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the content of several of its blobs."""
        return dict(self.each(git, blobs))

    def each(self, git: Git, blobs: Iterable[str]) -> Generator[tuple[str, bytes], None, None]:
        """Yield several of its blobs with their content; what git was asked for is kept, up to some megabytes."""
        wanted = set(blobs)
        held = {blob: known[blob] for known in (self._kept, self.contents) for blob in wanted.intersection(known)}
        yield from sorted(held.items())
        missing = wanted - held.keys()
        for blob, data in each_blob(git, sorted(missing)) if missing else ():
            if len(self._kept) < _MOST_KEPT and self._kept_bytes + len(data) <= _MOST_KEPT_BYTES:
                self._kept[blob] = data
                self._kept_bytes += len(data)
            yield blob, data


def start_tree(git: Git, revision: str, folders: Iterable[str] = ()) -> GitProcess:
    """Start listing a commit's tree, all of it or some folders; a git of its own, so that others can run meanwhile."""
    return git.start("ls-tree", "-r", "-z", "--full-tree", revision, "--", *folders)


def listed_files(listing: GitProcess) -> dict[str, str]:
    """Read the regular files that `start_tree` listed, by path, with their blob ids."""
    return _with_mode(_FILE, listing.text().split("\0"))


def tree_of(git: Git, listing: GitProcess) -> Tree:
    """Read what `start_tree` listed; links are followed, submodules left out."""
    entries = listing.text().split("\0")
    return _followed(git, Tree(_with_mode(_FILE, entries), _with_mode(_LINK, entries)))


def start_changes(git: Git, before: str, after: str) -> GitProcess:
    """Start listing the files that a commit has otherwise than another one, which a second tree takes longer for."""
    return git.start("diff-tree", "-r", "-z", "--raw", "--no-renames", before, after, "--")


def changed_tree(git: Git, before: Tree, after: str, changes: GitProcess) -> Tree:
    """Return the tree of the commit of which `start_changes` listed how it differs from the tree `before`."""
    fields = changes.text().split("\0")
    changed = [(facts.split(" "), path) for facts, path in zip(fields[::2], fields[1::2], strict=False)]
    if before.links or any(mode.startswith(_LINK) for (_, mode, *_), _ in changed):
        return tree_of(git, start_tree(git, after))
    blobs = dict(before.blobs)
    for (_, mode, _, blob, _), path in changed:
        blobs.pop(path, None)
        if mode.startswith(_FILE):
            blobs[path] = blob
    return Tree(blobs)


def _with_mode(mode: str, entries: list[str]) -> dict[str, str]:
    """Read `<mode> blob <id>TAB<path>`: as all ids are of one length, each path begins at the same place."""
    end = entries[0].find("\t")
    return {entry[end + 1 :]: entry[12:end] for entry in entries if entry.startswith(mode)}


def index_tree(git: Git) -> Tree:
    """Read the index: `<mode> <id> <stage>TAB<path>NUL`; of a path that is not merged, one of its sides."""
    entries = git.text("ls-files", "-s", "-z", "--full-name").split("\0")
    found = [entry.partition("\t") for entry in entries if entry.startswith((_FILE, _LINK))]
    blobs = {path: facts.split(" ")[1] for facts, _, path in found if facts.startswith(_FILE)}
    return _followed(git, Tree(blobs, {path: facts.split(" ")[1] for facts, _, path in found if facts.startswith(_LINK)}))


def _followed(git: Git, tree: Tree) -> Tree:
    """Add the scripts that links within the tree lead to, singly or by the folder, as Alembic would find them there."""
    if not tree.links:
        return tree
    texts = read_blobs(git, tree.links.values())
    targets = {link: _target(link, texts[blob]) for link, blob in tree.links.items()}
    blobs = dict(tree.blobs)
    blobs.update({link: tree.blobs[target] for link, target in targets.items() if target in tree.blobs})
    paths = sorted(blobs)
    for link, target in list(targets.items()):
        inside = paths[bisect_left(paths, f"{target}/") : bisect_left(paths, f"{target}0")]
        scripts = {link + path[len(target) :]: path for path in inside if path.endswith(".py") and not path.endswith("/env.py")}
        blobs.update({below: blobs[path] for below, path in scripts.items()})
        targets.update(scripts)
    return Tree(blobs, tree.links, targets=targets)


def _target(link: str, text: bytes) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(link), text.decode("utf-8", "surrogateescape")))


def read_blobs(git: Git, blobs: Iterable[str]) -> dict[str, bytes]:
    """Return the content of several blobs, all at once."""
    return dict(each_blob(git, blobs))


def each_blob(git: Git, blobs: Iterable[str]) -> Generator[tuple[str, bytes], None, None]:
    """Yield several blobs with their content, read from one git while that goes on.

    Raises:
        MigmergeError: where this clone lacks one, as a partial clone may.
    """
    wanted = list(dict.fromkeys(blobs))
    batches = [wanted[start : start + _BATCH] for start in range(0, len(wanted), _BATCH)]
    if not batches:
        return
    # Without --buffer git writes each blob with a system call of its own.
    with closing(git.start("cat-file", "--batch", "--buffer")) as reading:
        _ask(reading, batches, 0)
        for number, batch in enumerate(batches, 1):
            # Git holds the last answers back until more are asked for, or no more will be.
            _ask(reading, batches, number)
            yield from _contents(reading.output, batch)


def _ask(reading: GitProcess, batches: Sequence[Sequence[str]], number: int) -> None:
    if number < len(batches):
        reading.give("\n".join([*batches[number], ""]).encode(), is_last=number == len(batches) - 1)


def not_here(blob: str) -> MigmergeError:
    return MigmergeError(
        f"this clone does not have blob {blob} or another one beside it, as a partial clone may not",
        hint="git fetch --refetch --no-filter, or git checkout the commit, which fetches what it needs",
    )


def _contents(output: IO[bytes], blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Read `<id> blob <size>LF<content>LF`, repeated; a content that is too long is cut behind what anybody reads."""
    for blob in blobs:
        name, *facts = output.readline().decode().split() or [blob]
        if len(facts) != 2:
            raise not_here(name)
        yield name, read_cut(output, int(facts[1]))


def read_cut(output: IO[bytes], size: int) -> bytes:
    """Read a content and the line end behind it; of a content that nobody reads, its beginning is returned."""
    if size <= MOST_BYTES:
        return output.read(size + 1)[:-1]
    data = output.read(MOST_BYTES + 1)
    left = size + 1 - len(data)
    while left and (passed := len(output.read(min(left, _PASSED_AT_ONCE)))):
        left -= passed
    return data


def unmerged_paths(git: Git) -> tuple[str, ...]:
    """Return the paths on which a merge stopped and that nobody has resolved in the index."""
    entries = git.text("ls-files", "--unmerged", "-z", "--full-name").split("\0")
    return tuple(sorted({entry.partition("\t")[2] for entry in entries if entry}))
