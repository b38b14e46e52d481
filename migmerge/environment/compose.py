"""The services of the Compose files beside a project, read as data and leniently: what is not understood is left out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .variable_files import text_of

FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""The names that `docker compose` looks for, in its order; an override file beside the first of them is read too."""

_KEY = re.compile(r"""["']?([\w.$/-]+|<<)["']?\s*:(?:\s+(.*))?$""")
_ALIAS = re.compile(r"\*([\w-]+)")
_NAME = re.compile(r"""["']?([A-Za-z_]\w*)["']?\s*[:=]""")
_PORT = re.compile(r"(?:(?:[\d.]+|\[[\d:a-f]+\]):)?(?P<published>[0-9]{1,5}):(?P<target>[0-9]{1,5})(?:/tcp)?\Z")
_NUMBER = re.compile(r"[0-9]{1,5}")
_REFERENCE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?[^}]*\}|\$(\w+)")
_COMMENT = re.compile(r"(?:^|\s)#.*$")


class Line(NamedTuple):
    """A line of a YAML file without its comment: its indentation and its text."""

    indent: int
    text: str


class Service(NamedTuple):
    """Hold the names by which other services reach it, whether it is built here, its ports and its variables.

    `ports` are the ports of this machine by those of the service; `variables` are names, never values.
    """

    name: str
    aliases: frozenset[str] = frozenset()
    is_built: bool = False
    ports: Mapping[int, int] = {}
    variables: frozenset[str] = frozenset()
    depends_on: frozenset[str] = frozenset()

    def with_more(self, other: Service) -> Service:
        """Return the service with what an override file adds."""
        return Service(
            self.name,
            self.aliases | other.aliases,
            self.is_built or other.is_built,
            {**self.ports, **other.ports},
            self.variables | other.variables,
            self.depends_on | other.depends_on,
        )


class ComposeFile(NamedTuple):
    """Hold the path of a Compose file and its services."""

    path: str
    services: tuple[Service, ...]

    def named(self, host: str) -> Service | None:
        """Return the service that other services reach by a host name."""
        return next((each for each in self.services if host == each.name or host in each.aliases), None)

    def application(self, beside: Service | None = None) -> Service | None:
        """Return the service that runs the application: it is built here, and depends on the database where one says so."""
        built = [each for each in self.services if each.is_built and each != beside]
        dependent = [each for each in built if beside and beside.name in each.depends_on]
        usual = [each for each in dependent or built if each.name in ("web", "app", "api", "backend")]
        return next(iter(usual or dependent or built), None)


def find_compose_file(folders: Sequence[str], variables: Mapping[str, str]) -> ComposeFile | None:
    """Read the Compose file of the first folder that has one, with its override file; `variables` replace `${NAME}` in ports."""
    for folder in folders:
        for name in FILES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                stem, ending = os.path.splitext(name)
                overrides = (os.path.join(folder, f"{stem}.override{each}") for each in (ending, ".yaml", ".yml"))
                override = next((each for each in overrides if os.path.isfile(each)), None)
                texts = [text_of(each) for each in (path, override) if each]
                return ComposeFile(path, _merged(services for text in texts for services in read_services(text, variables)))
    return None


def _merged(services: Iterator[Service]) -> tuple[Service, ...]:
    found: dict[str, Service] = {}
    for each in services:
        found[each.name] = found[each.name].with_more(each) if each.name in found else each
    return tuple(found.values())


def read_services(text: str, variables: Mapping[str, str]) -> tuple[Service, ...]:
    """Return the services of the text of a Compose file."""
    lines = list(_lines(text))
    named = next((block for key, _, block in _entries(lines) if key == "services"), [])
    return tuple(_service(name, _resolved(value, block, lines), variables) for name, value, block in _entries(named))


def _lines(text: str) -> Iterator[Line]:
    for line in text.expandtabs().splitlines():
        kept = _COMMENT.sub("", line).rstrip()
        if kept.strip() and not kept.startswith("---"):
            yield Line(len(kept) - len(kept.lstrip()), kept.strip())


def _entries(lines: Sequence[Line]) -> Iterator[tuple[str, str, list[Line]]]:
    """Yield the keys of a mapping, each with the text behind it and the lines below it."""
    outer = min((line.indent for line in lines), default=0)
    key, value, block = "", "", list[Line]()
    for line in lines:
        found = _KEY.match(line.text) if line.indent == outer else None
        if found:
            if key:
                yield key, value, block
            key, value, block = found[1], found[2] or "", []
        else:
            block.append(line)
    if key:
        yield key, value, block


def _resolved(value: str, block: list[Line], lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a block with those of the anchors that it merges."""
    merged = [text for key, text, _ in _entries(block) if key == "<<"]
    aliases = [name for text in (value, *merged) for name in _ALIAS.findall(text)]
    return [line for name in aliases for line in _anchored(name, lines, _outer(block))] + block


def _anchored(name: str, lines: Sequence[Line], indent: int) -> list[Line]:
    start = next((number for number, line in enumerate(lines) if line.text.endswith(f"&{name}")), None)
    if start is None:
        return []
    below = list[Line]()
    for line in lines[start + 1 :]:
        if line.indent <= lines[start].indent:
            break
        below.append(line)
    return [line._replace(indent=line.indent - _outer(below) + indent) for line in below]


def _outer(lines: Sequence[Line]) -> int:
    return min((line.indent for line in lines), default=0)


def _service(name: str, block: Sequence[Line], variables: Mapping[str, str]) -> Service:
    parts: dict[str, list[str]] = {}
    for key, value, below in _entries(block):
        parts[key] = [*([value] if value else []), *(line.text for line in below)]
    aliases = {_bare(each) for key in ("container_name", "hostname") for each in parts.get(key, ())}
    depends_on = {_bare(each.removesuffix(":")) for text in parts.get("depends_on", ()) for each in _items(text)}
    found = (_NAME.match(each) for text in parts.get("environment", ()) for each in _items(text))
    return Service(
        name,
        frozenset(aliases),
        "build" in parts,
        _ports(parts.get("ports", ()), variables),
        frozenset(each[1] for each in found if each),
        frozenset(depends_on),
    )


def _items(text: str) -> list[str]:
    """Return the items of a list in one line, or the item of a line."""
    if text[:1] in ("[", "{"):
        return [each.strip() for each in text.strip("[]{}").split(",")]
    return [text.removeprefix("- ").strip()]


def _bare(text: str) -> str:
    return text.strip().strip("\"'")


def _ports(texts: Sequence[str], variables: Mapping[str, str]) -> dict[int, int]:
    """Return the ports of this machine by those of the service, from the short and the long syntax."""
    found: dict[int, int] = {}
    target = 0
    for item in (each for text in texts for each in _items(text)):
        written = _bare(_substituted(item, variables))
        key, _, value = written.partition(":")
        if short := _PORT.match(written):
            found[int(short["target"])] = int(short["published"])
        elif key == "target" and _NUMBER.fullmatch(_bare(value)):
            target = int(_bare(value))
        elif key == "published" and _NUMBER.fullmatch(_bare(value)):
            found[target] = int(_bare(value))
    return {port: published for port, published in found.items() if port}


def _substituted(text: str, variables: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda found: variables.get(found[1] or found[3]) or found[2] or "", text)
