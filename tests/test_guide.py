"""The guide to Dash Pages, section by section, in Chromium."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import Callable
from pathlib import Path

import dash
import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import new_app
from conftest import Visitor
from conftest import WritePages
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State

from flask_dash_pages import DashPages
from flask_dash_pages import page_container

pytestmark = pytest.mark.browser

Visit = Callable[[t.Any], Visitor]


def shell_with_links() -> html.Div:
    return html.Div(
        [
            html.Nav(
                [
                    dcc.Link(
                        f"go to {page['name']}",
                        href=page["relative_path"],
                        id={"link": page["module"]},
                    )
                    for page in dash.page_registry.values()
                ]
            ),
            page_container,
        ]
    )


SIMPLE = {
    "home": """
        dash.register_page(__name__, path="/")
        layout = html.Div([html.H1("Welcome"), html.P("Start here")])
    """,
    "analytics": """
        dash.register_page(__name__)
        layout = html.Div(
            [
                html.H1("Numbers"),
                dcc.RadioItems(["Oslo", "Lima"], "Oslo", id="city"),
                html.Div(id="chosen"),
            ]
        )

        @callback(Output("chosen", "children"), Input("city", "value"))
        def choose(city):
            return f"Chosen: {city}"
    """,
    "archive": """
        dash.register_page(__name__)
        layout = html.Div([html.H1("Old things")])
    """,
}


def test_simple_multi_page_app_with_pages(make_app: MakeApp, visit: Visit) -> None:
    browser = visit(make_app(SIMPLE, layout=shell_with_links))
    browser.open("/")
    browser.sees("Start here")
    links = browser.page.locator("nav a").all_inner_texts()
    assert links == ["go to Home", "go to Analytics", "go to Archive"]
    browser.page.click("text=go to Analytics")
    browser.sees("Chosen: Oslo")
    browser.has_title("Analytics")
    browser.page.click("text=Lima")
    browser.sees("Chosen: Lima")
    browser.page.click("text=go to Archive")
    browser.sees("Old things")
    browser.is_at("/archive")
    assert browser.loads == 1
    browser.is_quiet()


@pytest.mark.parametrize(
    "layout",
    [
        "html.H1('Same text')",
        "lambda **kwargs: html.H1('Same text')",
        "lambda: [html.H1('Same text'), 'and more']",
    ],
)
def test_layout(make_app: MakeApp, visit: Visit, layout: str) -> None:
    app = make_app({"a": f"register_page(__name__)\nlayout = {layout}"})
    browser = visit(app)
    browser.open("/a?unexpected=1")
    browser.sees("Same text", "h1")
    browser.is_quiet()


def test_register_page(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "inferred": "register_page(__name__)\nlayout = 'inferred text'",
            "given": """
                register_page(
                    __name__, path="/dashboard", title="The dashboard", name="Dashboard"
                )
                layout = "given text"
            """,
        },
        layout=shell_with_links,
    )
    browser = visit(app)
    browser.open("/inferred")
    browser.has_title("Inferred")
    browser.page.click("text=go to Dashboard")
    browser.sees("given text")
    browser.has_title("The dashboard")
    browser.is_at("/dashboard")
    browser.is_quiet()


def test_dash_page_registry(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "side_bar": """
                def sidebar():
                    return html.Div(
                        [
                            dcc.Link(page["name"], href=page["path"])
                            for page in dash.page_registry.values()
                            if page["path"].startswith("/topic")
                        ],
                        id="sidebar",
                    )
            """,
            "topic_1": """
                from .side_bar import sidebar
                dash.register_page(__name__, name="First topic")
                def layout(**kwargs):
                    return html.Div([sidebar(), "text of one"])
            """,
            "topic_2": """
                from .side_bar import sidebar
                dash.register_page(__name__, name="Second topic")
                def layout(**kwargs):
                    href = dash.page_registry["pages.topic_1"]["path"]
                    return html.Div([sidebar(), "text of two", dcc.Link("one", href)])
            """,
            "about": "dash.register_page(__name__)\nlayout = 'about'",
        }
    )
    browser = visit(app)
    browser.open("/topic-1")
    browser.sees("text of one")
    assert browser.page.locator("#sidebar a").all_inner_texts() == [
        "First topic",
        "Second topic",
    ]
    browser.page.click("text=Second topic")
    browser.sees("text of two")
    browser.is_quiet()


def test_dash_page_registry_order(make_app: MakeApp, visit: Visit) -> None:
    page = "register_page(__name__{})\nlayout = 'text'"
    app = make_app(
        {
            "b": page.format(", order=2"),
            "c": page.format(""),
            "a": page.format(", order=10"),
            "home": page.format(", path='/'"),
        },
        layout=shell_with_links,
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("go to Home")
    links = browser.page.locator("nav a").all_inner_texts()
    assert links == ["go to B", "go to A", "go to C", "go to Home"]


def test_default_and_custom_404(make_app: MakeApp, visit: Visit) -> None:
    shell = html.Div([dcc.Link("nowhere", href="/no/where"), page_container])
    home = {"home": "register_page(__name__, path='/')\nlayout = 'Welcome'"}
    custom = "register_page(__name__, title='Lost')\nlayout = html.H1('Not there')"

    for files, text, title in [
        (home, "404 - Page not found", "Page not found"),
        ({**home, "not_found_404": custom}, "Not there", "Lost"),
    ]:
        app = make_app(files, layout=shell)
        browser = visit(app)
        browser.open("/no/such")
        browser.sees(text)
        browser.has_title(title)
        browser.open("/")
        browser.sees("Welcome")
        browser.page.click("text=nowhere")
        browser.sees(text, "h1")
        browser.has_title(title)
        browser.is_at("/no/where")
        browser.page.go_back()
        browser.sees("Welcome")
        assert browser.loads == 2
        browser.is_quiet(404)
        sys.modules.pop("pages.home")


def test_variable_paths(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "report": """
                register_page(__name__, path_template="/report/<report_id>")
                def layout(report_id=None, **kwargs):
                    return html.Div(
                        [
                            f"You want {report_id}.",
                            dcc.Link("asset", "/asset/3/department/hello-it"),
                        ]
                    )
            """,
            "asset": """
                def title(asset_id=None, dept_id=None):
                    return f"Asset {asset_id} of {dept_id}"

                def description(asset_id=None, dept_id=None):
                    return f"What {dept_id} does with {asset_id}"

                register_page(
                    __name__,
                    path_template="/asset/<asset_id>/department/hello-<dept_id>",
                    title=title,
                    description=description,
                )

                def layout(asset_id=None, dept_id=None, **other):
                    return f"asset {asset_id}, department {dept_id}"
            """,
        }
    )
    browser = visit(app)
    browser.open("/report/a%20b")
    browser.sees("You want a b.")
    browser.page.click("text=asset")
    browser.sees("asset 3, department it")
    browser.has_title("Asset 3 of it")
    browser.page.reload()
    browser.sees("asset 3, department it")
    browser.has_title("Asset 3 of it")
    description = browser.page.locator('meta[name="description"]')
    assert description.get_attribute("content") == "What it does with 3"
    browser.is_quiet()


def test_query_strings(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "archive": """
                register_page(__name__)
                def layout(report_id=None, department_id=None, **other):
                    return html.Div(
                        [
                            f"report {report_id} department {department_id} {other}",
                            dcc.Link("two", href="/archive?report_id=2&x=1&x=2"),
                        ]
                    )
            """
        }
    )
    browser = visit(app)
    browser.open("/archive?report_id=9&department_id=55")
    browser.sees("report 9 department 55 {}")
    browser.page.click("text=two")
    browser.sees("report 2 department None {'x': ['1', '2']}")
    browser.page.go_back()
    browser.sees("report 9 department 55 {}")
    assert browser.loads == 1
    browser.is_quiet()


def test_redirects(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "archive": """
                register_page(
                    __name__,
                    path="/archive",
                    redirect_from=["/archive-2021", "/archive-2020"],
                )
                layout = html.Div("The archive")
            """,
            "home": "register_page(__name__, path='/')\nlayout = 'Welcome'",
        },
        layout=html.Div([dcc.Link("old", "/archive-2020?a=1#part"), page_container]),
    )
    browser = visit(app)
    browser.open("/archive-2021?x=2")
    browser.sees("The archive")
    browser.is_at("/archive?x=2")
    browser.open("/")
    browser.sees("Welcome")
    browser.page.click("text=old")
    browser.sees("The archive")
    browser.is_at("/archive?a=1#part")
    browser.has_title("Archive")
    browser.page.go_back()
    browser.sees("Welcome")
    browser.page.go_forward()
    browser.sees("The archive")
    assert browser.loads == 3
    browser.is_quiet()


def test_meta_tags(tmp_path: Path, write_pages: WritePages, visit: Visit) -> None:
    (tmp_path / "assets").mkdir()

    for name in ["analytics.png", "app.png", "birds.jpeg"]:
        (tmp_path / "assets" / name).write_text("")

    write_pages(
        analytics="register_page(__name__)\nlayout = ''",
        archive="register_page(__name__)\nlayout = ''",
        birds="""
            register_page(
                __name__, title="All birds", description="Of the north",
                image="birds.jpeg",
            )
            layout = ""
        """,
        cdn="""
            register_page(__name__, image_url="https://example.com/a.png")
            layout = ""
        """,
    )
    app = new_app(tmp_path)
    DashPages(app)
    browser = visit(app)

    def tag(name: str) -> str | None:
        key = "name" if name == "description" else "property"
        return browser.page.locator(f'meta[{key}="{name}"]').get_attribute("content")

    for path, title, description, image in [
        ("/analytics", "Analytics", "", "{url}/assets/analytics.png"),
        ("/archive", "Archive", "", "{url}/assets/app.png"),
        ("/birds", "All birds", "Of the north", "{url}/assets/birds.jpeg"),
        ("/cdn", "Cdn", "", "https://example.com/a.png"),
    ]:
        browser.open(path)
        assert tag("twitter:title") == tag("og:title") == browser.page.title() == title
        assert tag("description") == tag("og:description") == description
        assert tag("twitter:description") == description
        assert tag("twitter:image") == tag("og:image") == image.format(url=browser.url)
        assert tag("twitter:card") == "summary_large_image"
        assert tag("twitter:url") == tag("og:url") == browser.url + path
        assert tag("og:type") == "website"


def test_additional_keywords(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "a": "register_page(__name__, location='sidebar')\nlayout = 'text of a'",
            "b": "register_page(__name__, location='footer')\nlayout = 'text of b'",
        },
        layout=lambda: html.Div(
            [
                *(
                    dcc.Link(f"side {page['name']}", href=page["path"])
                    for page in dash.page_registry.values()
                    if page["location"] == "sidebar"
                ),
                page_container,
            ]
        ),
    )
    browser = visit(app)
    browser.open("/b")
    browser.sees("text of b")
    assert browser.page.locator("a").all_inner_texts() == ["side A"]


def test_nested_pages(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            **SIMPLE,
            "reports/summary_2020": "register_page(__name__)\nlayout = 'Of 2020'",
            "reports/summary_2021": "register_page(__name__)\nlayout = 'Of 2021'",
        },
        layout=shell_with_links,
    )
    browser = visit(app)
    browser.open("/reports/summary-2020")
    browser.sees("Of 2020")
    browser.page.click("text=go to Summary 2021")
    browser.sees("Of 2021")
    browser.is_at("/reports/summary-2021")
    browser.is_quiet()


def test_changing_the_default_pages_directory(
    tmp_path: Path, write_pages: WritePages, visit: Visit
) -> None:
    write_pages("my_apps", a="register_page(__name__)\nlayout = 'Elsewhere'")
    app = new_app(tmp_path)
    DashPages(app, pages_folder="my_apps")
    browser = visit(app)
    browser.open("/a")
    browser.sees("Elsewhere")


def test_multiple_pages_in_one_file(tmp_path: Path, visit: Visit) -> None:
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder="")
    pages.register_page("home", path="/", layout=html.Div("Welcome"))

    with app.app_context():
        dash.register_page("analytics", layout=html.Div("Numbers"))
        pages.layout = html.Div(
            [
                *(
                    dcc.Link(f"{page['name']} - {page['path']}", page["relative_path"])
                    for page in dash.page_registry.values()
                ),
                page_container,
            ]
        )

    browser = visit(app)
    browser.open("/")
    browser.sees("Welcome")
    browser.page.click("text=Analytics - /analytics")
    browser.sees("Numbers")
    browser.is_quiet()


def test_circular_imports(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "analytics": """
                from dash import get_app, get_asset_url
                dash.register_page(__name__)

                def layout():
                    return html.Div(
                        [
                            dcc.Input(id="in", value="x"),
                            html.Div(id="out"),
                            f"{get_app().config.name} {get_asset_url('a.png')}",
                        ]
                    )

                @callback(Output("out", "children"), Input("in", "value"))
                def update(value):
                    return f"Got {value} in {get_app().config.name}"
            """
        }
    )
    browser = visit(app)
    browser.open("/analytics")
    browser.sees("Got x in testapp")
    browser.sees("testapp /assets/a.png")
    browser.is_quiet()


@pytest.mark.parametrize("debug", [False, True])
def test_app_validation(make_app: MakeApp, visit: Visit, debug: bool) -> None:
    # No layout function is called to validate callbacks, and the callbacks of other
    # pages are no errors.
    app = make_app(
        {
            **SIMPLE,
            "never": """
                register_page(__name__)
                def layout(): raise AssertionError("nobody came here")
            """,
        },
        config={"DEBUG": debug},
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("Start here")
    browser.open("/analytics")
    browser.sees("Chosen: Oslo")
    # The dev tools ask for a newer version of Dash.
    own = [text for text in browser.console if "ERR_" not in text]
    assert [text for text in own if "React DevTools" not in text] == []


WORDS = {"en": "Hello", "fr": "Bonjour"}


def test_updating_the_language_of_the_page(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "home": f"""
                register_page(__name__, "/")
                WORDS = {WORDS}

                def layout(language="en", **kwargs):
                    return [html.H1(WORDS[language]), dcc.Link("second", "/second")]
            """,
            "second": f"""
                register_page(__name__)
                WORDS = {WORDS}

                def layout(language="en", **kwargs):
                    return html.H2(f"{{WORDS[language]}} {{kwargs}}")
            """,
            "plain": "register_page(__name__)\nlayout = html.H1('No language')",
        },
        routing_callback_inputs={"language": Input("language", "value")},
        layout=html.Div(
            [
                dcc.RadioItems(["en", "fr"], "en", id="language", persistence=True),
                page_container,
            ]
        ),
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("Hello", "h1")
    browser.page.click("text=fr")
    browser.sees("Bonjour", "h1")
    browser.page.click("text=second")
    browser.sees("Bonjour {}", "h2")
    browser.is_at("/second")
    browser.page.click("text=en")
    browser.sees("Hello {}", "h2")
    browser.page.click("text=fr")
    browser.sees("Bonjour {}", "h2")
    # The value is kept by the browser.
    browser.page.reload()
    browser.sees("Bonjour {}", "h2")
    browser.open("/plain")
    browser.sees("No language", "h1")
    browser.is_quiet()


def test_state_in_the_hash(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "home": """
                import base64, json
                register_page(__name__, "/", title="Home")
                calls = []

                def layout(state=None, **kwargs):
                    calls.append(state)
                    values = {"country": "Peru", "year": 2020}

                    if state and state != "#":
                        values |= json.loads(base64.b64decode(state[1:]))

                    return [
                        html.H1("Welcome"),
                        *(
                            dcc.Input(id={"type": "control", "id": name}, value=value)
                            for name, value in values.items()
                        ),
                        html.Div(str(values), id="contents"),
                    ]

                @callback(
                    Output("main-url", "hash", allow_duplicate=True),
                    Input({"type": "control", "id": ALL}, "value"),
                    prevent_initial_call=True,
                )
                def update_hash(values):
                    if not ctx.triggered_id:
                        return dash.no_update

                    state = dict(zip(["country", "year"], values))
                    return "#" + base64.b64encode(json.dumps(state).encode()).decode()
            """
        },
        routing_callback_inputs={"state": State("main-url", "hash")},
        layout=html.Div(
            [dcc.Location(id="main-url", refresh="callback-nav"), page_container]
        ),
    )
    calls = bound_pages(app).registry["pages.home"].layout.__globals__["calls"]
    browser = visit(app)
    browser.open("/")
    browser.sees("'country': 'Peru'")
    browser.page.locator("input").first.fill("Chad")
    # The input may tell of its first value before.
    browser.page.wait_for_function("atob(location.hash.slice(1)).includes('Chad')")
    # No new content for a new hash.
    assert len(calls) == 1
    browser.sees("'country': 'Peru'")
    browser.page.reload()
    browser.sees("'country': 'Chad'")
    assert len(calls) == 2
    browser.is_quiet()


def test_reference_for_register_page(make_app: MakeApp) -> None:
    app = make_app(
        {
            "historical_outlook": """
                register_page(
                    "pages.historical_outlook",
                    name="As it was",
                    custom_key="custom value",
                )
                layout = lambda: None
            """
        }
    )
    page = bound_pages(app).registry["pages.historical_outlook"]
    assert {
        "module": "pages.historical_outlook",
        "supplied_path": None,
        "path": "/historical-outlook",
        "supplied_name": "As it was",
        "name": "As it was",
        "supplied_title": None,
        "title": "As it was",
        "supplied_layout": None,
        "custom_key": "custom value",
    }.items() <= dict(page).items()
    assert callable(page["layout"])


def test_multi_page_apps_without_pages(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(SIMPLE, layout=shell_with_links)
    stock = dash.Dash("stock", server=app, url_base_pathname="/stock/")
    stock.layout = html.Div(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Link("to two", href="/stock/two"),
            html.Div(id="content"),
        ]
    )

    @stock.callback(Output("content", "children"), Input("url", "pathname"))
    def display(pathname: str) -> str:
        return f"You are at {pathname}"

    browser = visit(app)
    browser.open("/stock/")
    browser.sees("You are at /stock/")
    browser.page.click("text=to two")
    browser.sees("You are at /stock/two")
    browser.open("/analytics")
    browser.sees("Chosen: Oslo")
    browser.is_quiet()
