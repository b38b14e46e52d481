"""Play the documentation's stories with real commands and keep what a terminal of 80 columns shows.

`python -m docs.generate.screens` writes `docs/screens/` anew; `--check` compares the texts and writes nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from docs.generate.terminal import THEMES, Terminal, svg_of, text_of
from migmerge.demo.application import ANN, BASE, BEA

SCREENS = Path(__file__).parents[1] / "screens"
HOME = Path("/tmp/ann")
"""A fixed path, for commands print it."""
_DATE = "2026-03-02T10:00:00+0000"
_NOW = "1772618400"  # two days later
_SEALED = {
    "HOME": str(HOME),
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_PAGER": "cat",
    "GIT_AUTHOR_DATE": _DATE,
    "GIT_COMMITTER_DATE": _DATE,
    "GIT_TEST_DATE_NOW": _NOW,
    "MIGMERGE_HOOK_SECONDS": "60",
    "FLASK_APP": "app",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
_FLASK = "flask db migrate -m '{message}' --rev-id {revision}"
_ALEMBIC = "alembic revision -m '{message}' --rev-id {revision}"
_DIFFERS = re.compile(r"20\d\d-?\d\d-?\d\d[- ]\d\d:?\d\d(?:\d\d)?|\b[0-9a-f]{7,10}\b")
"""The time of a backup and the commits of a hook, whose date is that of the run."""
_LEFT_OUT = ("GIT_", "MIGMERGE", "FLASK_", "ALEMBIC_", "VIRTUAL_ENV", "NO_COLOR", "CI", "PYTHONPATH", "LC_", "COLUMNS")


class Stage:
    """A folder of Ann's, the terminal in front of it, and the screens that were kept."""

    def __init__(self, name: str, **more: str) -> None:
        self.folder = HOME / name
        self.folder.mkdir(parents=True)
        self.environment = _SEALED | more
        self.terminal = Terminal(self.folder, self.environment)
        self.kept: dict[str, Terminal] = {}
        self.files: dict[str, str] = {}

    def sh(self, command: str) -> str:
        """Run a command that nobody sees, and must succeed."""
        done = subprocess.run(
            ["/bin/sh", "-ec", command], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, message: str, revision: str, command: str = _FLASK, *, by: str = "Ann") -> None:
        """Let Alembic write a revision, with an id and a date of ours that are the same in every run, and commit it."""
        self.sh(command.format(message=message, revision=revision))
        self.sh(f"sed -i 's/^Create Date: .*/Create Date: 2026-03-02 10:00:00/' migrations/versions/{revision}_*.py")
        self.sh(f"git add . && git commit -qm '{message}' --author '{by} <{by.lower()}@example.invalid>'")

    def draw(self, name: str) -> None:
        """Keep the picture that `migmerge graph` makes of all revisions."""
        self.files[f"graph-{name}.svg"] = self.sh("migmerge graph --all --format svg")

    def keep(self, name: str) -> None:
        """Keep the screen under a name and go on with an empty one."""
        self.kept[name] = self.terminal
        self.terminal = Terminal(self.folder, self.environment)


def _shop(name: str = "shop", **more: str) -> Stage:
    """Return Ann's clone: one revision on main that her database has run, one by Bea on feature, one by Ann on main."""
    stage = Stage(name, **more)
    stage.sh("git init -q -b main && git config user.name Ann && git config user.email ann@example.invalid")
    stage.write(BASE)
    stage.sh("flask db init")
    stage.commit("create users", "c6ed79b0360f")
    stage.sh("flask db upgrade && git switch -qc feature")
    stage.write(BEA)
    stage.commit("add orders", "040feafacf12", by="Bea")
    stage.sh("git switch -q main")
    stage.write(ANN)
    stage.commit("add email", "bf946a130c16")
    return stage


def play_tutorial() -> Stage:
    stage = _shop()
    stage.terminal.type("git merge --no-edit feature")
    stage.terminal.type("flask db upgrade")
    stage.keep("problem")
    stage.terminal.type("migmerge check")
    stage.keep("check")
    stage.files["check.json"] = stage.sh("migmerge check --format json || test $? = 1")
    stage.sh("git reset -q --hard ORIG_HEAD")
    stage.terminal.type("migmerge install")
    stage.keep("install")
    stage.terminal.type("git merge --no-edit feature", until="later: migmerge fix")
    stage.keep("hook")
    stage.sh("git reset -q --hard ORIG_HEAD")
    stage.terminal.type("git merge --no-edit feature", until="later: migmerge fix", keys="\r")
    stage.keep("joined")
    stage.terminal.type("flask db upgrade")
    stage.terminal.type("flask db heads")
    stage.terminal.type("migmerge check")
    stage.keep("upgraded")
    stage.terminal.type("git log --oneline --graph")
    stage.keep("log")
    _play_phantom(stage)
    return stage


def _play_phantom(stage: Stage) -> None:
    stage.sh("git switch -qc spike")
    stage.write(
        {
            "notes.py": BEA["orders.py"].replace("Order", "Note").replace("total", "size"),
            "app.py": BEA["app.py"] + "import notes  # noqa: E402, F401\n",
        }
    )
    stage.commit("add notes", "7d1f0a95c2e8")
    stage.sh("flask db upgrade")
    stage.terminal.type("git switch main")
    stage.keep("left")
    stage.sh("git branch -qD spike")
    stage.terminal.type("flask db upgrade")
    stage.keep("lost")
    stage.terminal.type("migmerge doctor")
    stage.keep("doctor")
    stage.terminal.type("migmerge sync --yes")
    stage.keep("sync")
    stage.terminal.type("migmerge undo --list")
    stage.keep("undo-list")


