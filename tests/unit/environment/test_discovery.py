"""Finding environments in file names and configuration files, and their scripts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.resources import files

import pytest

from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.core.script.names import is_script_name
from migmerge.environment.discovery import find_environments
from migmerge.environment.layout import script_paths, signs_of_environments

FLASK_INI = (files("flask_migrate") / "templates/flask/alembic.ini.mako").read_text("utf-8")
ALEMBIC_INI = (files("alembic") / "templates/generic/alembic.ini.mako").read_text("utf-8")
PYPROJECT_TOML = (files("alembic") / "templates/pyproject/pyproject.toml.mako").read_text("utf-8")
PYPROJECT_INI = (files("alembic") / "templates/pyproject/alembic.ini.mako").read_text("utf-8")


def found(contents: Mapping[str, str | bytes]) -> tuple[Environment, ...]:
    """Find the environments among files that are given with their text."""

    def read(paths: Sequence[str]) -> dict[str, bytes]:
        assert all(path.endswith((".ini", "pyproject.toml")) for path in paths)
        texts = {path: contents[path] for path in paths}
        return {path: text.encode() if isinstance(text, str) else text for path, text in texts.items()}

    return find_environments(signs_of_environments(sorted(contents)), read)


def folder(*paths: str) -> dict[str, str]:
    """Return what `alembic init` or `flask db init` puts into each environment's folder, without an ini."""
    return {
        f"{path}/{name}".lstrip("/"): "" for path in paths for name in ("env.py", "script.py.mako", "versions/a.py", "README")
    }


def ini(*lines: str, section: str = "alembic") -> str:
    return "\n".join([f"[{section}]", *lines, ""])


def flask(path: str, versions: Sequence[str] = (), *, recursive: bool = False) -> Environment:
    top = f"{path}/versions"
    return Environment(path, "flask-migrate", tuple(versions) or (top,), f"{path}/alembic.ini", "alembic", recursive)


