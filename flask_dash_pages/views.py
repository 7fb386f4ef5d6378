"""The views of pages, redirects and unknown paths."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from dataclasses import replace
from functools import cache
from math import isfinite

from flask import current_app
from flask import redirect
from flask import request
from flask import url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import NotAcceptable
from werkzeug.routing import Rule
from werkzeug.sansio.response import Response

from . import representations
from . import signals
from .alternates import Alternates
from .binding import Enter
from .binding import PagesDash
from .naming import variable_names
from .page import Page
from .protocol import accepted_representation
from .protocol import elsewhere
from .protocol import INPUTS_HEADER
from .protocol import is_prefetch
from .protocol import json_body
from .protocol import LOCATION_HEADER
from .protocol import no_content
from .protocol import path_with_query
from .protocol import quoted_query
from .protocol import RENEW_HEADER
from .protocol import SHOWN_HEADER
from .protocol import VERSION_HEADER
from .resources import Release
from .visit import Asked
from .visit import Visit
from .visit import Visitors

#: For how many seconds the browser can send what it got with a page that it
#: prefetched.
SHOWN_WITHIN = 60


@dataclass(frozen=True)
class PageViews:
    """The views of one DashPages on one app."""

    dash: PagesDash
    visitors: Visitors
    #: Entered around each view.
    enter: Enter
    #: The names of the routing callback inputs, in the order of their values.
    inputs: list[str]
    #: What the current visitor gets.
    get_release: Callable[[], Release]
    #: Whether the current visitor may call the callback with an output.
    may_call: Callable[[str], bool]
    #: The endpoints of all these views.
    endpoints: set[str]
    #: Those whose answers depend on the visitor.
    guarded: set[str]
    alternates: Alternates

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods by which pages can be asked for. The values of the routing
        callback inputs may be too long for a header.
        """
        return ("GET", "HEAD", "POST") if self.inputs else ("GET", "HEAD")

    def page(self, page: Page) -> Callable[..., Response]:
        """The view of ``page``."""

        def view(**variables: t.Any) -> Response:
            representation = accepted_representation()

            if representation is None:
                raise NotAcceptable(f"Pages are there as {representations.names()}.")

            if RENEW_HEADER in request.headers:
                return no_content({})

            with self.enter():
                return self._for_one_visit()._page(page, variables, representation)

        self.endpoints.add(page.endpoint)

        if page.guard:
            self.guarded.add(page.endpoint)

        # Others know views by their names.
        view.__module__, view.__qualname__ = page.module, page.endpoint
        view.__name__ = page.endpoint.rpartition(".")[2]
        return view

    def _for_one_visit(self) -> PageViews:
        """These views, with the release of the visitor found once. All guards are asked
        for it.
        """
        return replace(self, get_release=cache(self.get_release))

    def _page(
        self, page: Page, variables: t.Mapping[str, t.Any], representation: str
    ) -> Response:
        asked = _asked(variables, representation, self._inputs())

        if representation == "json":
            headers = self._instead_of_json(page, asked)

            if headers is not None:
                return no_content(headers)

            if SHOWN_HEADER in request.headers:
                answer = self.visitors.admit(page, asked)

                if answer is not None:
                    return answer

                self.visitors.resolved(page, asked, self._shown())
                return no_content({})

        if asked.is_prefetch:
            return self._prefetched(page, asked)

        return self._answer(self.visitors.visit(page, asked), asked)

    def _prefetched(self, page: Page, asked: Asked) -> Response:
        """The answer before a click. What the page does to the session, such as to log
        the visitor out, waits for the click.
        """
        session = _session()

        try:
            kept = deepcopy(dict.copy(session))
        except Exception:
            # It has something that only the visit can have.
            return no_content({})

        was_modified = session.modified
        session.modified = False

        try:
            answer = self._answer(self.visitors.visit(page, asked), asked)
        finally:
            is_changed = session.modified or _differs(dict.copy(session), kept)

            if is_changed:
                session.clear()
                session.update(kept)

            session.modified = was_modified

        return no_content({}) if is_changed else answer

    def redirect(self, page: Page, endpoint: str, code: int) -> Callable[..., Response]:
        """The view of a path that leads to ``page``."""
        self.endpoints.add(endpoint)
        needed = set(variable_names(page.path_template or ""))

        def view(**variables: t.Any) -> Response:
            if is_prefetch():
                return no_content({})

            with self.enter():
                # The app's functions may have taken some out, and put them in again.
                if request.url_rule and needed <= request.url_rule.arguments:
                    location = url_for(page.endpoint, **variables)
                else:
                    location = page.relative_path

                return self._redirect(location, code)

        return view

    def preview(
        self, page: Page, inputs: t.Mapping[str, t.Any] | None
    ) -> Visit | Response:
        """What ``page`` shows for the current request, with no guard asked and nobody
        told. It is for those who have the code, and no view leads to it.

        :raises Exception: What functions of the page raise.
        """
        visitors = replace(self.visitors, send=lambda signal, **extra: None)
        asked = _asked(request.view_args or {}, "html", inputs)
        return visitors.open(page, asked, page.error_status or 200)

    def takes_unknown_path(self) -> bool:
        """Whether the request, for a path that no rule takes, is one for a page."""
        representation = accepted_representation()

        if request.method == "POST":
            return bool(self.inputs) and representation == "json"

        return request.method in self.methods and representation is not None

    def not_found(self) -> Response:
        """The view of paths that no rule takes."""
        if is_prefetch():
            return no_content({})

        with self.enter():
            location = self._location_without_slash()

            if location is not None:
                return self._redirect(location, 308)

            return self._for_one_visit()._not_found()

    def _not_found(self) -> Response:
        representation = accepted_representation() or "html"

        if representation == "json" and self._is_of_another_version():
            return _load_as_a_whole()

        asked = _asked({}, representation, self._inputs())
        return self._answer(self.visitors.not_found(asked), asked)

    def failed(self, error: InternalServerError) -> ResponseReturnValue:
        """The view of errors that the app has no handler for. They are logged already,
        and raised again where a debugger shows them.
        """
        handler = current_app._find_error_handler(error, request.blueprints[1:])

        if request.endpoint not in self.endpoints or (
            handler is not None and self.visitors.registry.error_page(500) is None
        ):
            answer = current_app.ensure_sync(handler)(error) if handler else error
            return t.cast(ResponseReturnValue, answer)

        try:
            with self.enter():
                representation = accepted_representation() or "html"
                asked = _asked({}, representation, self._inputs())
                result = self.visitors.error(asked, 500)

                if isinstance(result, Visit):
                    return self._represent(result, asked)

                return t.cast(ResponseReturnValue, result)
        except HTTPException:
            return error
        except Exception as e:
            # What is around the page may be what has failed.
            if type(e) is not type(error.original_exception):
                current_app.logger.exception("The page for status 500 failed.")

            return error

    def check_request(self) -> None:
        """Refuse what cannot be read, before somebody reads it.

        :raises BadRequest: If the URL or the date of a condition cannot be read.
        """
        try:
            _ = request.url, request.args
            _ = request.if_modified_since, request.if_range
        except (OverflowError, ValueError) as e:
            raise BadRequest("The URL or a header cannot be read.") from e

    def resource(self, path: str) -> Response:
        """The view of a resource that belongs to what is served now."""
        with self.enter():
            return representations.resource(self.get_release(), path)

    def list_callbacks(self) -> Response:
        """Dash's view of the callbacks that the browser knows."""
        dependencies = self.get_release().dependencies
        assert dependencies is not None
        response = current_app.response_class(
            dependencies.data, mimetype=dependencies.mimetype
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def refuse(self, output: str) -> Response | None:
        """The answer for a visitor who may not call a callback."""
        if self.may_call(output):
            return None

        # If this is another version, the browser's part loads the page as a whole.
        return current_app.response_class(
            "The callback belongs to a page that you may not see.",
            status=403,
            headers={VERSION_HEADER: self.get_release().version},
            mimetype="text/plain",
        )

    def finish(self, response: Response) -> Response:
        """Set the headers of all answers for paths of pages, errors as well."""
        if request.endpoint in self.endpoints:
            if is_prefetch() and "Set-Cookie" in response.headers:
                # They wait for the click.
                response = no_content({})

            response.vary.add("Accept")

        return response

    def _answer(self, result: Visit | Response, asked: Asked) -> Response:
        if isinstance(result, Response):
            if asked.representation == "json" and result.location:
                url = elsewhere(result.location)

                if url is not None:
                    # The browser's part cannot follow it.
                    return no_content({LOCATION_HEADER: url})

            return result

        page = result.page

        try:
            response = self._represent(result, asked)
        except Exception as e:
            self.visitors.failed(page, asked, e)
            raise

        if result.status != 200:
            return response

        if result.complete:
            self.visitors.resolved(page, asked, result.duration)

        # The values that only the browser knows are not in the URL.
        if page.max_age is not None and not self.visitors.needs_browser(page):
            control = f"private, max-age={page.max_age}"

            if page.guard:
                # It is asked each time.
                control = "private, max-age=0, must-revalidate"

            response.headers["Cache-Control"] = control

        if is_prefetch():
            shown = [path_with_query(), result.duration]
            response.headers[SHOWN_HEADER] = self._signer().dumps(shown)

        return response

    def _represent(self, visit: Visit, asked: Asked) -> Response:
        release = self.get_release()

        if asked.representation == "html":
            alternates = self.alternates.urls(visit.page, visit.variables)
            response = representations.html(
                visit, self.dash, release, self.inputs, alternates
            )
        elif asked.representation == "markdown":
            response = representations.markdown(visit)
        else:
            response = representations.json(visit, self.dash, release)

        if visit.page.noindex:
            response.headers["X-Robots-Tag"] = "noindex"

        response.status_code = visit.status
        return response

    def _signer(self) -> URLSafeTimedSerializer:
        # Without a secret key there is nothing that others do not know.
        key = current_app.secret_key or self.get_release().deployment
        older = current_app.config.get("SECRET_KEY_FALLBACKS") or []
        return URLSafeTimedSerializer([*older, key], salt="flask-dash-pages")

    def _shown(self) -> float:
        """How long the visit took that is shown now.

        :raises BadRequest: If there was no such visit.
        """
        try:
            token = request.headers[SHOWN_HEADER]
            path, duration = self._signer().loads(token, max_age=SHOWN_WITHIN)
            duration = float(duration)
        except (BadData, OverflowError, TypeError, ValueError) as e:
            raise BadRequest(f"{SHOWN_HEADER} is not one of a visit.") from e

        if not isfinite(duration):
            raise BadRequest(f"{SHOWN_HEADER} has no duration.")

        if path != path_with_query():
            raise BadRequest(f"{SHOWN_HEADER} is one of a visit of another page.")

        return duration

    def _inputs(self) -> dict[str, t.Any] | None:
        """The values of the routing callback inputs, if the browser sent them."""
        if request.method == "POST":
            body = json_body()
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

    def _instead_of_json(self, page: Page, asked: Asked) -> dict[str, str] | None:
        """The headers of the empty answer that the browser's part gets instead of JSON.
        ``None`` if it gets JSON.
        """
        if self._is_of_another_version():
            headers = {LOCATION_HEADER: path_with_query()}
            return headers if page.max_age is None else {**headers, RENEW_HEADER: "1"}

        if asked.inputs is None and self.visitors.needs_browser(page):
            return {INPUTS_HEADER: "required"}

        if not is_prefetch():
            return None

        is_on = page.prefetch and current_app.config["DASH_PAGES_PREFETCH"]
        return None if is_on and self.visitors.may_see(page, asked.variables) else {}

    def _is_of_another_version(self) -> bool:
        """Whether the browser has another version, or what another section serves."""
        version = request.headers.get(VERSION_HEADER)
        return version is not None and version != self.get_release().version

    def _redirect(self, location: str, code: int) -> Response:
        query = quoted_query()

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


def _asked(
    variables: t.Mapping[str, t.Any],
    representation: str,
    inputs: t.Mapping[str, t.Any] | None,
) -> Asked:
    query = {
        name: values[0] if len(values) == 1 else values
        for name, values in request.args.lists()
    }
    return Asked(
        path=request.path,
        variables=variables,
        query=query,
        representation=representation,
        inputs=inputs,
        is_prefetch=is_prefetch(),
        full_load=_load_as_a_whole() if representation == "json" else None,
    )


def _session() -> t.Any:
    """The session. Flask would note that it was accessed."""
    context = vars(request_ctx._get_current_object())  # type: ignore[attr-defined]
    return context.get("_session", context.get("session"))


def _differs(one: t.Any, other: t.Any) -> bool:
    try:
        return bool(one != other)
    except Exception:
        # Tables are compared value by value.
        return False


def _load_as_a_whole() -> Response:
    return no_content({LOCATION_HEADER: path_with_query()})
