"""Another virtual environment with this migmerge, which can be moved away or deleted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

from tests.support.project import MIGMERGE, Project


def make_environment(folder: Path) -> Path:
    """Make a virtual environment that finds the packages of this one, and return its migmerge."""
    venv.create(folder, symlinks=True, with_pip=False)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "real.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    script = folder / "bin/migmerge"
    script.write_text(f"#!{folder}/bin/python\nimport sys\nfrom migmerge.cli import main\nsys.exit(main())\n")
    script.chmod(0o755)
    return script


def run_bare(project: Project, *arguments: str, path: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run git as a GUI client does: without the environment of a shell; `path` stands before the system's own."""
    git = shutil.which("git")
    assert git
    kept = {name: value for name, value in os.environ.items() if name.startswith("GIT_") or name == "HOME"}
    folders = [*filter(None, [path]), str(Path(git).parent), "/usr/bin", "/bin"]
    assert not any((Path(folder) / "migmerge").exists() for folder in folders[-3:]), MIGMERGE
    environment = {**kept, "PATH": os.pathsep.join(folders), **more}
    return subprocess.run(
        ["git", *arguments],
        cwd=project.top,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
