"""The command with which a git hook starts migmerge."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile


def own_script() -> str:
    """Return the console script that was installed with this very Python, or whatever was called."""
    beside = os.path.join(os.path.dirname(sys.executable), "migmerge")
    return beside if os.path.exists(beside) else os.path.abspath(sys.argv[0])


def own_command() -> tuple[str, ...]:
    """Return how a hook starts us: isolated, so that neither PYTHONPATH nor a sitecustomize.py of the repository has a say.

    An installation under the user's site-packages cannot be seen from an isolated Python: there it is the console script.
    """
    isolated = (sys.executable, "-I", "-m", "migmerge")
    seen = subprocess.run((*isolated, "--version"), cwd=tempfile.gettempdir(), capture_output=True, check=False)
    return isolated if seen.returncode == 0 else (own_script(),)
