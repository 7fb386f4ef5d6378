"""The views of pages, redirects and unknown paths."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from dash import html
from flask import current_app
from flask import make_response
from flask import redirect
from flask import request
from flask import url_for
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup
from plotly.io.json import to_json_plotly
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotAcceptable
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.sansio.response import Response
from werkzeug.wrappers import Response as WSGIResponse

from . import meta
from . import signals
from .binding import Enter
from .binding import fill_shell
from .binding import Head
from .binding import PagesDash
from .binding import Release
from .binding import resolve_shell
from .encoding import to_json
from .naming import variable_names
from .page import Page
from .prerender import prerender_json
from .resources import keep
from .resources import Resource
from .visit import Asked
from .visit import Visit
from .visit import Visitors

#: What the browser's part asks for.
PAGE_JSON = "application/vnd.dash-pages+json"

#: What the browser's part is to load as a whole.
LOCATION_HEADER = "Dash-Pages-Location"

#: The browser may have kept that from before a deploy.
RENEW_HEADER = "Dash-Pages-Renew"

#: The values of the routing callback inputs, as JSON. Or that they are required.
INPUTS_HEADER = "Dash-Pages-Inputs"

#: The browser sends the version with which it was loaded.
VERSION_HEADER = "Dash-Pages-Version"

#: The page may never be shown: tell nobody of the visit.
PREFETCH_HEADER = "Dash-Pages-Prefetch"

#: What the browser gets with a page that it prefetched. It sends it when the page is
#: shown.
SHOWN_HEADER = "Dash-Pages-Shown"

#: For how many seconds it can send that.
SHOWN_WITHIN = 60

#: The folder of the resources.
RESOURCES = "_dash-pages"

#: The part of the index that is another one each time.
_CONFIG = re.compile(rb'<script id="_dash-config".*?</script>', re.DOTALL)

#: The browser fetches it in the same way, or it would be fetched twice.
_PRELOAD = Markup('<link rel="preload" as="fetch" crossorigin href="{}">\n      ')


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
    get_release: Callable[[], Release]
    #: The endpoints of all these views.
    endpoints: set[str]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods by which pages can be asked for. The values of the routing
        callback inputs may be too long for a header.
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
                asked = _asked(variables, representation, inputs)

                if representation == "json":
                    headers = self._instead_of_json(page, inputs)

                    if headers is not None:
                        return _no_content(headers)

                    if SHOWN_HEADER in request.headers:
                        self.visitors.resolved(page, asked, 200, self._shown())
                        return _no_content({})

                if page.is_not_found:
                    result = self.visitors.not_found(asked)
                else:
                    result = self.visitors.visit(page, asked)

                return self._answer(result, representation)

        self.endpoints.add(page.endpoint)
        return view

    def redirect(self, page: Page, endpoint: str, code: int) -> Callable[..., Response]:
        """The view of a path that leads to ``page``."""
        self.endpoints.add(endpoint)
        needed = set(variable_names(page.path_template or ""))

        def view(**variables: t.Any) -> Response:
            if is_prefetch():
                return _no_content({})

            with self.enter():
                if needed <= variables.keys():
                    location = url_for(page.endpoint, **variables)
                else:
                    location = page.relative_path

                return self._redirect(location, code)

        return view

    def takes_unknown_path(self) -> bool:
        """Whether the request, for a path that no rule takes, is one for a page."""
        representation = _representation()

        if request.method == "POST":
            return bool(self.inputs) and representation == "json"

        return request.method in self.methods and representation is not None

    def not_found(self) -> Response:
        """The view of paths that no rule takes."""
        if is_prefetch():
            return _no_content({})

        with self.enter():
            location = self._location_without_slash()

            if location is not None:
                return self._redirect(location, 308)

            representation = _representation() or "html"
            asked = _asked({}, representation, self._inputs())
            return self._answer(self.visitors.not_found(asked), representation)

    def finish(self, response: Response) -> Response:
        """Set the headers of all answers for paths of pages, errors as well."""
        if request.endpoint in self.endpoints:
            response.vary.add("Accept")

        return response

    def control_cache(self, response: WSGIResponse) -> None:
        """Say who may keep the answer for a path of a page, if nobody has said it."""
        if request.endpoint not in self.endpoints:
            return

        if "Cache-Control" not in response.headers and _asks_for_json():
            # Chrome would show JSON that it has kept when a visitor comes back to the
            # page. The browser's part keeps what it prefetched by itself, unless
            # somebody has said no-store.
            control = "private, no-cache" if is_prefetch() else "no-store"
            response.headers["Cache-Control"] = control

        if (
            response.cache_control.max_age is not None
            and response.status_code == 200
            and not response.is_streamed
            and "ETag" not in response.headers
        ):
            # Each index has a signed text of its own. An older one still is right.
            same = _CONFIG.sub(b"", response.get_data())
            response.set_etag(sha256(same).hexdigest()[:32], weak=True)

    def _answer(self, result: Visit | Response, representation: str) -> Response:
        if isinstance(result, Response):
            location = result.location

            if representation == "json" and location and _is_elsewhere(location):
                # The browser's part cannot follow it.
                return _no_content({LOCATION_HEADER: location})

            return result

        render = self._html if representation == "html" else self._json
        response = render(result)
        response.status_code = result.status
        page = result.page

        if result.status != 200 or page is None:
            return response

        # The values that only the browser knows are not in the URL.
        if page.max_age is not None and not self.visitors.needs_browser(page):
            response.headers["Cache-Control"] = f"private, max-age={page.max_age}"

        if is_prefetch():
            shown = [_path_with_query(), result.duration]
            response.headers[SHOWN_HEADER] = self._signer().dumps(shown)

        return response

    def _signer(self) -> URLSafeTimedSerializer:
        # Without a secret key there is nothing that others do not know.
        key = current_app.secret_key or self.get_release().version
        return URLSafeTimedSerializer(key, salt="flask-dash-pages")

    def _shown(self) -> float:
        """How long the visit took that is shown now.

        :raises BadRequest: If there was no such visit.
        """
        try:
            token = request.headers[SHOWN_HEADER]
            path, duration = self._signer().loads(token, max_age=SHOWN_WITHIN)
        except BadData as e:
            raise BadRequest(f"{SHOWN_HEADER} is not one of a visit: {e}") from e

        if path != _path_with_query():
            raise BadRequest(f"{SHOWN_HEADER} is one of a visit of {path!r}.")

        return float(duration)

    def _html(self, visit: Visit) -> WSGIResponse:
        shell, found = fill_shell(
            resolve_shell(self.dash),
            visit.content,
            title=visit.title,
            complete=visit.complete,
        )
        release = self.get_release()
        layout = to_json(shell)
        dependencies = self._url(release.dependencies)
        data = to_json_plotly(
            {
                # A callback may bring the place for the content later.
                "complete": visit.complete and found,
                "dependencies": dependencies,
                "inputs": self.inputs,
                "prefetch": self._config("PREFETCH"),
                "version": release.version,
            }
        )
        prerendered = Markup()

        if found and self._is_prerendered(visit.page):
            prerendered = prerender_json(layout)

        head = Head(
            title=visit.title,
            tags=_PRELOAD.format(dependencies) + self._tags(visit),
            data=f'{data[:-1]},"layout":{layout}}}',
            prerendered=prerendered,
            script=self._url(release.scripts),
        )
        return make_response(self.dash.index(head=head))

    def _tags(self, visit: Visit) -> Markup:
        if not self.dash.config.include_pages_meta:
            return Markup()

        canonical = None

        if self._config("CANONICAL") and visit.status == 200:
            canonical = urljoin(request.host_url, _path())

        return meta.tags(
            visit, url=request.url, image=self._image(visit), canonical=canonical
        )

    def _is_prerendered(self, page: Page | None) -> bool:
        return self._config("PRERENDER") and (page is None or page.prerender)

    def _config(self, key: str) -> bool:
        return bool(current_app.config[f"DASH_PAGES_{key}"])

    def is_debug(self) -> bool:
        """Whether Dash's dev tools are on."""
        is_on: bool | None = current_app.config["DASH_PAGES_DEV_TOOLS"]
        return current_app.debug if is_on is None else is_on

    def _url(self, resource: Resource | None) -> str | None:
        if resource is None:
            return None

        prefix: str = self.dash.config.requests_pathname_prefix
        return f"{prefix}{RESOURCES}/{resource.path}"

    def resource(self, path: str) -> Response:
        """The view of a resource that belongs to what is served now."""
        with self.enter():
            release = self.get_release()

            for resource in (release.dependencies, release.scripts):
                if resource is not None and resource.path == path:
                    response = current_app.response_class(
                        resource.data, mimetype=resource.mimetype
                    )
                    keep(response, by="private")
                    return response

            if path.endswith("/callbacks.js") and release.scripts is not None:
                # The page is older than a deploy. Without any functions its callbacks
                # would all fail.
                return current_app.response_class(
                    release.scripts.data,
                    mimetype=release.scripts.mimetype,
                    headers={"Cache-Control": "no-store"},
                )

        raise NotFound(f"{path!r} belongs to another version of the app.")

    def _json(self, visit: Visit) -> WSGIResponse:
        data = {
            "path": _path_with_query(),
            "status": visit.status,
            "title": visit.title,
            "description": visit.description,
            "image": self._image(visit),
            "version": self.get_release().version,
        }

        text = to_json_plotly(data)
        body = f'{text[:-1]},"layout":{to_json(visit.content)}}}'
        return current_app.response_class(body, mimetype=PAGE_JSON)

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
        if request.method == "POST":
            body = request.get_json()
            values = body.get("inputs") if isinstance(body, dict) else None
        elif self.inputs and INPUTS_HEADER in request.headers:
            try:
                values = json.loads(request.headers[INPUTS_HEADER])
            except (ValueError, RecursionError):
                values = None
        else:
            return None

        if not isinstance(values, dict) or not values.keys() <= set(self.inputs):
            raise BadRequest("The request lacks the values of the routing inputs.")

        return values

    def _instead_of_json(
        self, page: Page, inputs: dict[str, t.Any] | None
    ) -> dict[str, str] | None:
        """The headers of the empty answer that the browser's part gets instead of JSON.
        ``None`` if it gets JSON.
        """
        version = request.headers.get(VERSION_HEADER)

        if version is not None and version != self.get_release().version:
            headers = {LOCATION_HEADER: _path_with_query()}
            return headers if page.max_age is None else {**headers, RENEW_HEADER: "1"}

        if inputs is None and self.visitors.needs_browser(page):
            return {INPUTS_HEADER: "required"}

        if is_prefetch() and not (page.prefetch and self._config("PREFETCH")):
            return {}

        return None

    def _redirect(self, location: str, code: int) -> Response:
        query = _query()

        if query:
            location += ("&" if "?" in location else "?") + query

        if request.method == "POST":
            # These keep the body.
            code = 308 if code in {301, 308} else 307

        send = self.visitors.send
        send(signals.page_redirected, path=request.path, location=location)
        return redirect(location, code)

    def _location_without_slash(self) -> str | None:
        """Where the path leads without slashes at the end, if that is a page."""
        match = _match(request.path.rstrip("/"))

        if match is None or match[0].endpoint not in self.endpoints:
            return None

        return url_for(match[0].endpoint, **match[1])


