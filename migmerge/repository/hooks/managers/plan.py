"""What putting our lines into a hook manager's configuration would change, and taking them out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from ....core.errors import MigmergeError
from ....core.hook_manager import HookManager, TeamFile, TeamPlan, command_in, shell_in
from ...repository import Repository
from ..files import hooks_folder
from .expected import with_ours
from .json_config import with_members, without_members
from .marked import NotUnderstood, Piece, with_pieces, without_pieces
from .shell_config import is_made, with_lines
from .toml_config import lefthook_tables, prek_pieces, read_toml
from .yaml_config import TYPES, always_run_everywhere, lefthook_pieces, pre_commit_pieces, read_yaml

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
        _require_husky_at_the_top(repository, manager)
        changed = [file for path in manager.tracked for file in _hook_file(repository, manager, path)]
        return TeamPlan(manager, tuple(changed))
    path = _configuration(repository, manager)
    try:
        data = _data(repository, path)
        if data is None and path == "package.json":
            raise NotUnderstood("it is not there")
        before = _without_ours(_text(data or b""), path)
        after = _with_ours(before, path, manager)
        notes = tuple(_notes(_read(before, path), manager))
    except NotUnderstood as error:
        raise _refused(manager, path, str(error)) from error
    return TeamPlan(manager, tuple(_changed(path, data, after)), notes)


def plan_team_uninstall(repository: Repository, manager: HookManager) -> TeamPlan:
    """Plan to take our lines out of a manager's configuration; without a file where they are not there."""
    files: list[TeamFile] = []
    for path in manager.tracked:
        try:
            if (data := _data(repository, path)) is not None:
                files += _changed(path, data, _left(_text(data), path, manager))
        except NotUnderstood as error:
            raise MigmergeError(f"{path} is left as it is: {error}", hint=f"edit {path}") from error
    return TeamPlan(manager, tuple(files))


def _left(text: str, path: str, manager: HookManager) -> str | None:
    """Return a file without our lines, None where they were all of it."""
    left = _without_ours(text, path)
    if manager.name == "husky":
        return None if left != text and is_made(left) else left
    if left:
        _read(left, path)
    return left if left or not text else None


def _configuration(repository: Repository, manager: HookManager) -> str:
    for path in manager.by_hand:
        if os.path.lexists(repository.absolute(path)):
            raise _refused(manager, path, "migmerge does not edit it")
    return next((path for path in manager.files if os.path.lexists(repository.absolute(path))), manager.made)


def _with_ours(text: str, path: str, manager: HookManager) -> str:
    """Return the text with our lines, compared with what its manager reads before and after."""
    if path.endswith(".json"):
        after = with_members(text, manager, below_key=path == "package.json")
    else:
        after = with_pieces(text, manager.name, _pieces_for(path, manager)(text, manager))
    if _without_ours(after, path) != text or _read(after, path) != with_ours(_read(text, path), manager, path):
        raise NotUnderstood("our lines would change what it means")
    return after


def _pieces_for(path: str, manager: HookManager) -> Pieces:
    is_toml = path.endswith(".toml")
    if manager.name == "lefthook":
        return lefthook_tables if is_toml else lefthook_pieces
    return prek_pieces if is_toml else pre_commit_pieces


def _without_ours(text: str, path: str) -> str:
    return without_members(text, below_key=path == "package.json") if path.endswith(".json") else without_pieces(text)


def _read(text: str, path: str) -> object:
    import json

    if path.endswith(".toml"):
        return read_toml(text)
    try:
        return json.loads(text) if path.endswith(".json") else read_yaml(text)
    except Exception as error:  # PyYAML has several
        raise NotUnderstood("it cannot be read") from error


def _notes(read: object, manager: HookManager) -> Iterator[str]:
    if not manager.installs_types:
        return
    if hooks := always_run_everywhere(read):
        yield (
            f"{', '.join(hooks)}: always runs and has no `stages`, so that it would run after each merge and checkout, too; "
            "`stages: [pre-commit]` keeps it where it is"
        )
    types = read.get(TYPES, manager.hooks) if isinstance(read, dict) else manager.hooks
    if lacking := [f"-t {hook}" for hook in manager.hooks if hook not in types]:
        yield f"{TYPES} is set already; what it lacks: {manager.once} {' '.join(lacking)}"


def _require_husky_at_the_top(repository: Repository, manager: HookManager) -> None:
    """Refuse where git calls the husky of a project in a folder: what is at the top would never run."""
    folder = os.path.relpath(hooks_folder(repository), repository.top).replace(os.sep, "/").removesuffix("/_")
    if folder.endswith("/.husky"):
        raise _refused(manager, folder, "it is that of a project in a folder")


def _hook_file(repository: Repository, manager: HookManager, path: str) -> Iterator[TeamFile]:
    try:
        data = _data(repository, path)
        text = None if data is None else without_pieces(_text(data))
        yield from _changed(path, data, with_lines(text, manager, os.path.basename(path)))
    except NotUnderstood as error:
        raise _refused(manager, path, str(error)) from error


def _changed(path: str, before: bytes | None, after: str | None) -> Iterator[TeamFile]:
    data = None if after is None else after.encode()
    if before != data:
        yield TeamFile(path, before, data)


def _data(repository: Repository, path: str) -> bytes | None:
    """Return what a file holds, None where there is none."""
    file = repository.absolute(path)
    if not os.path.lexists(file):
        return None
    if not os.path.isfile(file):  # a folder, or a link to nothing or to a device that never ends
        raise NotUnderstood("it is no file")
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise NotUnderstood("it cannot be read") from error


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NotUnderstood("it is no UTF-8") from error


def _refused(manager: HookManager, path: str, reason: str) -> NotEdited:
    in_shell = manager.name in ("lefthook", "simple-git-hooks")
    lines = (f"{hook}: {shell_in(hook, manager) if in_shell else command_in(hook)}" for hook in manager.hooks)
    return NotEdited(f"{path} is left as it is: {reason}", tuple(lines), path)
