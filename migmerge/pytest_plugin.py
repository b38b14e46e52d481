"""The plugin that pytest loads: with --migmerge, one test more, which fails where `migmerge check` finds an error.

It needs no application and no database. pytest imports this module in every run, so that it imports migmerge only for the test.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_OPTION = "migmerge"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the setting that turn the test on."""
    summary = "test that the revisions of Alembic have no error that migmerge check finds"
    parser.getgroup("migmerge").addoption("--migmerge", action="store_true", dest=_OPTION, help=summary)
    parser.addini(_OPTION, f"{summary}, as --migmerge does", type="bool", default=False)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the test where it is wanted."""
    if config.getoption(_OPTION) or config.getini(_OPTION):
        items.append(MigmergeItem.from_parent(session, name=_OPTION))


class MigmergeItem(pytest.Item):
    """Test the work tree of the repository in which pytest runs."""

    def runtest(self) -> None:
        """Fail for an error; skip where the repository has no migrations."""
        from . import check

        report = check(self.config.rootpath)
        if not report.environments and not report.findings:
            pytest.skip("no migrations of Alembic in this repository")
        if report.errors:
            raise FoundErrors([f"{each.code} {each.name}: {each.message}\n  {each.hint}" for each in report.errors])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Show what was found, and no traceback."""
        from .core.errors import MigmergeError
        from .core.text import printable

        error = excinfo.value
        if isinstance(error, FoundErrors):
            return "\n".join(printable(line) for text in error.texts for line in text.splitlines())
        if isinstance(error, MigmergeError):
            return printable(f"migmerge could not look: {error}")
        return str(excinfo.getrepr(style="native"))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the test as the command that shows the same."""
        return self.config.rootpath, None, "migmerge check"


class FoundErrors(Exception):
    """Carry the texts of the errors that were found."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__("migmerge check found errors")
        self.texts = texts