def _match(path: str) -> tuple[Rule, t.Mapping[str, t.Any]] | None:
    """The rule and the variables for ``path``."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None

    try:
        return adapter.match(path, "GET", return_rule=True)
    except HTTPException:
        return None


def _representation() -> str | None:
    """What the visitor accepts: ``"html"``, ``"json"``, or ``None`` for neither."""
    accepted = request.accept_mimetypes

    if not accepted:
        return "html"

    best = accepted.best_match(["text/html", PAGE_JSON])

    # Only those who name it know what to do with it.
    if best == PAGE_JSON and PAGE_JSON in accepted.values():
        return "json"

    return "html" if best == "text/html" else None


def _asked(
    variables: t.Mapping[str, t.Any],
    representation: str,
    inputs: t.Mapping[str, t.Any] | None,
) -> Asked:
    query = {
        name: values[0] if len(values) == 1 else values
        for name, values in request.args.lists()
    }
    return Asked(request.path, variables, query, representation, inputs, is_prefetch())


def is_prefetch() -> bool:
    """Whether the page may never be shown."""
    return PREFETCH_HEADER in request.headers and _asks_for_json()


def _asks_for_json() -> bool:
    return PAGE_JSON in request.accept_mimetypes.values()


def _is_elsewhere(location: str) -> bool:
    return urlsplit(urljoin(request.url, location)).netloc != request.host


def _path() -> str:
    """The path of the request as a URL has it."""
    return quote(request.script_root + request.path, safe="/:@!$&'()*+,;=~")


def _query() -> str:
    """The query string of the request as a URL has it."""
    return quote(request.query_string, safe="%/:?@!$&'()*+,;=~")


def _path_with_query() -> str:
    query = _query()
    return f"{_path()}?{query}" if query else _path()


def _no_content(headers: t.Mapping[str, str]) -> Response:
    """Tell the browser's part something. The status is one that browsers do not
    complain about in the console.
    """
    headers = {"Cache-Control": "no-store", **headers}
    return current_app.response_class(status=204, headers=headers)
