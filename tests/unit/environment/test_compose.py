"""A Compose file is read as data: the names of its services, what is built, the published ports, the names of variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmerge.environment.compose import Service, find_compose_file, read_services
from migmerge.environment.variable_files import text_of

SHOP = """# the shop
x-app: &app
  build:
    context: .   # here
  environment:
    DATABASE_URL: postgresql://app:hunter2@db/shop

services:
  db:
    image: postgres:16
    container_name: shop-db
    environment: {POSTGRES_PASSWORD: hunter2, POSTGRES_DB: shop}
    ports:
      - "127.0.0.1:5433:5432"
  web:
    <<: *app
    depends_on:
      db:
        condition: service_healthy
    ports: ["8000:80", '9000:9000/udp']
  worker: *app
volumes:
  db: {}
"""


def services(text: str, **variables: str) -> dict[str, Service]:
    return {each.name: each for each in read_services(text, variables)}


def test_names_ports_variables_and_anchors() -> None:
    found = services(SHOP)
    assert found.keys() == {"db", "web", "worker"}
    assert found["db"].ports == {5432: 5433}
    assert found["db"].variables == {"POSTGRES_PASSWORD", "POSTGRES_DB"}
    assert found["db"].aliases == {"shop-db"}
    assert (found["db"].is_built, found["web"].is_built, found["worker"].is_built) == (False, True, True)
    assert found["web"].variables == found["worker"].variables == {"DATABASE_URL"}
    assert found["web"].ports == {80: 8000}
    assert "db" in found["web"].depends_on
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("ports", "known"),
    [
        ('- "5433:5432"', {5432: 5433}),
        ("- 5433:5432", {5432: 5433}),
        ('- "[::1]:5433:5432/tcp"', {5432: 5433}),
        ('- "${DB_PORT:-5434}:5432"', {5432: 5434}),
        ('- "${SET_PORT}:5432"', {5432: 6000}),
        ('- "$SET_PORT:5432"', {5432: 6000}),
        ("- target: 5432\n        published: 5433\n        protocol: tcp", {5432: 5433}),
        ('- "5432"', {}),
        ('- "5000-5010:5000-5010"', {}),
        ('- "${UNSET}:5432"', {}),
    ],
)
def test_ports(ports: str, known: dict[int, int]) -> None:
    text = f"services:\n  db:\n    image: postgres\n    ports:\n      {ports}\n"
    assert services(text, SET_PORT="6000")["db"].ports == known


@pytest.mark.parametrize(
    "text", ["", "- a\n- b", "services:", "services: []", "\0\t: {", "services:\n  db: !reset null\n", "a:\n b: [\n"]
)
def test_what_is_not_understood_is_left_out(text: str) -> None:
    assert all(not each.ports for each in read_services(text, {}))


LINES = st.sampled_from(
    ["services:", "  db:", "    ports:", "      - '1:2'", "  web: *a", "x: &a", "  <<: *a", "    build: .", "\t- [", "{", "#"]
)


@given(st.one_of(st.text(), st.lists(LINES).map("\n".join)))
def test_any_text_is_read(text: str) -> None:
    read_services(text, {})
    read_services(f"services:\n  db:\n    ports: [{text}]\n    environment: {text}", {})


def test_a_file_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert text_of(str(tmp_path)) == ""


def test_an_override_file_adds_ports(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(SHOP.replace('- "127.0.0.1:5433:5432"', '- "5432"'))
    (tmp_path / "docker-compose.override.yml").write_text("services:\n  db:\n    ports: ['5435:5432']\n")
    found = find_compose_file([str(tmp_path / "none"), str(tmp_path)], {})
    assert found
    database = found.named("shop-db")
    assert database and database.name == "db" and database.ports == {5432: 5435}
    application = found.application(database)
    assert application and application.name == "web"
    assert found.named("elsewhere") is None


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert find_compose_file([str(tmp_path)], {}) is None
