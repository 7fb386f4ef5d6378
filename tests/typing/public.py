"""The types of the public names. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dash import Dash
from dash import Input
from dash import Output
from dash import State
from flask import Blueprint
from flask import Flask
from typing_extensions import assert_type

from flask_dash_pages import DashPages
from flask_dash_pages import guards
from flask_dash_pages import Page
from flask_dash_pages import page_registry
from flask_dash_pages import register_page
from flask_dash_pages import Registry
from flask_dash_pages import signals
from flask_dash_pages.testing import Node
from flask_dash_pages.testing import PagesClient
from flask_dash_pages.testing import Signal

pages = DashPages(
    Flask(__name__),
    name="pages",
    url_prefix="/p",
    pages_folder=None,
    routing_callback_inputs={"language": Input("language", "value")},
    title="passed on to Dash",
)
DashPages().init_app(Blueprint("parent", __name__))
register_page(__name__, "/", title=lambda number=0: f"Number {number}", location="side")
pages.register_page("home", path="/", layout="text", order=1)
pages.layout = None


def is_own(page: Page, variables: Mapping[str, object]) -> bool:
    return page.path in variables


register_page(__name__, guard=is_own)
register_page(
    __name__,
    noindex=True,
    json_ld=lambda number=0: {"@type": "Report"},
    alternates={"de": "/de"},
    sitemap=lambda: [{"number": 1}],
    lastmod=lambda number=0: date(2024, 1, 1),
)
register_page(__name__, sitemap=False, json_ld=[{}], lastmod="2024-01-01")
register_page(__name__, guard=[guards.login_required, guards.require(lambda: True)])
DashPages(guard=guards.require(lambda: True, guards.login_redirect("login")))
assert_type(guards.next_url("/"), str)
assert_type(pages.visible_pages(), list[Page])

assert_type(pages.registry, Registry)
assert_type(pages.dash, Dash)
assert_type(pages.url_for("home", number=1), str)
assert_type(page_registry["home"], Page)
assert_type(page_registry["home"].path, str)
assert_type(
    [page.redirect_from for page in page_registry.values()], list[list[str] | None]
)
registry: Mapping[str, Page] = page_registry


@pages.callback(Input("a", "value"))
def update(value: int) -> str:
    return str(value)


assert_type(update(1), str)


@signals.page_resolved.connect
def seen(sender: Flask, page: Page, duration: float, **extra: object) -> None:
    assert_type(page.relative_path, str)


client = PagesClient(Flask(__name__))
visit = client.visit("/", navigation=True, inputs={"language": "de"})
assert_type(visit.page, Page | None)
assert_type(visit.layout.find(id={"type": "row", "index": 1}).text, str)
assert_type(visit.find_all(type="Link", href="/"), list[Node])
visit.call("out.children", 1, state={State("store", "data"): 2}, triggered="in.value")
visit.call([Output("out", "children"), "out.title"])

with client.signals() as sent:
    assert_type(sent, list[Signal])
