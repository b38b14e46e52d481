"""What is built installs anywhere: wheel and sdist, into an empty environment, hooks included."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import migmerge
from migmerge.core.findings.pages import DOCUMENTATION
from tests.support.paths import ROOT
from tests.support.project import Project

HOOKS = {"post-merge", "post-checkout", "post-commit", "post-rewrite", "look", "block"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True)
    return folder


def test_the_hooks_and_the_type_marker_are_in_the_wheel(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"migmerge/hooks/{name}" for name in HOOKS} | {"migmerge/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_the_sdist_holds_the_tests_and_the_hooks(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"hooks/{name}" for name in HOOKS} | {"tests/test_house.py", "Makefile", "LICENSE"} <= names


def test_the_package_index_would_take_both(built: Path) -> None:
    check = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir())]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr


def test_the_addresses_are_pages_of_the_documentation(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    urls = dict(each.split(", ") for each in metadata.get_all("Project-URL", []))
    assert urls.pop("Documentation") == DOCUMENTATION
    for address in urls.values():
        page = address.removeprefix(DOCUMENTATION).rstrip("/")
        assert address.startswith(DOCUMENTATION) and (ROOT / f"docs/{page}.md").is_file()


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_installs_into_an_empty_environment_and_the_hooks_work_from_there(
    built: Path, kind: str, tmp_path: Path, diverged: Project
) -> None:
    """The dependencies come from the environment of the tests, for no test may use the network."""
    (package,) = built.glob(kind)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True)
    python = tmp_path / "empty/bin/python"
    (site,) = (tmp_path / "empty/lib").glob("python*/site-packages")
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", str(package)]
    (site / "dependencies.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith("site-packages")))
    subprocess.run(install, check=True, capture_output=True)
    assert "migmerge/hooks/look" in str(next(site.rglob("look")))
    command = tmp_path / "empty/bin/migmerge"
    subprocess.run([command, "install"], cwd=diverged.top, check=True, capture_output=True)
    assert f"{tmp_path}/empty/bin/python -I -m migmerge" in (diverged.top / ".git/migmerge/hooks/look").read_text()
    assert "MM001" in diverged.hooked("merge", "--no-edit", "feature")


def test_the_version_is_said() -> None:
    done = subprocess.run([sys.executable, "-I", "-m", "migmerge", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"migmerge {migmerge.__version__}\n"
