"""The advice for a missing variable and for a server's name that means nothing here; no secret of a file is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmerge.core.database.obstacle import MissingVariables, ServerName
from migmerge.core.environment import Environment
from migmerge.core.errors import MigmergeError
from migmerge.database.advice import advised
from migmerge.database.runtime import ProjectRuntime

SECRET = "hunter2"
URL = f"postgresql://app:{SECRET}@db.invalid/shop"
COMPOSE = f"""services:
  db.invalid:
    image: postgres
    PORTS
  web:
    build: .
    environment:
      WEB_DATABASE_URL: {URL}
"""
PUBLISHED = 'ports: ["5433:5432"]'
NAMES = "whose other services alone know the name"
HERE = f"db.invalid does not resolve here: it is a service of compose.yaml, {NAMES}; on this machine it is 127.0.0.1:5433"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "WEB_DATABASE_URL", "DB_HOST", "DB_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def told(top: Path, obstacle: MissingVariables | ServerName) -> tuple[str, str | None]:
    runtime = ProjectRuntime("python", str(top), str(top), Environment("migrations", "alembic", (), "alembic.ini"))
    failure = advised(MigmergeError("it failed.", hint="alembic current"), obstacle, runtime, "migmerge sync")
    assert SECRET not in f"{failure} {failure.hint}"
    return str(failure), failure.hint


def compose(top: Path, ports: str = PUBLISHED) -> None:
    (top / "compose.yaml").write_text(COMPOSE.replace("PORTS", ports))


@pytest.mark.parametrize(
    ("file", "text", "where", "hint"),
    [
        (".env", f"DATABASE_URL={URL}", ".env sets it", "set -a; . ./.env; set +a; migmerge sync"),
        (".env.example", f"DATABASE_URL={URL}", ".env.example shows how", "DATABASE_URL=… migmerge sync"),
        ("readme", "", "no file beside the project sets it", "DATABASE_URL=… migmerge sync"),
    ],
)
@pytest.mark.parametrize("missing", [MissingVariables("DATABASE_URL"), MissingVariables(None, ("FLASK_ENV", "DATABASE_URL"))])
def test_a_missing_variable(top: Path, missing: MissingVariables, file: str, text: str, where: str, hint: str) -> None:
    (top / file).write_text(text + "\n")
    assert told(top, missing) == (f"it failed; the variable DATABASE_URL is not set, or empty: {where}", hint)


def test_a_file_that_a_shell_would_misread_is_not_sourced(top: Path) -> None:
    (top / ".env").write_text(f'export DATABASE_URL = "{URL}?a=1&b=$(x)"  # here\n')
    import subprocess

    _, hint = told(top, MissingVariables("DATABASE_URL"))
    assert hint and hint.endswith(" migmerge sync")
    run = hint.replace("migmerge sync", "printenv DATABASE_URL")
    printed = subprocess.run(["sh", "-c", run], cwd=top, capture_output=True, text=True, check=True).stdout
    assert printed == f"{URL}?a=1&b=$(x)\n"


def test_what_only_compose_sets_is_run_there(top: Path) -> None:
    compose(top)
    assert told(top, MissingVariables("WEB_DATABASE_URL")) == (
        "it failed; the variable WEB_DATABASE_URL is not set, or empty: compose.yaml sets it for the service web alone",
        "docker compose exec web migmerge sync",
    )


def test_a_model_of_settings_that_names_its_field(top: Path) -> None:
    (top / ".env").write_text(f"database_url={URL}\nDEBUG=1\n")
    words = frozenset({"DATABASE_URL", "DEBUG", "FIELD", "REQUIRED"})
    assert told(top, MissingVariables(None, (), words))[1] == "set -a; . ./.env; set +a; migmerge sync"


@pytest.mark.parametrize("missing", [MissingVariables(), MissingVariables(None, ("FLASK_ENV",), frozenset({"DEBUG"}))])
def test_what_no_variable_explains_stays_as_it_is(top: Path, missing: MissingVariables) -> None:
    (top / ".env").write_text(f"DATABASE_URL={URL}\nDEBUG=1\n")
    assert told(top, missing) == ("it failed.", "alembic current")


@pytest.mark.parametrize(
    ("server", "hint"),
    [
        (
            {"urls": ("DATABASE_URL",)},
            """DATABASE_URL="$(printenv DATABASE_URL | sed 's,@db.invalid[:0-9]*,@127.0.0.1:5433,')" migmerge sync""",
        ),
        (
            {"hosts": ("DB_HOST",), "set_variables": frozenset({"DB_HOST", "DB_PORT"})},
            "DB_HOST=127.0.0.1 DB_PORT=5433 migmerge sync",
        ),
        ({}, "docker compose exec web migmerge sync --trust db.invalid/shop"),
    ],
)
def test_a_published_port(top: Path, server: dict[str, tuple[str, ...]], hint: str) -> None:
    compose(top)
    obstacle = ServerName("db.invalid", 5432, "db.invalid/shop", **server)  # type: ignore[arg-type]
    assert told(top, obstacle) == (HERE, hint)


def test_a_url_that_only_the_file_of_variables_has(top: Path) -> None:
    import subprocess

    compose(top)
    (top / ".env").write_text(f"DATABASE_URL={URL}\n")
    _, hint = told(top, ServerName("db.invalid", 5432, "db.invalid/shop", ("DATABASE_URL",)))
    assert hint
    run = hint.replace("migmerge sync", "printenv DATABASE_URL")
    printed = subprocess.run(["sh", "-c", run], cwd=top, capture_output=True, text=True, check=True).stdout
    assert printed == f"postgresql://app:{SECRET}@127.0.0.1:5433/shop\n"


def test_no_port_is_published_and_nothing_is_built(top: Path) -> None:
    compose(top, "restart: always")
    message, hint = told(top, ServerName("db.invalid", 5432, "db.invalid/shop", ("DATABASE_URL",)))
    assert message.endswith("no port of it is published on this machine")
    assert hint == "docker compose exec web migmerge sync --trust db.invalid/shop"
    (top / "compose.yaml").write_text("services:\n  db.invalid:\n    image: postgres\n")
    _, hint = told(top, ServerName("db.invalid", 5432, "db.invalid/shop"))
    assert hint == 'edit compose.yaml: ports: ["5432:5432"] for the service db.invalid'


def test_a_published_port_on_which_nobody_listens(top: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        compose(top, f'ports: ["{port}:5432"]')
        obstacle = ServerName("127.0.0.1", port, "127.0.0.1/shop", ("DATABASE_URL",))
        assert told(top, obstacle) == ("it failed.", "alembic current")
    message = f"it failed; compose.yaml publishes port {port} of db.invalid, which does not run"
    assert told(top, obstacle) == (message, "docker compose up -d db.invalid")
    assert told(top, ServerName("127.0.0.1", 1, "127.0.0.1/shop")) == ("it failed.", "alembic current")


def test_a_host_that_is_no_service_stays_as_it_is(top: Path) -> None:
    compose(top)
    assert told(top, ServerName("other.invalid", 5432, "other.invalid/shop")) == ("it failed.", "alembic current")
