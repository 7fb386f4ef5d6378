"""The views of pages, redirects and unknown paths."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote
from urllib.parse import urljoin

from dash import html
from flask import current_app
from flask import make_response
from flask import redirect
from flask import request
from flask import url_for
from plotly.io.json import to_json_plotly
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotAcceptable
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.sansio.response import Response

from . import meta
from . import signals
from .binding import Enter
from .binding import fill_shell
from .binding import Head
from .binding import PagesDash
from .binding import resolve_shell
from .naming import variable_names
from .page import Page
from .routing import takes_any_path
from .visit import Asked
from .visit import Visit
from .visit import Visitors

#: What the browser's part asks for.
PAGE_JSON = "application/vnd.dash-pages+json"

#: The browser sends the version with which it was loaded.
VERSION_HEADER = "Dash-Pages-Version"

UNKNOWN_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def default_content(status: int, name: str) -> t.Any:
    """What is shown for a status that has no page of its own."""
    return html.H1(f"{status} - {name}")


@dataclass(frozen=True)
class PageViews:
    """The views of one DashPages on one app."""

    dash: PagesDash
    visitors: Visitors
    #: Entered around each view.
    enter: Enter
    #: The names of the routing callback inputs, in the order of their values.
    inputs: list[str]
    blueprint_name: str
    get_version: Callable[[], str]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods by which pages can be asked for. The values of the routing
        callback inputs may be too long for a URL.
        """
        return ("GET", "HEAD", "POST") if self.inputs else ("GET", "HEAD")

    def page(self, page: Page) -> Callable[..., Response]:
        """The view of ``page``."""

        def view(**variables: t.Any) -> Response:
            representation = _representation()

            if representation is None:
                raise NotAcceptable(
                    f"{request.path!r} is there as text/html and as {PAGE_JSON}."
                )

            with self.enter():
                inputs = self._inputs()

                if representation == "json" and self._is_outdated(page, inputs):
                    return _load_again()

                asked = _asked(variables, representation, inputs)
                return self._answer(self.visitors.visit(page, asked), representation)

        return view

    def redirect(self, page: Page, code: int) -> Callable[..., Response]:
        """The view of a path that leads to ``page``."""
        needed = set(variable_names(page.path_template or ""))

        def view(**variables: t.Any) -> Response:
            with self.enter():
                if needed <= variables.keys():
                    location = url_for(page.endpoint, **variables)
                else:
                    location = page.relative_path

                return self._redirect(location, code)

        return view

    def not_found(self, unknown: str) -> Response:
        """The view of paths that nothing else takes."""
        self._refuse_method()
        representation = _representation()

        if representation is None or request.method not in self.methods:
            raise NotFound()

        with self.enter():
            location = self._canonical_location()

            if location is not None:
                return self._redirect(location, 308)

            asked = _asked({}, representation, self._inputs())
            return self._answer(self.visitors.not_found(asked), representation)

    def _answer(self, result: Visit | Response, representation: str) -> Response:
        if isinstance(result, Response):
            response = result
        else:
            render = self._html if representation == "html" else self._json
            response = render(result)
            response.status_code = result.status

        response.vary.add("Accept")
        return response

    def _html(self, visit: Visit) -> Response:
        shell, found = fill_shell(
            resolve_shell(self.dash),
            visit.content,
            title=visit.title,
            complete=visit.complete,
        )

        if not found:
            raise RuntimeError(
                "The layout of DashPages has no place for the pages. Put"
                " 'page_container' from flask_dash_pages into it."
            )

        data = {
            "layout": shell,
            "complete": visit.complete,
            "inputs": self.inputs,
            "version": self.get_version(),
        }
        canonical = None

        if current_app.config["DASH_PAGES_CANONICAL"] and visit.status == 200:
            canonical = urljoin(request.host_url, _path())

        tags = meta.tags(
            visit, url=request.url, image=self._image(visit), canonical=canonical
        )
        head = Head(visit.title, tags, to_json_plotly(data))
        return make_response(self.dash.index(head=head))

    def _json(self, visit: Visit) -> Response:
        data = {
            "path": _path_with_query(),
            "status": visit.status,
            "title": visit.title,
            "description": visit.description,
            "image": self._image(visit),
            "layout": visit.content,
            "version": self.get_version(),
        }
        response = current_app.response_class(to_json_plotly(data), mimetype=PAGE_JSON)
        response.cache_control.no_store = True
        return response

    def _image(self, visit: Visit) -> str | None:
        """The full URL of the page's image."""
        if visit.page is None:
            return None

        if visit.page.image_url:
            return visit.page.image_url

        if not visit.page.image:
            return None

        return urljoin(request.host_url, self.dash.get_asset_url(visit.page.image))

    def _inputs(self) -> dict[str, t.Any] | None:
        """The values of the routing callback inputs, if the browser sent them."""
        if request.method != "POST":
            return None

        body = request.get_json()
        values = body.get("inputs") if isinstance(body, dict) else None

        if not isinstance(values, dict) or not values.keys() <= set(self.inputs):
            raise BadRequest("The body must have the values of the routing inputs.")

        return values

    def _is_outdated(self, page: Page, inputs: dict[str, t.Any] | None) -> bool:
        """Whether the browser has to load the page as a whole."""
        version = request.headers.get(VERSION_HEADER)

        if version is not None and version != self.get_version():
            return True

        # The browser followed a redirect that turned its POST into a GET.
        return inputs is None and self.visitors.needs_browser(page)

    def _redirect(self, location: str, code: int) -> Response:
        if request.query_string:
            query = request.query_string.decode("latin-1")
            location += ("&" if "?" in location else "?") + query

        if request.method == "POST":
            # These keep the body.
            code = 308 if code in {301, 308} else 307

        send = self.visitors.send
        send(signals.page_redirected, path=request.path, location=location)
        response = redirect(location, code)
        response.vary.add("Accept")
        return response

    def _refuse_method(self) -> None:
        """Answer 405 if another rule takes the path with another method: a rule that
        takes any path hides that from Werkzeug.
        """
        matches = (_match(request.path, method) for method in UNKNOWN_METHODS)
        allowed = {m for match in matches if match for m in match[0].methods or ()}

        if allowed:
            raise MethodNotAllowed(valid_methods=sorted(allowed))

    def _canonical_location(self) -> str | None:
        """Where the path leads with single slashes and none at the end, if that is
        a page.
        """
        path = re.sub("/{2,}", "/", request.path)

        # Werkzeug merges slashes for all rules, but not where a rule takes any path.
        for candidate in dict.fromkeys((path, path.rstrip("/"))):
            match = _match(candidate, "GET") if candidate != request.path else None

            if match is not None:
                rule, variables = match

                if candidate == path or (
                    rule.endpoint.rpartition(".")[0] == self.blueprint_name
                ):
                    return url_for(rule.endpoint, **variables)

        return None


