"""What Python makes of a script, in a module where no import reaches anything but inert stand-ins."""

from __future__ import annotations

import builtins
import sys
import typing
import warnings
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import NamedTuple

Names = tuple[object, ...] | frozenset[object]


class Executed(NamedTuple):
    """Hold the identifiers that Alembic would find in the module; a set has no order."""

    revision: object
    down_revision: Names
    branch_labels: Names
    depends_on: Names


class Inert:
    """Stand for anything of another module: called with a list, at whatever depth, it changes the list."""

    def __init__(self, *arguments: object, **keywords: object) -> None:
        _change((arguments, keywords))

    def __getattr__(self, name: str) -> Inert:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()

    def __call__(self, *arguments: object, **keywords: object) -> Inert:
        _change((arguments, keywords))
        return Inert()

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()

    def __getitem__(self, key: object) -> Inert:
        _change(key)
        return Inert()

    def __setitem__(self, key: object, value: object) -> None:
        _change(value)

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def __or__(self, other: object) -> Inert:
        return self

    __ror__ = __add__ = __radd__ = __mod__ = __or__


def _change(value: object) -> None:
    match value:
        case list():
            for each in value:
                _change(each)
            value.append("changed")
        case set():
            value.add("changed")
        case dict():
            for each in value.values():
                _change(each)
        case tuple():
            for each in value:
                _change(each)


class StandInModule(ModuleType):
    __all__ = ("revision", "down_revision", "branch_labels", "depends_on")

    def __getattr__(self, name: str) -> Inert:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()


def executed(data: bytes) -> Executed | None:
    """Execute a script; None where Python or Alembic would raise, or the script lacks an identifier that Alembic needs.

    Raises:
        SyntaxError, ValueError: where Python cannot compile it.
    """
    code = compiled(data)
    module = ModuleType("a_script")
    module.__dict__["__builtins__"] = _builtins(module)
    try:
        exec(code, module.__dict__)
        return Executed(
            module.revision,
            _as_alembic(module.down_revision),
            _as_alembic(getattr(module, "branch_labels", None)),
            _as_alembic(getattr(module, "depends_on", None)),
        )
    except BaseException as error:
        if isinstance(error, Expired):
            raise
        return None


class Expired(BaseException):
    """Raised by whoever limits the time of an execution."""


def compiled(data: bytes) -> typing.Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(data, "a_script.py", "exec", dont_inherit=True)


def _as_alembic(value: object) -> Names:
    """Return what `alembic.util.to_tuple` makes of a value, in any order where it is a set."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return (value,)
    return frozenset(value) if isinstance(value, set | frozenset) else tuple(value)


def _builtins(module: ModuleType) -> Mapping[str, object]:
    """Return the builtins without what reaches files, and with an `import` of stand-ins."""
    stand_ins: dict[str, ModuleType] = {}

    def import_(name: str, scope: object = None, _: object = None, names: Iterable[str] = (), level: int = 0) -> object:
        if level:
            raise ImportError("attempted relative import with no known parent package")
        top = name if names else name.split(".")[0]
        if top in ("__future__", "typing", "collections", "enum", "ast"):
            return typing if top == "typing" else __import__(top)
        return stand_ins.setdefault(top, StandInModule(top))

    sealed = {
        name: value for name, value in vars(builtins).items() if name not in ("open", "input", "breakpoint", "print", "exit")
    }
    sealed |= {"__import__": import_, "print": Inert(), "open": Inert(), "__build_class__": builtins.__build_class__}
    stand_ins["sys"] = system = ModuleType("sys")
    system.__dict__.update(modules={module.__name__: module}, _getframe=sys._getframe, exit=sys.exit)  # noqa: SLF001
    stand_ins["builtins"] = ModuleType("builtins")
    stand_ins["builtins"].__dict__.update(sealed)
    return sealed
