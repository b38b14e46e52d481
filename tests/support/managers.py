"""Real hook managers, driven as a team drives them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.paths import ROOT
from tests.support.project import Project

BIN = Path(sys.executable).parent
NODE = BIN.parent / "managers/node_modules"
"""Where `make test` puts what npm has."""


class Manager(NamedTuple):
    """Name a manager, its program, and a configuration of its own that says OTHER after a merge."""

    name: str
    path: str
    configuration: str
    install: tuple[str, ...] = ("install",)
    uninstall: tuple[str, ...] = ("uninstall",)

    @property
    def program(self) -> Path:
        return (NODE / ".bin" if self.name in ("husky", "simple-git-hooks") else BIN) / self.name

    def require(self) -> None:
        if not self.program.exists():
            pytest.skip(f"{self.name} is not in {self.program.parent}")

    def configure(self, project: Project) -> None:
        """Let the project use the manager, as it did before it heard of migmerge."""
        project.write(self.path, self.configuration)
        if self.name == "husky":
            project.write("package.json", '{"name": "shop"}\n')
        project.write(".gitignore", "node_modules\n")
        project.commit("hooks")

    def set_up(self, project: Project) -> None:
        """Run what each member of a team runs once."""
        if self.name in ("husky", "simple-git-hooks"):
            modules = project.top / "node_modules"
            if not modules.exists():
                modules.symlink_to(NODE)
        self.run(project, *self.install)

    def tear_down(self, project: Project) -> None:
        if self.name == "husky":
            project.git("config", "--unset", "core.hooksPath")
        elif self.name == "simple-git-hooks":
            subprocess.run(["node", NODE / "simple-git-hooks/uninstall.js"], cwd=project.top, check=True, capture_output=True)
        else:
            types = [] if self.name == "lefthook" else ["-t", "post-merge"]
            self.run(project, *self.uninstall, *types)

    def run(self, project: Project, *arguments: str) -> str:
        done = subprocess.run([self.program, *arguments], cwd=project.top, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


_PRE_COMMIT = """\
repos:
- repo: local  # ours
  hooks:
  - id: other
    name: other
    entry: echo OTHER
    language: system
    pass_filenames: false
    always_run: true
    verbose: true
    stages: [post-merge]
"""
MANAGERS = {
    each.name: each
    for each in (
        Manager("pre-commit", ".pre-commit-config.yaml", _PRE_COMMIT),
        Manager("prek", ".pre-commit-config.yaml", _PRE_COMMIT),
        Manager("lefthook", "lefthook.yml", "post-merge:\n  jobs:\n    - name: other\n      run: echo OTHER\n"),
        Manager("husky", ".husky/post-merge", "echo OTHER\n", ()),
        Manager("simple-git-hooks", "package.json", '{"simple-git-hooks": {"post-merge": "echo OTHER"}}\n', ()),
    )
}


def lent_wheel(folder: Path) -> Path:
    """Build a wheel whose dependencies come from the environment of the tests, for no test may use the network."""
    built = folder / "built"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    entries = [entry for entry in sys.path if entry.endswith("site-packages")]
    (folder / "wheels").mkdir()
    with zipfile.ZipFile(wheel) as read, zipfile.ZipFile(folder / "wheels" / wheel.name, "w") as written:
        for name in read.namelist():
            data = read.read(name)
            if name.endswith("/METADATA"):
                data = b"".join(line for line in data.splitlines(keepends=True) if not line.startswith(b"Requires-Dist"))
            if name.endswith("/RECORD"):
                data += b"lent.pth,,\n"
            written.writestr(name, data)
        written.writestr("lent.pth", "\n".join(entries))
    return folder / "wheels"


def offline(wheels: Path, homes: Path) -> dict[str, str]:
    """Return the environment in which pre-commit and prek install from a folder alone; virtualenv brings pip and setuptools."""
    from virtualenv.seed.wheels.embed import BUNDLE_FOLDER

    return {
        "PRE_COMMIT_HOME": str(homes / "pre-commit"),
        "PREK_HOME": str(homes / "prek"),
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": f"{wheels} {BUNDLE_FOLDER}",
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_CACHE_DIR": str(homes / "uv"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
