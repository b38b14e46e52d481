"""Synthetic repositories: linear-and-merge histories of scripts as Alembic writes them, made with `git fast-import`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from itertools import chain, islice
from pathlib import Path

from benchmarks.measuring import Bench, Unmeasured
from benchmarks.texts import ENV, INI, MAKO, SCRIPT

_PERIOD = 20
"""Of so many scripts the last three are two side by side and the merge revision that joins them."""
_AT_ONCE = 50
"""Scripts in one commit: one each would make git write five thousand trees of five thousand entries."""
_FILES_IN_A_FOLDER = 100
_FILES_OF_A_LONG_LIFE = 5000
_RECENT = 2000
"""Commits from which branches start."""


@dataclass(frozen=True, slots=True)
class Script:
    """One script of a synthetic history: its text lies at `path`."""

    revision: str
    parents: tuple[str, ...]
    number: int

    @property
    def path(self) -> str:
        return f"migrations/versions/{self.revision}_add_table_{_table(self.number)}.py"

    @property
    def text(self) -> str:
        down = None if not self.parents else self.parents[0] if len(self.parents) == 1 else self.parents
        return SCRIPT.format(
            revision=self.revision,
            revises=", ".join(self.parents),
            parents=down,
            table=_table(self.number),
            length=20 + self.number % 200,
            month=1 + self.number // 28 % 12,
            day=1 + self.number % 28,
            minute=self.number // 60 % 60,
            second=self.number % 60,
            number=self.number,
        )


@dataclass(frozen=True, slots=True)
class History:
    """A repository made here; its last commit touches no migration."""

    bench: Bench
    top: Path
    scripts: int

    def git(self, *arguments: str) -> str:
        return self.bench.output("git", *arguments, folder=self.top)

    @property
    def storage(self) -> Path:
        """Return the folder in which migmerge remembers what it read, under whatever names; the hooks lie deeper."""
        return self.top / ".git" / "migmerge"

    def remembered(self) -> dict[Path, bytes]:
        """Return all that migmerge remembers, by file."""
        files = self.storage.iterdir() if self.storage.is_dir() else ()
        return {file: file.read_bytes() for file in files if file.is_file()}

    def remember(self, files: Mapping[Path, bytes]) -> None:
        """Let migmerge remember this and nothing else; nothing at all makes it cold."""
        for file in self.remembered():
            file.unlink()
        for file, data in files.items():
            file.write_bytes(data)

    def commit(self, name: str, scripts: Iterable[Script]) -> None:
        """Commit scripts one by one, as a team does, as somebody called `name`."""
        for script in scripts:
            (self.top / script.path).write_text(script.text, encoding="utf-8")
            self.git("add", "--", script.path)
            self.git("commit", "--quiet", f"--author={name} <{name}@example.invalid>", "-m", f"add {script.revision}")


def linear_and_merged(bench: Bench, top: Path, count: int) -> History:
    """Make a repository of `count` scripts with one head, packed as a fresh clone is and checked out."""
    history = _imported(bench, top, count, other_files=0)
    history.git("reset", "--quiet", "--hard", "main")
    return history


def vast(bench: Bench, top: Path, files: int) -> History:
    """Make a repository of that many files; they are in its index and, as no hook looks at them, not in its work tree."""
    history = _imported(bench, top, 10, other_files=files)
    history.git("read-tree", "main")
    return history


def diverged(bench: Bench, top: Path, count: int, arriving: int) -> History:
    """Make a repository in which a branch with `arriving` scripts was just merged into a main that has one of its own."""
    history = linear_and_merged(bench, top, count)
    *_, last = scripts_of(count)
    history.git("switch", "--quiet", "--create", "feature")
    history.commit("bea", _chain(last.revision, count, arriving))
    history.git("switch", "--quiet", "main")
    history.commit("ann", _chain(last.revision, count + arriving, 1))
    return history


def branching(bench: Bench, top: Path, count: int, branches: int) -> History:
    """Make a repository whose branches each add a script or three, from places up to two hundred scripts back, as main does."""
    history = linear_and_merged(bench, top, count)
    # The last commit touches no migration; before it come fifty scripts in each.
    places = history.git("rev-list", "--first-parent", "--max-count=5", "main").splitlines()[1:]
    scripts = list(scripts_of(count))
    _import(history, chain.from_iterable(_branch(number, places, scripts) for number in range(branches)))
    history.commit("ann", _chain(scripts[-1].revision, count, 1))
    return history


def long_lived(bench: Bench, top: Path, commits: int, branches: int, *, references: int = 0) -> History:
    """Make a repository of many small commits, whose configuration moved last, with recent branches, a tenth with scripts.

    `references` are remote-tracking branches of somebody else's that nobody has worked on for long.
    """
    history = _imported(bench, top, 1000, other_files=_FILES_OF_A_LONG_LIFE, edits=commits)
    tips = history.git("rev-list", "--first-parent", f"--max-count={_RECENT}", "main").splitlines()
    scripts = list(scripts_of(1000))
    _import(history, chain.from_iterable(_recent_branch(number, tips, scripts) for number in range(branches)))
    _import(history, (f"reset refs/remotes/origin/old-{n}\nfrom {tips[-1]}\n".encode() for n in range(references)))
    history.git("reset", "--quiet", "--hard", "main")
    (top / "alembic.ini").write_text(f"{INI}timezone = UTC\n", encoding="utf-8")
    history.git("commit", "--quiet", "--all", "-m", "configure")
    return history


def _recent_branch(number: int, tips: Sequence[str], scripts: Sequence[Script]) -> Iterator[bytes]:
    edited = ((_other_file(_FILES_OF_A_LONG_LIFE * each // 7 + number), f"x = 'topic {number}'\n") for each in range(7))
    added = _chain(scripts[-1].revision, len(scripts) + number, 0 if number % 10 else 1)
    files = chain(edited, ((script.path, script.text) for script in added))
    yield from _commit(f"topic {number}", files, ref=f"refs/heads/topic-{number}", start=tips[number * 6 % len(tips)])


def _branch(number: int, places: Sequence[str], scripts: Sequence[Script]) -> Iterator[bytes]:
    back = number % len(places)
    added = _chain(scripts[len(scripts) - 1 - back * _AT_ONCE].revision, len(scripts) + 10 * (number + 1), 1 + number % 3)
    ref = f"refs/heads/topic-{number}"
    yield from _commit(f"topic {number}", ((script.path, script.text) for script in added), ref=ref, start=places[back])


def scripts_of(count: int) -> Iterator[Script]:
    """Yield scripts in the order in which they follow each other; the last one is the only head."""
    tips: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    for number in range(count):
        forks = number % _PERIOD == _PERIOD - 3 and number + 2 < count
        if number % _PERIOD == _PERIOD - 2 and side:
            script = Script(_revision(number), side, number)
            tips, side = (*tips, script.revision), ()
        else:
            script = Script(_revision(number), tips, number)
            side = tips if forks else ()
            tips = (script.revision,)
        yield script


def _chain(parent: str, first: int, count: int) -> Iterator[Script]:
    for number in range(first, first + count):
        script = Script(_revision(number), (parent,), number)
        parent = script.revision
        yield script


def _revision(number: int) -> str:
    return sha1(b"%d" % number, usedforsecurity=False).hexdigest()[:12]


def _table(number: int) -> str:
    return f"{('user', 'order', 'invoice', 'address', 'product')[number % 5]}_{number}"


def _imported(bench: Bench, top: Path, count: int, *, other_files: int, edits: int = 0) -> History:
    """Stream the commits to git: what this process keeps in memory counts as its children's peak."""
    top.mkdir(parents=True)
    history = History(bench, top, count)
    history.git("init", "--quiet", "--initial-branch=main")
    _import(history, chain(_commits(count, other_files), _edits(edits, other_files)))
    return history


