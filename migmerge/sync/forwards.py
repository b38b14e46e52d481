"""The user's word for a database behind a forward, before it is changed: it may be on another machine."""

from __future__ import annotations

from ..core.database.database import Address, Forward
from ..database.guard import untrusted_forward
from ..database.session import Session
from ..output.prompt import Choice, ask, may_prompt, own_terminal
from ..output.screen import Screen
from ..repository.repository import Repository

_ALWAYS = "always"
_KEY = "migmerge.trusted-databases"


def trusted_forwards(repository: Repository, session: Session, screen: Screen, *, may_ask: bool) -> bool:
    """Ask about each inspected database behind a forward that is not trusted; return whether the user trusts all of them.

    Raises:
        MigmergeError: where there is nobody to ask, with the command that trusts it.
    """
    doubtful: tuple[tuple[Address, Forward], ...] = session.ask("doubtful forwards")
    for address, forward in doubtful:
        if not (may_ask and may_prompt()):
            raise untrusted_forward(address, forward)
        answer = _ask(screen, address, forward)
        if answer in (None, "no"):
            return False
        if answer == _ALWAYS:
            repository.porcelain.config("--local", "--add", _KEY, address.forwarded_as)
        session.ask("trust", names=[address.forwarded_as])
    return True


def _ask(screen: Screen, address: Address, forward: Forward) -> str | None:
    screen.say((f"{address.name} is {forward}", "warning"))
    screen.flush()
    with own_terminal() as terminal:
        return ask(f"Is {address.name} your own development database?", _choices(address), terminal)


def _choices(address: Address) -> tuple[Choice, ...]:
    kept = f"git config --add {_KEY} {address.forwarded_as}"
    return (
        Choice("no, stop here", "no", "", "Nothing is changed."),
        Choice("yes, this once", "yes", "", "The plan goes on; the next change asks again."),
        Choice("yes, always", _ALWAYS, "it is remembered in this clone", f"As by {kept}; then the plan goes on."),
    )
