"""The first view in Chromium: before, while and after the app comes up."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import Visitor
from dash import dcc
from dash import html
from dash import Input
from flask import Flask
from flask import Response

from flask_dash_pages import page_container
from flask_dash_pages import register_page

pytestmark = pytest.mark.browser

Visit = Callable[[t.Any], Visitor]

SHELL = html.Div(
    [
        html.Nav([dcc.Link("first", "/"), " ", dcc.Link("second", "/second")]),
        page_container,
    ]
)

FILES = {
    "first": """
        register_page(__name__, path="/", title="First")
        called = []

        def layout():
            called.append(1)
            return html.Div(
                [
                    html.H1("The first page", className="title"),
                    *(html.P(f"Paragraph {i} of a text.") for i in range(20)),
                    dcc.Markdown("Some *marked* text", id="marked"),
                    html.Div(id="out"),
                    dcc.Input(id="in", value="a"),
                ]
            )

        @callback(Output("out", "children"), Input("in", "value"))
        def answer(value):
            return f"The answer to {value}"

        clientside_callback(
            "(value) => `A title for ${value}`",
            Output("out", "title"),
            Input("in", "value"),
        )
    """,
    "second": """
        register_page(__name__, title="Second")
        layout = html.H1("The second page")
    """,
}

#: Sums what moved without the visitor's doing.
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


#: Where the texts are.
PLACES = """
[...document.querySelectorAll("h1, p, a, em")]
  .map((element) => [element.innerText, Math.round(element.getBoundingClientRect().y)])
