"""Links to the pages, for the shell and for templates."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterable

from dash import ALL
from dash import dcc
from dash import html
from dash.development.base_component import Component

from .naming import page_name
from .page import Page

#: What the ids of links have in common. The browser's part marks the active one.
LINK_TYPE = "_pages_link"
ALL_LINKS = {"type": LINK_TYPE, "nav": ALL, "href": ALL}

Grouping = str | Callable[[Page], str | None] | None


def is_listed(page: Page) -> bool:
    """Whether a link to ``page`` is wanted, and needs no variables."""
    has_own_url = page.path_template is None or page.supplied_path is not None
    return has_own_url and page.get("navigation") is not False


def folder_of(page: Page, package: str) -> str:
    """The name of the folder below ``package`` that ``page`` is in. Empty if it is in
    none.
    """
    inner = page.module.removeprefix(f"{package}.")
    is_in_package = package and inner != page.module
    folder = inner.rpartition(".")[0] if is_in_package else ""
    return page_name(folder) if folder else ""


def grouped(
    pages: Iterable[Page], group: Grouping, package: str
) -> dict[str, list[Page]]:
    """The pages by the names of their groups, in order. Those of no group come first.

    :param group: A key of the pages, ``"folder"``, or a function that takes a page and
        returns the name. Without one there are no groups.
    """
    found: dict[str, list[Page]] = {"": []}

    for page in pages:
        if group is None:
            name: t.Any = ""
        elif callable(group):
            name = group(page)
        elif group == "folder" and "folder" not in page:
            name = folder_of(page, package)
        else:
            name = page.get(group)

        found.setdefault(str(name or ""), []).append(page)

    return {name: members for name, members in found.items() if members}


def active_href(hrefs: Iterable[str], path: str) -> str | None:
    """The link that leads to ``path``, or else the nearest one above it. One that ends
    with a slash, such as that of a home page, is above nothing.
    """
    found = [
        href
        for href in hrefs
        if path == href or (href[-1:] != "/" and path.startswith(f"{href}/"))
    ]
    return max(found, key=len, default=None)


def navigation(
    groups: t.Mapping[str, Iterable[Page]],
    *,
    url_of: Callable[[Page], str],
    path: str,
    name: str,
    label: str,
) -> Component:
    """A list of links.

    :param groups: As :func:`grouped` returns them.
    :param url_of: Returns the path of a page, or its full URL on another host.
    :param path: What is shown.
    :param name: The first part of all classes, and what tells it apart from other
        lists.
    """
    hrefs = {page: url_of(page) for pages in groups.values() for page in pages}
    active = active_href(hrefs.values(), path)

    def item(page: Page) -> Component:
        href = hrefs[page]
        marked = " active" if href == active else ""
        # Elsewhere there is nothing that could show the page.
        load = {} if href.startswith("/") else {"refresh": True}
        link = dcc.Link(
            page.name,
            href,
            className=f"{name}-link{marked}",
            id={"type": LINK_TYPE, "nav": name, "href": href},
            **t.cast(t.Any, load),
        )
        return html.Li(link, className=f"{name}-item")

    def listed(title: str, pages: Iterable[Page]) -> list[Component]:
        items = [item(page) for page in pages]

        if not title:
            return items

        heading = html.Span(title, className=f"{name}-heading")
        inner = html.Ul(items, className=f"{name}-list")
        return [html.Li([heading, inner], className=f"{name}-group")]

    items = [each for title, pages in groups.items() for each in listed(title, pages)]
    return html.Nav(
        html.Ul(items, className=f"{name}-list"),
        className=name,
        **t.cast(t.Any, {"aria-label": label}),
    )