def alembic(
    path: str, config: str | None = "alembic.ini", *, versions: Sequence[str] = (), section: str = "alembic"
) -> Environment:
    return Environment(path, "alembic", tuple(versions) or (f"{path}/versions".lstrip("/"),), config, section)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param(folder("migrations") | {"migrations/alembic.ini": FLASK_INI}, flask("migrations"), id="as shipped"),
        pytest.param(folder("app/db") | {"app/db/alembic.ini": FLASK_INI}, flask("app/db"), id="folder of another name"),
        pytest.param(
            folder("web/migrations") | {"web/migrations/alembic.ini": FLASK_INI}, flask("web/migrations"), id="project below"
        ),
        pytest.param(
            folder("migrations") | {"migrations/alembic.ini": ini("version_locations = migrations/versions more")},
            flask("migrations", ["migrations/versions", "more"]),
            id="version_locations start from the project",
        ),
        pytest.param(
            folder("web/migrations") | {"web/migrations/alembic.ini": ini("version_locations = migrations/versions,more")},
            flask("web/migrations", ["web/migrations/versions", "web/more"]),
            id="version_locations start from the project below",
        ),
        pytest.param(
            folder("migrations") | {"migrations/alembic.ini": ini("version_locations = %(here)s/versions %(here)s/../more")},
            flask("migrations", ["migrations/versions", "more"]),
            id="version_locations from here",
        ),
        pytest.param(
            folder("migrations") | {"migrations/alembic.ini": ini("recursive_version_locations = true")},
            flask("migrations", recursive=True),
            id="recursive",
        ),
        pytest.param(
            folder("migrations") | {"migrations/alembic.ini": ini("recursive_version_locations = True")},
            flask("migrations"),
            id="recursive in a spelling that Alembic does not take",
        ),
    ],
)
def test_flask_migrates_folder_is_found(contents: Mapping[str, str], expected: Environment) -> None:
    assert found(contents) == (expected,)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        pytest.param("migrations", "migrations", id="plain"),
        pytest.param("./migrations/", "migrations", id="dots and slashes"),
        pytest.param("%(here)s/migrations", "migrations", id="here"),
        pytest.param("app/db", "app/db", id="folder below"),
        pytest.param("app:db", "app/db", id="package"),
        pytest.param("app.db:migrations", "app/db/migrations", id="package below"),
        pytest.param("app:db/migrations", "app/db/migrations", id="path in a package"),
        pytest.param("app:migrations", "src/app/migrations", id="package in src"),
        pytest.param("app:migrations", "backend/lib/app/migrations", id="package somewhere"),
    ],
)
def test_alembics_script_location_is_found(location: str, path: str) -> None:
    assert found(folder(path) | {"alembic.ini": ini(f"script_location = {location}")}) == (alembic(path),)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param(
            folder("migrations") | {"alembic.ini": ALEMBIC_INI.replace("${script_location}", "%(here)s/migrations")},
            alembic("migrations"),
            id="as shipped",
        ),
        pytest.param(
            folder("backend/db") | {"backend/alembic.ini": ini("script_location = db")},
            alembic("backend/db", "backend/alembic.ini"),
            id="project below the top",
        ),
        pytest.param(
            folder("backend/db") | {"conf/alembic.ini": ini("script_location = %(here)s/../backend/db")},
            alembic("backend/db", "conf/alembic.ini"),
            id="here and up",
        ),
        pytest.param(
            folder("db") | {"conf/alembic.ini": ini("script_location = db")},
            alembic("db", "conf/alembic.ini"),
            id="run from the top",
        ),
        pytest.param(
            folder("db") | {"db/alembic.ini": ini("script_location = .")},
            alembic("db", "db/alembic.ini"),
            id="ini among the scripts",
        ),
        pytest.param(folder("") | {"alembic.ini": ini("script_location = .")}, alembic(""), id="the top itself"),
        pytest.param(
            folder("db") | {"database.ini": ini("script_location = db")}, alembic("db", "database.ini"), id="ini of another name"
        ),
        pytest.param(
            folder("db") | {"alembic.ini": ini("script_location = db", section="billing")},
            alembic("db", section="billing"),
            id="section of another name",
        ),
        pytest.param({"db/env.py": "", "alembic.ini": ini("script_location = db")}, alembic("db"), id="no template"),
        pytest.param(folder("app/db"), alembic("app/db", None), id="configured in code"),
        pytest.param(
            folder("app/db") | {"alembic.ini": ini("script_location = /srv/app/db")},
            alembic("app/db", None),
            id="absolute location",
        ),
        pytest.param(
            folder("db") | {"alembic.ini": ini("script_location = db").replace("\n", "\r\n").encode("utf-8-sig")},
            alembic("db"),
            id="CRLF and a byte order mark",
        ),
        pytest.param(
            folder("db") | {"alembic.ini": ini("# für", "script_location = db").encode("latin-1")}, alembic("db"), id="latin-1"
        ),
        pytest.param(
            folder("db") | {"alembic.ini": ini("script_location = db", "file_template = %%(rev)s", "url = %(nowhere)s")},
            alembic("db"),
            id="a value of no concern is not filled in",
        ),
        pytest.param(
            folder("db") | {"alembic.ini": ini("script_location = %(where)s", "where = db")},
            alembic("db"),
            id="a value filled in",
        ),
    ],
)
def test_alembics_ini_is_read_as_data(contents: Mapping[str, str | bytes], expected: Environment) -> None:
    assert found(contents) == (expected,)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param(
            folder("db")
            | {"pyproject.toml": PYPROJECT_TOML.replace("${script_location}", "%(here)s/db"), "alembic.ini": PYPROJECT_INI},
            alembic("db", "pyproject.toml"),
            id="as shipped",
        ),
        pytest.param(
            folder("db") | {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\n'},
            alembic("db", "pyproject.toml"),
            id="plain",
        ),
        pytest.param(
            folder("db") | {"pyproject.toml": '[tool]\nalembic = {script_location = "db"}\n'},
            alembic("db", "pyproject.toml"),
            id="inline table",
        ),
        pytest.param(
            folder("web/app/db") | {"web/pyproject.toml": '[tool.alembic]\nscript_location = "app:db"\n'},
            alembic("web/app/db", "web/pyproject.toml"),
            id="project below, package",
        ),
        pytest.param(
            folder("db")
            | {
                "pyproject.toml": '[tool.alembic]\nscript_location = "db"\n'
                'version_locations = ["%(here)s/one", "two", "db:three"]\nrecursive_version_locations = true\n'
            },
            Environment("db", "alembic", ("one", "two", "db/three"), "pyproject.toml", "alembic", True),
            id="version_locations",
        ),
        pytest.param(
            folder("a%b") | {"pyproject.toml": '[tool.alembic]\nscript_location = "a%%b"\n'},
            alembic("a%b", "pyproject.toml"),
            id="doubled percent sign",
        ),
        pytest.param(folder("db") | {"pyproject.toml": "[project]\nname = 'x'\n"}, alembic("db", None), id="no table"),
        pytest.param(folder("db") | {"pyproject.toml": "[tool.alembic]\n"}, alembic("db", None), id="no script_location"),
        pytest.param(
            folder("db") | {"pyproject.toml": "[tool.alembic]\nscript_location = 3\n"}, alembic("db", None), id="a number"
        ),
    ],
)
def test_pyproject_is_read_as_data(contents: Mapping[str, str], expected: Environment) -> None:
    assert found(contents) == (expected,)