"""


@pytest.fixture
def first_app(make_app: MakeApp) -> Flask:
    return make_app(FILES, layout=SHELL)


def calls_of(app: Flask) -> list[int]:
    module = bound_pages(app).registry["pages.first"].layout.__globals__
    return t.cast("list[int]", module["called"])


def is_complete(browser: Visitor) -> None:
    browser.sees("The answer to a", "#out")
    browser.page.wait_for_selector("#out[title='A title for a']")
    browser.has_title("First")
    browser.is_quiet()


def test_nothing_else_is_asked_for(first_app: Flask, visit: Visit) -> None:
    browser = visit(first_app)
    browser.open("/")
    is_complete(browser)
    browser.page.wait_for_load_state("networkidle")
    release = bound_pages(first_app).release
    assert release.dependencies is not None
    assert release.scripts is not None
    asked = [text.partition("?")[0] for text in browser.requests]
    assert len(asked) == 4
    assert set(asked) == {
        "GET /",
        f"GET /_dash-pages/{release.dependencies.path}",
        f"GET /_dash-pages/{release.scripts.path}",
        "POST /_dash-update-component",
    }
    assert calls_of(first_app) == [1]


def test_text_is_there_before_the_scripts(first_app: Flask, visit: Visit) -> None:
    browser = visit(first_app)
    held: list[t.Any] = []
    bundles = "**/_dash-component-suites/**/*.js"
    browser.page.route(bundles, lambda route: held.append(route))
    # Libraries that other tests have imported style the page when they come.
    browser.page.route(
        re.compile("/_dash-component-suites/(?!dash/)"),
        lambda route: route.fulfill(body="", content_type="text/javascript"),
    )
    browser.page.add_init_script(SHIFTS)
    browser.page.goto(browser.url, wait_until="commit")
    browser.sees("The first page", "h1.title")
    # The last one. The parser may pause before it.
    browser.sees("marked", "em")
    assert browser.page.locator("text=Loading...").is_hidden()
    assert browser.page.evaluate("!document.querySelector('[id^=_pages]')")
    places = browser.page.evaluate(PLACES)

    # What follows is found while the page is read.
    for route in held:
        route.continue_()

    browser.page.unroute(bundles)
    browser.is_up()
    is_complete(browser)
    browser.sees("marked", "em")
    assert browser.page.locator("h1.title").count() == 1
    assert browser.page.evaluate("window.shifts") < 0.05
    assert browser.page.evaluate(PLACES) == places


def test_script_of_markdown_is_preloaded(first_app: Flask, visit: Visit) -> None:
    url = "/_dash-component-suites/dash/dcc/async-markdown.js"
    client = first_app.test_client()
    assert f'<link rel="preload" as="script" href="{url}">' in client.get("/").text
    assert url not in client.get("/second").text
    browser = visit(first_app)
    requests: list[str] = []
    browser.page.on("request", lambda request: requests.append(request.url))
    browser.open("/")
    browser.sees("marked", "#marked em")
    assert requests.count(browser.url.rstrip("/") + url) == 1
    browser.is_quiet()


def test_links_work_before_the_scripts(first_app: Flask, visit: Visit) -> None:
    browser = visit(first_app)
    browser.page.route("**/_dash-component-suites/**", lambda route: route.abort())
    browser.page.goto(browser.url, wait_until="commit")
    browser.page.click("text=second")
    browser.sees("The second page", "h1")
    browser.is_at("/second")


def test_without_javascript(first_app: Flask, visit: Visit) -> None:
    browser = visit(first_app)
    context = browser.page.context.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(browser.url)
    assert page.locator("h1.title").inner_text() == "The first page"
    assert page.locator("em").inner_text() == "marked"
    assert page.locator("text=Loading...").is_hidden()
    page.click("text=second")
    page.locator("text=The second page").wait_for()
    context.close()


def test_dependencies_are_gone_after_a_deploy(first_app: Flask, visit: Visit) -> None:
    browser = visit(first_app)
    browser.page.route(
        "**/dependencies.json", lambda route: route.fulfill(status=404, body="")
    )
    browser.open("/")
    browser.sees("The answer to a", "#out")
    assert "GET /_dash-dependencies" in browser.requests
    browser.is_quiet(404)


def test_dependencies_come_from_the_cache(first_app: Flask, visit: Visit) -> None:
    browser = visit(first_app)
    browser.open("/")
    is_complete(browser)
    urls: dict[str, str] = {}
    loaded: set[str] = set()
    client = browser.page.context.new_cdp_session(browser.page)
    client.send("Network.enable")
    client.on(
        "Network.responseReceived",
        lambda e: urls.update({e["requestId"]: e["response"]["url"]}),
    )
    client.on(
        "Network.loadingFinished",
        # Zero if it came from the cache.
        lambda e: loaded.update([e["requestId"]] if e["encodedDataLength"] else []),
    )
    browser.open("/")
    is_complete(browser)
    # What was still on its way for the first view has no URL here.
    paths = {urls.get(name, "").removeprefix(browser.url) for name in loaded}
    assert "/" in paths
    assert not [path for path in paths if "/_dash-pages/" in path or ".v4_" in path]


@pytest.mark.parametrize("way", ["hashes", "nonce"])
def test_content_security_policy(make_app: MakeApp, visit: Visit, way: str) -> None:
    app = make_app(FILES, layout=SHELL)
    nonce = "'nonce-abc'"
    dash = bound_pages(app).dash

    @app.after_request
    def add_policy(response: Response) -> Response:
        if response.mimetype == "text/html":
            scripts = " ".join(dash.csp_hashes()) if way == "hashes" else nonce
            response.headers["Content-Security-Policy"] = (
                f"default-src 'self'; script-src 'self' {scripts};"
                " style-src 'self' 'unsafe-inline'; img-src 'self' data:"
            )

            if way == "nonce":
                text = response.get_data(as_text=True)
                response.set_data(text.replace("<script", '<script nonce="abc"'))

        return response

    browser = visit(app)
    browser.open("/")
    is_complete(browser)
    browser.page.click("text=second")
    browser.sees("The second page", "h1")
    browser.is_quiet()
    assert browser.loads == 1


def test_own_index(make_app: MakeApp, visit: Visit) -> None:
    from dash import Dash

    class OwnDash(Dash):
        def interpolate_index(self, **kwargs: t.Any) -> str:  # type: ignore[override]
            return (
                "<!DOCTYPE html><html><head><title>Own</title></head><body><b>Own</b>"
                "{app_entry}{config}{scripts}{renderer}</body></html>"
            ).format(**kwargs)

    browser = visit(make_app(FILES, layout=SHELL, dash_class=OwnDash))
    browser.open("/")
    browser.sees("Own", "b")
    browser.sees("The answer to a", "#out")
    # The icon is not in this index.
    browser.is_quiet(404)


def test_large_layout(make_app: MakeApp, visit: Visit) -> None:
    text = "x" * 100
    app = make_app(layout=SHELL)
    rows = [html.Tr(html.Td([html.B(str(i)), text])) for i in range(25_000)]

    with app.app_context():
        register_page("first", path="/", layout=lambda: html.Table(html.Tbody(rows)))

    browser = visit(app)
    assert len(app.test_client().get("/").data) > 5_000_000
    browser.open("/")
    assert browser.page.locator("td").count() == len(rows)
    assert browser.page.locator("td").last.inner_text() == f"{len(rows) - 1}{text}"
    browser.is_quiet()


def test_shell_comes_before_content_that_needs_the_browser(
    make_app: MakeApp, visit: Visit
) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/")
                def layout(typed=None):
                    return html.H1(f"Typed {typed}")
            """
        },
        layout=html.Div(
            [html.B("The shell"), dcc.Input(id="typed", value="a"), page_container]
        ),
        routing_callback_inputs={"typed": Input("typed", "value")},
    )
    text = app.test_client().get("/").text
    assert '<div id="_dash-pages-prerendered"><applet><div><b>The shell</b>' in text
    browser = visit(app)
    browser.open("/")
    browser.sees("Typed a", "h1")
    browser.is_quiet()


