"""The questions whose answer is a consent: only a plan that was shown can be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from ..core.consent import Consent, Planned, Shown
from .prompt import Choice, ask, ask_text, confirm


def given_by_option(shown: Shown[Planned], *, new_code: bool = False) -> Consent[Planned]:
    """Return the consent that the user gave on the command line, by `--yes` or by the name of the database.

    `new_code` says that the code which came with the merge was agreed to by an option of its own.
    """
    return Consent(shown.plan, new_code)


def ask_consent(shown: Shown[Planned], question: str, choices: Sequence[Choice], terminal: TextIO) -> Consent[Planned] | None:
    """Ask a question like `confirm`; None where the user does not agree."""
    return Consent(shown.plan) if confirm(question, choices, terminal) else None


def new_code_by_option(shown: Shown[Sequence[Consent[Planned]]]) -> list[Consent[Planned]]:
    """Return the consents with the one to code that came with the merge, which the user gave on the command line."""
    return [Consent(each.plan, new_code=True) for each in shown.plan]


def ask_new_code(
    shown: Shown[Sequence[Consent[Planned]]], choices: Sequence[Choice], terminal: TextIO
) -> list[Consent[Planned]] | None:
    """Ask for the second yes, to code that came with the merge, of plans that were agreed to; None where there is none."""
    if not confirm("Run what is new with this merge?", choices, terminal):
        return None
    return new_code_by_option(shown)


def ask_typed_consent(shown: Shown[Planned], names: Iterable[str], terminal: TextIO) -> Consent[Planned] | None:
    """Let the user type the name of each database; None where one is not typed as it is."""
    for name in names:
        typed = ask_text(f"Type the name of the database to go on ({name}):", terminal)
        if (typed or "").strip() != name:
            return None
    return Consent(shown.plan)


def ask_which(
    shown: Shown[Mapping[str, Sequence[Planned]]], question: str, choices: Sequence[Choice], terminal: TextIO
) -> tuple[str, list[Consent[Planned]]]:
    """Ask for one of several alternatives; return the answer, "no" where there is none, and the consent to its plans."""
    answer = ask(question, choices, terminal) or "no"
    return answer, [Consent(plan) for plan in shown.plan.get(answer, ())]