@pytest.mark.parametrize(
    ("lines", "versions"),
    [
        pytest.param(["version_locations = one two"], ["one", "two"], id="legacy spaces"),
        pytest.param(["version_locations = one, two,three"], ["one", "two", "three"], id="legacy commas"),
        pytest.param(["path_separator = space", "version_locations = one  two"], ["one", "two"], id="space"),
        pytest.param(
            ["path_separator = newline", "version_locations =", "  one", "  two three"], ["one", "two three"], id="newline"
        ),
        pytest.param(["path_separator = os", f"version_locations = one{os.pathsep} two"], ["one", "two"], id="os"),
        pytest.param(["path_separator = :", "version_locations = one:two"], ["one", "two"], id="colon"),
        pytest.param(["path_separator = ;", "version_locations = one;app:two;"], ["one", "app/two"], id="semicolon"),
        pytest.param(["version_path_separator = :", "version_locations = one:two"], ["one", "two"], id="older name"),
        pytest.param(
            ["path_separator = :", "version_path_separator = ;", "version_locations = one:two"], ["one", "two"], id="both names"
        ),
        pytest.param(["path_separator = os"], [], id="no locations"),
        pytest.param(["version_locations ="], [], id="empty locations"),
        pytest.param(["version_locations = one one/ ./one"], ["one"], id="the same one again"),
        pytest.param(["version_locations = %(here)s/one %(here)s"], ["one", ""], id="here"),
    ],
)
def test_version_locations_are_split_as_alembic_does(lines: list[str], versions: list[str]) -> None:
    expected = alembic("db", versions=versions)
    assert found(folder("db") | {"alembic.ini": ini("script_location = db", *lines)}) == (expected,)


