"""A visit as HTML, as JSON and as Markdown, and the resources that its HTML needs."""

from __future__ import annotations

import typing as t
from urllib.parse import urljoin

from dash import Dash
from flask import current_app
from flask import make_response
from flask import request
from markupsafe import Markup
from plotly.io.json import to_json_plotly
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from . import meta
from .binding import fill_shell
from .binding import Head
from .binding import PagesDash
from .binding import resolve_shell
from .encoding import to_json
from .markdown import to_markdown
from .prerender import MARKDOWN_MARK
from .prerender import prerender_json
from .protocol import MARKDOWN
from .protocol import PAGE_JSON
from .protocol import path_with_query
from .protocol import quoted_path
from .resources import keep
from .resources import Release
from .resources import Resource
from .resources import RESOURCES
from .visit import Visit

#: The browser fetches it in the same way, or it would be fetched twice.
_PRELOAD = Markup('<link rel="preload" as="fetch" crossorigin href="{}">\n      ')
_PRELOAD_SCRIPT = Markup('<link rel="preload" as="script" href="{}">\n      ')

#: The app loads it when there is Markdown, whose text would be gone until then.
_MARKDOWN_SCRIPT = "dcc/async-markdown.js"


def names() -> str:
    """What pages are there as, for a message."""
    is_on = current_app.config["DASH_PAGES_MARKDOWN"]
    return " and as ".join(["text/html", PAGE_JSON, *[MARKDOWN] * is_on])


def html(
    visit: Visit,
    dash: PagesDash,
    release: Release,
    inputs: t.Sequence[str],
    alternates: t.Iterable[tuple[str, str]],
) -> Response:
    """The index page, with the content in the shell.

    :param inputs: The names of the routing callback inputs, in the order of their
        values.
    :param alternates: The languages and URLs of the page in other languages.
    """
    shell, found = fill_shell(
        resolve_shell(dash), visit.content, title=visit.title, complete=visit.complete
    )
    layout = to_json(shell)

    if not found and not dash.has_lacked_place:
        dash.has_lacked_place = True
        current_app.logger.warning(
            "The layout around the pages has no page_container. Put it into"
            " DashPages.layout: without it no page is shown, unless a callback adds it."
        )

    dependencies = _url(dash, release.dependencies)
    data = to_json_plotly(
        {
            # A callback may bring the place for the content later.
            "complete": visit.complete and found,
            "dependencies": dependencies,
            "inputs": inputs,
            "prefetch": bool(current_app.config["DASH_PAGES_PREFETCH"]),
            "version": release.version,
        }
    )
    prerendered, content = Markup(), ""

    if visit.complete and not found:
        content = f',"content":{to_json(visit.content)}'

    if found and _is_prerendered(visit):
        prerendered = prerender_json(layout)

    head = Head(
        title=visit.title,
        tags=(
            _PRELOAD.format(dependencies)
            + _preload_markdown(dash, prerendered)
            + _tags(visit, dash, alternates)
        ),
        data=f'{data[:-1]},"layout":{layout}{content}}}',
        prerendered=prerendered,
        complete=visit.complete,
        script=_url(dash, release.scripts),
    )
    return make_response(dash.index(head=head))


def json(visit: Visit, dash: Dash, release: Release) -> Response:
    """What the browser's part puts into the shell that it has."""
    data = to_json_plotly(
        {
            "path": path_with_query(),
            "status": visit.status,
            "title": visit.title,
            "description": visit.description,
            "image": _image(visit, dash),
            "version": release.version,
        }
    )
    body = f'{data[:-1]},"layout":{to_json(visit.content)}}}'
    return current_app.response_class(body, mimetype=PAGE_JSON)


def markdown(visit: Visit) -> Response:
    """The content as text, without the shell."""
    text = to_markdown(
        to_json(visit.content), title=visit.title, description=visit.description
    )
    return current_app.response_class(text, mimetype=MARKDOWN)


def resource(release: Release, path: str) -> Response:
    """What is at ``path`` in the folder of the resources.

    :raises NotFound: If it belongs to another release.
    """
    found = release.find(path)

    if found is not None:
        response = current_app.response_class(found.data, mimetype=found.mimetype)
        keep(response, by="private")
        return response

    if path.endswith("/callbacks.js") and release.scripts is not None:
        # The page is older than a deploy. Without any functions its callbacks would all
        # fail.
        return current_app.response_class(
            release.scripts.data,
            mimetype=release.scripts.mimetype,
            headers={"Cache-Control": "no-store"},
        )

    raise NotFound("This belongs to another version of the app.")


def _tags(visit: Visit, dash: Dash, alternates: t.Iterable[tuple[str, str]]) -> Markup:
    found = [_page_tags(visit, dash), meta.crawler_tags(visit, alternates)]
    return Markup("\n      ").join(filter(None, found))


def _page_tags(visit: Visit, dash: Dash) -> Markup:
    if not dash.config.include_pages_meta:
        return Markup()

    canonical = None

    if current_app.config["DASH_PAGES_CANONICAL"] and visit.status == 200:
        canonical = urljoin(request.host_url, quoted_path())

    image = _image(visit, dash)
    return meta.tags(visit, url=request.url, image=image, canonical=canonical)


def _image(visit: Visit, dash: Dash) -> str | None:
    """The full URL of the page's image."""
    page = visit.page

    if page.image_url or not page.image:
        return page.image_url

    return urljoin(request.host_url, dash.get_asset_url(page.image))


def _preload_markdown(dash: Dash, prerendered: str) -> Markup:
    is_served = dash.scripts.config.serve_locally and (
        _MARKDOWN_SCRIPT in dash.registered_paths.get("dash", ())
    )

    if not is_served or MARKDOWN_MARK not in prerendered:
        return Markup()

    prefix = dash.config.requests_pathname_prefix
    url = f"{prefix}_dash-component-suites/dash/{_MARKDOWN_SCRIPT}"
    return _PRELOAD_SCRIPT.format(url)


def _is_prerendered(visit: Visit) -> bool:
    is_on = bool(current_app.config["DASH_PAGES_PRERENDER"])
    return is_on and visit.page.prerender


def _url(dash: Dash, resource: Resource | None) -> str | None:
    if resource is None:
        return None

    prefix: str = dash.config.requests_pathname_prefix
    return f"{prefix}{RESOURCES}/{resource.path}"
