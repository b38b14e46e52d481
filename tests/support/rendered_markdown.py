"""Markdown as a reader sees it: what a renderer makes of it."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from markdown_it import MarkdownIt

ELEMENTS = {"h3", "table", "thead", "tbody", "tr", "th", "td", "code", "p", "ul", "li"}
"""What migmerge's own Markdown becomes."""


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def rendered(text: str) -> str:
    return str(_renderer().render(text))


def cells(html: str) -> list[str]:
    return [
        unescape(re.sub("<[^>]*>", "", cell)).replace("\u2060", "") for cell in re.findall(r"<td>(.*?)</td>", html, re.DOTALL)
    ]


def elements(html: str) -> set[str]:
    return set(re.findall(r"</?([a-z0-9]+)", html))


def calls_in(html: str) -> list[str]:
    """Return what GitHub would take for a mention or a reference: such words in code are none."""
    outside_of_code = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    return re.findall(r"[@#][\w&]", unescape(outside_of_code))
