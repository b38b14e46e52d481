"""Files that set variables: their names are read, no value is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmerge.environment.variable_files import find_variable_files, port_values

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("line", "names", "is_shell"),
    [
        (f"DATABASE_URL=postgresql://ann:{SECRET}@db:5432/shop", {"DATABASE_URL"}, True),
        ("export A='x y'", {"A"}, True),
        ('A="x y"', {"A"}, True),
        ("A=x y", {"A"}, False),
        ("A=postgresql://h/db?a=1&b=2", {"A"}, False),
        ("A=$(reboot)", {"A"}, False),
        ('A="`reboot`"', {"A"}, False),
        ("A = x", {"A"}, False),
        ("A=", set(), True),
        ("A=''", set(), True),
        ("# A=x", set(), True),
        ("A=x\nreboot", {"A"}, False),
    ],
)
def test_names_and_whether_a_shell_reads_them(tmp_path: Path, line: str, names: set[str], is_shell: bool) -> None:
    (tmp_path / ".env").write_text(line + "\n")
    (found,) = find_variable_files([str(tmp_path)])
    assert (set(found.names), found.is_shell, found.is_example) == (names, is_shell, False)
    assert SECRET not in repr(found)


def test_examples_come_last_and_folders_named_so_are_none(tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / ".env").symlink_to("venv")
    (tmp_path / ".env.example").write_text("A=x\n")
    (tmp_path / ".flaskenv").write_text("A=x\n")
    assert [(Path(each.path).name, each.is_example) for each in find_variable_files([str(tmp_path)])] == [
        (".flaskenv", False),
        (".env.example", True),
    ]


def test_only_numbers_are_values(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DB_PORT=5433\nPASSWORD={SECRET}\n")
    assert port_values([str(tmp_path)]) == {"DB_PORT": "5433"}
