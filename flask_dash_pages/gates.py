"""What a visitor may call and see where no URL is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from itertools import chain
from logging import Logger

from .access import may_see
from .access import Requirement
from .layouts import EnsureSync
from .owners import Owners
from .page import Guard
from .page import Page


@dataclass(frozen=True)
class Gate:
    """Lets visitors in to what belongs to a page. Equal if it lets in the same."""

    #: By identity. Guards need not have a hash.
    keys: tuple[int, ...]
    #: ``None`` if the guards do not look at the page.
    key: Page | None
    guards: tuple[Guard, ...] = field(compare=False)
    page: Page = field(compare=False)


def gate(page: Page, guards: tuple[Guard, ...]) -> Gate:
    """What ``guards`` let in to ``page``."""
    ignores_page = all(
        isinstance(guard, Requirement) and not guard.takes for guard in guards
    )
    keys = tuple(id(guard) for guard in guards)
    return Gate(keys, None if ignores_page else page, guards, page)


class Gates:
    """The gates before the callbacks of one DashPages on one app."""

    def __init__(self, ensure_sync: EnsureSync, logger: Logger) -> None:
        self._ensure_sync = ensure_sync
        self._logger = logger
        #: For callbacks that not everybody may call: what lets visitors in to the pages
        #: that own it. One of each set must.
        self._by_output: dict[str, list[frozenset[Gate]]] = {}
        self._all: frozenset[Gate] = frozenset()
        self._failed: set[Gate] = set()

    def put_before(
        self, callbacks: Mapping[str, Iterable[Owners]], around: Gate
    ) -> None:
        """Put gates before callbacks.

        :param callbacks: The output of each, and the owners of all that have it.
        :param around: Lets in to what belongs to the app.
        """
        for output, found in callbacks.items():
            for owners in found:
                gates = frozenset(
                    gate(page, page.guard) if page and page.has_guards else around
                    for page in owners
                )

                if all(each.guards for each in gates):
                    self._by_output.setdefault(output, []).append(gates)

        self._all = frozenset().union(*chain(*self._by_output.values()))

    def closed(self) -> frozenset[Gate]:
        """Those that do not let the current visitor in."""
        return frozenset(each for each in self._all if not self._lets_in(each))

    def hidden(self, closed: frozenset[Gate]) -> frozenset[str]:
        """The outputs of the callbacks behind them."""
        return frozenset(
            output
            for output, found in self._by_output.items()
            if any(gates <= closed for gates in found)
        )

    @property
    def has_nobody(self) -> bool:
        """Whether there are callbacks that nobody may call."""
        return any(frozenset() in found for found in self._by_output.values())

    def may_call(self, output: str) -> bool:
        """Whether the current visitor may call the callback with ``output``."""
        return all(
            any(map(self._lets_in, gates)) for gates in self._by_output.get(output, ())
        )

    def visible(self, pages: Iterable[Page]) -> list[Page]:
        """Those of ``pages`` that the current visitor may see."""
        found = [(page, gate(page, page.guard)) for page in pages]
        lets_in = {each: self._lets_in(each) for each in {each for _, each in found}}
        return [page for page, each in found if lets_in[each]]

    def _lets_in(self, each: Gate) -> bool:
        try:
            return may_see(each.page, each.guards, {}, self._ensure_sync)
        except Exception:
            # Once, for this is asked by each visit.
            if each not in self._failed:
                self._failed.add(each)
                self._logger.exception(
                    "A guard of the page %r raised, which hides its callbacks. For"
                    " them guards are called without variables.",
                    each.page.module,
                )

            return False