def test_version_locations_start_where_the_script_location_does() -> None:
    text = ini("script_location = app:db", "version_locations = app:versions more")
    assert found(folder("src/app/db") | {"src/alembic.ini": text}) == (
        alembic("src/app/db", "src/alembic.ini", versions=["src/app/versions", "src/more"]),
    )


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({"app.py": "", "env.py": "", "setup.ini": "[x]\n"}, (), id="no environment"),
        pytest.param(
            folder("a/migrations", "b/migrations")
            | {"a/migrations/alembic.ini": FLASK_INI, "b/migrations/alembic.ini": FLASK_INI},
            (flask("a/migrations"), flask("b/migrations")),
            id="two Flask-Migrate folders",
        ),
        pytest.param(
            folder("one", "two") | {"alembic.ini": ini("script_location = one") + ini("script_location = two", section="second")},
            (alembic("one"), alembic("two", section="second")),
            id="two sections",
        ),
        pytest.param(
            folder("one", "two") | {"alembic.ini": ini("script_location = one"), "b/alembic.ini": ini("script_location = two")},
            (alembic("one"), alembic("two", "b/alembic.ini")),
            id="two inis",
        ),
        pytest.param(
            folder("db", "web/migrations", "x/y")
            | {"web/migrations/alembic.ini": FLASK_INI, "pyproject.toml": '[tool.alembic]\nscript_location = "db"\n'},
            (alembic("db", "pyproject.toml"), flask("web/migrations"), alembic("x/y", None)),
            id="one of each kind",
        ),
        pytest.param(
            folder("db")
            | {
                "alembic.ini": ini("script_location = db", "version_locations = one two"),
                "a_test.ini": ini("script_location = db", "version_locations = two three"),
            },
            (alembic("db", versions=["one", "two", "three"]),),
            id="two inis of one environment",
        ),
        pytest.param(
            folder("db") | {"alembic.ini": ini("script_location = db"), "x/alembic.ini": ini("script_location = %(here)s/../db")},
            (alembic("db"),),
            id="the ini at the top says more",
        ),
        pytest.param({"alembic.ini": ini("script_location = gone")}, (), id="a folder that is not there"),
        pytest.param({"alembic.ini": ini("script_location = %(here)s/gone")}, (), id="a folder that is not here"),
        pytest.param({"alembic.ini": ini("script_location = app:gone")}, (), id="a package that is not there"),
        pytest.param({"docs/alembic.ini": FLASK_INI}, (), id="an ini beside no env.py"),
        pytest.param({"env.py": "", "db/env.py": ""}, (), id="env.py alone"),
        pytest.param(
            folder("node_modules/x/migrations", "venv/lib/site-packages/y/migrations")
            | {"node_modules/x/migrations/alembic.ini": "broken", "venv/lib/site-packages/y/alembic.ini": "broken"},
            (),
            id="what others brought",
        ),
        pytest.param({"setup.ini": "broken [", "tox.ini": "no section"}, (), id="inis that are not Alembic's"),
    ],
)
def test_every_environment_is_found_once(contents: Mapping[str, str], expected: tuple[Environment, ...]) -> None:
    assert found(contents) == expected


@pytest.mark.parametrize(
    ("contents", "message", "hint"),
    [
        pytest.param(
            {"alembic.ini": "script_location = db\n"},
            "alembic.ini: File contains no section headers.",
            "git log -p -2 -- alembic.ini",
            id="no section",
        ),
        pytest.param(
            {"alembic.ini": ini("script_location = db", "path_separator = comma", "version_locations = one")},
            "alembic.ini: path_separator cannot be 'comma'",
            "git log -p -2 -- alembic.ini",
            id="separator",
        ),
        pytest.param(
            {"my app/alembic.ini": ini("path_separator = comma", "version_locations = one")},
            "my app/alembic.ini: path_separator cannot be 'comma'",
            "git log -p -2 -- 'my app/alembic.ini'",
            id="hint that runs",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\nversion_locations = "one two"\n'},
            "pyproject.toml: version_locations must be a list of paths",
            None,
            id="version_locations of toml",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\nversion_locations = [1]\n'},
            "pyproject.toml: version_locations must be a list of paths",
            None,
            id="numbers in toml",
        ),
    ],
)
def test_a_configuration_that_cannot_be_read_is_an_error(contents: Mapping[str, str], message: str, hint: str | None) -> None:
    with pytest.raises(MigmergeError) as raised:
        found({**folder("db"), **contents})
    assert (str(raised.value), raised.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("contents", "start"),
    [
        pytest.param(
            {"alembic.ini": ini("script_location = %(gone)s")}, "alembic.ini: Bad value substitution", id="unknown name"
        ),
        pytest.param(
            {"alembic.ini": ini("script_location = 5%")}, "alembic.ini: '%' must be followed by", id="bare percent sign"
        ),
        pytest.param({"alembic.ini": ini("a = 1", "a = 2")}, "alembic.ini: While reading from '<string>'", id="doubled key"),
        pytest.param({"pyproject.toml": "[tool.alembic\n"}, "pyproject.toml: ", id="toml"),
        pytest.param({"pyproject.toml": b"[tool.alembic]\nx = '\xff'\n"}, "pyproject.toml: ", id="encoding of toml"),
    ],
)
def test_an_error_of_the_parser_names_the_file(contents: Mapping[str, str | bytes], start: str) -> None:
    with pytest.raises(MigmergeError) as raised:
        found({**folder("db"), **contents})
    assert str(raised.value).startswith(start) and "\n" not in str(raised.value)
    assert raised.value.hint == f"git log -p -2 -- {start.partition(':')[0]}"