def play_cures() -> Stage:
    """Join one fork in both ways, each taken back again."""
    stage = _shop("cures")
    stage.sh("git merge --no-edit feature")
    stage.draw("fork")
    stage.terminal.type("migmerge fix --dry-run")
    stage.keep("fix-dry-run")
    stage.terminal.type("migmerge fix --yes")
    stage.keep("fix")
    stage.draw("merge")
    stage.terminal.type("migmerge undo --yes")
    stage.keep("undo")
    stage.terminal.type("migmerge fix --strategy reparent --yes")
    stage.keep("reparent")
    stage.draw("line")
    stage.sh("migmerge undo --yes && flask db upgrade bf946a130c16")
    stage.terminal.type("migmerge fix --strategy reparent --yes")
    stage.keep("reparent-refused")
    return stage


def play_before() -> Stage:
    """Look at what other branches would bring, before and after one of them was merged."""
    # forecast compares with the clock of the machine, not with that of git's tests.
    date = f"@{int(time.time()) - 50 * 3600} +0000"
    stage = _shop("before", GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date, GIT_TEST_DATE_NOW="")
    stage.sh("git switch -qc crm main~1")
    stage.write({"users.py": ANN["users.py"].replace("120", "255")})
    stage.commit("add contact", "5b0c3d7f21aa", by="Bea")
    stage.sh("git switch -qc docs main~1 && echo Shop > NOTES && git add . && git commit -qm notes && git switch -q main")
    stage.terminal.type("migmerge forecast")
    stage.keep("forecast")
    stage.terminal.type("migmerge check --against crm")
    stage.keep("against")
    stage.sh("git merge -q -X ours --no-edit crm")
    stage.terminal.type("migmerge rehearse")
    stage.keep("rehearse")
    stage.terminal.type("migmerge graph")
    stage.keep("graph")
    return stage


def play_rebase() -> Stage:
    """Rebase Ann's branch onto what Bea pushed."""
    stage = _shop("rebase")
    stage.sh("migmerge install && git init -q --bare ../shop.git && git remote add origin ../shop.git")
    stage.sh("git push -q origin feature:main")
    stage.sh("git fetch -q && git branch -qu origin/main")
    stage.terminal.type("git pull --rebase", until="later: migmerge fix")
    stage.keep("rebase")
    stage.terminal.type("migmerge fix", until="later: migmerge fix")
    stage.keep("rebase-fix")
    return stage


def play_numbered() -> Stage:
    """Let two branches take the same running number."""
    stage = Stage("numbered")
    stage.sh("git init -q -b main && git config user.name Ann && git config user.email ann@example.invalid")
    stage.sh("alembic init migrations && sed -i 's|^sqlalchemy.url = .*|sqlalchemy.url = sqlite:///shop.db|' alembic.ini")
    stage.sh("echo shop.db > .gitignore")
    stage.commit("create users", "0001", _ALEMBIC)
    stage.sh("alembic upgrade head && git switch -qc feature")
    stage.commit("add orders", "0002", _ALEMBIC, by="Bea")
    stage.sh("git switch -q main")
    stage.commit("add email", "0002", _ALEMBIC)
    stage.sh("git merge -q --no-edit feature")
    stage.terminal.type("migmerge fix --yes")
    stage.keep("numbered")
    return stage


STORIES: tuple[Callable[[], Stage], ...] = (play_tutorial, play_cures, play_before, play_rebase, play_numbered)


@contextmanager
def _home() -> Iterator[None]:
    if HOME.exists():
        raise SystemExit(f"{HOME} is there already; remove it and run this again")
    HOME.mkdir()
    for name in [each for each in os.environ if each.startswith(_LEFT_OUT)]:
        del os.environ[name]
    try:
        yield
    finally:
        shutil.rmtree(HOME)


def play(names: Collection[str] = ()) -> dict[str, str]:
    """Play the stories of these names, or all; return the files of their screens by name."""
    files: dict[str, str] = {}
    with _home():
        for story in (each for each in STORIES if not names or each.__name__ in names):
            stage = story()
            files |= stage.files
            for name, terminal in stage.kept.items():
                files[f"{name}.txt"] = text_of(terminal.lines)
                files |= {f"{name}-{theme}.svg": svg_of(terminal.lines, colors) for theme, colors in THEMES.items()}
    return files


def _is_stale(name: str, text: str) -> bool:
    """Say whether a kept screen shows something else."""
    path = SCREENS / name
    return not path.exists() or _DIFFERS.sub("", path.read_text(encoding="utf-8")) != _DIFFERS.sub("", text)


def main(arguments: list[str]) -> int:
    """Write the screens, or say which are not what a run shows."""
    files = play([each for each in arguments if each.startswith("play_")])
    stale = [name for name, text in files.items() if _is_stale(name, text)]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/screens/{name} is not what a run shows; make screens captures it anew")
        return bool(stale)
    SCREENS.mkdir(exist_ok=True)
    for name in stale:
        (SCREENS / name).write_text(files[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
