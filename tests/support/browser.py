"""A real browser without a window: what a page is once its script has run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is here")

_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=2000"),
)


def browse(page: Path, action: str, *, fragment: str = "", width: int = 1400) -> str:
    """Open a page, let its script run, and return what the browser says about it on stdout."""
    profile = page.parent / f"profile-{width}"
    address = f"{page.as_uri()}{fragment}"
    assert CHROMIUM
    command = [CHROMIUM, *_QUIET, f"--user-data-dir={profile}", f"--window-size={width},1000", action, address]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def document(page: Path, fragment: str = "") -> str:
    """Return the page's elements once its script has run."""
    return browse(page, "--dump-dom", fragment=fragment)
