"""What an app tells search engines and agents of its pages: the sitemap, ``robots.txt``
and ``llms.txt``.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from itertools import islice

from flask import Flask
from flask import request
from flask import request_finished
from flask import request_started
from flask import Response as FlaskResponse
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.sansio.response import Response

from . import naming
from . import routing
from . import sitemap
from .alternates import checked_url
from .bound import BoundPages
from .caching import keep_private
from .llms import Link
from .llms import llms_text
from .llms import Section
from .page import Page
from .protocol import MARKDOWN
from .sitemap import Entry

SITEMAP = "dash_pages_sitemap"
SITEMAP_PART = "dash_pages_sitemap_part"
ROBOTS = "dash_pages_robots"
LLMS = "dash_pages_llms"
ENDPOINTS = frozenset({SITEMAP, SITEMAP_PART, ROBOTS, LLMS})

XML = "application/xml"

#: For how many seconds the answers may be kept.
MAX_AGE = 3600

#: The links of a page with variables in ``llms.txt``.
MOST_LINKS = 100

T = t.TypeVar("T")

#: A page, and the variables of one of its paths.
Item = tuple[BoundPages, Page, Mapping[str, t.Any]]


class Crawlers:
    """The views of one app for crawlers."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._failed: set[tuple[Page, str]] = set()
        #: The key in the configuration, the rule, the endpoint and the view of each.
        self._routes: list[tuple[str, str, str, Callable[..., Response]]] = [
            ("SITEMAP", "/sitemap.xml", SITEMAP, self.sitemap),
            ("SITEMAP", "/sitemap-<int:number>.xml", SITEMAP_PART, self.sitemap_part),
            ("ROBOTS", "/robots.txt", ROBOTS, self.robots),
            ("LLMS", "/llms.txt", LLMS, self.llms),
        ]

    def add_rules(self, bound: BoundPages) -> None:
        """Add the rules that are turned on, for the host or the subdomain of ``bound``.
        They are at the root of the app, where crawlers look.
        """
        for key, rule, endpoint, view in self._routes:
            if self._is_on(key) and not self._has_rule(endpoint, bound):
                self._app.add_url_rule(
                    rule,
                    endpoint,
                    view,
                    subdomain=bound.rules.subdomain,
                    host=bound.rules.host,
                )

    def _is_on(self, key: str) -> bool:
        return bool(self._app.config[f"DASH_PAGES_{key}"])

    def _has_rule(self, endpoint: str, bound: BoundPages) -> bool:
        return any(
            rule.endpoint == endpoint and _is_at(bound, rule, self._app)
            for rule in self._app.url_map.iter_rules()
        )

    def sitemap(self) -> Response:
        """The view of the sitemap, which is one of sitemaps if there are many URLs."""
        size = self._part_size()

        with closing(self._items()) as items:
            first = list(islice(items, size + 1))

            if len(first) <= size:
                return self._answer(sitemap.urlset(self._entries(first)), XML)

            del first[1:]
            count = size + 1 + sum(1 for _ in items)

        parts = range(1, -(-count // size) + 1)
        urls = (f"{request.url_root}sitemap-{number}.xml" for number in parts)
        return self._answer(sitemap.index(urls), XML)

    def sitemap_part(self, number: int) -> Response:
        """The view of a sitemap in the one of sitemaps.

        :raises NotFound: If it is not in there.
        """
        size = self._part_size()

        # A sitemap of sitemaps has no more of them, either.
        if not 1 <= number <= sitemap.MOST_URLS:
            raise NotFound

        with closing(self._items()) as items:
            part = list(islice(items, (number - 1) * size, number * size))
            is_only = number == 1 and next(items, None) is None

        if not part or is_only:
            raise NotFound

        return self._answer(sitemap.urlset(self._entries(part)), XML)

    def robots(self) -> Response:
        """The view of ``robots.txt``. It forbids nothing: a crawler has to load scripts
        and callbacks to see a page as browsers do, and a page to see that it is not to
        be listed.
        """
        lines = ["User-agent: *\nDisallow:\n"]

        if self._is_on("SITEMAP"):
            lines.append(f"\nSitemap: {request.url_root}sitemap.xml\n")

        return self._answer(lines, "text/plain")

    def llms(self) -> Response:
        """The view of ``llms.txt``."""
        bounds = self._bounds()
        titles = (bound.title for bound in bounds if bound.title)
        descriptions = (bound.description for bound in bounds if bound.description)
        notes = []

        if self._is_on("MARKDOWN"):
            notes.append(f"Ask for a page with `Accept: {MARKDOWN}` to get it as such.")

        lines = llms_text(
            next(titles, self._app.name),
            next(descriptions, ""),
            notes,
            (Section(self._heading(bound), self._links(bound)) for bound in bounds),
        )
        return self._answer(lines, "text/plain")

    def _heading(self, bound: BoundPages) -> str:
        if len(self._bounds()) == 1:
            return "Pages"

        return bound.title or naming.page_name(bound.blueprint_name)

    def _bounds(self) -> list[BoundPages]:
        """Those on the host that is asked."""
        rule = request.url_rule
        assert rule is not None
        found: Iterable[BoundPages] = self._app.extensions["dash_pages"].values()
        return [bound for bound in found if _is_at(bound, rule, self._app)]

    def _part_size(self) -> int:
        pages = (p for bound in self._bounds() for p in bound.registry.values())
        most = max((len(page.alternates or ()) for page in pages), default=0)
        return max(1, sitemap.MOST_URLS // (1 + most))

    def _items(self) -> Generator[Item, None, None]:
        for bound in self._bounds():
            with bound.enter():
                for page in _listed(bound):
                    for variables in self._variables(page):
                        yield bound, page, variables

    def _variables(self, page: Page) -> Generator[Mapping[str, t.Any], None, None]:
        """The variables of each path of a page that is to be listed."""
        own = routing.path_variables(page, self._app.url_map.converters)

        if own is not None:
            yield own

        if not callable(page.sitemap):
            return

        try:
            yield from self._app.ensure_sync(page.sitemap)()
        except Exception:
            self._log(page, "The function for the sitemap")

    def _entries(self, items: Iterable[Item]) -> Iterator[Entry]:
        for bound, page, variables in items:
            with bound.enter():
                url = self._url(page, variables)

                if url is not None:
                    lastmod = self._lastmod(bound, page, variables)
                    alternates = self._alternates(bound, page, variables)
                    yield Entry(url, lastmod, alternates)

    def _url(self, page: Page, variables: Mapping[str, t.Any]) -> str | None:
        what = "What the function for the sitemap yielded"
        return self._try(page, what, lambda: checked_url(page, variables), None)

    def _lastmod(
        self, bound: BoundPages, page: Page, variables: Mapping[str, t.Any]
    ) -> str | None:
        return self._try(
            page, "The lastmod", lambda: bound.lastmod(page, variables), None
        )

    def _alternates(
        self, bound: BoundPages, page: Page, variables: Mapping[str, t.Any]
    ) -> list[tuple[str, str]]:
        return self._try(
            page, "The alternates", lambda: bound.alternates.urls(page, variables), []
        )

    def _links(self, bound: BoundPages) -> Iterator[Link]:
        with bound.enter():
            for page in _listed(bound):
                with closing(self._variables(page)) as found:
                    for variables in islice(found, MOST_LINKS):
                        url = self._url(page, variables)

                        if url is not None:
                            yield self._link(bound, page, variables, url)

    def _link(
        self, bound: BoundPages, page: Page, variables: Mapping[str, t.Any], url: str
    ) -> Link:
        def text(value: str | Callable[..., str]) -> str:
            return bound.text(value, variables)

        title = ""

        if page.supplied_title is not None:
            title = self._try(page, "The title", lambda: text(page.title), "")

        description = self._try(
            page, "The description", lambda: text(page.description), ""
        )

        if description == bound.description:
            # It is that of the app.
            description = ""

        return Link(title or page.name, url, description)

    def _try(self, page: Page, what: str, make: Callable[[], T], default: T) -> T:
        try:
            return make()
        except Exception:
            self._log(page, what)
            return default

    def _log(self, page: Page, what: str) -> None:
        # Once, for this may happen for each URL.
        if (page, what) not in self._failed:
            self._failed.add((page, what))
            self._app.logger.exception(
                "%s of the page %r in %s cannot be used. The rest is listed.",
                what,
                page.module,
                page.source,
            )

    def _answer(self, lines: Iterable[str], mimetype: str) -> Response:
        response = self._app.response_class("".join(lines), mimetype=mimetype)
        response.cache_control.public = True
        response.cache_control.max_age = MAX_AGE
        response.add_etag()
        return response.make_conditional(request)


def _listed(bound: BoundPages) -> Iterator[Page]:
    """The pages that crawlers are told of."""
    for page in bound.registry.values():
        if page.is_indexed and page.sitemap is not False:
            yield page


def _is_at(bound: BoundPages, rule: Rule, app: Flask) -> bool:
    """Whether a rule is on the host of ``bound``."""
    subdomain = bound.rules.subdomain or app.url_map.default_subdomain
    return (rule.subdomain, rule.host or "") == (subdomain, bound.rules.host or "")


def add_rules(app: Flask, bound: BoundPages) -> None:
    """Add what is turned on for crawlers."""
    crawlers = app.extensions.setdefault("dash_pages_crawlers", Crawlers(app))
    crawlers.add_rules(bound)
    request_started.connect(leave_to_app, app)
    request_finished.connect(finish_response, app)


def leave_to_app(app: Flask, **extra: t.Any) -> None:
    """Receives ``request_started``. The app's own rule for the same paths goes first,
    also if it was added later.
    """
    ours = request.url_rule

    if ours is None or ours.endpoint not in ENDPOINTS:
        return

    for rule in app.url_map.iter_rules():
        if rule.endpoint not in ENDPOINTS and _is_same(rule, ours):
            values = (request.view_args or {}).values()
            names = naming.variable_names(rule.rule)
            request.url_rule = rule
            given = dict(zip(names, values, strict=True))
            request.view_args = {**(rule.defaults or {}), **given}
            return


def finish_response(app: Flask, response: FlaskResponse, **extra: t.Any) -> None:
    """Receives ``request_finished``. Flask may have renewed the session, which is not
    for others to keep.
    """
    if request.endpoint in ENDPOINTS and "Set-Cookie" in response.headers:
        keep_private(response)


def _is_same(rule: Rule, other: Rule) -> bool:
    answers = rule.methods is None or request.method in rule.methods
    return (
        answers
        and not rule.build_only
        and not rule.websocket
        and naming.rule_key(rule.rule) == naming.rule_key(other.rule)
        and (rule.subdomain, rule.host) == (other.subdomain, other.host)
    )