def test_no_file_is_read_where_none_configures_alembic() -> None:
    def refuse(paths: Sequence[str]) -> dict[str, bytes]:
        raise AssertionError(paths)

    assert find_environments(["db/env.py", "db/script.py.mako"], refuse) == (alembic("db", None),)
    assert find_environments([], refuse) == ()


FLAT = Environment("db", "alembic", ("db/versions",))
DEEP = Environment("db", "alembic", ("db/versions",), recursive=True)
FILES = sorted(
    [
        *("a.py", "db/env.py", "db/versions", "db/versions.py", "db/versions-old/z.py", "db/versions0/z.py", "db/versions_/z.py"),
        *("db/versions/a.py", "db/versions/b c.py", "db/versions/größe.py", "db/versions/v1:a.py", "db/versions/2024/a.py"),
        *("db/versions/2024/01/a.py", "db/versions/2024/__init__.py", "db/versions/__init__.py", "db/versions/.#a.py"),
        *("db/versions/a.pyc", "db/versions/a.sql", "db/versions/README", "other/db/versions/a.py"),
    ]
)
OWN = ["db/versions/a.py", "db/versions/b c.py", "db/versions/größe.py", "db/versions/v1:a.py"]
NESTED = ["db/versions/2024/01/a.py", "db/versions/2024/a.py"]


@pytest.mark.parametrize(
    ("environment", "scripts"),
    [
        pytest.param(FLAT, OWN, id="flat"),
        pytest.param(DEEP, [*NESTED, *OWN], id="recursive"),
        pytest.param(
            Environment("db", "alembic", ("db/versions0", "db/versions")), ["db/versions0/z.py", *OWN], id="two folders"
        ),
        pytest.param(
            Environment("db", "alembic", ("db/versions/2024", "db/versions/2024/01")), NESTED[::-1], id="nested folders"
        ),
        pytest.param(
            Environment("db", "alembic", ("db/versions/2024", "db/versions"), recursive=True),
            [*NESTED, *OWN],
            id="overlapping folders",
        ),
        pytest.param(Environment("", "alembic", ("",)), ["a.py"], id="the top"),
        pytest.param(Environment("db", "alembic", ("gone",)), [], id="no such folder"),
    ],
)
def test_scripts_are_those_that_alembic_loads(environment: Environment, scripts: list[str]) -> None:
    assert script_paths(environment, FILES) == scripts
    assert all(environment.holds(path) for path in scripts)


@pytest.mark.parametrize(
    ("name", "loaded"),
    [
        ("a.py", True),
        ("2024-01-02_add x.py", True),
        ("v1:a.py", True),
        (".py", True),
        ("__pycache__.py", True),
        ("__init__.py", False),
        ("__init__old.py", False),
        (".#a.py", False),
        ("a.pyc", False),
        ("a.py~", False),
        ("a.PY", False),
        ("py", False),
    ],
)
def test_alembic_loads_a_script_by_its_name(name: str, loaded: bool) -> None:
    assert is_script_name(name) is loaded
