"""Who may see a page: what guards are, and how they are asked."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Callable
from collections.abc import Mapping

from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response

from .layouts import EnsureSync
from .layouts import signature
from .page import Guard
from .page import Page


class Requirement:
    """A guard that tells whether a page may be seen apart from what happens if not.

    :param predicate: Takes ``page``, ``variables``, both or none. Returns ``True`` or
        ``False``.
    :param otherwise: Makes the answer for a visitor who may not see the page. ``None``
        for status 403.
    :raises TypeError: If the predicate requires something else.
    """

    def __init__(
        self,
        predicate: Callable[..., bool],
        otherwise: Callable[[], Response] | None = None,
    ) -> None:
        if inspect.iscoroutinefunction(predicate):
            raise TypeError(
                f"The predicate {predicate!r} is a coroutine function. Write a guard"
                " that is one."
            )

        accepted = signature(predicate)
        others = set(accepted.required) - {"page", "variables"}

        if others:
            raise TypeError(
                f"The predicate {predicate!r} requires {min(others)!r}. It can take"
                " 'page' and 'variables'."
            )

        self.predicate = predicate
        self.otherwise = otherwise
        #: What the predicate takes.
        self.takes = [name for name in ("page", "variables") if accepted.accepts(name)]

    def __call__(self, page: Page, variables: Mapping[str, t.Any]) -> bool | Response:
        if self.is_met(page, variables):
            return True

        return False if self.otherwise is None else self.otherwise()

    def is_met(self, page: Page, variables: Mapping[str, t.Any]) -> bool:
        """Whether the visitor may see the page.

        :raises TypeError: If the predicate says neither yes nor no.
        """
        values = {"page": page, "variables": variables}
        is_met: object = self.predicate(**{name: values[name] for name in self.takes})

        # A method that was not called would count as true.
        if not isinstance(is_met, bool):
            raise TypeError(
                f"The predicate {self.predicate!r} returned {is_met!r}. Return True or"
                " False, such as by bool(...)."
            )

        return is_met


def as_guards(value: t.Any) -> tuple[Guard, ...]:
    """The guards that ``value`` stands for: ``None``, a guard, or a list of them.

    :raises TypeError: If it is something else.
    """
    if value is None:
        return ()

    guards = tuple(value) if isinstance(value, (list, tuple)) else (value,)

    for guard in guards:
        if not callable(guard) or not _takes_page_and_variables(guard):
            raise TypeError(
                f"The guard {guard!r} is not a function of (page, variables). For"
                " functions of others, such as those of Flask-Login, there is"
                " flask_dash_pages.guards."
            )

    return guards


def _takes_page_and_variables(guard: Guard) -> bool:
    try:
        inspect.signature(guard).bind(None, {})
    except ValueError:
        # It does not tell.
        return True
    except TypeError:
        return False

    return True


def ask(
    page: Page,
    guards: tuple[Guard, ...],
    variables: Mapping[str, t.Any],
    ensure_sync: EnsureSync,
    instead: Response | None = None,
) -> Response | None:
    """Ask the guards of a page in turn. ``None`` if the visitor may see it. Otherwise
    the answer of the guard that denies it.

    :param variables: Those of the path. Empty if it is not known.
    :param instead: Returned in place of an answer that a :class:`Requirement` makes,
        so that nothing happens.
    :raises HTTPException: If a guard returned ``False`` or aborted.
    :raises TypeError: If a guard returned something else.
    """
    for guard in guards:
        if (
            instead is not None
            and isinstance(guard, Requirement)
            and guard.otherwise is not None
        ):
            answer = None if guard.is_met(page, variables) else instead
        else:
            answer = _answer(guard, page, variables, ensure_sync)

        if answer is not None:
            return answer

    return None


def _answer(
    guard: Guard,
    page: Page,
    variables: Mapping[str, t.Any],
    ensure_sync: EnsureSync,
) -> Response | None:
    try:
        answer = ensure_sync(guard)(page, variables)
    except HTTPException as e:
        if e.response is None:
            raise

        answer = e.response

    if answer is None or answer is True:
        return None

    if answer is False:
        raise Forbidden

    if isinstance(answer, Response):
        return answer

    raise TypeError(
        f"The guard {guard!r} of {page.module!r} returned {answer!r}. Return None or"
        " True to let the visitor in, False for status 403, or a response."
    )


def may_see(
    page: Page,
    guards: tuple[Guard, ...],
    variables: Mapping[str, t.Any],
    ensure_sync: EnsureSync,
) -> bool:
    """Like :func:`ask`, where the answer does not matter.

    :raises Exception: What a guard raises, but for HTTP errors.
    """
    try:
        return ask(page, guards, variables, ensure_sync, instead=Response()) is None
    except HTTPException:
        return False
