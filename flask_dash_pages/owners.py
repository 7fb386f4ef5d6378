"""Which pages own which callback. A page owns those of its module and of modules that
it imports.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from .page import Page

#: ``None`` stands for the app. Empty for what nobody is known to import.
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
    found: dict[str, set[Page | None]] = {name: set(own) for name, own in pages.items()}

    def own(start: str, owners: Iterable[Page | None]) -> None:
        waiting, seen = [start, *imports.get(start, ())], {*pages}

        while waiting:
            name = waiting.pop()

            if name not in seen:
                seen.add(name)
                found.setdefault(name, set()).update(owners)
                waiting.extend(imports.get(name, ()))

    for root in roots:
        own(root, [None])

    for module, registered in pages.items():
        own(module, registered)

    return {name: frozenset(owners) for name, owners in found.items()}
