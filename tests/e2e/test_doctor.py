"""Each error that users meet after a branch change: made by the real `flask db`, named by `doctor`, cured as it says."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import DIALECTS, database
from tests.support.project import MIGMERGE
from tests.support.shop import Shop, creating, on_sqlite


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Return a project at revision a, its database too, with the hooks installed."""
    with database(request.param, tmp_path) as url:
        shop = Shop.create(tmp_path / "shop", url)
        shop.upgrade()
        shop.done("install", "--quiet")
        yield shop


def findings(shop: Shop, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return what doctor finds, by code."""
    ran = shop.run("doctor", "--format", "json", *arguments)
    answer = json.loads(ran.stdout)
    errors = [each for each in answer["findings"] if each["severity"] == "error"]
    unasked = any(not each["reachable"] for each in answer.get("databases", ()))
    assert ran.returncode == (bool(errors) or unasked), ran.stderr
    return {each["code"]: each for each in answer["findings"]}


def cure(shop: Shop, hint: str) -> None:
    """Run the command of a hint in a shell, with a yes where migmerge asks, as a user would."""
    for command in hint.split(" && "):
        words = shlex.split(command)
        if words[0] == "migmerge":
            shop.done(*words[1:], *(["--yes"] if words[1] in ("fix", "sync") else []))
        else:
            assert words[:2] == ["flask", "db"], command
            done = shop.flask(*words[2:])
            assert done.returncode == 0, done.stderr


def works_again(shop: Shop) -> None:
    """See the real commands work, and doctor content."""
    shop.upgrade()
    assert shop.flask("current").returncode == 0
    assert findings(shop) == {}


def test_nothing_wrong(shop: Shop) -> None:
    assert findings(shop) == {}
    name = shop.url.rpartition("/")[2]
    lines = shop.done("doctor").splitlines()
    assert lines[:3] == ["migrations  1 revision, 1 head", "  a  add a  migrations/versions/a.py", "hooks  installed"]
    assert lines[3].startswith(f"database  {name}  at a (head)  ")
    assert lines[4:] == ["  1 revision recorded, 1 verified, by what the scripts say", "no findings"]


@on_sqlite
def test_mm001_multiple_head_revisions_are_present(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.creates("c", "a")
    shop.project.git("switch", "--quiet", "main")
    shop.creates("b", "a")
    shop.project.git("merge", "--quiet", "--no-edit", "feature", MIGMERGE="0")
    said = shop.fails("upgrade")
    found = findings(shop)
    assert found["MM001"]["symptom"] in said
    assert found["MM102"]["hint"] == "migmerge fix && flask db upgrade"
    cure(shop, found["MM102"]["hint"])
    works_again(shop)
    assert shop.tables == {"a", "b", "c"}


def test_mm101_cannot_locate_revision(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.project.user = "bea"
    shop.creates("c", "a", message="add orders")
    shop.upgrade()
    shop.project.git("switch", "--quiet", "main")
    for command in (["upgrade"], ["current"], ["migrate", "-m", "x"], ["downgrade"]):
        assert "Can't locate revision identified by 'c'" in shop.fails(*command)
    found = findings(shop)
    assert found.keys() == {"MM101"}
    assert found["MM101"]["symptom"] == "Can't locate revision identified by 'c'"
    assert '"add orders" by bea, 3 days ago, on the branch feature' in found["MM101"]["message"]
    cure(shop, found["MM101"]["hint"])
    works_again(shop)
    assert shop.tables == {"a"}


@on_sqlite
def test_mm102_target_database_is_not_up_to_date(shop: Shop) -> None:
    shop.creates("b", "a")
    said = shop.fails("migrate", "-m", "x")
    found = findings(shop)
    assert found["MM102"]["symptom"] in said
    assert found["MM102"]["hint"] == "flask db upgrade"
    cure(shop, found["MM102"]["hint"])
    works_again(shop)


def test_mm103_a_revision_that_was_skipped_without_a_word(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.upgrade()
    shop.project.write(
        "migrations/versions/b.py", (shop.project.top / "migrations/versions/b.py").read_text().replace("'a'\n", "'c'\n")
    )
    shop.project.script("c", "a", **creating("c"))
    shop.project.commit("re-parent b onto c, as nobody should")
    shop.upgrade()
    assert shop.tables == {"a", "b"}
    found = findings(shop)
    assert found.keys() == {"MM103"}
    assert found["MM103"]["revisions"] == ["c"]
    cure(shop, found["MM103"]["hint"])
    works_again(shop)
    assert shop.tables == {"a", "b", "c"}


def test_mm104_tables_and_no_version(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.upgrade()
    shop.execute("DROP TABLE alembic_version")
    said = shop.fails("upgrade")
    found = findings(shop)
    assert found["MM104"]["symptom"] in said
    assert found["MM104"]["hint"] == "flask db stamp b"
    cure(shop, found["MM104"]["hint"])
    works_again(shop)


def test_mm105_new_upgrade_operations_detected(shop: Shop) -> None:
    app = (shop.project.top / "app.py").read_text()
    model = "\nclass A(db.Model):\n    __tablename__ = 'a'\n    id = db.Column(db.Integer, primary_key=True)\n    name = db.Column(db.String(9))\n"
    shop.project.write("app.py", app + model)
    said = shop.flask("check")
    found = findings(shop)
    assert found.keys() == {"MM105"}
    assert found["MM105"]["symptom"] in said.stdout + said.stderr
    assert "only the models have the column a.name" in found["MM105"]["message"]
    cure(shop, found["MM105"]["hint"])
    shop.upgrade()
    assert findings(shop).keys() == {"MM009"}


@on_sqlite
def test_mm106_each_reason_is_told_and_the_rest_is_reported(shop: Shop) -> None:
    shop.project.git("switch", "--quiet", "--create", "feature")
    shop.project.write("app.py", "import no_such_module\n")
    found = findings(shop)
    assert found["MM106"]["message"].startswith("ModuleNotFoundError: No module named 'no_such_module'; asked in /")
    shop.project.write("app.py", "raise SystemExit('not today')\n")
    assert "ended with: not today" in findings(shop)["MM106"]["message"]
    shop.project.write("app.py", "import os\nos._exit(3)\n")
    assert "the project's Python ended with 3" in findings(shop)["MM106"]["message"]
    assert findings(shop, "--no-db") == {}


@on_sqlite
def test_mm106_a_file_in_a_folder_that_is_not_there_is_no_empty_database(shop: Shop, tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path}/new folder/shop.db"}
    told = shop.run("doctor", "--format", "json", **elsewhere)
    assert told.returncode == 1
    (found,) = [each for each in json.loads(told.stdout)["findings"] if each["code"] == "MM106"]
    assert found["message"] == (f"unable to open database file: shop.db is to be in {tmp_path}/new folder, which is not there")
    assert shop.run("sync", "--yes", **elsewhere).returncode == 2
    assert shlex.split(found["hint"]) == ["mkdir", "-p", f"{tmp_path}/new folder"]
    (tmp_path / "new folder").mkdir()
    assert shop.run("sync", "--yes", **elsewhere).returncode == 0


@on_sqlite
def test_mm106_a_database_elsewhere_is_not_touched_unless_it_is_trusted(shop: Shop) -> None:
    elsewhere = {"DATABASE_URL": "postgresql+psycopg://ann:secret@db.example.invalid/shop"}
    ran = shop.run("doctor", **elsewhere)
    assert (
        "postgresql://db.example.invalid/shop is only touched where it is trusted: db.example.invalid is not this machine"
        in ran.stdout
    )
    assert "hint: git config --add migmerge.trusted-databases db.example.invalid/shop" in ran.stdout
    assert "secret" not in ran.stdout + ran.stderr
    for command in ("doctor --trust db.example.invalid/shop", "doctor --trust x/y --trust db.example.invalid/shop"):
        ran = shop.run(*command.split(), **elsewhere)
        assert "OperationalError" in ran.stdout and "secret" not in ran.stdout + ran.stderr
    assert "is only touched" in shop.run("doctor", "--trust", "shop", **elsewhere).stdout
    shop.project.git("config", "--add", "migmerge.trusted-databases", "db.example.invalid/shop")
    assert "OperationalError" in shop.run("doctor", **elsewhere).stdout


@on_sqlite
def test_mm106_a_variable_that_is_not_set_names_the_file_that_sets_it(shop: Shop) -> None:
    def doctor() -> str:
        return shop.project.migmerge("doctor", cwd=None, FLASK_APP="app.py").stdout

    shop.project.write(".env", f"DATABASE_URL={shop.url}\n")
    said = "KeyError: 'DATABASE_URL'; the variable DATABASE_URL is not set, or empty: .env sets it"
    assert f"  {said}\n  hint: set -a; . ./.env; set +a; migmerge doctor\n" in doctor()
    app = shop.project.top / "app.py"
    app.write_text(app.read_text().replace('os.environ["DATABASE_URL"]', 'os.getenv("DATABASE_URL")'))
    assert "; the variable DATABASE_URL is not set, or empty: .env sets it\n  hint: set -a; . ./.env" in doctor()


@on_sqlite
def test_mm106_a_service_of_compose_does_not_resolve_here(shop: Shop) -> None:
    text = "services:\n  db.invalid:\n    image: postgres\n    PORTS\n  web:\n    build: .\n"
    elsewhere = {"DATABASE_URL": "postgresql+psycopg://ann:secret@db.invalid/shop"}
    for trusted in ((), ("--trust", "db.invalid/shop")):
        shop.project.write("compose.yaml", text.replace("PORTS", 'ports: ["5433:5432"]'))
        said = shop.run("doctor", *trusted, **elsewhere).stdout
        assert "db.invalid does not resolve here: it is a service of compose.yaml" in said
        change = "sed 's,@db.invalid[:0-9]*,@127.0.0.1:5433,'"
        assert f'hint: DATABASE_URL="$(printenv DATABASE_URL | {change})" migmerge doctor\n' in said
        shop.project.write("compose.yaml", text.replace("PORTS", "restart: always"))
        said = shop.run("doctor", *trusted, **elsewhere).stdout
        assert "hint: docker compose exec web migmerge doctor --trust db.invalid/shop\n" in said


@on_sqlite
def test_mm201_the_hooks_are_missing(shop: Shop) -> None:
    shop.done("uninstall")
    found = findings(shop, "--no-db")
    assert found.keys() == {"MM201"}
    cure(shop, found["MM201"]["hint"])
    assert findings(shop, "--no-db") == {}


def test_doctor_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.creates("b", "a")
    before = state_of(shop)
    shop.run("doctor")
    assert state_of(shop) == before


def state_of(shop: Shop) -> tuple[object, ...]:
    """Return all but what migmerge keeps for itself in the git directory: caches, and what the databases were seen to have run."""
    own = (".git/migmerge", ".git/objects", ".git/refs/migmerge")
    paths = (str(path.relative_to(shop.project.top)) for path in shop.project.top.rglob("*"))
    return shop.project.status(), shop.tables, shop.recorded, sorted(path for path in paths if not path.startswith(own))


def test_a_sqlite_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    shop = Shop.create(tmp_path / "shop", f"sqlite:///{tmp_path / 'new.db'}")
    found = findings(shop)
    assert found["MM102"]["hint"] == "flask db upgrade"
    assert not (tmp_path / "new.db").exists()


SECRET = "hunter2-x9"
RAISED = (
    f"raise RuntimeError('cannot log in as ann with the password {SECRET}, which is wrong')",
    f"raise SystemExit('no answer from https://ann:{SECRET}@localhost/')",
    f"import os, sys; sys.stderr.write('token={SECRET}\\n'); sys.stderr.flush(); os._exit(3)",
)


@on_sqlite
@pytest.mark.parametrize("raised", RAISED)
def test_a_secret_in_what_the_application_says_is_not_shown(shop: Shop, raised: str) -> None:
    shop.project.write("app.py", raised + "\n")
    for arguments in (("doctor",), ("doctor", "--format", "json"), ("sync", "--yes"), ("reset", "stamp", "--dry-run")):
        said = shop.run(*arguments)
        assert SECRET not in said.stdout + said.stderr
        assert "***" in said.stdout + said.stderr


@on_sqlite
def test_from_a_subfolder_and_as_flask_migmerge(shop: Shop) -> None:
    import subprocess

    assert shop.run("-C", "migrations/versions", "doctor").returncode == 0
    flask = str(Path(sys.executable).with_name("flask"))
    environment = {**shop.project.environment(**shop.variables)}
    environment.pop("FLASK_APP")
    ran = subprocess.run(
        [flask, "--app", "app:app", "migmerge", "doctor"],
        cwd=shop.project.top,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "at a (head)" in ran.stdout
    assert Path(MIGMERGE).exists()


@on_sqlite
def test_mm101_a_revision_that_is_nowhere(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'gone'")
    found = findings(shop)["MM101"]
    assert found["message"] == (
        "test.db records gone, which is in no script here, nor anywhere in this clone's history; its schema is that of a"
    )
    assert found["hint"] == "git fetch --all && migmerge sync"


@pytest.mark.parametrize(("value", "said"), [("NULL", "NULL"), ("''", "''")])
@on_sqlite
def test_mm101_a_row_without_an_id(shop: Shop, value: str, said: str) -> None:
    shop.execute("DROP TABLE alembic_version")
    shop.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    shop.execute(f"INSERT INTO alembic_version VALUES ({value})")
    assert findings(shop)["MM101"]["message"] == f"test.db records {said}, which is no revision id; its schema is that of a"
    refused = shop.run("sync", "--yes").stdout.splitlines()
    assert refused[-1] == "hint: migmerge sync --stamp a"
    shop.done("sync", "--yes", "--stamp", "a")
    assert shop.recorded == {"a"}


@on_sqlite
def test_mm107_a_row_that_is_there_twice(shop: Shop) -> None:
    shop.creates("b", "a")
    shop.execute("DROP TABLE alembic_version")
    shop.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    shop.execute("INSERT INTO alembic_version VALUES ('a'), ('a')")
    found = findings(shop)["MM107"]
    assert found["symptom"] in shop.fails("upgrade")
    shop.execute("DROP TABLE b")  # SQLite keeps what came before the failure
    assert found["hint"] == "migmerge sync"
    shop.done("sync", "--yes")
    assert shop.recorded == {"b"}
