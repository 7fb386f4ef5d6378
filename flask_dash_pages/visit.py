"""One visit of one page: what the visitor gets, and what is told about it."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from time import perf_counter

from blinker import NamedSignal
from werkzeug.exceptions import abort
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound
from werkzeug.sansio.response import Response

from . import signals
from .access import ask
from .access import may_see
from .layouts import call
from .layouts import EnsureSync
from .layouts import MissingValues
from .layouts import signature
from .page import Page
from .registry import Registry


@dataclass(frozen=True)
class Asked:
    """What a visitor asks for."""

    #: The path without the query.
    path: str
    #: From the path.
    variables: Mapping[str, t.Any]
    #: From the query. Values are strings, or lists of them for repeated keys.
    query: Mapping[str, t.Any]
    #: ``"html"``, ``"json"`` or ``"markdown"``.
    representation: str
    #: Values of the routing callback inputs. ``None`` if they are not known.
    inputs: Mapping[str, t.Any] | None = None
    #: Whether the page may never be shown. Then it is only told if it was denied or has
    #: failed.
    is_prefetch: bool = False
    #: What makes the browser load the URL as a whole, if it can. Only then do visitors
    #: notice what a guard does apart from its answer.
    full_load: Response | None = None


@dataclass(frozen=True)
class Visit:
    """What a visitor gets."""

    path: str
    status: int
    title: str
    description: str
    #: What is shown, which is the page for an error if there is one.
    page: Page
    content: t.Any = None
    variables: Mapping[str, t.Any] = field(default_factory=dict)
    #: ``False`` if the browser has to ask for the content, because the layout
    #: takes values that only the browser knows.
    complete: bool = True
    #: The seconds that the layout and title functions took.
    duration: float = 0
    #: What the page is about, if its HTML says it.
    json_ld: t.Any = None


class Send(t.Protocol):
    """Sends a signal."""

    def __call__(self, signal: NamedSignal, **extra: t.Any) -> None: ...


@dataclass(frozen=True)
class Visitors:
    """What all visits of an app have in common."""

    registry: Registry
    send: Send
    ensure_sync: EnsureSync
    #: The names of the routing callback inputs.
    inputs: frozenset[str]
    #: What is shown for a status code if the registry has no page for it.
    default_pages: Mapping[int, Page]

    def needs_browser(self, page: Page) -> bool:
        """Whether the layout takes values that only the browser knows."""
        if not self.inputs or not callable(page.layout):
            return False

        accepted = signature(page.layout)
        return any(accepted.accepts(name) for name in self.inputs)

    def visit(self, page: Page, asked: Asked) -> Visit | Response:
        """Visit ``page``. The result is a response if a guard or the layout returned
        one or aborted with one. A page for errors is visited as if its error happened.

        :raises BadRequest: If the layout requires a value that the URL lacks.
        :raises HTTPException: If a guard or the layout aborted with another code than
            403 or 404.
        """
        try:
            answer = self.admit(page, asked)
            started = perf_counter()

            if answer is not None:
                if answer is not asked.full_load:
                    self._denied(page, asked)

                return answer

            if page.error_status is not None:
                abort(page.error_status)

            result = self.open(page, asked, status=200)
        except NotFound:
            self._tell(asked, signals.page_not_found)
            return self.error(asked, 404)
        except Forbidden:
            self._denied(page, asked)
            return self.error(asked, 403)

        if isinstance(result, Visit):
            result = replace(result, duration=perf_counter() - started)

        return result

    def admit(self, page: Page, asked: Asked) -> Response | None:
        """Ask the guards of ``page``. ``None`` if the visitor may see it, otherwise the
        answer of a guard.

        :raises HTTPException: If a guard returned ``False`` or aborted.
        """
        with self._telling_of_failure(page, asked):
            return ask(
                page, page.guard, asked.variables, self.ensure_sync, asked.full_load
            )

    def may_see(self, page: Page, variables: Mapping[str, t.Any]) -> bool:
        """Whether the visitor may see ``page``. Nobody is told."""
        return may_see(page, page.guard, variables, self.ensure_sync)

    def _denied(self, page: Page, asked: Asked) -> None:
        self.send(signals.page_denied, page=page, path=asked.path)

    def resolved(self, page: Page, asked: Asked, duration: float) -> None:
        """Tell that the page is shown."""
        self._tell(
            asked,
            signals.page_resolved,
            page=page,
            variables=dict(asked.variables),
            query=dict(asked.query),
            status=200,
            duration=duration,
            representation=asked.representation,
        )

    def failed(self, page: Page, asked: Asked, exception: Exception) -> None:
        """Tell that the page cannot be shown."""
        self.send(signals.page_failed, page=page, path=asked.path, exception=exception)

    @contextmanager
    def _telling_of_failure(self, page: Page, asked: Asked) -> Iterator[None]:
        try:
            yield
        except MissingValues as e:
            names = ", ".join(map(repr, e.names))
            raise BadRequest(f"The page needs values for {names}.") from e
        except HTTPException:
            raise
        except Exception as e:
            self.failed(page, asked, e)
            raise

    def _tell(self, asked: Asked, signal: NamedSignal, **extra: t.Any) -> None:
        if not asked.is_prefetch:
            self.send(signal, path=asked.path, **extra)

    def not_found(self, asked: Asked) -> Visit | Response:
        """Visit a path that has no page."""
        return self.visit(self.error_page(404), asked)

    def error(self, asked: Asked, status: int) -> Visit | Response:
        """What is shown for an error.

        :param status: 403, 404 or 500.
        """
        # The variables are those of another page.
        asked = replace(asked, variables={})

        try:
            return self.open(self._error_page_to_show(status), asked, status)
        except (Forbidden, NotFound):
            return self.open(self.default_pages[status], asked, status)

    def error_page(self, status: int) -> Page:
        """The page that is shown for a status code."""
        return self.registry.error_page(status) or self.default_pages[status]

    def _error_page_to_show(self, status: int) -> Page:
        page = self.error_page(status)
        return page if self.may_see(page, {}) else self.default_pages[status]

    def open(self, page: Page, asked: Asked, status: int) -> Visit | Response:
        """What ``page`` shows. Its guards are not asked.

        :raises BadRequest: If the layout requires a value that the URL lacks.
        :raises HTTPException: If the layout aborted without a response.
        """
        complete = asked.inputs is not None or not self.needs_browser(page)

        with self._telling_of_failure(page, asked):
            content = self._content(page, asked) if complete else None

            if isinstance(content, Response):
                if content.location is not None:
                    self._tell(
                        asked, signals.page_redirected, location=content.location
                    )

                return content

            return Visit(
                page=page,
                path=asked.path,
                variables=asked.variables,
                status=status,
                title=self.text(page.title, asked.variables, default=page.name),
                description=self.text(page.description, asked.variables),
                content=content,
                complete=complete,
                json_ld=self._json_ld(page, asked),
            )

    def _content(self, page: Page, asked: Asked) -> t.Any:
        if not callable(page.layout):
            return page.layout

        values = {**asked.query, **(asked.inputs or {}), **asked.variables}

        try:
            return call(page.layout, values, self.ensure_sync)
        except HTTPException as e:
            if e.response is None:
                raise

            return e.response

    def _json_ld(self, page: Page, asked: Asked) -> t.Any:
        if asked.representation != "html" or not callable(page.json_ld):
            return page.json_ld

        value = call(page.json_ld, asked.variables, self.ensure_sync)

        if value is not None and not isinstance(value, (dict, list)):
            raise TypeError(
                f"The json_ld of {page.module!r} returned {value!r}. Return a dict, a"
                " list, or None."
            )

        return value

    def text(
        self,
        value: str | Callable[..., str],
        variables: Mapping[str, t.Any],
        *,
        default: str = "",
    ) -> str:
        """The title or the description of a page."""
        if callable(value):
            value = call(value, variables, self.ensure_sync)

        if value is None:
            value = default

        # Lone surrogates come from the names of files, and cannot be sent.
        return str(value).encode("utf-8", "replace").decode()
