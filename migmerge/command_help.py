"""What the help of each command says beside its options: what the command does, three examples, the exit status."""

from __future__ import annotations

from typing import NamedTuple


class CommandHelp(NamedTuple):
    """Hold what a command does, command lines with what each of them is for, and what its exit status means."""

    what: str
    examples: tuple[tuple[str, str], ...]
    exits: tuple[tuple[int, str], ...]


_DONE, _FAILED, _BROKEN = (0, "done"), (2, "an error"), (130, "ended with Ctrl-C")
_CHANGES = ((0, "done, or nothing to do"), (1, "refused, or you said no: nothing was changed"), _FAILED, _BROKEN)

TOP = CommandHelp(
    "The git-aware branch-merge assistant for Alembic and Flask-Migrate.",
    (
        ("check", "what is wrong with the revisions"),
        ("fix", "join divergent heads"),
        ("install", "the git hooks, once in a clone"),
    ),
    ((0, "done, and nothing is wrong"), (1, "something is wrong, or was refused"), _FAILED, _BROKEN),
)
"""What the help of migmerge itself says."""

HELP: dict[str, CommandHelp] = {
    "check": CommandHelp(
        "Say what is wrong with the revisions that Alembic loads here, whether committed or not. No script is imported, and no "
        "database is asked.",
        (
            ("check", "the work tree"),
            ("check --staged", "what the next commit would hold"),
            ("check --against origin/main", "what merging this branch would give"),
        ),
        ((0, "no error was found"), (1, "an error was found"), (2, "could not look")),
    ),
    "fix": CommandHelp(
        "Join divergent heads and repair broken scripts: shows its plan, asks, writes and commits. A merge revision by default; "
        "scripts that nobody else has can be re-parented instead.",
        (
            ("fix", "show the plan and ask"),
            ("fix --dry-run", "show it and change nothing"),
            ("fix --yes --strategy merge", "a merge revision, without a question"),
        ),
        _CHANGES,
    ),
    "explain": CommandHelp(
        "Say what a finding means, how you meet it, what causes it and what cures it, with an example.",
        (
            ("explain divergent-heads", "by its name, or by its code"),
            ("explain --list", "all codes and names"),
            ("explain --list --format json", "everything, for a program"),
        ),
        (_DONE, (2, "there is no such finding")),
    ),
    "forecast": CommandHelp(
        "Merge every other recent branch into HEAD, without touching anything, and say which would collide, on what, and whose "
        "they are.",
        (
            ("forecast", "the branches of the last 90 days"),
            ("forecast --days 14", "those of the last two weeks"),
            ("forecast --limit 20 --format json", "the 20 most recent, for a program"),
        ),
        ((0, "no branch collides"), (1, "some do"), (2, "an error, or a branch could not be judged")),
    ),
    "graph": CommandHelp(
        "Draw the revisions: the divergent part, or all of them.",
        (
            ("graph", "the divergent part"),
            ("graph --all --format svg", "all revisions, for a browser"),
            ("graph --at origin/main", "the revisions of another branch"),
        ),
        (_DONE, _FAILED),
    ),
    "doctor": CommandHelp(
        "Look at everything at once, the scripts, the hooks and the databases, and say of each finding what cures it. Nothing is "
        "changed.",
        (
            ("doctor", "all of it"),
            ("doctor --no-db", "without asking a database"),
            ("doctor --deep", "replay the scripts, compare the schemas"),
        ),
        ((0, "no error was found"), (1, "an error was found, or a database could not be judged"), _FAILED),
    ),
    "report": CommandHelp(
        "Write one self-contained page: the graph, the findings, the open branches, the databases.",
        (
            ("report --html report.html", "a page for a browser"),
            ("report --html report.html --no-db", "without asking a database"),
            ("report --html - --days 14", "the branches of two weeks only"),
        ),
        (_DONE, _FAILED),
    ),
    "rehearse": CommandHelp(
        "Apply both sides of a divergence in both orders on scratch databases, and compare the schemas.",
        (
            ("rehearse", "the divergent heads here"),
            ("rehearse --against origin/main", "before the merge"),
            ("rehearse --downgrade", "and down again"),
        ),
        ((0, "the schemas are the same"), (1, "they differ, or a script fails"), _FAILED),
    ),
    "reset": CommandHelp(
        "The last resort, guided: back up, then stamp the database anew, make it anew, or start the migrations over.",
        (
            ("reset", "ask how far back"),
            ("reset stamp", "only what the database records"),
            ("reset database --dry-run", "say what would be done"),
        ),
        _CHANGES,
    ),
    "sync": CommandHelp(
        "Bring the development database to this checkout: what other branches left is taken back with their own scripts, what "
        "is pending is run. A backup comes first.",
        (
            ("sync", "show the plan and ask"),
            ("sync --dry-run", "show it and change nothing"),
            ("sync --yes --database shop.db", "one database, without a question"),
        ),
        _CHANGES,
    ),
    "undo": CommandHelp(
        "Take back the last thing that migmerge did in this clone: its commit, its files and its database change together.",
        (
            ("undo", "show what would be taken back, and ask"),
            ("undo --list", "what was done, the last first"),
            ("undo --dry-run", "show it and change nothing"),
        ),
        _CHANGES,
    ),
    "backups": CommandHelp(
        "List, restore and delete the backups that were made before each change of a database.",
        (
            ("backups", "the list, the newest first"),
            ("backups restore NAME", "bring one back; its beginning is enough"),
            ("backups prune --dry-run", "what would be deleted"),
        ),
        _CHANGES,
    ),
    "install": CommandHelp(
        "Put the git hooks into this clone. Hooks that are there already stay and run as before. With --into, write the tracked "
        "configuration of a hook manager instead, so that everybody who clones has them: it is shown as a diff and asked about, "
        "and not committed.",
        (
            ("install", "this clone"),
            ("install --into pre-commit", "the whole team"),
            ("install --into lefthook --dry-run", "show what would be written"),
        ),
        (_DONE, (1, "you said no: nothing was changed"), _FAILED),
    ),
    "uninstall": CommandHelp(
        "Take the git hooks out of this clone, without a trace; with --from, out of the configuration of a hook manager.",
        (
            ("uninstall", "this clone"),
            ("-C ../shop uninstall", "another one"),
            ("uninstall --from pre-commit", "the whole team"),
        ),
        (_DONE, (1, "you said no: nothing was changed"), _FAILED),
    ),
    "demo": CommandHelp(
        "Play the whole story in a throw-away repository: two branches, a merge, the hook's offer, the upgrade.",
        (
            ("demo", "leave nothing behind"),
            ("demo --keep shop", "keep the repository, to try things"),
            ("demo --color always", "in colour through a pipe"),
        ),
        (_DONE, _FAILED),
    ),
    "completion": CommandHelp(
        "Print the script that completes commands, options and their values in a shell.",
        (
            ("completion bash", 'in ~/.bashrc: eval "$(migmerge completion bash)"'),
            ("completion zsh", "in ~/.zshrc, after compinit: the same with zsh"),
            ("completion fish", "into ~/.config/fish/completions/migmerge.fish"),
        ),
        (_DONE, _FAILED),
    ),
    "hook": CommandHelp(
        "What the git hooks call; not for typing.",
        (
            ("hook post-merge 0", "after git merge, git pull"),
            ("hook post-checkout OLD NEW 1", "after git switch, git checkout"),
            ("hook post-rewrite rebase", "after git rebase"),
        ),
        ((0, "always: a hook must not stop git"),),
    ),
}
