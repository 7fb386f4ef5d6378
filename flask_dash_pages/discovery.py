"""Import the page files of a folder."""

from __future__ import annotations

import sys
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from importlib.util import find_spec
from importlib.util import module_from_spec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from . import declarations
from .page import PageError

# Two factories may look for the same pages at once. Modules are of the process.
_lock = threading.RLock()


def page_files(folder: Path) -> Iterator[Path]:
    """The files in ``folder`` and below that register a page, sorted. What begins
    with ``_`` or ``.`` is left out.
    """
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")):
            continue

        if path.is_dir():
            yield from page_files(path)
        elif path.suffix == ".py" and b"register_page" in path.read_bytes():
            yield path


def import_pages(
    root: Path,
    folder: Path,
    package: str,
    listen: Callable[[], AbstractContextManager[None]],
) -> Iterator[tuple[ModuleType, declarations.Declared]]:
    """Import each page file and yield its module with what it declared.

    A module that was imported for another app is not imported again.

    :param root: Folders between it and ``folder`` can be imported from, too.
    :param package: The name of the package that the files are modules of.
    :param listen: Entered around imports, so that declarations are kept.
    :raises PageError: If a file cannot be imported.
    """
    with _lock:
        with listen():
            _claim_parents(package, folder, root)
            _claim_package(package, folder)

        for file in page_files(folder):
            parts = file.relative_to(folder).with_suffix("").parts
            name = ".".join((package, *parts))

            if any("." in part for part in parts):
                raise PageError(
                    f"'{file}' cannot be imported as a module, because of the dot in"
                    " its name. Rename it, or let the name begin with '_' to leave"
                    " it out."
                )

            module = _import_page(name, file, listen)
            yield module, declarations.remember(module)


def _import_page(
    name: str, file: Path, listen: Callable[[], AbstractContextManager[None]]
) -> ModuleType:
    module = sys.modules.get(name)

    if module is not None:
        if declarations.declared(module) is not None and _is_file(module, file):
            return module

        # It was imported when nobody listened, or belongs to another folder.
        del sys.modules[name]

    try:
        with listen():
            return import_module(name)
    except PageError:
        raise
    except Exception as e:
        raise PageError(
            f"'{file}' could not be imported: {type(e).__name__}: {e}"
        ) from e


def _is_file(module: ModuleType, file: Path) -> bool:
    return bool(module.__file__) and Path(t.cast(str, module.__file__)) == file


def _claim_parents(name: str, folder: Path, root: Path) -> None:
    """Make the packages around ``name`` importable, where nothing has their name."""
    parent = name.rpartition(".")[0]

    if parent and root in folder.parent.parents:
        _claim_parents(parent, folder.parent, root)

        if parent not in sys.modules and not _find_locations(parent):
            _claim_package(parent, folder.parent)


def _find_locations(name: str) -> list[str]:
    """The folders of a package that can be imported."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return []

    return list(spec.submodule_search_locations or ()) if spec else []


def _import_package(name: str) -> None:
    """Import a package, and leave the name alone in the package around it: there may
    be a ``pages = DashPages()`` beside a folder ``pages``.
    """
    parent, _, child = name.rpartition(".")
    before = dict(vars(sys.modules[parent])) if parent else {}
    import_module(name)

    if child in before:
        setattr(sys.modules[parent], child, before[child])


def _claim_package(name: str, folder: Path) -> None:
    """Make ``name`` importable as the package of ``folder``. It need not be below
    a folder of ``sys.path``.
    """
    existing = sys.modules.get(name)

    if existing is None:
        if str(folder) in _find_locations(name):
            _import_package(name)
            return
    elif str(folder) in getattr(existing, "__path__", ()):
        return

    for other in [n for n in sys.modules if n == name or n.startswith(f"{name}.")]:
        del sys.modules[other]

    init = folder / "__init__.py"

    if not init.exists():
        module = ModuleType(name)
        module.__path__ = [str(folder)]
        sys.modules[name] = module
        return

    spec = spec_from_file_location(name, init, submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module

    try:
        spec.loader.exec_module(module)
    except Exception as e:
        del sys.modules[name]
        raise PageError(
            f"'{init}' could not be imported: {type(e).__name__}: {e}"
        ) from e
