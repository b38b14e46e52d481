"""The requests that a worker answers, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

REQUESTS: Mapping[str, tuple[str, str]] = {
    "inspect": ("inspect", "inspect_databases"),
    "doubtful forwards": ("forward", "doubtful_forwards"),
    "trust": ("forward", "trust"),
    "list": ("inspect", "list_databases"),
    "run": ("run_revision", "run_revision"),
    "run steps": ("run_revision", "run_steps"),
    "rerun": ("run_revision", "rerun"),
    "stamp": ("run_revision", "stamp"),
    "discard": ("leftovers", "discard"),
    "back up": ("backup.databases", "back_up_databases"),
    "recreate": ("empty", "recreate_databases"),
    "empty": ("empty", "empty_databases"),
    "count rows": ("row_counts", "count_table_rows"),
    "rehearse": ("rehearsal.databases", "rehearse_plan"),
    "render merge script": ("merge_script", "render_merge_script"),
    "load env.py": ("merge_script", "prepare_post_write_hooks"),
    "run post-write hooks": ("merge_script", "run_merge_script_hooks"),
    "read catalogs": ("inspect", "read_catalogs"),
    "replay": ("rehearsal.replay", "replay_scripts"),
    "try plan": ("rehearsal.trial", "try_plan_on_copy"),
    "create environment": ("first_migration", "create_environment"),
    "create first revision": ("first_migration", "create_first_revision"),
    "upgrade to head": ("first_migration", "upgrade_to_head"),
}
"""The module and the function of each request."""


def function_of(request: str) -> Callable[..., object]:
    """Return the function that answers a request; to import those of all requests takes 60 ms."""
    module, name = REQUESTS[request]
    function: Callable[..., object] = getattr(import_module(f".{module}", __package__), name)
    return function
