"""Import the page files of a folder."""

from __future__ import annotations

import re
import sys
import threading
import traceback
import typing as t
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from importlib.util import find_spec
from importlib.util import module_from_spec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from flask import Flask
from werkzeug.local import LocalProxy

from . import declarations
from .access import as_guards
from .imports import imported_names
from .page import Guard
from .page import Page
from .page import PageError

#: Takes the name of a module, its file, and why it cannot be imported.
OnError = Callable[[str, Path, PageError], None]

#: Where a file has a layout.
_LAYOUT = re.compile(rb"^(?:(?:async )?def )?layout\s*[=(:]", re.MULTILINE)

#: An attribute of packages of pages.
_MARK = "__dash_pages__"

# Two factories may look for the same pages at once. Modules are of the process.
_lock = threading.RLock()


def page_files(folder: Path) -> Iterator[Path]:
    """The files in ``folder`` and below that register a page, sorted. What begins
    with ``_`` or ``.`` is left out.
    """
    return (f for f in _python_files(folder) if b"register_page" in f.read_bytes())


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")):
            continue

        if path.is_dir():
            # A link may lead to a folder around it.
            if not path.is_symlink():
                yield from _python_files(path)
        elif path.suffix == ".py" and path.is_file():
            yield path


def claim_package(root: Path, folder: Path, name: str) -> str:
    """Make ``folder`` importable as a package. It need not be below a folder of
    ``sys.path``.

    :param root: Folders between it and ``folder`` can be imported from, too.
    :return: The name of the package. It is another one than ``name`` if that is the
        package of other pages.
    :raises PageError: If the name is taken by something else.
    """
    with _lock:
        _claim_parents(name, folder, root)
        return _claim_package(name, folder)


def import_pages(
    folder: Path,
    package: str,
    claimed: str,
    listen: Callable[[], AbstractContextManager[None]],
    on_error: OnError,
) -> Iterator[tuple[ModuleType, declarations.Declared]]:
    """Import each page file and yield its module with what it declared.

    A module that was imported for another app is not imported again.

    :param package: The name of the package that the files expect to be modules of.
    :param claimed: What :func:`claim_package` returned for it.
    :param listen: Entered around imports, so that declarations are kept.
    :param on_error: Called for each file that cannot be imported.
    :raises PageError: If a file cannot be a module, and what ``on_error`` raises.
    """
    with _lock:
        failed: dict[str, PageError] = {}

        for file in page_files(folder):
            parts = file.relative_to(folder).with_suffix("").parts
            name = ".".join((claimed, *parts))

            if any("." in part for part in parts):
                raise PageError(
                    f"'{file}' cannot be imported as a module, because of the dot in"
                    " its name. Rename it, or let the name begin with '_' to leave"
                    " it out."
                )

            if claimed != package:
                _refuse_absolute_imports(file, package, claimed)

            around = folder_packages(claimed, [name])

            try:
                for package in around:
                    if package in failed:
                        raise failed[package]

                    _drop_rests(package)

                module = _import_page(name, file, listen)
            except PageError as e:
                failed.update({p: e for p in around if p not in sys.modules})
                on_error(name, file, e)
                continue

            yield module, declarations.remember(module)


def folder_guards(claimed: str, modules: Iterable[str]) -> tuple[Guard, ...]:
    """The guards of the folders that ``modules`` are in, those of outer ones first.

    :param claimed: What :func:`claim_package` returned.
    :raises PageError: If one cannot be used.
    """
    return tuple(
        guard
        for package in folder_packages(claimed, modules)
        for guard in _package_guards(package)
    )


def _let_nobody_in(page: Page, variables: Mapping[str, t.Any]) -> t.NoReturn:
    raise PageError(
        f"The package around {page.module!r} in {page.source} could not be imported."
    )


def folder_packages(claimed: str, modules: Iterable[str]) -> list[str]:
    """The packages that ``modules`` are or are in, down from ``claimed``."""
    found = set()

    for module in modules:
        name = module

        while name == claimed or name.startswith(f"{claimed}."):
            if name != module or hasattr(sys.modules.get(name), "__path__"):
                found.add(name)

            name = name.rpartition(".")[0]

    return sorted(found, key=lambda name: name.count("."))


def _package_guards(name: str) -> tuple[Guard, ...]:
    package = sys.modules.get(name)

    if package is None:
        # Nobody knows what it would have said.
        return (_let_nobody_in,)

    guard = getattr(package, "guard", None)
    init = getattr(package, "__file__", None)

    if isinstance(guard, ModuleType):
        # Importing a module of that name puts it in the place of the function.
        if init is None or b"guard" not in Path(init).read_bytes():
            return ()

        raise PageError(
            f"The guard in '{init}' is hidden by the module '{guard.__file__}'. Give"
            " the module another name."
        )

    try:
        return as_guards(guard)
    except TypeError as e:
        raise PageError(f"The guard in '{init}' cannot be used. {e}") from e


