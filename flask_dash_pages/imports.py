"""Which modules does a module import? Read from its source."""

from __future__ import annotations

import ast
import sys
import threading
import tokenize
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import resolve_name
from pathlib import Path
from sysconfig import get_path
from types import ModuleType

_STDLIB = get_path("stdlib")
_lock = threading.Lock()


def imported_names(source: str, package: str) -> set[str]:
    """The absolute names that ``source`` imports anywhere in it. A name after
    ``from ... import`` counts as a module, too.

    :param package: What relative imports start from.
    """
    names: set[str] = set()

    # Python 3.11 fails if another thread goes on with its own meanwhile.
    with _lock:
        tree = ast.parse(source)

    for node in _walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")

            try:
                base = resolve_name(relative, package)
            except ImportError:
                continue

            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)

    return names


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """``node`` and what is in it, but for what is only there for type checkers."""
    yield node
    children = ast.iter_child_nodes(node)

    if isinstance(node, ast.If) and "TYPE_CHECKING" in {
        getattr(node.test, "id", ""),
        getattr(node.test, "attr", ""),
    }:
        children = iter(node.orelse)

    for child in children:
        yield from _walk(child)


def _packages(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def is_installed(file: Path) -> bool:
    """Whether a file is one of Python or of a package that was installed."""
    folders = {"site-packages", "dist-packages"}
    return not folders.isdisjoint(file.parts) or file.is_relative_to(_STDLIB)


def import_graph(
    modules: t.Iterable[ModuleType],
    follow: Callable[[ModuleType], bool],
    extra: Callable[[ModuleType], t.Iterable[str]],
) -> dict[str, list[str]]:
    """The names of ``modules`` and of all loaded modules that they import, directly or
    by each other, and what each of them imports. In the order in which they were found.

    :param follow: Whether to read the imports of a module.
    :param extra: Further names that a module is known to import.
    """
    found: dict[str, list[str]] = {}
    waiting = list(modules)[::-1]

    while waiting:
        module = waiting.pop()

        if module.__name__ in found:
            continue

        names = set(extra(module))

        if follow(module):
            names.update(_module_imports(module))

        loaded = [name for name in sorted(names) if name in sys.modules]
        found[module.__name__] = loaded
        waiting.extend(sys.modules[name] for name in loaded)

    return found


def _module_imports(module: ModuleType) -> frozenset[str]:
    path = getattr(module, "__file__", None)

    if not path:
        return frozenset()

    try:
        changed = Path(path).stat().st_mtime_ns
        return _file_imports(path, changed, module.__package__ or "")
    except (OSError, SyntaxError, ValueError):
        # Compiled, or gone since it was imported: then only what was seen while
        # it was imported is known.
        return frozenset()


# A factory may be called many times.
@lru_cache(maxsize=10_000)
def _file_imports(path: str, changed: int, package: str) -> frozenset[str]:
    with tokenize.open(path) as file:
        names = imported_names(file.read(), package)

    # Their packages are imported with them. Those around the module were before.
    around = {package, *_packages(package)}
    return frozenset(names | ({p for name in names for p in _packages(name)} - around))
