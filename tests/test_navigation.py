from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
from conftest import bound_pages
from conftest import HTML
from conftest import MakeApp
from conftest import new_app
from conftest import Visitor
from conftest import WritePages
from dash import html
from dash import Input
from dash import Output
from dash import page_container
from flask import Flask
from flask import render_template_string
from jinja2 import DictLoader
from test_encoding import LateText
from test_page import make_page

from flask_dash_pages import DashPages
from flask_dash_pages.navigation import active_href
from flask_dash_pages.navigation import grouped

FILES = {
    "home": "register_page(__name__, path='/', order=0)\nlayout = html.H1('Welcome')",
    "about": "register_page(__name__, kind='texts')\nlayout = html.H1('All about')",
    "reports/costs": "register_page(__name__)\nlayout = html.H1('Costs')",
    "reports/one": """
        register_page(__name__, path_template="/reports/one/<id>", path="/reports/one")
        def layout(id="none"): return html.H1(f"Report {id}")
    """,
    "reports/two": """
        register_page(__name__, path_template="/reports/two/<id>")
        layout = ""
    """,
    "secret": """
        register_page(__name__, guard=lambda page, variables: False)
        layout = ""
    """,
    "imprint": "register_page(__name__, navigation=False)\nlayout = ''",
    "not_found_404": "register_page(__name__)\nlayout = html.H1('Lost')",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/b", "/a/b"),
        ("/a/b/c", "/a/b"),
        ("/a/c", "/a"),
        ("/ab", None),
        ("/p/", "/p/"),
        ("/p/x", None),
        ("", None),
    ],
)
def test_active_href(path: str, expected: str | None) -> None:
    assert active_href(["/", "/a", "/a/b", "/p/"], path) == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (None, {"": ["pages.x.b", "pages.a", "pages.x_y.z.c", "other"]}),
        (
            "folder",
            {"": ["pages.a", "other"], "X": ["pages.x.b"], "Z": ["pages.x_y.z.c"]},
        ),
        (
            "kind",
            {"": ["pages.x.b", "other"], "2": ["pages.a"], "k": ["pages.x_y.z.c"]},
        ),
        (
            lambda page: page.name if page.module == "other" else None,
            {"": ["pages.x.b", "pages.a", "pages.x_y.z.c"], "Home": ["other"]},
        ),
    ],
)
def test_grouped(group: t.Any, expected: dict[str, list[str]]) -> None:
    pages = [
        make_page(module="pages.x.b"),
        make_page(module="pages.a", extra={"kind": 2}),
        make_page(module="pages.x_y.z.c", extra={"kind": "k"}),
        make_page(module="other", extra={"kind": None}),
    ]
    found = grouped(pages, group, "pages")
    assert {name: [p.module for p in found[name]] for name in found} == expected


def test_navigation_in_imported_template(bare_app: Flask) -> None:
    DashPages(bare_app, pages_folder=None).register_page("costs", layout="")
    bare_app.jinja_loader = DictLoader(
        {"m.html": "{% macro nav() %}{{ pages_navigation() }}{% endmacro %}"}
    )
    bare_app.add_url_rule(
        "/t",
        view_func=lambda: render_template_string(
            "{% import 'm.html' as m %}{{ m.nav() }}"
        ),
    )
    assert 'href="/costs"' in bare_app.test_client().get("/t").text


def test_grouped_by_a_key_of_that_name() -> None:
    page = make_page(module="pages.x.b", extra={"folder": "Own"})
    assert list(grouped([page], "folder", "pages")) == ["Own"]


MakeNav = t.Callable[..., Flask]


@pytest.fixture
def make_nav(write_pages: WritePages, tmp_path: Path) -> MakeNav:
    """An app with two lists of links in its shell."""

    def make_nav(url_prefix: str = "/") -> Flask:
        write_pages(**FILES)
        pages = DashPages(url_prefix=url_prefix)
        pages.layout = lambda: html.Div(
            [
                pages.navigation("folder"),
                html.Div(id="below"),
                html.Button("more", id="more"),
                page_container,
            ]
        )

        @pages.callback(
            Output("below", "children"),
            Input("more", "n_clicks"),
            prevent_initial_call=True,
        )
        def add_links(clicks: int) -> t.Any:
            return pages.navigation(name="below", label="More")

        host = new_app(tmp_path)
        pages.init_app(host)

        @host.route("/host")
        def view() -> str:
            return render_template_string("{{ pages_navigation('folder') }}")

        @host.route("/favicon.ico")
        def icon() -> str:
            return ""

        return host

    return make_nav


LINK = re.compile(r'<a href="([^"]*)" class="pages-nav-link( active)?">([^<]*)</a>')


