"""Visit a URL of an app as a visitor would, with no browser and no server."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable
from urllib.parse import urljoin
from urllib.parse import urlsplit

from flask import Flask
from flask import request
from flask.testing import FlaskClient
from werkzeug.test import ClientRedirectError
from werkzeug.test import TestResponse

from .bound import BoundPages
from .page import Page
from .protocol import INPUTS_HEADER
from .protocol import LOCATION_HEADER
from .protocol import PAGE_JSON
from .signals import page_resolved


class Answer(t.NamedTuple):
    """What a visitor gets."""

    status: int
    #: With the query.
    path: str
    #: The page that is at the path, even if another one is shown for an error.
    page: Page | None
    endpoint: str | None
    variables: dict[str, t.Any]
    #: What is shown. ``None`` if it is not a page.
    title: str | None
    description: str | None
    #: How long the functions of the page took, if it could be shown.
    seconds: float | None
    #: Where the answers before this one led to.
    redirects: list[str]
    #: What the JSON of the layout is read as.
    layout: t.Any


def visit(app: Flask, url: str) -> Answer:
    """Visit ``url``, and go where the answers lead to in the app.

    :raises ClientRedirectError: If that never ends.
    """
    durations: list[float] = []

    def note(sender: Flask, duration: float, **extra: t.Any) -> None:
        durations.append(duration)

    with page_resolved.connected_to(note, app), app.test_client() as client:
        response, redirects = _follow(app, client, url)
        endpoint, variables = request.endpoint, dict(request.view_args or {})
        path = request.full_path.rstrip("?")

    shown = response.json or {} if response.mimetype == PAGE_JSON else {}
    return Answer(
        status=response.status_code,
        path=path,
        page=_page_at(app, endpoint),
        endpoint=endpoint,
        variables=variables,
        title=shown.get("title"),
        description=shown.get("description"),
        seconds=durations[-1] if durations else None,
        redirects=redirects,
        layout=shown.get("layout"),
    )


def _follow(
    app: Flask, client: FlaskClient, url: str
) -> tuple[TestResponse, list[str]]:
    """The last answer, and where those before it led to."""
    redirects: list[str] = []
    accept = PAGE_JSON

    while True:
        response = client.get(_below_root(app, url), headers={"Accept": accept})
        location = response.headers.get(LOCATION_HEADER, response.location)
        target = urlsplit(urljoin(request.url, location or ""))
        is_own = target.netloc == request.host
        is_told = {LOCATION_HEADER, INPUTS_HEADER} & {*response.headers.keys()}

        if is_told and is_own and accept == PAGE_JSON:
            # What the browser loads as a whole, or can be seen there only.
            accept = "text/html"
            continue

        if location is None:
            return response, redirects

        if location in redirects:
            raise ClientRedirectError(
                f"{request.path!r} redirects to {location!r} forever."
            )

        redirects.append(location)

        if not is_own:
            return response, redirects

        url, accept = target.geturl(), PAGE_JSON


def _below_root(app: Flask, url: str) -> str:
    """``url`` as the app gets it where it is mounted."""
    root = app.config["APPLICATION_ROOT"].rstrip("/")
    parts = urlsplit(url)
    path = f"/{parts.path.lstrip('/')}"

    if root and f"{path}/".startswith(f"{root}/"):
        path = path.removeprefix(root) or "/"

    return parts._replace(path=path, fragment="").geturl()


def _page_at(app: Flask, endpoint: str | None) -> Page | None:
    bounds: Iterable[BoundPages] = app.extensions.get("dash_pages", {}).values()
    found = (page for bound in bounds for page in bound.registry.values())
    return next((page for page in found if page.endpoint == endpoint), None)