def _drop_rests(package: str) -> None:
    """Drop the modules that a package has imported before it failed."""
    if package not in sys.modules:
        for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
            del sys.modules[name]


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
            module = import_module(name)

        if _is_file(module, file):
            return module

        raise PageError(
            f"'{file}' cannot be imported: there is '{module.__file__}' with the same"
            f" name {name!r}. Put an __init__.py into the folder of the pages."
        )
    except PageError:
        raise
    except Exception as e:
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(e.__traceback__)
            if frame.filename == str(file)
        ]
        where = f"{file}:{lines[-1]}" if lines else file
        raise PageError(
            f"'{where}' could not be imported: {type(e).__name__}: {e}" + _remedy(e)
        ) from e


def _remedy(error: Exception) -> str:
    """What to do instead, if that is known."""
    if isinstance(error, TypeError) and "register_page() missing" in str(error):
        return ". Write register_page(__name__, ...)."

    # As scripts with one module do.
    if isinstance(error, NameError):
        wants_app = error.name in {"app", "pages"}
    elif isinstance(error, AttributeError):
        wants_app = error.name == "callback" and isinstance(
            error.obj, (Flask, LocalProxy)
        )
    else:
        wants_app = isinstance(error, ImportError) and _has_app(error.name or "")

    if not wants_app:
        return ""

    return (
        ". Use 'from dash import callback' and '@callback' in place of '@app.callback',"
        " dash.get_app() for the Dash instance, and flask.current_app for the app, in"
        " functions. Page files are imported while the app is made, and cannot import"
        " it."
    )


def _has_app(name: str) -> bool:
    """Whether the module makes an app, or has a factory that does."""
    names = vars(sys.modules.get(name, object))
    return "create_app" in names or any(isinstance(v, Flask) for v in names.values())


def strays(folder: Path, known: Container[str]) -> Iterator[str]:
    """What is no page, but looks as if it was meant to be one.

    :param known: The files of pages.
    """
    for file in _python_files(folder):
        text = file.read_bytes()

        if _LAYOUT.search(text) and b"register_page" not in text:
            yield (
                f"'{file}' has a layout and is no page. Call register_page(__name__) in"
                " it, or let its name begin with '_'."
            )

    for file in sorted(folder.parent.glob("*.py")):
        if (
            str(file) not in known
            and file.is_file()
            and b"register_page(__name__" in file.read_bytes()
        ):
            yield f"'{file}' is no page. Move it into the folder '{folder}'."


def added_later(folder: Path, known: Container[str]) -> Iterator[str]:
    """What is wrong with page files that were not there when the others were imported.

    :param known: The files that were there.
    """
    for file in page_files(folder):
        if str(file) not in known:
            yield f"'{file}' was added after the server was started. Start it again."


def _is_file(module: ModuleType, file: Path) -> bool:
    if not module.__file__:
        return False

    # There may be links on the way to it. Following them takes time.
    found = Path(module.__file__)
    return found == file or found.resolve() == file


def _claim_parents(name: str, folder: Path, root: Path) -> None:
    """Make the packages around ``name`` importable, where nothing has their name."""
    parent = name.rpartition(".")[0]

    if parent and root in folder.parent.parents:
        _claim_parents(parent, folder.parent, root)

        if parent not in sys.modules and _find_locations(parent) is None:
            _claim_package(parent, folder.parent)


def _find_locations(name: str) -> list[str] | None:
    """The folders of a package that can be imported. An empty list for a module that
    is no package, and ``None`` if there is none of that name.
    """
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None

    return None if spec is None else list(spec.submodule_search_locations or ())


def _import_package(name: str) -> None:
    """Import a package, and leave the name alone in the package around it: there may
    be a ``pages = DashPages()`` beside a folder ``pages``.
    """
    parent, _, child = name.rpartition(".")
    before = dict(vars(sys.modules[parent])) if parent else {}
    import_module(name)

    if child in before:
        setattr(sys.modules[parent], child, before[child])


def _claim_package(name: str, folder: Path) -> str:
    claimed = name
    number = 1

    # Pages of other apps are in packages with this name.
    while hasattr(sys.modules.get(claimed), _MARK):
        if getattr(sys.modules[claimed], _MARK) == folder:
            return claimed

        number += 1
        claimed = f"{name}~{number}"

    existing = sys.modules.get(claimed)
    locations = (
        _find_locations(claimed)
        if existing is None
        else existing.__dict__.get("__path__", [])
    )

    if locations is None:
        _make_package(claimed, folder)
    elif folder not in [Path(location).resolve() for location in locations]:
        raise PageError(
            f"The folder '{folder}' cannot be imported, because there is another module"
            f" named {name!r}. Rename the folder."
        )
    elif existing is None:
        _import_package(claimed)

    setattr(sys.modules[claimed], _MARK, folder)
    return claimed


def _refuse_absolute_imports(file: Path, package: str, claimed: str) -> None:
    """In a package that has another name than its folder, the folder's name leads to
    the pages of another app.
    """
    for name in sorted(imported_names(file.read_text("utf-8"), claimed)):
        if name == package or name.startswith(f"{package}."):
            raise PageError(
                f"'{file}' imports {name!r}, but the package {package!r} has the pages"
                " of another app in this process. Use a relative import, such as 'from"
                " .module import name'."
            )


def _make_package(name: str, folder: Path) -> None:
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