def test_names_that_are_made_late(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("home", path="/", layout="", name=LateText())
    bound = bound_pages(bare_app)
    pages.layout = lambda: html.Div([bound.navigation(), page_container])
    text = bare_app.test_client().get("/").text
    assert '<a href="/" class="pages-nav-link active">a &#34;text&#34;</a>' in text
    assert "<title>a &#34;text&#34;</title>" in text
    result = bare_app.test_cli_runner().invoke(args=["pages", "list", "--json"])
    assert json.loads(result.output)[0]["name"] == 'a "text"'


@pytest.mark.parametrize(
    ("options", "place", "own_place"),
    [
        ({"subdomain_matching": True}, {"subdomain": "b"}, {}),
        (
            {"host_matching": True, "static_host": "a.test"},
            {"host": "b.a.test"},
            {"host": "a.test"},
        ),
    ],
    ids=["subdomain", "host"],
)
def test_links_to_another_host(
    tmp_path: Path,
    write_pages: WritePages,
    options: dict[str, t.Any],
    place: dict[str, t.Any],
    own_place: dict[str, t.Any],
) -> None:
    write_pages(**FILES)
    app = Flask("testapp", root_path=str(tmp_path), **options)
    app.config["SERVER_NAME"] = "a.test"
    DashPages(app, **place)

    @app.route("/", **own_place)
    def index() -> str:
        return render_template_string("{{ pages_navigation() }}")

    paths = ["/", "/about", "/reports/costs", "/reports/one"]
    text = app.test_client().get("/", base_url="http://a.test").text
    assert re.findall('href="(.*?)"', text) == [f"http://b.a.test{p}" for p in paths]
    assert "active" not in text


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/p/", "/m/p/"),
        ("/p/about", "/m/p/about"),
        ("/p/reports/one/7", "/m/p/reports/one"),
        ("/p/reports/two/7", None),
        ("/p/nothing", None),
        ("/host", None),
    ],
)
def test_navigation(make_nav: MakeNav, path: str, active: str | None) -> None:
    client = make_nav("/p").test_client()
    base = {"SCRIPT_NAME": "/m"}
    text = client.get(path, headers=HTML, environ_overrides=base).text
    assert LINK.findall(text) == [
        (href, " active" * (href == active), name)
        for href, name in [
            ("/m/p/", "Home"),
            ("/m/p/about", "About"),
            ("/m/p/reports/costs", "Costs"),
            ("/m/p/reports/one", "One"),
        ]
    ]
    assert '<nav class="pages-nav" aria-label="Pages">' in text
    assert '<span class="pages-nav-heading">Reports</span>' in text


def test_navigation_include(make_app: MakeApp) -> None:
    bound = bound_pages(make_app(FILES))

    with bound._app.test_request_context(), bound.enter():
        text = str(bound.navigation(include=lambda page: page.name == "Costs"))

    assert ("Costs" in text, "About" in text) == (True, False)


def test_navigation_in_a_template_of_several_sections(bare_app: Flask) -> None:
    for name in ["one", "two"]:
        pages = DashPages(name=name, url_prefix=f"/{name}", pages_folder=None)
        pages.register_page(f"{name}_page", layout="")
        pages.init_app(bare_app)

    with bare_app.test_request_context("/"):
        text = render_template_string("{{ pages_navigation(section='two') }}")
        assert [href for href, _, _ in LINK.findall(text)] == ["/two/two-page"]

        with pytest.raises(LookupError, match=r"None. The app has 'one', 'two'"):
            render_template_string("{{ pages_navigation() }}")


@pytest.mark.browser
def test_navigation_in_the_browser(
    make_nav: MakeNav, look_at: t.Callable[[str], Visitor], serve: t.Any
) -> None:
    browser = look_at(serve(make_nav()))

    def is_active(text: str, nav: str = "pages-nav", current: str = "page") -> None:
        browser.sees(text, f".{nav} a.active[aria-current={current}]")
        assert browser.page.locator(f".{nav} .active").count() == 1
        assert browser.page.locator(f".{nav} [aria-current]").count() == 1

    browser.open("/about")
    is_active("About")
    browser.page.click("text=Costs")
    browser.sees("Costs", "h1")
    is_active("Costs")
    browser.page.click("text=more")
    is_active("Costs", "below")
    browser.page.click(".below >> text=One")
    browser.sees("Report none", "h1")
    is_active("One")
    is_active("One", "below")
    browser.page.go_back()
    is_active("Costs")
    is_active("Costs", "below")
    browser.open("/about/nothing")
    is_active("About", current="true")
    browser.is_quiet(404)
