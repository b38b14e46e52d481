"""A configuration is read as Alembic reads it: what its long run against Alembic has found."""

from __future__ import annotations

from collections import Counter

import pytest

from migmerge.environment.config_files import DescribedEnvironment, read_ini, read_toml
from tests.soak.fuzz_configuration import judge_ini, judge_toml


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[alembic]\ntruncate_slug_length =\n", id="no number"),
        pytest.param("[alembic]\rscript_location = m\r", id="lines that end in a carriage return"),
        pytest.param("[alembic]\nversion_locations =\n  b, c\n", id="a line end in the name of a folder"),
        pytest.param("[alembic]\nversion_locations = a \tb\n", id="a tab in the name of a folder"),
        pytest.param("[alembic]\nx\ry = 1\n", id="a line that a carriage return ends"),
    ],
)
def test_an_ini_is_read_as_alembic_reads_it(text: str) -> None:
    assert judge_ini(text.encode(), Counter()) is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("prepend_sys_path = '%(here)d'", id="a path that cannot be filled in"),
        pytest.param("prepend_sys_path = 1", id="a path that is a number"),
        pytest.param("sourceless = 'true'", id="a text for a flag"),
        pytest.param("timezone = [1]", id="a list of a number"),
        pytest.param("timezone = [{name = 1}]", id="a table of a number"),
        pytest.param("output_encoding = 1.5", id="a fraction"),
        pytest.param("truncate_slug_length = '\\n'", id="no number"),
        pytest.param("truncate_slug_length = []", id="a list for a number"),
        pytest.param("truncate_slug_length = 'x'", id="a word for a number"),
        pytest.param("post_write_hooks = [{type = 'exec'}]", id="a hook without a name"),
        pytest.param("post_write_hooks = 1", id="a number for hooks"),
    ],
)
def test_a_toml_that_alembic_refuses_has_a_problem(line: str) -> None:
    data = f"[tool.alembic]\nscript_location = 'm'\n{line}\n".encode()
    (described,) = read_toml(data)
    assert described.problem
    assert described.problem.startswith(line.split(" ")[0])
    assert judge_toml(data, Counter()) is None


@pytest.mark.parametrize(
    "text",
    [
        "[ tool . alembic ]\nscript_location = 'm'\n",
        "['tool'.\"alembic\"]\nscript_location = 'm'\n",
        "tool = {alembic = {script_location = 'm'}}\n",
        "tool.alembic.script_location = 'm'\n",
        "tool . alembic . script_location = 'm'\n",
        "[tool]\nalembic.script_location = 'm'\n",
        "x = 1\n[ tool ]\nalembic = {script_location = 'm'}\n",
    ],
)
def test_the_table_is_found_however_it_is_written(text: str) -> None:
    assert read_toml(text.encode()) == (DescribedEnvironment("alembic", "m"),)


def test_a_carriage_return_ends_a_line() -> None:
    assert read_ini(b"[alembic]\rscript_location = m\r") == (DescribedEnvironment("alembic", "m"),)
