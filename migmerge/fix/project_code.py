"""The steps of a plan that run code of the project, with what of it the merge has brought."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from ..core.errors import MigmergeError
from ..core.fix_plan.plan import CreateMergeRevision, Plan, Proposal, Refusal, Repair, RunProjectCode
from ..core.fix_plan.project_code import new_files, with_new_named
from ..core.snapshot import Snapshot
from ..environment.merge_script import runs_no_code
from ..workspace.workspace import Workspace
from .context import FixOptions


def with_code(
    workspace: Workspace, snapshot: Snapshot, proposed: Proposal | Repair | Refusal, fix_options: FixOptions
) -> Proposal | Repair | Refusal:
    """Add to a merge revision's plan the steps that run code of the project; what Alembic refuses is said where it is written."""
    if not isinstance(proposed, Proposal) or not isinstance(proposed.merge, Plan) or fix_options.strategy == "reparent":
        return proposed
    plan, top = proposed.merge, workspace.repository.top
    create, *rest = plan.steps
    if not isinstance(create, CreateMergeRevision) or runs_no_code(create.environment, top):
        return proposed
    # Alembic takes 300 ms to import.
    from .script_writer import script_writer

    with suppress(MigmergeError):
        code = _with_new(workspace, snapshot, script_writer(create, workspace.repository, fix_options).code)
        return replace(proposed, merge=replace(plan, steps=(create, *code, *rest)))
    return proposed


def _with_new(workspace: Workspace, snapshot: Snapshot, code: Sequence[RunProjectCode]) -> list[RunProjectCode]:
    """Name what came with the merge in each step: all of it, where git fails to tell."""
    # Hardly any project has such code.
    from ..workspace.own_side import code_files, own_side

    paths = [path for step in code for path in step.files]
    try:
        side = own_side(workspace, snapshot)
        new, unsure = new_files(code_files(workspace, snapshot, side, paths)), side is None
    except (MigmergeError, OSError):
        new, unsure = frozenset(paths), True
    return [with_new_named(step, new, unsure=unsure) for step in code]
