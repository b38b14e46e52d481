"""What stands in a configuration for something else, filled in as Alembic fills it in, and no longer than anybody writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from configparser import (
    MAX_INTERPOLATION_DEPTH,
    Interpolation,
    InterpolationDepthError,
    InterpolationError,
    InterpolationMissingOptionError,
    InterpolationSyntaxError,
    RawConfigParser,
)
from typing import Any, cast

MOST_CHARACTERS = 100_000
"""Of a value with all that it refers to."""
_PART = re.compile(r"[^%]+|%%|%\(([^)]+)\)s|%")
_WIDE = re.compile(r"%(?:\([^()]*\))?[^%A-Za-z]*[0-9]{4}")


class BoundedInterpolation(Interpolation):
    """Fill in `%(name)s` as `configparser.BasicInterpolation` does, to a bounded length: ten levels can make gigabytes."""

    def before_get(
        self,
        parser: MutableMapping[str, Mapping[str, str]],
        section: Any,  # from Python 3.13 on it can be an object that stands for none
        option: str,
        value: str,
        defaults: Mapping[str, str],
    ) -> str:
        """Return a value with its references filled in.

        Raises:
            InterpolationError: as `configparser` does, and where the text becomes too long.
        """
        filling = _Filling(cast("RawConfigParser", parser), section, option, defaults)
        return "".join(filling.parts(value, 1))


class _Filling:
    """Fill in one value, and count what that takes."""

    def __init__(self, parser: RawConfigParser, section: str, option: str, names: Mapping[str, str]) -> None:
        self._parser, self._section, self._option, self._names = parser, section, option, names
        self._left = MOST_CHARACTERS

    def parts(self, text: str, depth: int) -> Iterator[str]:
        """Yield the parts of a text of the section, those of the values that it names in place of the names."""
        if depth > MAX_INTERPOLATION_DEPTH and "%" in text:
            raise InterpolationDepthError(self._option, self._section, text[:MOST_CHARACTERS])
        self._spend(len(text))
        for part in _PART.finditer(text):
            if part[1] is not None:
                yield from self.parts(self._value(part[1], text), depth + 1)
            elif part[0] == "%":
                rest = text[part.start() :]
                problem = f"bad interpolation variable reference {rest!r}"
                if rest[:2] != "%(":
                    problem = f"'%' must be followed by '%' or '(', found: {rest!r}"
                raise InterpolationSyntaxError(self._option, self._section, problem)
            else:
                yield part[0].replace("%%", "%")

    def _value(self, name: str, text: str) -> str:
        key = self._parser.optionxform(name)
        if key not in self._names:
            raise InterpolationMissingOptionError(self._option, self._section, text, key)
        return self._names[key] or ""

    def _spend(self, characters: int) -> None:
        self._left -= characters + 1
        if self._left < 0:
            raise InterpolationError(
                self._option, self._section, f"with what it refers to it has more than {MOST_CHARACTERS:,} characters"
            )


def filled_in(text: str, values: MutableMapping[str, str]) -> str:
    """Return `text % values`, as Alembic fills in `%(here)s` in toml.

    Raises:
        ValueError: where the format is broken, or asks for thousands of characters.
    """
    if _WIDE.search(text) or len(text) > MOST_CHARACTERS:
        raise ValueError("its format asks for too many characters")
    return text % values
