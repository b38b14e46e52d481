"""GitHub's runner, as it reads the commands that a step prints."""

from __future__ import annotations


def shown(text: str) -> str:
    """Return a text as a terminal may show it."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def read_as_the_runner(line: str) -> tuple[dict[str, str], str]:
    """Parse a command in the way of actions/runner's ActionCommand.TryParseV2."""
    head, said = line[2:].split("::", 1)
    pairs = [each.split("=", 1) for each in head.split(" ", 1)[1].strip().split(",") if each]
    escapes = {"\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C", "%": "%25"}
    properties = {}
    for key, value in pairs:
        for character, escape in escapes.items():
            value = value.replace(escape, character)
        properties[key] = value
    for character in "\r\n%":
        said = said.replace(escapes[character], character)
    return properties, said
