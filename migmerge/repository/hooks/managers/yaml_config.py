"""Our hooks in the YAML of pre-commit, prek and lefthook: PyYAML only finds the positions, and everything else stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import yaml

from .... import __version__
from ....core.hook_manager import HookManager, command_in, lefthook_command
from .marked import NotUnderstood, Piece, line_end

TYPES = "default_install_hook_types"


def pre_commit_pieces(text: str, manager: HookManager) -> Iterator[Piece]:
    """Yield our lines for `.pre-commit-config.yaml`, and the stages that a plain `install` sets up."""
    root = _root(text)
    types = [f"{TYPES}: [{', '.join(sorted(manager.hooks))}]"]
    if root is None:
        yield Piece(len(text), [*types, "repos:", *(f"  {line}" for line in _local_repository(manager))])
        return
    keys = _values(root)
    repos = keys.get("repos")
    if not isinstance(repos, yaml.SequenceNode) or repos.flow_style or not repos.value:
        raise NotUnderstood("`repos` is no list of one entry a line")
    if TYPES not in keys:
        yield Piece(_line_start(text, root.start_mark), types)
    yield Piece(_behind(text, repos), [*_local_repository(manager)], " " * repos.start_mark.column)


def lefthook_pieces(text: str, manager: HookManager) -> Iterator[Piece]:
    """Yield our lines for `lefthook.yml`: in the hooks that it has, and behind them the others."""
    root = _root(text)
    keys = _values(root) if root is not None else {}
    new = []
    for hook in manager.hooks:
        command = [f"{key}: '{value}'" for key, value in lefthook_command(hook).items()]
        if hook not in keys:
            new += [f"{hook}:", "  commands:", "    migmerge:", *(f"      {line}" for line in command)]
            continue
        there = _values(_block(keys[hook], hook))
        if "commands" in there:
            commands = _block(there["commands"], f"{hook}.commands")
            yield Piece(
                _behind(text, commands), ["migmerge:", *(f"  {line}" for line in command)], " " * commands.start_mark.column
            )
        else:
            lines = ["commands:", "  migmerge:", *(f"    {line}" for line in command)]
            yield Piece(_behind(text, keys[hook]), lines, " " * keys[hook].start_mark.column)
    if new:
        yield Piece(len(text), new)


def always_run_everywhere(read: object) -> list[str]:
    """Return the hooks of pre-commit that would run at each event from now on: without stages, and whatever changed."""
    if not isinstance(read, dict) or TYPES in read or "default_stages" in read:
        return []
    hooks = (hook for repository in _mappings(read.get("repos")) for hook in _mappings(repository.get("hooks")))
    return [str(hook.get("id")) for hook in hooks if hook.get("always_run") and not hook.get("stages")]


def _mappings(of: object) -> list[dict[str, object]]:
    return [each for each in of if isinstance(each, dict)] if isinstance(of, list) else []


def read_yaml(text: str) -> object:
    return yaml.safe_load(text)


def hook_settings(hook: str) -> dict[str, object]:
    """Return how pre-commit and prek run one of our hooks, in an environment that they make themselves."""
    ids = {"pre-commit": "migmerge-check", "pre-push": "migmerge-check-push"}
    names = {"pre-commit": "migrations in this commit", "pre-push": "migrations after merging upstream"}
    return {
        "id": ids.get(hook, f"migmerge-{hook}"),
        "name": names.get(hook, f"migrations, {hook}"),
        "entry": command_in(hook),
        "language": "python",
        "additional_dependencies": [f"migmerge=={__version__}"],
        "pass_filenames": False,
        "always_run": True,
        "verbose": hook != "pre-commit",
        "stages": [hook],
    }


def _local_repository(manager: HookManager) -> Iterator[str]:
    yield from ("- repo: local", "  hooks:")
    for hook in manager.hooks:
        for number, (key, value) in enumerate(hook_settings(hook).items()):
            text = value if isinstance(value, str) else json.dumps(value)
            yield f"{'    - ' if number == 0 else '      '}{key}: {text}"


def _root(text: str) -> yaml.MappingNode | None:
    """Return the only document of a text, None where it is empty."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise NotUnderstood("it is no YAML of one document") from error
    return None if root is None else _block(root, "the document")


def _block(node: yaml.Node, name: str) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        raise NotUnderstood(f"`{name}` is no mapping of one key a line")
    return node


def _values(mapping: yaml.MappingNode) -> Mapping[str, yaml.Node]:
    return {str(key.value): value for key, value in mapping.value}


def _line_start(text: str, mark: yaml.Mark) -> int:
    return text.rfind("\n", 0, mark.index) + 1


def _behind(text: str, node: yaml.Node) -> int:
    """Return where the line after a collection begins; its own end is behind the comments that follow."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _behind(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    # A block scalar ends at the beginning of a line.
    return end if text[:end].endswith("\n") else line_end(text, end)
