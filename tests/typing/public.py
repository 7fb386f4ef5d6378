"""The types of the public names. Checked by mypy, never run.

What is ignored here is refused: that nothing is left to ignore is an error, too.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from typing import Any

from blinker import NamedSignal
from dash import ALL
from dash import Dash
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import Blueprint
from flask import Flask
from flask import Response
from flask.testing import FlaskClient
from typing_extensions import assert_type
from werkzeug.test import TestResponse

from flask_dash_pages import DashPages
from flask_dash_pages import guards
from flask_dash_pages import Page
from flask_dash_pages import page_container
from flask_dash_pages import page_registry
from flask_dash_pages import PageError
from flask_dash_pages import register_page
from flask_dash_pages import Registry
from flask_dash_pages import signals
from flask_dash_pages import testing
from flask_dash_pages.testing import Node
from flask_dash_pages.testing import PagesClient
from flask_dash_pages.testing import Signal
from flask_dash_pages.testing import Visit

app = Flask(__name__)
Guard = Callable[[Page, Mapping[str, Any]], Any]
JsonLd = Mapping[str, Any] | list[Any]


def is_own(page: Page, variables: Mapping[str, object]) -> bool:
    return page.path in variables


# The extension

pages = DashPages(
    app,
    name="pages",
    url_prefix="/p",
    pages_folder=None,
    layout=html.Div(page_container),
    guard=[is_own, guards.login_required],
    routing_callback_inputs={"language": Input("language", "value")},
    subdomain="www",
    host=None,
    dash_class=Dash,
    title="passed on to Dash",
)
DashPages().init_app(Blueprint("parent", __name__))
DashPages("app")  # type: ignore[arg-type]
DashPages(app, "pages")  # type: ignore[call-arg]
DashPages(name=1)  # type: ignore[arg-type]
DashPages(url_prefix=1)  # type: ignore[arg-type]
DashPages(pages_folder=1)  # type: ignore[arg-type]
DashPages(guard=True)  # type: ignore[arg-type]
DashPages(routing_callback_inputs=["language"])  # type: ignore[arg-type]
DashPages(subdomain=1)  # type: ignore[arg-type]
DashPages(host=1)  # type: ignore[arg-type]
DashPages(dash_class=Flask)  # type: ignore[arg-type]
pages.init_app(__name__)  # type: ignore[arg-type]
pages.layout = lambda: html.Div(page_container)

assert_type(pages.name, str)
assert_type(pages.registry, Registry)
assert_type(pages.dash, Dash)
assert_type(pages.visible_pages(), list[Page])
assert_type(pages.url_for("home", number=1), str)
pages.url_for(pages.registry["home"])
pages.url_for(1)  # type: ignore[arg-type]

assert_type(pages.navigation(), Component)
pages.navigation(lambda page: page.name, include=lambda page: page.path != "/")
pages.navigation("folder", name="side", label="All pages")
pages.navigation(1)  # type: ignore[arg-type]
pages.navigation(include="all")  # type: ignore[arg-type]
pages.navigation(name=1)  # type: ignore[arg-type]
pages.navigation(label=1)  # type: ignore[arg-type]

pages.register_page("home", path="/", layout="text", order=1)
pages.register_page(1)  # type: ignore[arg-type]
pages.clientside_callback("() => 1", Output("a", "value"), Input("b", "value"))


@pages.callback(Output("a", "children"), Input("a", "value"))
def update(value: int) -> str:
    return str(value)


assert_type(update(1), str)
update("1")  # type: ignore[arg-type]

# Pages

register_page(__name__, "/", title=lambda number=0: f"Number {number}", location="side")
register_page(__name__, guard=is_own)
register_page(__name__, guard=[guards.login_required, guards.require(lambda: True)])
register_page(
    __name__,
    path_template="/report/<int:number>",
    noindex=True,
    json_ld=lambda number=0: {"@type": "Report"},
    alternates={"de": "/de"},
    sitemap=lambda: [{"number": 1}],
    lastmod=lambda number=0: date(2024, 1, 1),
)
register_page(__name__, sitemap=False, json_ld=[{}], lastmod="2024-01-01")
register_page(1)  # type: ignore[arg-type]
register_page(__name__, 1)  # type: ignore[arg-type]
register_page(__name__, path_template=1)  # type: ignore[arg-type]
register_page(__name__, name=1)  # type: ignore[arg-type]
register_page(__name__, title=1)  # type: ignore[arg-type]
register_page(__name__, description=1)  # type: ignore[arg-type]
register_page(__name__, image=1)  # type: ignore[arg-type]
register_page(__name__, image_url=1)  # type: ignore[arg-type]
register_page(__name__, redirect_from="/old")  # type: ignore[arg-type]
register_page(__name__, prerender=None)  # type: ignore[arg-type]
register_page(__name__, prefetch=None)  # type: ignore[arg-type]
register_page(__name__, max_age="1")  # type: ignore[arg-type]
register_page(__name__, guard=True)  # type: ignore[arg-type]
register_page(__name__, noindex=None)  # type: ignore[arg-type]
register_page(__name__, json_ld="")  # type: ignore[arg-type]
register_page(__name__, alternates="de")  # type: ignore[arg-type]
register_page(__name__, sitemap="")  # type: ignore[arg-type]
register_page(__name__, lastmod=1)  # type: ignore[arg-type]

page = page_registry["home"]
assert_type(page, Page)
page_registry[1]  # type: ignore[index]
assert_type(iter(page_registry), Iterator[str])
assert_type(list(page_registry.keys()), list[str])
assert_type(list(page_registry.values()), list[Page])
assert_type(list(page_registry.items()), list[tuple[str, Page]])
assert_type(next(iter(pages.registry)), str)
pages.registry[1]  # type: ignore[index]
assert_type(pages.registry.error_page(404), Page | None)
pages.registry.error_page("404")  # type: ignore[arg-type]
registry: Mapping[str, Page] = page_registry
# Users have keywords of their own.
assert_type(page["location"], Any)
assert_type(page.location, Any)
assert_type(page.extra, Mapping[str, Any])
assert_type(iter(page), Iterator[str])
page[1]  # type: ignore[index]

assert_type(page.module, str)
assert_type(page.path, str)
assert_type(page.supplied_path, str | None)
assert_type(page.path_template, str | None)
assert_type(page.name, str)
assert_type(page.supplied_name, str | None)
assert_type(page.title, str | Callable[..., str])
assert_type(page.supplied_title, str | Callable[..., str] | None)
assert_type(page.description, str | Callable[..., str])
assert_type(page.image, str | None)
assert_type(page.supplied_image, str | None)
assert_type(page.image_url, str | None)
assert_type(page.redirect_from, list[str] | None)
assert_type(page.prerender, bool)
assert_type(page.prefetch, bool)
assert_type(page.max_age, int | None)
assert_type(page.noindex, bool)
assert_type(page.json_ld, JsonLd | Callable[..., JsonLd | None] | None)
assert_type(page.alternates, Mapping[str, str] | None)
assert_type(page.sitemap, bool | Callable[[], Iterable[Mapping[str, Any]]])
assert_type(page.lastmod, date | str | Callable[..., date | str | None] | None)
assert_type(page.guard, tuple[Guard, ...])
assert_type(page.endpoint, str)
assert_type(page.source, str)
assert_type(page.relative_path, str)
assert_type(page.error_status, int | None)
assert_type(page.has_guards, bool)
assert_type(page.is_indexed, bool)

error: ValueError = PageError("home")

# Guards

assert_type(guards.require(lambda: True), Guard)
guards.require(lambda page, variables: True, guards.login_redirect("login", big=1))
guards.require(True)  # type: ignore[arg-type]
guards.require(lambda: True, "login")  # type: ignore[arg-type]
assert_type(guards.login_redirect("login"), Callable[[], Response])
guards.login_redirect(1)  # type: ignore[arg-type]
assert_type(guards.next_url("/"), str)
guards.next_url(None)  # type: ignore[arg-type]
guards.next_url("/", 1)  # type: ignore[arg-type]
assert_type(guards.login_required, Guard)
assert_type(guards.fresh_login_required, Guard)

# Signals

assert_type(signals.page_registered, NamedSignal)
assert_type(signals.page_redirected, NamedSignal)
assert_type(signals.page_not_found, NamedSignal)
assert_type(signals.page_denied, NamedSignal)
assert_type(signals.page_failed, NamedSignal)


@signals.page_resolved.connect
def seen(sender: Flask, page: Page, duration: float, **extra: object) -> None:
    assert_type(page.relative_path, str)


# Test tools

client = PagesClient(app, client=app.test_client())
assert_type(client.app, Flask)
assert_type(client.client, FlaskClient)
PagesClient("app")  # type: ignore[arg-type]
PagesClient(app, client=app)  # type: ignore[arg-type]

visit = client.visit(
    "/",
    navigation=True,
    headers={"Accept-Language": "de"},
    inputs={"language": "de"},
    follow_redirects=False,
)
client.visit(1)  # type: ignore[arg-type]
client.visit("/", navigation=1)  # type: ignore[arg-type]
client.visit("/", headers=["de"])  # type: ignore[arg-type]
client.visit("/", inputs=["de"])  # type: ignore[arg-type]
client.visit("/", follow_redirects=1)  # type: ignore[arg-type]

assert_type(visit, Visit)
assert_type(visit.status, int)
assert_type(visit.page, Page | None)
assert_type(visit.endpoint, str | None)
assert_type(visit.variables, Mapping[str, Any])
assert_type(visit.path, str)
assert_type(visit.title, str)
assert_type(visit.description, str)
assert_type(visit.image, str | None)
assert_type(visit.meta, Mapping[str, str])
assert_type(visit.redirects, list[str])
assert_type(visit.response, TestResponse)
assert_type(visit.shell, Node | None)
assert_type(visit.layout, Node)
assert_type(visit.text, str)
assert_type(visit.find(id="out", type="Div", text="1", title="2"), Node)
assert_type(visit.find_all(type="Link", href="/"), list[Node])
visit.find(id=1)  # type: ignore[arg-type]
visit.find(type=html.Div)  # type: ignore[arg-type]
visit.find(text=1)  # type: ignore[arg-type]
visit.find_all(id=1)  # type: ignore[arg-type]
visit.find_all(type=html.Div)  # type: ignore[arg-type]
visit.find_all(text=1)  # type: ignore[arg-type]

visit.call("out.children", 1, state={State("store", "data"): 2}, triggered="in.value")
visit.call([Output("out", "children"), "out.title"])
visit.call(None)
visit.call(1)  # type: ignore[arg-type]
visit.call("out.children", state=[2])  # type: ignore[arg-type]
visit.call("out.children", triggered=1)  # type: ignore[arg-type]

node = visit.layout.find(id={"type": "row", "index": ALL})
assert_type(node, Node)
assert_type(node["figure"], Any)
node[1]  # type: ignore[index]
assert_type(node.type, str)
assert_type(node.namespace, str)
assert_type(node.props, Mapping[str, Any])
assert_type(node.children, list[Node | str])
assert_type(node.text, str)
assert_type(node.inner, list[Node])
assert_type(iter(node), Iterator[Node])
assert_type(node.find_all(type="Link"), list[Node])
node.find(id=1)  # type: ignore[arg-type]
node.find(type=html.Div)  # type: ignore[arg-type]
node.find(text=1)  # type: ignore[arg-type]
node.find_all(id=1)  # type: ignore[arg-type]
node.find_all(type=html.Div)  # type: ignore[arg-type]
node.find_all(text=1)  # type: ignore[arg-type]

with client.signals() as sent:
    assert_type(sent, list[Signal])

with testing.signals(app) as sent:
    assert_type(sent, list[Signal])
    assert_type(sent[0].name, str)
    assert_type(sent[0].fields, Mapping[str, Any])

testing.signals("app")  # type: ignore[arg-type]
