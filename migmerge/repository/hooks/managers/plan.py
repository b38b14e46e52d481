"""What putting our lines into a hook manager's configuration would change, and taking them out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from ....core.errors import MigmergeError
from ....core.hook_manager import HookManager, TeamFile, TeamPlan, command_in, shell_in
from ...repository import Repository
from .json_config import with_members, without_members
from .marked import Piece, with_pieces, without_pieces
from .shell_config import with_lines, without_lines
from .toml_config import lefthook_tables, prek_pieces, read_toml
from .yaml_config import NotUnderstood, always_run_everywhere, lefthook_pieces, pre_commit_pieces, read_yaml

Pieces = Callable[[str, HookManager], Iterator[Piece]]


class NotEdited(MigmergeError):
    """Say why a configuration is left as it is; `lines` are what each hook has to run."""

    def __init__(self, message: str, lines: Sequence[str], path: str) -> None:
        super().__init__(message, hint=f"edit {path}")
        self.lines = lines


def plan_team_install(repository: Repository, manager: HookManager) -> TeamPlan:
    """Plan the change of a manager's configuration; without a file where all is there.

    Raises:
        NotEdited: for a file whose shape is not understood.
    """
    if manager.name == "husky":
        return TeamPlan(manager, tuple(_husky(repository, manager, added=True)))
    path = _configuration(repository, manager)
    data = _data(repository, path)
    if data is None and path == "package.json":
        raise _refused(manager, path, "it is not there")
    try:
        text = _text(data or b"")
        after = _with_ours(_without_ours(text, path), path, manager)
        notes = tuple(_notes(text, after, manager)) if path.endswith((".yaml", ".yml")) else ()
    except NotUnderstood as error:
        raise _refused(manager, path, str(error)) from error
    return TeamPlan(manager, tuple(_changed(path, data, after.encode())), notes)


def plan_team_uninstall(repository: Repository, manager: HookManager) -> TeamPlan:
    """Plan to take our lines out of a manager's configuration; without a file where they are not there."""
    if manager.name == "husky":
        return TeamPlan(manager, tuple(_husky(repository, manager, added=False)))
    files: list[TeamFile] = []
    for path in manager.files:
        if (data := _data(repository, path)) is not None:
            try:
                left = _without_ours(_text(data), path)
                if left:
                    _read(left, path)
            except NotUnderstood as error:
                raise MigmergeError(f"{path} is left as it is: without our lines {error}", hint=f"edit {path}") from error
            files += _changed(path, data, left.encode() or None)
    return TeamPlan(manager, tuple(files))


def _configuration(repository: Repository, manager: HookManager) -> str:
    for path in manager.by_hand:
        if _data(repository, path) is not None:
            raise _refused(manager, path, "migmerge does not edit it")
    return next((path for path in manager.files if _data(repository, path) is not None), manager.made)


def _with_ours(text: str, path: str, manager: HookManager) -> str:
    """Return the text with our lines, compared with what its manager reads before and after."""
    if path.endswith(".json"):
        after = with_members(text, manager, below_key=path == "package.json")
    else:
        after = with_pieces(text, manager.name, _pieces_for(path, manager)(text, manager))
    if _without_ours(after, path) != text or not _holds(_read(after, path), _read(text, path)):
        raise NotUnderstood("our lines would change what it means")
    return after


def _pieces_for(path: str, manager: HookManager) -> Pieces:
    is_toml = path.endswith(".toml")
    if manager.name == "lefthook":
        return lefthook_tables if is_toml else lefthook_pieces
    return prek_pieces if is_toml else pre_commit_pieces


def _without_ours(text: str, path: str) -> str:
    return without_members(text) if path.endswith(".json") else without_pieces(text)


def _read(text: str, path: str) -> object:
    import json

    if path.endswith(".toml"):
        return read_toml(text)
    try:
        return json.loads(text) if path.endswith(".json") else read_yaml(text)
    except Exception as error:  # PyYAML has several
        raise NotUnderstood("it cannot be read") from error


def _holds(after: object, before: object) -> bool:
    """Say whether everything that was configured before is there after; commands may begin with ours."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(key in after and _holds(after[key], value) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return after[: len(before)] == before
    if isinstance(before, str) and isinstance(after, str):
        return after.endswith(before)
    return before is None or after == before


def _notes(text: str, after: str, manager: HookManager) -> Iterator[str]:
    if manager.name == "lefthook":
        return
    if hooks := always_run_everywhere(text):
        yield (
            f"{', '.join(hooks)}: always runs and has no `stages`, so that it would run after each merge and checkout, too; "
            "`stages: [pre-commit]` keeps it where it is"
        )
    if f"install_hook_types: [{', '.join(sorted(manager.hooks))}]" not in after:
        types = " ".join(f"-t {hook}" for hook in manager.hooks)
        yield f"default_install_hook_types is set already; what it lacks: {manager.once} {types}"


def _husky(repository: Repository, manager: HookManager, *, added: bool) -> Iterator[TeamFile]:
    for hook in manager.hooks:
        path = f".husky/{hook}"
        data = _data(repository, path)
        text = None if data is None else without_lines(_text(data))
        after = with_lines(text, manager, hook) if added else text
        yield from _changed(path, data, None if after is None else after.encode())


def _changed(path: str, before: bytes | None, after: bytes | None) -> Iterator[TeamFile]:
    if before != after:
        yield TeamFile(path, before, after)


def _data(repository: Repository, path: str) -> bytes | None:
    with suppress(OSError), open(os.path.join(repository.top, path), "rb") as file:
        return file.read()
    return None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NotUnderstood("it is no UTF-8") from error


def _refused(manager: HookManager, path: str, reason: str) -> NotEdited:
    in_shell = manager.name in ("lefthook", "simple-git-hooks")
    lines = (f"{hook}: {shell_in(hook, manager) if in_shell else command_in(hook)}" for hook in manager.hooks)
    return NotEdited(f"{path} is left as it is: {reason}", tuple(lines), path)
