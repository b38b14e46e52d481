"""Settings: `[tool.migmerge]` for the whole team, `git config migmerge.*` for one clone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .errors import MigmergeError

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import Any


KEYS = (
    "environments",
    "default-branch",
    "strategy",
    "reparent",
    "commit-message",
    "upgrade-command",
    "hooks",
    "offer-upgrade",
    "record",
    "error-hints",
    "trusted-databases",
)
_CHOICES = {
    "strategy": ("ask", "merge", "reparent"),
    "reparent": ("unpushed", "own-branches"),
    "hooks": ("prompt", "print", "off"),
}
SPELLINGS = {**dict.fromkeys(("true", "yes", "on", "1"), "prompt"), **dict.fromkeys(("false", "no", "off", "0"), "off")}
"""Git writes truth in several ways; `git config migmerge.hooks false` means what it says."""


_TRUTHS = ("offer-upgrade", "record", "error-hints")
"""The keys that are true or false."""


LISTS = {"environments": ("paths", "migrations", ""), "trusted-databases": ("HOST/NAME", "db.example.org/shop", "/")}
"""The keys that take several values: what each value is, an example, and what it has to contain."""


class Settings(NamedTuple):
    """Hold what the team and the clone configured; empty or None where migmerge decides.

    `reparent` says which of the user's revisions may be moved: those that were never pushed, or those on own branches as well.
    `hooks` is "prompt", "print" (never ask) or "off"; `offer_upgrade` says whether `fix` may offer to run what is pending.
    `record` says whether what `alembic` and `flask db` run is recorded at once, `error_hints` whether a line below their
    errors names the command that leads on.
    `trusted_databases` are HOST/NAME each: databases that are touched although they may not be a developer's own.
    `commit_message` may name {revision}, {parents} and {message}.
    """

    environments: tuple[str, ...] = ()
    default_branch: str | None = None
    strategy: str = "ask"
    commit_message: str | None = None
    upgrade_command: str | None = None
    hooks: str = "prompt"
    offer_upgrade: bool = True
    record: bool = True
    error_hints: bool = True
    reparent: str = "unpushed"
    trusted_databases: tuple[str, ...] = ()


def with_values(settings: Settings, values: Mapping[str, object], source: str) -> Settings:
    """Return `settings` with `values` over them.

    Raises:
        MigmergeError: for a key or a value that migmerge does not know, naming `source` and the nearest it does.
    """
    for key, value in values.items():
        if key not in KEYS:
            raise MigmergeError(f"{source}: unknown key {key!r}", hint=nearest_known(key, KEYS))
        checked: dict[str, Any] = {key.replace("-", "_"): _checked(key, value, source)}
        settings = settings._replace(**checked)
    return settings


def _checked(key: str, value: object, source: str) -> object:
    if key in LISTS:
        values = (value,) if isinstance(value, str) else value
        what, example, needed = LISTS[key]
        if isinstance(values, list | tuple) and all(isinstance(item, str) and needed in item for item in values):
            return tuple(values)
        raise MigmergeError(f"{source}: {key} must be a list of {what}", hint=f'{key} = ["{example}"]')
    if key == "hooks" and isinstance(value, bool | str):
        value = SPELLINGS.get(str(value).lower(), value)
    if key in _TRUTHS and str(value).lower() in SPELLINGS:
        return SPELLINGS[str(value).lower()] == "prompt"
    if not isinstance(value, str) or key in _TRUTHS:
        raise MigmergeError(f"{source}: {key} must be {'true or false' if key in _TRUTHS else 'a text'}, not {value!r}")
    if key in _CHOICES and value not in _CHOICES[key]:
        raise MigmergeError(f"{source}: {key} cannot be {value!r}", hint=nearest_known(value, _CHOICES[key]))
    return value


def nearest_known(word: str, known: tuple[str, ...]) -> str:
    """Return the hint for a word that is not known."""
    from .suggestion import nearest  # only a mistake needs it

    near = nearest(word, known, cutoff=0.5)
    return f"did you mean {near}?" if near else f"known: {', '.join(known)}"
