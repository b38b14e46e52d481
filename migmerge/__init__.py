"""The git-aware branch-merge assistant for Alembic and Flask-Migrate.

`migmerge.check(path)` looks at a repository and returns a `Report`; `migmerge.api` says what else is public.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .api import CheckedEnvironment, Finding, MigmergeError, Report, Revision, RevisionGraph, Severity, check

    __all__ = ["CheckedEnvironment", "Finding", "MigmergeError", "Report", "Revision", "RevisionGraph", "Severity", "check"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the public names when somebody asks for one: the command line starts without them."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    api = import_module(".api", __name__)
    if name not in api.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(api, name)


def __dir__() -> "list[str]":
    from importlib import import_module

    return sorted({*globals(), *import_module(".api", __name__).__all__})
