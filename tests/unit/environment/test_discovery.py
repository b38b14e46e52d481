"""Finding environments in file names and configuration files, and their scripts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from configparser import Error as ConfigError
from importlib.resources import files
from pathlib import Path
from typing import Any

import alembic as alembic_package
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from migmerge.core.environment import Environment
from migmerge.core.script.names import is_script_name
from migmerge.environment.discovery import find_environments
from migmerge.environment.layout import script_paths, signs_of_environments, with_packages_found

NEWEST = tuple(map(int, alembic_package.__version__.split(".")[:2])) >= (1, 16)
"""Alembic 1.16 brought path_separator, and its messages."""
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

    files = sorted(contents)
    return tuple(with_packages_found(each, files) for each in find_environments(signs_of_environments(files), read))


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


def alembic(path: str, config: str | None = "alembic.ini", *, versions: Sequence[str] = (), **rest: Any) -> Environment:
    return Environment(path, "alembic", tuple(versions) or (f"{path}/versions".lstrip("/"),), config, **rest)


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
            alembic("backend/db", "backend/alembic.ini", folder="backend"),
            id="project below the top",
        ),
        pytest.param(
            folder("backend/db") | {"conf/alembic.ini": ini("script_location = %(here)s/../backend/db")},
            alembic("backend/db", "conf/alembic.ini", folder=""),
            id="here and up",
        ),
        pytest.param(
            folder("db") | {"conf/alembic.ini": ini("script_location = db")},
            alembic("db", "conf/alembic.ini", folder=""),
            id="run from the top",
        ),
        pytest.param(
            folder("web/db") | {"web/alembic.ini": ini("script_location = %(here)s/db")},
            alembic("web/db", "web/alembic.ini", folder="web"),
            id="here below",
        ),
        pytest.param(
            folder("a/b/db") | {"a/b/c/d/alembic.ini": ini("script_location = db")},
            alembic("a/b/db", "a/b/c/d/alembic.ini", folder="a/b"),
            id="run from a folder above",
        ),
        pytest.param(
            folder("src/db") | {"alembic.ini": ini("script_location = db")}, alembic("src/db", folder="src"), id="run from src"
        ),
        pytest.param(
            folder("api/src/db") | {"conf/alembic.ini": ini("script_location = src/db")},
            alembic("api/src/db", "conf/alembic.ini", folder="api"),
            id="run from elsewhere",
        ),
        pytest.param(
            folder("x/migrations") | {"x/migrations/alembic.ini": ini("script_location = elsewhere")},
            alembic("x/migrations", "x/migrations/alembic.ini", folder="x"),
            id="an ini in the folder itself, which a program passes",
        ),
        pytest.param(
            folder("db") | {"db/alembic.ini": ini("script_location = .")},
            alembic("db", "db/alembic.ini", folder="db"),
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
            alembic("web/app/db", "web/pyproject.toml", folder="web"),
            id="project below, package",
        ),
        pytest.param(
            folder("db")
            | {
                "db/three/a.py": "",
                "pyproject.toml": '[tool.alembic]\nscript_location = "db"\n'
                'version_locations = ["%(here)s/one", "two", "db:three"]\nrecursive_version_locations = true\n',
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
    assert found(folder("db") | {"app/two/a.py": "", "alembic.ini": ini("script_location = db", *lines)}) == (expected,)


def test_version_locations_start_where_the_script_location_does() -> None:
    text = ini("script_location = app:db", "version_locations = app:versions more")
    assert found(folder("src/app/db") | {"src/app/versions/a.py": "", "src/alembic.ini": text}) == (
        alembic("src/app/db", "src/alembic.ini", versions=["src/app/versions", "src/more"], folder="src"),
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
            (alembic("one"), alembic("two", "b/alembic.ini", folder="")),
            id="two inis",
        ),
        pytest.param(
            folder("db", "web/migrations", "x/y")
            | {"web/migrations/alembic.ini": FLASK_INI, "pyproject.toml": '[tool.alembic]\nscript_location = "db"\n'},
            (alembic("db", "pyproject.toml"), flask("web/migrations"), alembic("x/y", None)),
            id="one of each kind",
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


LITE = ini("script_location = db", "version_locations = db/lite", section="lite")


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param(
            {"alembic.ini": ini("script_location = db", "version_locations = db/pg") + LITE},
            {"db [alembic]": ("db/pg",), "db [lite]": ("db/lite",)},
            id="locations of their own",
        ),
        pytest.param(
            {"alembic.ini": ini("script_location = db") + ini("script_location = db", "url = x", section="lite")},
            {"db": ("db/versions",)},
            id="only another database",
        ),
        pytest.param(
            {
                "alembic.ini": ini("script_location = db")
                + ini("script_location = db", "recursive_version_locations = true", section="lite")
            },
            {"db [alembic]": ("db/versions",), "db [lite]": ("db/versions",)},
            id="one is recursive",
        ),
        pytest.param(
            {
                "alembic.ini": ini("script_location = db", "version_locations = one two"),
                "a_test.ini": ini("script_location = db", "version_locations = two three"),
            },
            {"db [a_test.ini alembic]": ("two", "three"), "db [alembic.ini alembic]": ("one", "two")},
            id="two inis",
        ),
        pytest.param(
            {
                "alembic.ini": ini("script_location = db", section="DEFAULT")
                + ini(section="loggers")
                + ini(section="logger_root")
                + ini("version_locations = db/pg", section="pg")
                + ini("version_locations = db/lite", section="lite")
            },
            {"db [lite]": ("db/lite",), "db [pg]": ("db/pg",)},
            id="DEFAULT gives the folder",
        ),
        pytest.param(
            {
                "alembic.ini": ini("script_location = .", "version_locations = a")
                + ini("script_location = .", "version_locations = b", section="b"),
                "env.py": "",
            },
            {". [alembic]": ("a",), ". [b]": ("b",)},
            id="the top",
        ),
    ],
)
def test_sections_over_one_folder_are_as_many_environments_as_read_different_scripts(
    contents: Mapping[str, str], expected: Mapping[str, tuple[str, ...]]
) -> None:
    assert {each.name: each.versions for each in found({"db/env.py": "", **contents})} == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            ini("path_separator = comma", "version_locations = one"),
            "path_separator: 'comma' is not a valid value for path_separator; expected 'space', 'newline', 'os', ':', ';'",
            id="separator of the locations",
        ),
        pytest.param(
            ini("version_path_separator = os # x", "version_locations = one"),
            "version_path_separator: 'os # x' is not a valid value for version_path_separator; "
            "expected 'space', 'newline', 'os', ':', ';'",
            id="older separator of the locations",
        ),
        pytest.param(
            ini("path_separator = comma", "prepend_sys_path = ."),
            "path_separator: 'comma' is not a valid value for path_separator; expected 'space', 'newline', 'os', ':', ';'",
            id="separator of prepend_sys_path",
        ),
        pytest.param(ini("path_separator = comma"), None, id="separator of nothing"),
        pytest.param(ini("version_path_separator = os # x", "prepend_sys_path = ."), None, id="older separator of no locations"),
        pytest.param(ini("path_separator = comma", "version_locations =", "prepend_sys_path ="), None, id="empty values"),
        pytest.param(
            ini("truncate_slug_length = 40 # x"),
            "truncate_slug_length: invalid literal for int() with base 10: '40 # x'",
            id="number",
        ),
        pytest.param(ini("sqlalchemy.url = %(nowhere)s"), None, id="a value that Alembic does not read to load scripts"),
        pytest.param(
            ini("file_template = %(rev)s"),
            "file_template: Bad value substitution: option 'file_template' in section 'alembic' contains an interpolation key 'rev' "
            "which is not a valid option name. Raw value: '%(rev)s'",
            id="single percent sign",
        ),
        pytest.param(ini("timezone = 5%"), "timezone: '%' must be followed by '%' or '(', found: '%'", id="bare percent sign"),
        pytest.param(
            ini() + ini("hooks = %(black)s", section="post_write_hooks"),
            "post_write_hooks: Bad value substitution: option 'hooks' in section 'post_write_hooks' contains an interpolation key "
            "'black' which is not a valid option name. Raw value: '%(black)s'",
            id="hook",
        ),
    ],
)
def test_a_value_is_a_problem_where_alembic_raises(tmp_path: Path, text: str, problem: str | None) -> None:
    text = text.replace("[alembic]\n", "[alembic]\nscript_location = db\n", 1)
    (environment,) = found({**folder("db"), "alembic.ini": text})
    assert (environment.path, environment.problem) == ("db", problem)
    if not NEWEST:
        return
    (tmp_path / "alembic.ini").write_text(text)
    (tmp_path / "db").mkdir()
    if problem is None:
        ScriptDirectory.from_config(Config(str(tmp_path / "alembic.ini")))
        return
    with pytest.raises((ValueError, ConfigError)) as raised:
        ScriptDirectory.from_config(Config(str(tmp_path / "alembic.ini")))
    assert str(raised.value).splitlines()[0] == problem.partition(": ")[2]


@pytest.mark.parametrize(
    ("contents", "name", "start"),
    [
        pytest.param({"alembic.ini": "script_location = db\n"}, "db", "File contains no section headers.", id="no section"),
        pytest.param({"alembic.ini": ini("a = 1", "a = 2")}, "db", "While reading from '<string>'", id="doubled key"),
        pytest.param(
            {"alembic.ini": ini("<<<<<<< HEAD", "a = 2")}, "db", "Source contains parsing errors", id="conflict markers"
        ),
        pytest.param(
            {"alembic.ini": ini("script_location = %(gone)s")}, "db", "script_location: Bad value substitution", id="unknown name"
        ),
        pytest.param({"db/alembic.ini": "broken"}, "db", "File contains no section headers.", id="ini of Flask-Migrate"),
        pytest.param(
            {"alembic.ini": "broken", **folder("other")}, "db", "File contains no section headers.", id="of both folders"
        ),
        pytest.param({"x/alembic.ini": "broken"}, "x/alembic.ini", "File contains no section headers.", id="of no folder"),
        pytest.param({"pyproject.toml": "[tool.alembic\n"}, "db", "", id="toml"),
        pytest.param({"pyproject.toml": b"[tool.alembic]\nx = '\xff'\n"}, "db", "'utf-8' codec", id="encoding of toml"),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\nversion_locations = "one two"\n'},
            "db",
            "version_locations: must be a list of paths",
            id="version_locations of toml",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\nversion_locations = [1]\n'},
            "db",
            "version_locations: must be a list of paths",
            id="numbers in toml",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\nversion_locations = ["%(x)s"]\n'},
            "db",
            "version_locations: 'x'",
            id="unknown name in toml",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.alembic]\nscript_location = "db"\nrecursive_version_locations = "true"\n'},
            "db",
            "recursive_version_locations: boolean value expected",
            id="boolean of toml",
        ),
        pytest.param(
            {"pyproject.toml": "[tool.alembic]\nscript_location = 3\n"}, "db", "script_location: must be a text", id="a number"
        ),
    ],
)
def test_a_file_that_cannot_be_read_hides_no_environment(contents: Mapping[str, str | bytes], name: str, start: str) -> None:
    others = folder("web/db") | {"web/alembic.ini": ini("script_location = db")}
    environments = {each.name: each for each in found({**folder("db"), **others, **contents})}
    assert (environments[name].problem or "").startswith(start)
    assert environments[name].config in contents
    assert environments["web/db"] == alembic("web/db", "web/alembic.ini", folder="web")
    assert len({each.config for each in environments.values()} - {None}) == 2


@pytest.mark.parametrize(
    ("locations", "versions", "outside"),
    [
        pytest.param("db/versions ext:migrations", ["db/versions"], ["ext:migrations"], id="a package of another place"),
        pytest.param("db/versions app:more", ["db/versions", "app/more"], [], id="a package of the repository"),
        pytest.param("db/versions lib.app:more", ["db/versions", "src/lib/app/more"], [], id="a package in src"),
        pytest.param("%(here)s/../other db/versions", ["db/versions"], ["%(here)s/../other"], id="above the repository"),
        pytest.param("/srv/plugin db/versions", ["db/versions"], ["/srv/plugin"], id="an absolute path"),
        pytest.param("ext:migrations", [], ["ext:migrations"], id="nothing of its own"),
    ],
)
def test_a_location_outside_of_the_repository_is_kept_as_written(
    locations: str, versions: Sequence[str], outside: Sequence[str]
) -> None:
    text = ini("script_location = db", f"version_locations = {locations}")
    contents = {"app/more/a.py": "", "src/lib/app/more/a.py": "", **folder("db"), "alembic.ini": text}
    (environment,) = found(contents)
    assert (environment.versions, environment.outside) == (tuple(versions), tuple(outside))


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
