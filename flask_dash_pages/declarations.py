"""What modules declared while they were imported: pages and callbacks.

Python imports a module once in a process, but each app needs what it declared.
So that is kept with the module, and is handed to every app that uses the module.
"""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from types import FrameType
from types import ModuleType
from weakref import WeakKeyDictionary

from .page import Declaration


@dataclass
class Callbacks:
    """Callbacks in the form in which Dash keeps them."""

    #: What the browser is told of each callback.
    specs: list[dict[str, t.Any]] = field(default_factory=list)
    #: Callback id to what the server needs to run it.
    entries: dict[str, dict[str, t.Any]] = field(default_factory=dict)
    #: The JavaScript of clientside callbacks.
    scripts: list[str] = field(default_factory=list)
    #: Path to function, for callbacks with an ``api_endpoint``.
    apis: dict[str, t.Any] = field(default_factory=dict)


@dataclass
class Declared:
    """What one module declared."""

    pages: list[Declaration] = field(default_factory=list)
    callbacks: Callbacks = field(default_factory=Callbacks)
    #: Names of modules that declared something when this one imported them.
    imported: set[str] = field(default_factory=set)


# The facts of sys.modules, and gone with the module. No app's state is in here.
_declared: WeakKeyDictionary[ModuleType, Declared] = WeakKeyDictionary()


def declared(module: ModuleType) -> Declared | None:
    """What ``module`` declared, or ``None`` if it was imported when nobody
    listened.
    """
    return _declared.get(module)


def declaring_modules() -> set[str]:
    """The names of all modules that declared callbacks."""
    return {
        module.__name__
        for module, declared in list(_declared.items())
        if declared.callbacks.specs
    }


def remember(module: ModuleType) -> Declared:
    """What ``module`` declared, to add to."""
    return _declared.setdefault(module, Declared())


def declaring() -> Declared:
    """What the module that is being imported right now declared, to add to. The modules
    that import it are told.
    """
    inner, *outer = _importing_modules()

    for importer in outer:
        remember(importer).imported.add(inner.__name__)

    return remember(inner)


def importing_module() -> ModuleType | None:
    """The module that is being imported right now."""
    return next(_importing_modules(), None)


def _importing_modules() -> Iterator[ModuleType]:
    # A module is being imported while its top-level code is on the stack. The modules
    # further out are those that import it, up to where page files are imported from.
    for frame in _stack():
        if frame.f_globals.get("__name__") == f"{__package__}.discovery":
            return

        if frame.f_code.co_name == "<module>":
            module = sys.modules.get(frame.f_globals.get("__name__", ""))

            if module is not None:
                yield module


def caller(package: str) -> tuple[str, int, str]:
    """The file, line and module of the nearest code that is not part of ``package``."""
    for frame in _stack():
        name = frame.f_globals.get("__name__", "")

        if name != package and not name.startswith(f"{package}."):
            return frame.f_code.co_filename, frame.f_lineno, name

    return "<unknown>", 0, ""


def place_in(module: ModuleType) -> tuple[str, int] | None:
    """The file and line of the nearest code that is part of ``module``. ``None`` if
    none of it is being run.
    """
    for frame in _stack():
        if frame.f_globals is vars(module):
            return frame.f_code.co_filename, frame.f_lineno

    return None


def _stack() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)

    while frame is not None:
        yield frame
        frame = frame.f_back
