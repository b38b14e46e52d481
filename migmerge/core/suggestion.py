"""What was probably meant by a word that is not known."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that was probably meant: the only one that begins so, or one that is much like it."""
    from difflib import get_close_matches  # only an error pays the 5 ms

    words = list(dict.fromkeys(known))
    beginning = [each for each in words if word and each.startswith(word)]
    near = beginning if len(beginning) == 1 else get_close_matches(word, words, n=1, cutoff=cutoff)
    return near[0] if near else None


def corrected(typed: Sequence[str], word: str, right: str) -> str | None:
    """Return a command line with one word, or the value of an option, put right; None where it has no such word."""
    for number, each in enumerate(typed):
        option, equals, value = each.partition("=")
        if each == word:
            new = right
        elif equals and option.startswith("-") and word in (option, value):
            new = f"{right}={value}" if word == option else f"{option}={right}"
        else:
            continue
        return shlex.join(["migmerge", *typed[:number], new, *typed[number + 1 :]])
    return None
