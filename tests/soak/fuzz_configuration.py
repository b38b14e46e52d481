"""Ini and toml files: what is read as data is what Alembic reads, and where Alembic would raise there is a problem."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterable
from configparser import ConfigParser, Error
from random import Random

from alembic.config import Config
from alembic.util import CommandError

from migmerge.environment.config_files import HERE, DescribedEnvironment, read_ini, read_toml
from tests.soak.fuzz_target import Counts, Target, own_folder
from tests.support.byte_mutations import mutated_bytes
from tests.support.paths import DATA

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError
else:
    from tomli import TOMLDecodeError

_LAYOUTS = json.loads((DATA / "layouts/layouts.json").read_text(encoding="utf-8"))["texts"]
_KEYS = (
    *("script_location", "version_locations", "path_separator", "version_path_separator", "recursive_version_locations"),
    *("prepend_sys_path", "truncate_slug_length", "file_template", "sourceless", "output_encoding", "timezone", "here", "a", "b"),
)
_INI_VALUES = (
    *(
        "migrations",
        "%(here)s/migrations",
        "%(here)s/a:%(here)s/b",
        "a b, c",
        "a;b",
        "a\n    b\n    c",
        "",
        " ",
        "app:migrations",
    ),
    *(
        "os",
        "space",
        "newline",
        ":",
        ";",
        "os  # pathsep",
        "true",
        "True",
        "false",
        "40",
        "x",
        "-1",
        "4_0",
        "٤",
        "%(a)s",
        "%(b)s",
    ),
    *(
        "%(A)s/%(b)s",
        "%%",
        "%",
        "%d",
        "%(here)",
        "%%(here)s",
        "%(nothing)s",
        "x # y",
        "x ; y",
        "größe",
        "../m",
        "/",
        "a,b ,c",
        ":",
    ),
    *(
        "%(__name__)s",
        "a:b",
        '"migrations"',
        "%%(year)d_%%(rev)s",
        "a = b",
        "[x]",
        "\ta",
        "%(here)s" * 3,
        "a\n\n    b",
        "a\n# b\n  c",
    ),
)
_INI_LINES = (
    *(
        b"[alembic]",
        b"[DEFAULT]",
        b"[other]",
        b"[post_write_hooks]",
        b"[alembic:x]",
        b"[ alembic ]",
        b"# x",
        b"; x",
        b"x",
        b"[]",
        b"",
    ),
    *(
        b"hooks = black",
        b"black.type = console_scripts",
        b"black.options = -l 79 REVISION_SCRIPT_FILENAME",
        b"hooks = %(x)s",
        b" = x",
    ),
    *(
        b"  more",
        b"key",
        b"script_location",
        b"SCRIPT_LOCATION = m",
        b"script_location : m",
        b"script_location=m",
        b"\xc2\xa0x = 1",
    ),
)
_TOML_VALUES = (
    *(
        "'migrations'",
        '"%(here)s/m"',
        "['a', '%(here)s/b']",
        "[]",
        "{}",
        "true",
        "false",
        "40",
        "1.5",
        "''",
        "'%'",
        "'%%'",
        "'%(x)s'",
    ),
    *("[1]", "['a', 1]", "[['a']]", "{a = 'b'}", "[{name = 'x', type = 'y'}]", "'''a\nb'''", "1979-05-27", '"a\\u0041"', "nan"),
    *(
        "[[]]",
        "[true]",
        "'%(here)d'",
        "'%(here)5s'",
        "'%s'",
        "'%(here)s%'",
        "[{}]",
        "[{name = 1}]",
        "{a = 1}",
        "'größe'",
        '"\\n"',
    ),
)
_FITTING = {
    "version_locations": "['a', '%(here)s/b']",
    "recursive_version_locations": "true",
    "sourceless": "false",
    "prepend_sys_path": "['.']",
    "truncate_slug_length": "40",
}
_TOML_LINES = (
    *(b"[tool.alembic]", b"[tool]", b"[tool.other]", b"[project]", b"alembic.script_location = 'm'", b"[[tool.alembic]]"),
    *(b"alembic = 1", b"[ tool . alembic ]", b"['tool'.\"alembic\"]", b"tool.alembic.script_location = 'm'", b"[a]", b"tool = 1"),
    *(b"tool = {alembic = {script_location = 'm'}}", b"# x", b"", b"[tool.alembic.x]", b"post_write_hooks = [{name = 'x'}]"),
)
_REFUSALS = (Error, ValueError, TypeError, KeyError, AttributeError, CommandError, TOMLDecodeError, RecursionError)
_OWN_LIMITS = ("too long to read", "more than 100,000", "too many characters", "nested too deeply")
_Read = tuple[str | None, tuple[str, ...], bool]
"""Where the scripts lie, the versions folders, and whether those are recursive."""


def _draw_ini(random: Random) -> bytes:
    texts = [text.encode() for text in _LAYOUTS]
    lines = [b"[alembic]"] if random.random() < 0.8 else random.choice(texts).split(b"\n")
    for key in random.sample(_KEYS, random.choice((1, 2, 3, 6))):
        line = f"{key}{random.choice((' = ', ' = ', '=', ': ', ' ='))}{random.choice(_INI_VALUES)}".encode()
        place = random.randrange(1, len(lines) + 1)
        lines[place:place] = [random.choice(_INI_LINES), line] if random.random() < 0.1 else [line]
    data = b"\n".join(lines) + b"\n"
    return (
        mutated_bytes(data, texts, random, (*_INI_LINES, b"\n", b"%", b"%(", b")s", b"\r", b" "))
        if random.random() < 0.2
        else data
    )


def _draw_toml(random: Random) -> bytes:
    lines = [b"[tool.alembic]"] if random.random() < 0.8 else [random.choice(_TOML_LINES)]
    for key in dict.fromkeys(("script_location", *random.sample(_KEYS, random.choice((1, 2, 3, 6))))):
        value = _FITTING.get(key, "'x'") if random.random() < 0.7 else random.choice(_TOML_VALUES)
        line = f"{key} = {value}".encode()
        place = len(lines) if random.random() < 0.9 else random.randrange(len(lines) + 1)
        lines.insert(place, random.choice(_TOML_LINES) if random.random() < 0.15 else line)
    data = b"\n".join(lines) + b"\n"
    return mutated_bytes(data, [data], random, _TOML_LINES) if random.random() < 0.2 else data


def judge_ini(data: bytes, counts: Counts) -> str | None:
    """Say where an ini is read otherwise than Alembic reads it."""
    described = read_ini(data)
    path = own_folder() / "alembic.ini"
    path.write_bytes(data)
    try:
        parser = ConfigParser({"here": "x"})
        parser.read_string(data.decode().replace("\r\n", "\n").replace("\r", "\n"))
        named = [name for name in parser.sections() if name == "alembic" or "script_location" in parser[name]]
    except UnicodeDecodeError:
        counts["in no encoding"] += 1
        return None
    except Error:
        counts["no ini"] += 1
        return None if [each.problem for each in described] != [None] else f"no ini, read as {described}"
    if data.startswith(b"\xef\xbb\xbf") or any(_is_of_our_own(each) for each in described):
        counts["beyond our limits"] += 1
        return None
    if missing := [name for name in named if name not in {each.section for each in described} and name in ("alembic", "other")]:
        return f"sections that are passed over: {missing}"
    return _first_wrong(described, counts, lambda section: Config(path, ini_section=section))


def judge_toml(data: bytes, counts: Counts) -> str | None:
    """Say where a toml is read otherwise than Alembic reads it."""
    described = read_toml(data)
    path = own_folder() / "pyproject.toml"
    path.write_bytes(data)
    if any(_is_of_our_own(each) for each in described):
        counts["beyond our limits"] += 1
        return None
    if described:
        return _first_wrong(described, counts, lambda section: Config(toml_file=path))
    read = _as_alembic(Config(toml_file=path))
    counts["without a location"] += 1
    return None if isinstance(read, Exception) or read[0] is None else f"passed over, Alembic reads {read}"


def _is_of_our_own(described: DescribedEnvironment) -> bool:
    return any(limit in (described.problem or "") for limit in _OWN_LIMITS)


def _first_wrong(described: Iterable[DescribedEnvironment], counts: Counts, config: Callable[[str], Config]) -> str | None:
    for each in described:
        read = _as_alembic(config(each.section))
        counts["refused" if isinstance(read, Exception) else "read"] += 1
        said: _Read = (each.script_location, each.version_locations, each.recursive)
        if isinstance(read, Exception) != (each.problem is not None):
            return f"[{each.section}]: problem {each.problem!r}, Alembic: {read!r}"
        if not isinstance(read, Exception) and read != said:
            return f"[{each.section}]: {said}, Alembic: {read}"
    return None


def _as_alembic(config: Config) -> _Read | Exception:
    """Read a configuration in the steps of `ScriptDirectory.from_config`, but without looking for its folder."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(config)
    except _REFUSALS as error:
        return error


def _read(config: Config) -> _Read:
    location = config.get_alembic_option("script_location")
    if (length := config.get_alembic_option("truncate_slug_length")) is not None:
        int(length)
    if not isinstance(location, str | None):
        raise TypeError("of no file")
    list(config.get_prepend_sys_paths_list() or ())
    recursive = config.get_alembic_boolean_option("recursive_version_locations")
    for key in ("file_template", "output_encoding", "timezone"):
        config.get_alembic_option(key)
    config.get_alembic_boolean_option("sourceless")
    locations = config.get_version_locations_list() or []
    if not isinstance(locations, list):  # Alembic takes each letter for a folder
        raise TypeError("no list of folders")
    config.get_hooks_list()
    folder = str(own_folder())
    here = [each.replace(folder, HERE) for each in (location or "", *locations)]
    return None if location is None else here[0], tuple(each for each in here[1:] if each), recursive


TARGETS = (
    Target("ini against Alembic", 120, _draw_ini, judge_ini),
    Target("toml against Alembic", 120, _draw_toml, judge_toml),
)
