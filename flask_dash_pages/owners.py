"""Which pages own which callback. A page owns those of its module and of modules that
it imports.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from .page import Page

#: ``None`` stands for what is around the pages.
Owners = frozenset[Page | None]


def owners_of_modules(
    pages: Mapping[str, Iterable[Page]],
    roots: Iterable[str],
    imports: Mapping[str, Iterable[str]],
) -> dict[str, Owners]:
    """The owners of what each module defines.

    :param pages: The pages that each module registers. What others import from there
        is still that of these pages.
    :param roots: The modules of the app itself.
    :param imports: What each module imports.
    """
    found: dict[str, set[Page | None]] = {}

    for root in roots:
        for name in _reached(root, pages, imports):
            found.setdefault(name, set()).add(None)

    for module, registered in pages.items():
        found[module] = set(registered)

        for imported in imports.get(module, ()):
            for name in _reached(imported, pages, imports):
                found.setdefault(name, set()).update(registered)

    return {name: frozenset(owners) for name, owners in found.items()}


def _reached(
    start: str, pages: Mapping[str, object], imports: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """``start`` and what it imports, up to the modules of pages."""
    waiting, found = [start], set(pages)

    while waiting:
        name = waiting.pop()

        if name not in found:
            found.add(name)
            yield name
            waiting.extend(imports.get(name, ()))
