"""What the browser's part and the views say to each other."""

from __future__ import annotations

import typing as t
from urllib.parse import quote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from flask import current_app
from flask import request
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_options_header
from werkzeug.sansio.response import Response

#: What the browser's part asks for.
PAGE_JSON = "application/vnd.dash-pages+json"

#: What agents ask for.
MARKDOWN = "text/markdown"

#: What the browser's part is to load as a whole.
LOCATION_HEADER = "Dash-Pages-Location"

#: The browser may have kept that from before a deploy. It sends the header when it asks
#: for something else to keep.
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


def accepted_representation() -> str | None:
    """What the visitor accepts: ``"html"``, ``"json"``, ``"markdown"``, or ``None`` for
    none of them.
    """
    accepted = request.accept_mimetypes

    if not accepted:
        return "html"

    if _prefers_markdown():
        return "markdown"

    best = accepted.best_match(["text/html", PAGE_JSON])

    # Only those who name it know what to do with it.
    if best == PAGE_JSON and PAGE_JSON in accepted.values():
        return "json"

    return "html" if best == "text/html" else None


def _prefers_markdown() -> bool:
    """Whether the visitor names Markdown, which browsers do not, and wants nothing else
    more.
    """
    accepted = request.accept_mimetypes

    if not current_app.config["DASH_PAGES_MARKDOWN"]:
        return False

    others = accepted["text/html"], accepted[PAGE_JSON]
    # Some name a character set or a variant with it.
    named = (
        quality
        for name, quality in accepted
        if parse_options_header(name.lower())[0] == MARKDOWN
    )
    return 0 < max(named, default=0) >= max(others)


def is_prefetch() -> bool:
    """Whether the page may never be shown."""
    return PREFETCH_HEADER in request.headers and asks_for_json()


def asks_for_json() -> bool:
    return PAGE_JSON in request.accept_mimetypes.values()


def json_body() -> t.Any:
    """What the request has as JSON.

    :raises BadRequest: If it has none.
    :raises UnsupportedMediaType: If it says that it is something else.
    """
    try:
        return request.get_json()
    except RecursionError as e:
        raise BadRequest("The JSON is nested too deeply.") from e


def elsewhere(location: str) -> str | None:
    """The URL that ``location`` stands for, if it is one of another host."""
    url = urljoin(request.url, location)
    parts = urlsplit(url)
    # Browsers follow others in no redirect, but from the browser's part.
    is_http = parts.scheme in {"http", "https"}
    return url if is_http and parts.netloc != request.host else None


def quoted_path() -> str:
    """The path of the request as a URL has it."""
    return quote(request.script_root + request.path, safe="/:@!$&'()*+,;=~")


def quoted_query() -> str:
    """The query string of the request as a URL has it."""
    return quote(request.query_string, safe="%/:?@!$&'()*+,;=~")


def path_with_query() -> str:
    query = quoted_query()
    return f"{quoted_path()}?{query}" if query else quoted_path()


def no_content(headers: t.Mapping[str, str]) -> Response:
    """Tell the browser's part something. The status is one that browsers do not
    complain about in the console.
    """
    headers = {"Cache-Control": "no-store", **headers}
    return current_app.response_class(status=204, headers=headers)