@pytest.mark.parametrize("by", ["url", "link"])
def test_callbacks_are_those_of_a_click(
    make_app: MakeApp, visit: Visit, by: str
) -> None:
    files = {
        "home": "register_page(__name__, path='/')\nlayout = html.H1('Home')",
        "year": """
            register_page(__name__)
            layout = [dcc.Dropdown([2021, 2022], id="year"), html.P(id="told")]

            @callback(
                Output("year", "value"),
                Output("kept", "data", allow_duplicate=True),
                Input("year", "value"),
                State("kept", "data"),
                prevent_initial_call=True,
            )
            def keep(value, kept):
                return value or kept, value or kept

            @callback(Output("told", "children"), Input("rows", "data"))
            def tell(rows):
                return f"{rows} rows"

            # It has no component on this page.
            @callback(Output("rows", "data"), Input("elsewhere", "value"))
            def count(value):
                return 7
        """,
    }
    stores = [dcc.Store(id="kept", data=2022), dcc.Store(id="rows")]
    shell = html.Div([dcc.Link("year", "/year"), *stores, page_container])
    browser = visit(make_app(files, layout=shell))

    if by == "url":
        browser.open("/year")
    else:
        browser.open("/")
        browser.page.get_by_role("link", name="year").click()

    browser.sees("None rows", "#told")
    browser.sees("2022", "#year")
    browser.is_quiet()


@pytest.mark.parametrize("layout", ["''", "[]", "html.Div()"])
def test_empty_page(make_app: MakeApp, visit: Visit, layout: str) -> None:
    files = {"a": f"register_page(__name__, path='/')\nlayout = {layout}"}
    browser = visit(make_app(files, layout=html.Div(["A shell", page_container])))
    browser.open("/")
    assert browser.page.locator("text=A shell").count() == 1
    browser.sees("A shell", "#react-entry-point")
    browser.page.wait_for_function(
        "getComputedStyle(document.getElementById('react-entry-point')).opacity === '1'"
    )
    browser.is_quiet()


HOME = {"a": "register_page(__name__, path='/')\nlayout = html.H1('Home')"}


def test_place_that_comes_later(make_app: MakeApp, visit: Visit) -> None:
    tabs = [dcc.Tab("The first", label="one"), dcc.Tab(page_container, label="two")]
    browser = visit(make_app(HOME, layout=dcc.Tabs(tabs)))
    browser.open("/")
    browser.sees("The first", "#react-entry-point")
    browser.page.click("text=two")
    browser.sees("Home", "#react-entry-point")
    browser.is_quiet()


def test_error_of_the_shell_is_seen_in_debug(make_app: MakeApp, visit: Visit) -> None:
    shell = html.Div([page_container], style="color: red")  # type: ignore[arg-type]
    browser = visit(make_app(HOME, layout=shell, config={"DASH_PAGES_DEV_TOOLS": True}))
    browser.page.goto(browser.url)
    browser.sees("Invalid argument", ".dash-fe-error__title")
    browser.is_up()


def test_focus_of_the_shell(make_app: MakeApp, visit: Visit) -> None:
    search = dcc.Input(id="search", autoFocus=True)
    browser = visit(make_app(HOME, layout=html.Div([search, page_container])))
    browser.open("/")
    browser.page.wait_for_selector("#search:focus")
    browser.is_quiet()


def test_height_while_the_app_takes_over(make_app: MakeApp, visit: Visit) -> None:
    shell = html.Div([page_container], style={"minHeight": "100vh"})
    browser = visit(make_app(HOME, layout=shell))
    browser.page.add_init_script(
        """
        window.heights = [];
        new MutationObserver(() => {
          const { scrollHeight } = document.documentElement;
          const place = document.getElementById("_pages_content");
          if (place) window.heights.push(scrollHeight);
        }).observe(document, { childList: true, subtree: true });
        """
    )
    browser.open("/")
    browser.sees("Home", "#react-entry-point")
    height = browser.page.evaluate("document.documentElement.scrollHeight")
    assert set(browser.page.evaluate("window.heights")) == {height}


def test_url_that_a_script_changes(
    make_app: MakeApp, visit: Visit, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir(exist_ok=True)
    (tmp_path / "assets" / "clean.js").write_text(
        "document.addEventListener('DOMContentLoaded', () =>"
        " history.replaceState(null, '', location.pathname))"
    )
    shell = html.Div([dcc.Link("again", "/?utm=1"), page_container])
    browser = visit(make_app(HOME, layout=shell, config={"DASH_PAGES_PREFETCH": False}))
    browser.open("/?utm=1")
    browser.sees("Home", "#react-entry-point")
    pages = [
        text
        for text in browser.requests
        if "/_dash" not in text and "/assets/" not in text
    ]
    assert pages == ["GET /?utm=1"]

    with browser.page.expect_response("**/?utm=1"):
        browser.page.click("text=again")

    browser.is_quiet()


def test_in_debug(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(FILES, layout=SHELL, config={"DASH_PAGES_DEV_TOOLS": True})
    browser = visit(app)
    browser.open("/")
    browser.sees("The answer to a", "#out")
    assert calls_of(app) == [1]
    assert bound_pages(app).release.scripts is None