def _import(history: History, commits: Iterable[bytes]) -> None:
    process = subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=history.top, env=history.bench.environment, stdin=subprocess.PIPE
    )
    assert process.stdin
    with process.stdin as stream:
        stream.writelines(commits)
    if process.wait():
        raise Unmeasured("git fast-import failed")
    history.git("gc", "--quiet")


def _commits(count: int, other_files: int) -> Iterator[bytes]:
    yield from _commit("begin", chain(_project_files(), _other_files(other_files)))
    scripts = scripts_of(count)
    while some := list(islice(scripts, _AT_ONCE)):
        yield from _commit(f"add {some[0].revision}", ((script.path, script.text) for script in some))
    yield from _commit("touch no migration", [("app.py", "x = 2\n")])


def _edits(count: int, files: int) -> Iterator[bytes]:
    """Yield commits that edit a file each, every five minutes."""
    for number in range(count):
        yield from _commit(f"edit {number}", [(_other_file(number * 7919 % files), f"x = {number}\n")], minutes=5 * number)


def _commit(
    message: str, files: Iterable[tuple[str, str]], *, ref: str = "refs/heads/main", start: str | None = None, minutes: int = 0
) -> Iterator[bytes]:
    """Yield one commit as fast-import reads it; a commit without `start` follows the one before."""
    yield f"commit {ref}\ncommitter ann <ann@example.invalid> {1714564800 + 60 * minutes} +0000\n".encode() + _data(message)
    if start:
        yield f"from {start}\n".encode()
    for path, text in files:
        yield f"M 100644 inline {path}\n".encode() + _data(text)


def _data(text: str) -> bytes:
    data = text.encode()
    return b"data %d\n%s\n" % (len(data), data)


def _project_files() -> Sequence[tuple[str, str]]:
    return (
        ("alembic.ini", INI),
        ("migrations/env.py", ENV),
        ("migrations/script.py.mako", MAKO),
        (".gitignore", "__pycache__/\n"),
        ("app.py", "x = 1\n"),
    )


def _other_files(count: int) -> Iterator[tuple[str, str]]:
    return ((_other_file(number), "x = 1\n") for number in range(count))


def _other_file(number: int) -> str:
    return f"src/package_{number // _FILES_IN_A_FOLDER}/module_{number}.py"
