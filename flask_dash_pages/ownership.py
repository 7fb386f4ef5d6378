"""The callbacks of one DashPages on one app, and what owns them."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import product

from . import callbacks
from . import compat
from . import declarations
from .binding import PagesDash
from .declarations import Callbacks
from .modules import PageModules
from .owners import Owners
from .owners import owners_of_modules
from .page import Guard
from .page import Page
from .page import PageError


class Ownership:
    """Gives Dash the callbacks of pages, and knows whose each of them is.

    :param guards: Those around all pages.
    :param own_outputs: The outputs of the callbacks of the browser's part, which finds
        its way to pages that the visitor may see.
    """

    def __init__(
        self,
        dash: PagesDash,
        modules: PageModules,
        guards: tuple[Guard, ...],
        own_outputs: Iterable[str],
    ) -> None:
        self._dash = dash
        self._modules = modules
        self._guards = guards
        self._own_outputs = frozenset(own_outputs)
        self._given: dict[int, dict[str, t.Any]] = {}
        self._harvests: dict[str, Callbacks] = {}
        #: The pages that each module registers, by its own name.
        self._pages_in: dict[str, list[Page]] = {}
        #: What each module imports, as far as it matters to callbacks.
        self._imports: dict[str, list[str]] = {}

    def add(self, page: Page, modules: Iterable[str]) -> None:
        """Add a page, which owns what ``modules`` define."""
        for module in modules:
            self._pages_in.setdefault(module, []).append(page)

    def pages_in(self, module: str) -> list[Page]:
        """The pages that ``module`` registers."""
        return self._pages_in.get(module, [])

    def replay(self) -> None:
        """Give Dash the callbacks of the page files and of what they import.

        :raises PageError: If Dash cannot tell two of them apart.
        """
        ordered = self._modules.files
        names = set(ordered)
        waiting = [callbacks.unclaimed()]

        if (stock := compat.stock_app()) is not None:
            # It has taken those that waited when it served.
            waiting.append(callbacks.callbacks_of(stock))

        # Reading the imports of all pages takes time, and only tells something if there
        # are callbacks outside of them.
        if (
            any(each.specs for each in waiting)
            or declarations.declaring_modules() - names
        ):
            self._imports = self._modules.read_imports(ordered)
            ordered, names = list(self._imports), set(self._imports)

        self._harvests = {
            name: declared.callbacks
            for name in ordered
            if (declared := declarations.declared(sys.modules[name])) is not None
        }
        owned = [callbacks.owned_by(each, names) for each in waiting]
        callbacks.replay(self._dash, [*self._harvests.values(), *owned], self._given)
        _refuse_confused(names)

    def claim(self, sections: list[PageModules], apps: Iterable[PageModules]) -> None:
        """Give Dash the callbacks that were defined by ``@dash.callback`` elsewhere
        than in page files, such as those of the shell.

        :param sections: The modules of the other DashPages of the app.
        :param apps: Those of other apps with guards.
        """
        waiting = callbacks.unclaimed()
        names = callbacks.function_modules(waiting)
        others = self._known_by_others(names, sections, apps) if names else set()
        callbacks.replay(self._dash, [callbacks.without(waiting, others)], self._given)

    def _known_by_others(
        self, names: set[str], sections: list[PageModules], apps: Iterable[PageModules]
    ) -> set[str]:
        """Those of ``names`` that only others are known to import."""
        unknown = names - self._modules.reached(
            name for section in sections for name in section.own
        )
        found: set[str] = set()

        for other in [*sections, *apps]:
            if unknown > found:
                found |= unknown & other.reached()

        return found

    def find(self) -> dict[str, list[Owners]]:
        """The output of each callback, and the pages that own it: one of each set must
        let a visitor in.
        """
        modules = callbacks.defining_modules(self._dash, self._harvests)
        known = {name for names in modules.values() for name in names}
        roots = self._modules.of_app

        if not self._pages_in.keys() >= known:
            self._imports = self._modules.read_imports({*self._pages_in, *roots})

        of_modules = owners_of_modules(self._pages_in, roots, self._imports)
        owners = {
            output: [
                of_modules[name]
                if name in of_modules
                else self._owners_of_unknown(name)
                for name in sorted(names or {""})
            ]
            for output, names in modules.items()
            if output not in self._own_outputs
        }

        for cancel, outputs in callbacks.cancelling(self._dash).items():
            # Whoever may call one of them: each of its sets has one who lets them in.
            found = product(*(owners[output] for output in outputs))
            owners[cancel] = [frozenset().union(*each) for each in found]

        return owners

    def _owners_of_unknown(self, name: str) -> Owners:
        """The owners of what is in a module that nobody is known to import. Without a
        name, or in a module that is not of the project, it is the app's.
        """
        module = sys.modules.get(name)
        is_of_project = module is not None and self._modules.is_of_project(module)
        return frozenset() if is_of_project else frozenset({None})

    def shared(
        self, callback_owners: Mapping[str, Iterable[Owners]]
    ) -> Iterator[tuple[str, Owners]]:
        """The callbacks that guarded pages share with what lets in others: their
        outputs, and what owns them.
        """
        for output, found in callback_owners.items():
            for owners in found:
                guards = self.guards_of(owners)

                if any(guards) and guards.count(guards[0]) < len(guards):
                    yield output, owners

    def guards_of(self, owners: Owners) -> list[tuple[Guard, ...]]:
        """The guards of each owner."""
        return [
            page.guard if page and page.has_guards else self._guards for page in owners
        ]


def _refuse_confused(names: set[str]) -> None:
    for one, other in callbacks.confused_functions():
        if names & {one.__module__, other.__module__}:
            raise PageError(
                f"The background callbacks '{one.__module__}.{one.__qualname__}'"
                f" and '{other.__module__}.{other.__qualname__}' have the same"
                " output and the same source, by which Dash tells them apart. Give"
                " one of the outputs another id."
            )
