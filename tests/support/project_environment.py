"""A virtual environment of a project, without migmerge, and a migmerge that is installed apart from it."""

from __future__ import annotations

import os
import subprocess
import venv
from importlib.util import find_spec
from pathlib import Path

from tests.support.project import Project
from tests.support.thin_environment import make_environment

_PACKAGES = [
    "alembic",
    "mako",
    "markupsafe",
    "sqlalchemy",
    "typing_extensions",
    "flask",
    "flask_migrate",
    "flask_sqlalchemy",
    "werkzeug",
    "jinja2",
    "click",
    "blinker",
    "itsdangerous",
    "greenlet",
]
"""What a project with Flask-Migrate has installed."""

TOOL = """import sys
from pathlib import Path


def main():
    path = Path(next(each for each in sys.argv[1:] if each.endswith(".py")))
    path.write_text(path.read_text() + "# stamped\\n")
    print("stamped " + path.name)


def suffix():
    return "of the shop"


if __name__ == "__main__":
    main()
"""


def make_project_environment(folder: Path) -> Path:
    """Make an environment with Flask-Migrate and the package `shop_tools`, whose program `shop-stamp` no other one has."""
    venv.create(folder, symlinks=True, with_pip=False)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    for name in _PACKAGES:
        for source in _installed(name):
            (site_packages / source.name).symlink_to(source)
    (site_packages / "shop_tools.py").write_text(TOOL)
    facts = site_packages / "shop_tools-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-tools\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[console_scripts]\nshop-stamp = shop_tools:main\n")
    script = folder / "bin/shop-stamp"
    script.write_text(f"#!{folder}/bin/python\nfrom shop_tools import main\nmain()\n")
    script.chmod(0o755)
    return folder


def _installed(name: str) -> list[Path]:
    """Return the package or the module, and the folder of its metadata."""
    found = find_spec(name)
    assert found and found.origin
    origin = Path(found.origin)
    source = origin.parent if origin.name == "__init__.py" else origin
    return [source, *(each for each in source.parent.glob("*.dist-info") if each.name.split("-")[0].lower() == name)]


def make_separate_migmerge(folder: Path) -> Path:
    """Make an environment as pipx does, and return its migmerge."""
    script = make_environment(folder)
    (folder / "pipx_metadata.json").write_text("{}")
    return script


def run_separate(script: Path, project: Project, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a migmerge that is installed apart, from a shell in which no environment is activated."""
    done = subprocess.run(
        [script, *arguments],
        cwd=project.top,
        env={**os.environ, "VIRTUAL_ENV": "", "PATH": os.defpath, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done