def _match(path: str, method: str) -> tuple[Rule, t.Mapping[str, t.Any]] | None:
    """The rule for ``path``, if there is one that does not take any path."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None

    try:
        rule, variables = adapter.match(path, method, return_rule=True)
    except HTTPException:
        return None

    return None if takes_any_path(rule) else (rule, variables)


def _representation() -> str | None:
    """What the visitor accepts: ``"html"``, ``"json"``, or ``None`` for neither."""
    accepted = request.accept_mimetypes

    if not accepted:
        return "html"

    best = accepted.best_match(["text/html", PAGE_JSON])
    return {"text/html": "html", PAGE_JSON: "json"}.get(best or "")


def _asked(
    variables: t.Mapping[str, t.Any],
    representation: str,
    inputs: t.Mapping[str, t.Any] | None,
) -> Asked:
    query = {
        name: values[0] if len(values) == 1 else values
        for name, values in request.args.lists()
    }
    return Asked(request.path, variables, query, representation, inputs)


def _path() -> str:
    """The path of the request as a URL has it."""
    return quote(request.script_root + request.path, safe="/:@!$&'()*+,;=~")


def _path_with_query() -> str:
    query = request.query_string.decode("latin-1")
    return f"{_path()}?{query}" if query else _path()


def _load_again() -> Response:
    """Tell the browser's part to load the page as a whole."""
    response = current_app.response_class(status=409)
    response.cache_control.no_store = True
    response.vary.add("Accept")
    return response
