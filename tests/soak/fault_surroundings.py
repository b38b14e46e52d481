"""Faults around a whole run: hooks and settings of the user's, locks, a full disk, closed streams, another run at once."""

from __future__ import annotations

import fcntl
import os
import random
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak.fault_case import Case, Found, Run
from tests.soak.fault_kinds import DESCRIPTORS, LOCKS, SETTINGS, SIGNALS, USER_HOOKS
from tests.soak.fault_scenes import state_of

_ALL_OF_IT = (*SIGNALS, "SIGKILL")
_DISK = "4m"


def around(case: Case, chance: random.Random, times: int, wanted: Callable[[str], bool]) -> Iterator[Found]:
    """Yield each fault that was injected, with what was wrong; a kind is taken where `wanted` says so."""
    if case.scene.by_git:
        return
    commits = case.scene.name.startswith("fix")
    tried: list[tuple[str, Callable[[], list[str]]]] = [
        *((f"hook: {name}", lambda name=name: _with_hook(case, *USER_HOOKS[name])) for name in USER_HOOKS if commits),
        *((f"setting: {name}", lambda name=name: _with_settings(case, SETTINGS[name])) for name in SETTINGS if commits),
        *((f"lock: {name}", lambda name=name: _with_lock(case, name)) for name in LOCKS),
        *((f"stream: {name}", lambda name=name: _with_streams(case, name)) for name in DESCRIPTORS),
        ("another run is at work", lambda: _with_another_at_work(case)),
        *[("two at once", lambda: _two_at_once(case))] * times,
        ("no HOME", lambda: case.judged(case.run(dict.fromkeys(("HOME", "XDG_CONFIG_HOME"), "/nowhere")), lethal=False)),
        *[(f"all of it gets {name}", lambda name=name: _signalled(case, name, chance)) for name in _ALL_OF_IT] * times,
        *[("full disk", lambda: _on_full_disk(case, chance))] * (2 * times),
    ]
    for kind, inject in tried:
        if wanted(kind):
            case.begin()
            yield kind, inject()


def _with_hook(case: Case, name: str, text: str) -> list[str]:
    hooks = Path(case.project.git("rev-parse", "--path-format=absolute", "--git-path", "hooks"))
    hooks.mkdir(exist_ok=True)
    hook = hooks / name
    kept = hook.read_bytes() if hook.exists() else None
    hook.write_text(f"#!/bin/sh\n{text}\n")
    hook.chmod(0o755)
    ran = case.run({})
    hook.unlink() if kept is None else hook.write_bytes(kept)
    killed = "kill" in text
    for lock in Path(case.project.git("rev-parse", "--absolute-git-dir")).glob("*.lock") if killed else ():
        lock.unlink()  # of the git that the hook has killed
    if "--all" in text:  # what the hook staged stays staged
        return case.unexpected(ran) + ([] if case.is_kept(state_of(case.project), entries=False) else [f"lost: {ran.printed}"])
    return case.judged(ran, lethal=killed)


def _with_settings(case: Case, settings: dict[str, str]) -> list[str]:
    for name, value in settings.items():
        case.project.git("config", name, value)
    identity = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL") if "user.name" in settings else ()
    ran = case.run(dict.fromkeys(identity, ""))
    for name in settings:
        case.project.git("config", "--unset", name)
    case.project.git("config", "user.name", "ann")
    case.project.git("config", "user.email", "ann@example.invalid")
    return case.judged(ran, lethal=False)


def _with_lock(case: Case, name: str) -> list[str]:
    lock = Path(case.project.git("rev-parse", "--absolute-git-dir")) / name
    if lock.exists():
        return []
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    ran = case.run({})
    lock.unlink()
    return case.judged(ran, lethal=False)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _with_another_at_work(case: Case) -> list[str]:
    common = case.project.git("rev-parse", "--path-format=absolute", "--git-common-dir")
    with _held(Path(common) / "migmerge/journal/lock"):
        ran = case.run({})
    return case.judged(ran, lethal=False)


def _with_streams(case: Case, streams: str) -> list[str]:
    return case.judged(case.run({}, "sh", "-c", f"{shlex.join(case.real_command)} {streams}"), lethal=False)


def _two_at_once(case: Case) -> list[str]:
    command = f"{shlex.join(case.command)} & {shlex.join(case.command)}; wait"
    return case.judged(case.run({}, "sh", "-c", command), lethal=True)


def _signalled(case: Case, name: str, chance: random.Random) -> list[str]:
    """Send a signal to migmerge and all that it started, at a random moment."""
    environment = case.project.environment(TMPDIR=str(case.temporary), **case.scene.environment)
    out = case.folder / "printed"
    with out.open("wb") as printed:
        running = subprocess.Popen(
            case.real_command, cwd=case.project.top, env=environment, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
            start_new_session=True,
        )  # fmt: skip
        time.sleep(chance.random() * case.seconds)
        if running.poll() is None:
            os.killpg(running.pid, getattr(signal, name))
        status = running.wait(60)
    if name in ("SIGKILL", "SIGQUIT"):
        for lock in Path(case.project.git("rev-parse", "--absolute-git-dir")).rglob("*.lock"):
            lock.unlink()  # of a git that was killed
    return case.judged(Run(status, out.read_text(errors="replace")), lethal=True)


def can_mount() -> bool:
    return os.geteuid() == 0 and shutil.which("mount") is not None


def _on_full_disk(case: Case, chance: random.Random) -> list[str]:
    """Leave a few KiB of a small disk."""
    if (
        not can_mount()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", case.place], check=False).returncode
    ):
        return []
    try:
        shutil.copytree(case.template, case.place, symlinks=True, dirs_exist_ok=True)
        case.project.git("update-index", "-q", "--refresh", MIGMERGE="0")
        filler = case.place / "filler"
        _fill(filler, free=chance.randrange(0, 17) * 4096)
        ran = case.run({})
        filler.unlink()
        return case.judged(ran, lethal=True)
    finally:
        subprocess.run(["umount", "--lazy", case.place], check=True)


def _fill(filler: Path, free: int) -> None:
    disk = os.statvfs(filler.parent)
    filler.write_bytes(bytes(max(disk.f_bavail * disk.f_frsize - free, 0)))
