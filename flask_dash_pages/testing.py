"""Tools to test pages without a browser."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin
from urllib.parse import urlsplit

from blinker import NamedSignal
from dash import html
from dash.dependencies import DashDependency
from flask import Flask
from flask import request
from flask import request_finished
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.exceptions import default_exceptions
from werkzeug.exceptions import HTTPException
from werkzeug.test import ClientRedirectError
from werkzeug.test import TestResponse

from . import calls
from . import signals as page_signals
from .binding import LOCATION
from .binding import location_props
from .binding import routing_values
from .bound import BoundPages
from .encoding import to_json
from .nodes import Node
from .nodes import root
from .page import Page
from .prerender import CONTENT
from .protocol import INPUTS_HEADER
from .protocol import LOCATION_HEADER
from .protocol import PAGE_JSON
from .protocol import path_with_query

__all__ = ["Node", "PagesClient", "Signal", "signals", "Visit"]

#: What a browser accepts when it loads a document.
_HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

_REDIRECTS = frozenset([301, 302, 303, 307, 308])

#: After how many requests a browser gives up.
_MOST_REQUESTS = 20

#: How long a header the browser's part sends, in characters.
_LONGEST_INPUTS = 4000

_DATA = re.compile(r'<script id="_dash-pages"[^>]*>(.*?)</script>', re.DOTALL)

#: By which a request is told from others.
_MARK = "flask_dash_pages.testing"

Output = str | DashDependency


class Signal(t.NamedTuple):
    """A signal that was sent. Its arguments are attributes, too."""

    #: The name that it has in :mod:`flask_dash_pages.signals`.
    name: str
    fields: Mapping[str, t.Any]

    def __getattr__(self, name: str) -> t.Any:
        try:
            return self.fields[name]
        except KeyError:
            known = ", ".join(map(repr, self.fields))
            raise AttributeError(
                f"The signal {self.name!r} has no {name!r}. It has {known}."
            ) from None


@contextmanager
def signals(app: Flask) -> Iterator[list[Signal]]:
    """Record the signals that are sent for the pages of ``app`` meanwhile, in their
    order.
    """
    sent: list[Signal] = []

    def record(name: str) -> Callable[..., None]:
        return lambda sender, **fields: sent.append(Signal(name, fields))

    with ExitStack() as stack:
        for name, signal in vars(page_signals).items():
            if isinstance(signal, NamedSignal):
                stack.enter_context(signal.connected_to(record(name), app))

        yield sent


class PagesClient:
    """Visits pages as a browser does.

    :param app: The app that has the pages.
    :param client: A test client of it, whose cookies are used. By default a new one.
    """

    def __init__(self, app: Flask, *, client: FlaskClient | None = None) -> None:
        self.app = app
        #: Flask's test client, to log in or to set cookies.
        self.client = app.test_client() if client is None else client

    def visit(
        self,
        url: str,
        *,
        navigation: bool = False,
        headers: Mapping[str, str] | None = None,
        inputs: Mapping[str, t.Any] | None = None,
        follow_redirects: bool = True,
    ) -> Visit:
        """Visit a URL.

        :param url: The path, or the full URL.
        :param navigation: Get the page as by a click on a link in the app, instead of
            loading the document.
        :param headers: Further headers.
        :param inputs: Values of the routing callback inputs. By default those that they
            have in the shell.
        :param follow_redirects: Whether to go where the answers lead.
        :raises ValueError: If a page needs ``inputs`` that it did not get.
        """
        browser = _Browser(
            self.app,
            self.client,
            headers or {},
            inputs,
            follow_redirects,
            urlsplit(url).fragment,
        )
        return browser.navigate(url) if navigation else browser.load(url)

    def signals(self) -> t.ContextManager[list[Signal]]:
        """Do what :func:`signals` does, for the app of this client."""
        return signals(self.app)


class _Handled(t.NamedTuple):
    """What the app has made of a request."""

    path: str
    endpoint: str | None = None
    variables: Mapping[str, t.Any] = {}
    page: Page | None = None
    bound: BoundPages | None = None
    #: The path that all URLs of its Dash instance begin with.
    prefix: str = "/"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Visit:
    """What a visitor has got."""

    #: The status code of the last answer.
    status: int
    #: The page that belongs to the URL, whatever has become of the visit. ``None`` if
    #: no page does.
    page: Page | None
    #: The endpoint of Flask. ``None`` if there is none at the URL.
    endpoint: str | None
    #: The variables of the path.
    variables: Mapping[str, t.Any]
    #: The path in the address bar, with the query string.
    path: str
    title: str = ""
    description: str = ""
    #: The full URL of the image.
    image: str | None = None
    #: The content of the meta tags in the HTML, by ``name`` or ``property``. Empty
    #: after navigation.
    meta: Mapping[str, str] = field(default_factory=dict)
    #: The locations to which the answers have led, in order.
    redirects: list[str]
    #: The last answer.
    response: TestResponse
    #: All that is shown, with the page in its place. ``None`` after navigation.
    shell: Node | None = None
    _place: Node | None = None
    _callbacks: _Callbacks

    def __repr__(self) -> str:
        return f"<Visit {self.path!r} {self.status}>"

    @property
    def layout(self) -> Node:
        """The place of the page. Its ``children`` are what the layout has returned.

        :raises LookupError: If the answer is not a page.
        """
        if self._place is not None:
            return self._place

        raise LookupError(
            f"The answer for {self.path!r} is not a page: it has the status"
            f" {self.status} and the type {self.response.mimetype!r}. Look at"
            " visit.response."
        )

    @property
    def _document(self) -> Node:
        shown = [] if self.shell is None else self.shell.children

        if not any(node.id == CONTENT for node in self.shell or ()):
            # After navigation, or if a callback brings the place for it.
            shown = [*shown, self.layout]

        return root([n._json if isinstance(n, Node) else n for n in shown])

    @property
    def text(self) -> str:
        """The text of the document, as :attr:`Node.text`."""
        return self._document.text

    def find(
        self,
        *,
        id: str | Mapping[str, t.Any] | None = None,
        type: str | None = None,
        text: str | None = None,
        **props: t.Any,
    ) -> Node:
        """Do what :meth:`Node.find` does, in the whole document."""
        return self._document.find(id=id, type=type, text=text, **props)

    def find_all(
        self,
        *,
        id: str | Mapping[str, t.Any] | None = None,
        type: str | None = None,
        text: str | None = None,
        **props: t.Any,
    ) -> list[Node]:
        """Do what :meth:`Node.find_all` does, in the whole document."""
        return self._document.find_all(id=id, type=type, text=text, **props)

    def call(
        self,
        output: Output | Iterable[Output] | None,
        *values: t.Any,
        state: Mapping[t.Any, t.Any] | None = None,
        triggered: Output | Iterable[Output] | None = None,
    ) -> t.Any:
        """Call a callback as the browser does from this page.

        :param output: The output of the callback as ``"id.prop"`` or ``dash.Output``,
            or several of its outputs. ``None`` for a callback without outputs.
        :param values: Values for its inputs, in their order. The others are what they
            are on the page.
        :param state: Values for its states, by ``"id.prop"`` or ``dash.State``. The
            others are what they are on the page.
        :param triggered: The inputs that have changed. By default those whose values
            are not what they are on the page.
        :return: The value of the output. A dict from ``"id.prop"`` to the values, if
            ``output`` is a list. A dict of what ``set_props`` has set, if it is
            ``None``. The value of what was not updated is ``dash.no_update``, and
            components are :class:`Node` objects.
        :raises LookupError: If there is no such callback for the visitor, or a value is
            not on the page.
        :raises NotImplementedError: If it is a clientside or a background callback.
        :raises HTTPException: If it is answered with an error.
        """
        document = self._document
        wanted, changed = calls.references(output), calls.references(triggered)
        spec = calls.choose(
            self._callbacks.visible, wanted, changed, self._callbacks.all_outputs()
        )
        _check_callable(spec)
        call = calls.make_call(
            spec,
            wanted,
            values,
            state or {},
            None if triggered is None else changed,
            document,
        )
        result = call.result(self._callbacks.post(call.body))
        is_one = isinstance(output, (str, DashDependency))
        return result[str(wanted[0])] if is_one else result


@dataclass(frozen=True)
class _Callbacks:
    """The callbacks of what a visitor looks at."""

    client: FlaskClient
    bound: BoundPages | None
    #: The URL that all theirs begin with.
    base: str | None

    @cached_property
    def visible(self) -> list[calls.Spec]:
        """Those that the visitor may call, as far as the browser knows."""
        response = _open(self.client, f"{self.base}_dash-dependencies")
        return t.cast("list[calls.Spec]", _checked(response).json)

    def all_outputs(self) -> Iterable[str]:
        """The outputs of all, whoever may call them."""
        return () if self.bound is None else self.bound.dash.callback_map

    def post(self, body: Mapping[str, t.Any]) -> Mapping[str, t.Any] | None:
        """The answer for a call. ``None`` if nothing was updated."""
        response = _open(
            self.client,
            f"{self.base}_dash-update-component",
            method="POST",
            data=to_json(body),
            content_type="application/json",
        )

        if response.status_code == 204:
            return None

        return t.cast("Mapping[str, t.Any]", _checked(response).json)


def _open(client: FlaskClient, *args: t.Any, **kwargs: t.Any) -> TestResponse:
    # If a test has a context, requests would share its flask.g, where Flask-Login keeps
    # the user.
    with client.application.app_context():
        return client.open(*args, **kwargs)


def _check_callable(spec: calls.Spec) -> None:
    if spec["clientside_function"]:
        raise NotImplementedError(
            f"The callback {spec['output']!r} is JavaScript, which needs a browser."
        )

    if spec["background"]:
        raise NotImplementedError(
            f"The callback {spec['output']!r} runs in the background, which needs a"
            " worker. Call its function instead."
        )


def _checked(response: TestResponse) -> TestResponse:
    """
    :raises HTTPException: If the answer is not what the browser waits for.
    """
    if response.status_code == 200:
        return response

    text = response.text

    if response.mimetype == "text/html":
        # Werkzeug's has a heading, which the error has as well.
        text = Markup(text.partition("</h1>")[2] or text).striptags()  # nosec B704

    text = text or f"The answer has the status {response.status}."

    if response.location:
        text = f"The answer leads to {response.location!r}."

    error = default_exceptions.get(response.status_code, HTTPException)(text)
    error.code = response.status_code
    raise error


class _Head(HTMLParser):
    """The title and the meta tags of an HTML document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.meta: dict[str, str] = {}
        self._is_title = False
        self.feed(text.partition("</head>")[0])
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_title = tag == "title"
        given = dict(attrs)
        name = given.get("name") or given.get("property")

        if tag == "meta" and name:
            self.meta.setdefault(name, given.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        self._is_title = False

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self.title += data


class _Answer(t.NamedTuple):
    response: TestResponse
    handled: _Handled

    def url_of(self, location: str) -> str | None:
        """``location`` as the client takes it. ``None`` if it is not in the app."""
        asked = self.response.request
        url = urlsplit(urljoin(asked.url, location))
        # The client adds it.
        mounted = asked.script_root.rstrip("/")

        if url.netloc != asked.host or not f"{url.path}/".startswith(f"{mounted}/"):
            return None

        path = url.path.removeprefix(mounted) or "/"
        return url._replace(path=path, fragment="").geturl()


@dataclass
class _Browser:
    """What a browser does until it shows a page."""

    app: Flask
    client: FlaskClient
    headers: Mapping[str, str]
    inputs: Mapping[str, t.Any] | None
    follow_redirects: bool
    #: The part of the URL that is not sent. Redirects keep it.
    fragment: str
    redirects: list[str] = field(default_factory=list)
    asked: int = 0

    def load(self, url: str) -> Visit:
        """Load the document at ``url``."""
        answer = self._ask(url, _HTML)

        visit = self._read(answer)
        is_document = answer.response.mimetype == "text/html"
        found = _DATA.search(answer.response.text) if is_document else None
        return self._show(visit, json.loads(found[1])) if found else visit

    def _read(self, answer: _Answer) -> Visit:
        """Read the document in an answer, if it is one."""
        if answer.response.mimetype != "text/html":
            return self._visit(answer)

        head = _Head(answer.response.text)
        return self._visit(
            answer,
            title=head.title,
            description=head.meta.get("description", ""),
            image=head.meta.get("og:image") or None,
            meta=head.meta,
        )

    def _show(self, visit: Visit, data: Mapping[str, t.Any]) -> Visit:
        """Show what is in the HTML of a page."""
        shell = root(data["layout"])
        url = urljoin(visit.response.request.url, f"{visit.path}#{self.fragment}")
        _update(shell, LOCATION, **location_props(url))
        visit = replace(visit, shell=shell)

        if "content" in data:
            return replace(visit, _place=_place(data["content"]))

        if data["complete"]:
            return replace(visit, _place=shell.find(id=CONTENT))

        unknown = {*(self.inputs or ())} - {*data["inputs"]}

        if unknown:
            raise ValueError(
                f"The app has no routing callback input {min(unknown)!r}. It has"
                f" {', '.join(map(repr, data['inputs']))}."
            )

        names = data["inputs"]
        values = routing_values(visit._callbacks.visible, names, shell, url)
        self.inputs = {**dict.fromkeys(names), **values, **(self.inputs or {})}
        page = self.navigate(visit.path, is_loaded=True)

        if page.shell is not None or page._place is None:
            return page

        _update(shell, CONTENT, children=page._place.props["children"])
        return replace(page, shell=shell, meta=visit.meta)

    def navigate(self, url: str, *, is_loaded: bool = False) -> Visit:
        """Get the page at ``url`` for the shell that is there.

        :param is_loaded: Whether the document at ``url`` was loaded for it. Otherwise
            that is done if the answer is no page.
        """
        answer = self._ask(url, PAGE_JSON)
        response = answer.response

        if response.headers.get(INPUTS_HEADER) == "required":
            answer = self._send_inputs(answer)
            response = answer.response

        if LOCATION_HEADER in response.headers:
            return self._leave(answer, response.headers[LOCATION_HEADER])

        if response.mimetype == PAGE_JSON:
            page = json.loads(response.text)
            texts = {key: page[key] for key in ("title", "description", "image")}
            return self._visit(answer, _place=_place(page["layout"]), **texts)

        if is_loaded or _leads_on(response):
            return self._read(answer)

        return self.load(answer.url_of(answer.handled.path) or url)

    def _send_inputs(self, answer: _Answer) -> _Answer:
        path = answer.handled.path

        if self.inputs is None:
            raise ValueError(
                f"The page at {path!r} takes routing callback inputs, whose values the"
                " browser has from the shell. Give them: visit(url, navigation=True,"
                " inputs={...})."
            )

        url = answer.url_of(path)
        assert url is not None
        return self._ask(url, PAGE_JSON, body=json.dumps({"inputs": self.inputs}))

    def _leave(self, answer: _Answer, location: str) -> Visit:
        """Load what is not for the shell that is there."""
        if location != answer.handled.path:
            self.redirects.append(location)

        url = answer.url_of(location)
        return self._visit(answer) if url is None else self.load(url)

    def _ask(self, url: str, accept: str, *, body: str | None = None) -> _Answer:
        """Get ``url``, and what it leads to."""
        while True:
            answer = self._send(url, accept, body)

            if not _leads_on(answer.response):
                return answer

            location = answer.response.headers["Location"]
            self.redirects.append(location)
            next_url = answer.url_of(location)

            if next_url is None or not self.follow_redirects:
                return answer

            url = next_url

            if answer.response.status_code not in {307, 308}:
                body = None

    def _send(self, url: str, accept: str, body: str | None) -> _Answer:
        self.asked += 1

        if self.asked > _MOST_REQUESTS:
            raise ClientRedirectError(
                f"The redirects do not end: {', '.join(self.redirects[-3:])}."
            )

        own = {"Accept": accept}
        inputs = json.dumps(self.inputs)

        if accept == PAGE_JSON and self.inputs and len(inputs) < _LONGEST_INPUTS:
            own[INPUTS_HEADER] = inputs

        mark, found = object(), []

        def on_finished(app: Flask, **extra: t.Any) -> None:
            # Other threads may be served.
            if request.environ.get(_MARK) is mark:
                found.append(_handled(app))

        with request_finished.connected_to(on_finished, self.app):
            response = _open(
                self.client,
                url,
                method="GET" if body is None else "POST",
                headers={**own, **self.headers},
                data=body,
                content_type=None if body is None else "application/json",
                environ_base={_MARK: mark},
            )

        return _Answer(response, found[0] if found else _Handled(response.request.path))

    def _visit(self, answer: _Answer, **fields: t.Any) -> Visit:
        handled = answer.handled
        return Visit(
            status=answer.response.status_code,
            page=handled.page,
            endpoint=handled.endpoint,
            variables=handled.variables,
            path=handled.path,
            redirects=self.redirects,
            response=answer.response,
            _callbacks=_Callbacks(
                self.client, handled.bound, answer.url_of(handled.prefix)
            ),
            **fields,
        )


def _handled(app: Flask) -> _Handled:
    """What the app has made of the current request."""
    found: Mapping[str, BoundPages] = app.extensions.get("dash_pages", {})
    bound = next((found[name] for name in request.blueprints if name in found), None)
    handled = _Handled(path_with_query(), request.endpoint, request.view_args or {})

    if bound is None:
        return handled

    return handled._replace(
        page=bound.registry.at(request.endpoint),
        bound=bound,
        prefix=bound.dash.config.requests_pathname_prefix,
    )


def _leads_on(response: TestResponse) -> bool:
    return response.status_code in _REDIRECTS and "Location" in response.headers


def _place(content: t.Any) -> Node:
    """The place for the page, with its content."""
    place = html.Div(id=CONTENT).to_plotly_json()
    place["props"]["children"] = content
    return Node(place)


def _update(document: Node, component_id: str, **props: t.Any) -> None:
    for node in document.find_all(id=component_id):
        t.cast("dict[str, t.Any]", node.props).update(props)
