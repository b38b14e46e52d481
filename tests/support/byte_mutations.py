"""Bytes changed at random: cut, doubled, joined with others, or with what readers stumble over put in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

ODD = (
    *(
        b"",
        b"\0",
        b"\n",
        b"\r",
        b"\r\n",
        b"\t",
        b"\f",
        b"\\",
        b"'",
        b'"',
        b"`",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\x80",
        b"\xed\xa0\x80",
    ),
    *(b"[", b"]", b"{", b"}", b"(", b")", b",", b":", b";", b"=", b"%", b"#", b"$", b"&", b"\x1b[31m", b"\xe2\x80\xae"),
    *(b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"Infinity", b"9" * 400, b'""', b"[]", b"{}", b'"\\ud800"', b'"\\u0000"'),
    *(b"[" * 3000, b'{"a":' * 3000, b" " * 200, b"../", b"/", b"\\u0000", "größe".encode(), "é".encode("latin-1")),
)


def mutated_bytes(data: bytes, others: Sequence[bytes], random: Random, tokens: Sequence[bytes] = ODD) -> bytes:
    """Return bytes changed in one to five ways; the parts of `others` come in between too."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        data = random.choice(_CHANGES)(data, random, random.choice(others), tokens)
    return data


_Change = Callable[[bytes, Random, bytes, Sequence[bytes]], bytes]


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((0, 1, 1, 2, 8, 40, 300)))


def _put(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + random.choice(tokens) + data[random.choice((start, end)) :]


def _cut(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _double(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:end] * random.choice((1, 1, 3)) + data[start:]


def _end(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _flip(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    place = random.randrange(len(data) + 1)
    return data[:place] + bytes([random.randrange(256)]) + data[place + 1 :]


def _join(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _move_line(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    lines, more = data.split(b"\n"), other.split(b"\n")
    lines.insert(random.randrange(len(lines) + 1), random.choice(random.choice((lines, more))))
    return b"\n".join(lines)


def _exchange_word(data: bytes, random: Random, other: bytes, tokens: Sequence[bytes]) -> bytes:
    """Put something in the place of what stands between two quotes, commas or brackets."""
    ends = [place for place, each in enumerate(data[:20_000]) if each in b',:[]{}"= \n']
    if len(ends) < 2:
        return data
    first = random.randrange(len(ends) - 1)
    return data[: ends[first] + 1] + random.choice(tokens) + data[ends[first + 1] :]


_CHANGES: tuple[_Change, ...] = (_put, _put, _cut, _double, _end, _flip, _flip, _join, _move_line, _exchange_word, _exchange_word)
