"""The plugin as each Alembic takes it: as a module, and until 1.19 as a list of modules."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any


def test_the_entry_point_is_a_module_and_a_list_of_one() -> None:
    loaded: Any = EntryPoint("migmerge", "migmerge.alembic_plugin:plugin", "alembic.plugins").load()
    (only,) = loaded
    assert only is loaded and isinstance(loaded, ModuleType)
    only.setup(object())
    only.setup(object())  # once is enough, and twice does no harm
