"""The command with which a git hook starts migmerge."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile


def own_script() -> str:
    """Return the console script that was installed with this Python, else the path of the running program."""
    # On Windows its name has an ending.
    beside = shutil.which("migmerge", path=os.path.dirname(sys.executable))
    return beside or os.path.abspath(sys.argv[0])


def own_command() -> tuple[str, ...]:
    """Return the command with which a hook starts us: isolated from PYTHONPATH and a sitecustomize.py of the repository.

    An isolated Python does not see the user's own site-packages: for an installation there it is the console script.
    """
    isolated = (sys.executable, "-I", "-m", "migmerge")
    tried = subprocess.run((*isolated, "--version"), cwd=tempfile.gettempdir(), capture_output=True, check=False)
    return isolated if tried.returncode == 0 else (own_script(),)
