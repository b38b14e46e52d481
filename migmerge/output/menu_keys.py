"""Menus and lines of text that a user answers with keys; questionary and prompt_toolkit take 200 ms to import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import questionary
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.keys import Keys
from questionary.prompts.common import InquirerControl

from .cells import padded, width_of
from .prompt import Choice
from .wrap import folded

EXPLAIN = "?"
"""The answer of a user who wants to know what the choices do."""

_POINTER = 3
"""Cells that questionary puts before a choice."""
_NO_KEYS = ("n", "N", "q", "Q", Keys.Escape, Keys.ControlD)
_YES_KEYS = ("y", "Y")


def select(question: str, choices: Sequence[Choice], width: int) -> questionary.Question:
    """Return a menu with a reason beside each choice, no line wider than `width` cells."""
    keys = "(y, n, ? explains)" if any(choice.value == "yes" for choice in choices) else "(arrows, Enter, ? explains)"
    menu = [questionary.Choice(text, value=choice.value) for text, choice in zip(_lines(choices, width), choices, strict=True)]
    instruction = keys if width_of(question) + len(keys) + 3 <= width else f"\n  {keys}"
    asked = questionary.select("\n  ".join(folded(question, width - 2)), menu, instruction=instruction)
    application: Any = asked.application
    (control,) = (each for each in application.layout.find_all_controls() if isinstance(each, InquirerControl))
    bindings = _bindings(control, choices, width - width_of(question) - 3)
    application.key_bindings = merge_key_bindings([application.key_bindings, bindings])
    return asked


def checklist(question: str, choices: Sequence[Choice], width: int) -> questionary.Question:
    """Return a list of which any number of choices can be marked, none at first, no line wider than `width` cells."""
    lines = [questionary.Choice(line, value=each.value) for line, each in zip(_lines(choices, width - 2), choices, strict=True)]
    asked = questionary.checkbox(
        "\n  ".join(folded(question, width - 2)), lines, instruction="\n  (space marks, Enter goes on, ? explains)"
    )
    application: Any = asked.application
    (control,) = (each for each in application.layout.find_all_controls() if isinstance(each, InquirerControl))
    bindings = KeyBindings()

    def answer(event: Any) -> None:
        for choice in control.choices:  # an only answer is repeated on the line of the question
            choice.title = choice.value
        control.is_answered = True
        event.app.exit(result=[each.value for each in control.get_selected_values()])

    bindings.add(Keys.ControlM, eager=True)(answer)
    bindings.add(EXPLAIN, eager=True)(lambda event: event.app.exit(result=EXPLAIN))
    for key in _NO_KEYS:
        bindings.add(key, eager=True)(lambda event: event.app.exit(result=None))
    application.key_bindings = merge_key_bindings([application.key_bindings, bindings])
    return asked


def text(question: str) -> questionary.Question:
    """Return a line to type; Esc leaves it."""
    bindings = KeyBindings()
    bindings.add(Keys.Escape, eager=True)(lambda event: event.app.exit(result=None))
    return questionary.text(question, key_bindings=bindings)


def _lines(choices: Sequence[Choice], width: int) -> list[str]:
    """Return the text of each choice: its reason in a column of its own, or below it where that is too narrow."""
    titles = max(width_of(choice.title) for choice in choices) + 2
    widest = max(width_of(choice.reason) for choice in choices)
    if _POINTER + titles + widest < width:
        return [f"{padded(choice.title, titles)}{choice.reason}".rstrip() for choice in choices]
    below = "\n" + " " * (_POINTER + 4)
    return [below.join([choice.title, *folded(choice.reason, width - _POINTER - 5)]) for choice in choices]


def _bindings(control: InquirerControl, choices: Sequence[Choice], room: int) -> KeyBindings:
    """Return the keys that answer or select; `room` is what the question leaves of its line for the answer."""
    bindings, values = KeyBindings(), [choice.value for choice in choices]

    def answer(event: Any, number: int | None) -> None:
        if number is not None:
            title = choices[number].title
            control.pointed_at, control.is_answered = number, True
            control.choices[number].title = title if width_of(title) < room else f"\n  {title}"
        event.app.exit(result=None if number is None else values[number])

    def answering(number: int | None) -> Callable[[Any], None]:
        return lambda event: answer(event, number)

    def selecting(number: int) -> Callable[[Any], None]:
        return lambda _: setattr(control, "pointed_at", number)

    def bind(key: str, act: Callable[[Any], None]) -> None:
        bindings.add(key, eager=True)(act)

    bind(Keys.ControlM, lambda event: answer(event, control.pointed_at))
    bind(EXPLAIN, lambda event: event.app.exit(result=EXPLAIN))
    for keys, value in ((_NO_KEYS, "no"), (_YES_KEYS, "yes")):
        if value in values or value == "no":
            number = values.index(value) if value in values else None
            for key in keys:
                bind(key, answering(number))
    for number, _ in enumerate(choices[:9]):
        bind(str(number + 1), selecting(number))
    return bindings
