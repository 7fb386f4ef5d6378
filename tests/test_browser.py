"""Navigation in Chromium."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable
from pathlib import Path

import dash
import flask
import pytest
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from conftest import Visitor
from conftest import WritePages
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from flask import Flask
from flask import request
from flask import Response
from flask import session
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from flask_dash_pages import DashPages
from flask_dash_pages import page_container
from flask_dash_pages import signals

pytestmark = pytest.mark.browser

Visit = Callable[[t.Any], Visitor]

LINKS = {
    "home": "/",
    "number": "/number/1",
    "hash": "#part",
    "gone": "/gone",
    "denied": "/denied",
    "missing": "/missing",
    "broken": "/broken",
    "host": "/host",
    "other": "/other/page",
    "old": "/old?a=1",
    "away": "/away",
}

SHELL = html.Div(
    [
        html.Nav(
            [dcc.Link(f"link {name}", href, id=name) for name, href in LINKS.items()]
        ),
        dcc.Input(id="typed"),
        page_container,
    ]
)

FILES = {
    "home": """
        register_page(__name__, path="/")
        layout = html.Div([html.H1("Welcome"), html.Div(id="part")])
    """,
    "number": """
        register_page(
            __name__,
            path_template="/number/<int:number>",
            redirect_from=["/old"],
            title=lambda number=0: f"Number {number}",
            path="/number/0",
        )

        def layout(number=0):
            return html.Div(
                [
                    html.H1(f"Number {number}"),
                    html.Button("next", id="next", n_clicks=0),
                    dcc.Store(id="at", data=number),
                    html.Div(id="clicks"),
                ]
            )

        @callback(
            Output("_pages_location", "pathname"),
            Input("next", "n_clicks"),
            State("at", "data"),
            prevent_initial_call=True,
        )
        def go(clicks, number):
            # The button is new in each content, and that counts as a change.
            if not clicks:
                raise dash.exceptions.PreventUpdate

            return f"/number/{number + 1}"
    """,
    "errors": """
        import flask

        def layout_of(name):
            def layout():
                if name == "away":
                    return flask.redirect("/host")
                if name == "gone":
                    flask.abort(410)
                if name == "denied":
                    flask.abort(403)
                if name == "missing":
                    flask.abort(404)
                raise ValueError("broken")
            return layout

        for name in ["gone", "denied", "missing", "broken", "away"]:
            register_page(name, layout=layout_of(name))
    """,
}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(FILES, layout=SHELL, config={"TESTING": False})
    other = DashPages(name="other", url_prefix="/other", pages_folder=None)
    other.register_page("page", layout=html.H1("Another section"))
    other.init_app(app)

    @app.get("/favicon.ico")
    def favicon() -> str:
        return ""

    @app.get("/host")
    def host() -> str:
        return "<title>Host</title><h1>A page of the host</h1>"

    @app.errorhandler(410)
    def gone(error: Exception) -> tuple[str, int]:
        return "<h1>Gone says the host</h1>", 410

    return app


# The name "app" would make pytest-flask push a request context.
page_app = app
del app


def test_first_view_asks_for_nothing_else(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/number/3?x=1#here")
    browser.sees("Number 3", "h1")
    browser.page.wait_for_load_state("networkidle")
    dependencies = bound_pages(page_app).release.dependencies
    assert dependencies is not None
    assert [text.partition("?endId")[0] for text in browser.requests] == [
        "GET /number/3?x=1",
        f"GET /_dash-pages/{dependencies.path}",
        # That of the page.
        "POST /_dash-update-component",
    ]
    browser.is_at("/number/3?x=1#here")
    browser.is_quiet()


def test_back_and_forward(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.fill("#typed", "kept")
    browser.page.click("#number")
    browser.sees("Number 1", "h1")
    browser.page.click("#next")
    browser.sees("Number 2", "h1")
    browser.is_at("/number/2")

    for move, text, title, path in [
        ("go_back", "Number 1", "Number 1", "/number/1"),
        ("go_back", "Welcome", "Home", "/"),
        ("go_forward", "Number 1", "Number 1", "/number/1"),
        ("go_forward", "Number 2", "Number 2", "/number/2"),
    ]:
        getattr(browser.page, move)()
        browser.sees(text, "h1")
        browser.has_title(title)
        browser.is_at(path)

    assert browser.page.input_value("#typed") == "kept"
    assert browser.loads == 1
    browser.is_quiet()


def test_hash_link_asks_for_nothing(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.wait_for_load_state("networkidle")
    before = list(browser.requests)
    browser.page.click("#hash")
    browser.is_at("/#part")
    browser.page.go_back()
    browser.is_at("/")
    browser.page.wait_for_load_state("networkidle")
    assert browser.requests == before
    browser.sees("Welcome", "h1")


def test_last_of_quick_clicks_wins(make_app: MakeApp, visit: Visit) -> None:
    release = threading.Event()
    app = make_app(
        {
            "page": """
                import flask
                register_page(__name__, path_template="/page/<number>")
                def layout(number):
                    if number == "1":
                        flask.current_app.config["RELEASE"].wait(20)
                    return html.H1(f"Number {number}")
            """
        },
        layout=html.Div(
            [dcc.Link(f"link {n}", f"/page/{n}") for n in range(3)] + [page_container]
        ),
        config={"RELEASE": release},
    )
    browser = visit(app)
    browser.open("/page/0")
    browser.sees("Number 0", "h1")
    browser.page.click("text=link 1")
    browser.page.wait_for_function("document.title === 'Updating...'")
    browser.page.click("text=link 2")
    browser.sees("Number 2", "h1")
    release.set()
    browser.page.wait_for_load_state("networkidle")
    browser.has_title("Page")
    browser.sees("Number 2", "h1")
    browser.is_at("/page/2")
    assert browser.loads == 1
    browser.is_quiet()


def test_back_to_the_page_that_is_shown(make_app: MakeApp, visit: Visit) -> None:
    release = threading.Event()
    app = make_app(
        {
            "home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')",
            "slow": """
                import flask
                register_page(__name__)
                def layout():
                    flask.current_app.config["RELEASE"].wait(20)
                    return html.H1("Slow")
            """,
        },
        layout=html.Div([dcc.Link("to slow", "/slow"), page_container]),
        config={"RELEASE": release},
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.click("text=to slow")
    browser.is_at("/slow")
    browser.page.go_back()
    browser.is_at("/")
    release.set()
    browser.has_title("Home")
    browser.sees("Welcome", "h1")
    browser.page.click("text=to slow")
    browser.sees("Slow", "h1")
    assert browser.loads == 1
    browser.is_quiet()


def test_back_from_another_site(page_app: Flask, visit: Visit) -> None:
    elsewhere = visit(Flask("elsewhere"))
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.click("#number")
    browser.sees("Number 1", "h1")
    browser.page.goto(f"{elsewhere.url}/")
    browser.page.go_back()
    browser.sees("Number 1", "h1")
    browser.has_title("Number 1")
    browser.page.go_back()
    browser.sees("Welcome", "h1")


def test_redirect_for_a_link(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.click("#old")
    browser.sees("Number 0", "h1")
    browser.is_at("/number/0?a=1")
    browser.page.wait_for_load_state("networkidle")
    gets = [request for request in browser.requests if request.startswith("GET")]
    assert gets[2:] == ["GET /old?a=1", "GET /number/0?a=1"]
    browser.page.go_back()
    browser.sees("Welcome", "h1")
    browser.is_at("/")
    browser.page.go_forward()
    browser.sees("Number 0", "h1")
    browser.is_at("/number/0?a=1")
    assert browser.loads == 1
    browser.is_quiet()


@pytest.mark.parametrize(
    ("link", "text", "status", "loads"),
    [
        ("denied", "403 - Forbidden", 403, 1),
        ("missing", "404 - Page not found", 404, 1),
        ("gone", "Gone says the host", 410, 2),
        ("broken", "500 - Internal server error", 500, 1),
        ("host", "A page of the host", None, 2),
        ("other", "Another section", None, 2),
        ("away", "A page of the host", None, 2),
    ],
)
def test_link_to(
    page_app: Flask, visit: Visit, link: str, text: str, status: int, loads: int
) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.click(f"#{link}")
    browser.sees(text, "h1")
    browser.page.wait_for_load_state("networkidle")
    assert browser.loads == loads
    browser.is_at("/host" if link == "away" else LINKS[link])
    browser.is_quiet(status)
    browser.page.go_back()
    browser.sees("Welcome", "h1")
    browser.is_at("/")


def test_path_that_begins_with_two_slashes(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("//example.invalid/x")
    browser.sees("404 - Page not found")
    browser.page.click("#host")
    browser.sees("A page of the host")
    browser.open("//example.invalid/x")
    browser.page.click("#home")
    browser.sees("Welcome")
    url = f"{browser.url}//example.invalid/x"
    browser.page.route(url, lambda route: route.fulfill(status=502, body="Down"))
    browser.page.go_back()
    browser.sees("Down")
    browser.is_at("//example.invalid/x")


def test_outdated_version_loads_once(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    # What a deploy does.
    bound = bound_pages(page_app)
    bound.release = bound.release._replace(version="another")
    browser.page.click("#number")
    browser.sees("Number 1", "h1")
    browser.is_at("/number/1")
    assert browser.loads == 2
    browser.page.click("#home")
    browser.sees("Welcome", "h1")
    assert browser.loads == 2
    browser.is_quiet()


def test_server_is_away(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.route("**/number/1", lambda route: route.abort())

    # The browser says so in its own words.
    with browser.page.expect_event(
        "requestfailed", lambda request: request.is_navigation_request()
    ):
        browser.page.click("#number")


def test_link_to_the_page_that_is_shown(page_app: Flask, visit: Visit) -> None:
    browser = visit(page_app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.wait_for_load_state("networkidle")
    before = list(browser.requests)
    browser.page.click("#home")
    browser.page.click("#home")
    browser.page.wait_for_load_state("networkidle")
    assert browser.requests == before


def test_views_are_counted_once(page_app: Flask, visit: Visit) -> None:
    views = []

    def count(sender: Flask, path: str, representation: str, **extra: t.Any) -> None:
        views.append((path, representation))

    browser = visit(page_app)

    with signals.page_resolved.connected_to(count, page_app):
        browser.open("/")
        browser.sees("Welcome", "h1")
        browser.page.click("#number")
        browser.sees("Number 1", "h1")
        browser.page.click("#old")
        browser.sees("Number 0", "h1")
        browser.page.wait_for_load_state("networkidle")

    assert views == [("/", "html"), ("/number/1", "json"), ("/number/0", "json")]


MOUNTED = {
    "home": """
        register_page(__name__, path="/")
        def layout():
            return html.Div(
                [
                    html.H1("Welcome"),
                    dcc.Link("to page", page_registry["pages.page"].relative_path),
                    dcc.Link("to old", dash.get_relative_path("/old")),
                ]
            )
    """,
    "page": """
        register_page(__name__, redirect_from=["/old"])
        layout = html.Div([html.H1("Page"), dcc.Input(id="in", value="x"),
                           html.Div(id="out")])

        @callback(Output("out", "children"), Input("in", "value"))
        def update(value):
            return f"{value} {dash.get_relative_path('/y')}"
    """,
}


@pytest.mark.parametrize("mount", ["", "/mount"])
def test_below_a_prefix(make_app: MakeApp, visit: Visit, mount: str) -> None:
    app = make_app(MOUNTED, url_prefix="/p")
    outer = Flask("outer")
    browser = visit(DispatcherMiddleware(outer, {mount: app}) if mount else app)
    browser.open(f"{mount}/p/")
    browser.sees("Welcome", "h1")

    for link in ["to page", "to old"]:
        browser.page.click(f"text={link}")
        browser.sees("Page", "h1")
        browser.sees(f"x {mount}/p/y", "#out")
        browser.is_at(f"{mount}/p/page")
        browser.page.go_back()
        browser.sees("Welcome", "h1")

    assert browser.loads == 1
    browser.is_quiet()


INPUTS = {
    "home": """
        register_page(__name__, path="/")
        def layout(word=None): return html.H1(f"Word {word}")
    """,
    "broken": """
        register_page(__name__)
        def layout(word=None): raise ValueError("broken")
    """,
    "away": """
        import flask
        register_page(__name__, redirect_from=["/old"])
        def layout(word=None): return flask.redirect("/host")
    """,
    "to_page": """
        import flask
        register_page(__name__)
        def layout(word=None): return flask.redirect("/moved")
    """,
    "to_site": """
        import flask
        register_page(__name__)
        def layout(word=None):
            return flask.redirect(flask.current_app.config["ELSEWHERE"])
    """,
    "moved": """
        register_page(__name__, redirect_from=["/former"])
        def layout(word=None): return html.H1(f"Moved {word}")
    """,
}


@pytest.fixture
def input_app(make_app: MakeApp) -> Flask:
    app = make_app(
        INPUTS,
        routing_callback_inputs={"word": Input("typed", "value")},
        layout=html.Div(
            [
                dcc.Input(id="typed", value="first"),
                dcc.Link("to former", "/former"),
                dcc.Link("to away", "/away"),
                dcc.Link("to broken", "/broken"),
                dcc.Link("to delete", "/delete"),
                dcc.Link("/to-page", "/to-page"),
                dcc.Link("/to-site", "/to-site"),
                dcc.Link("to nowhere", "/nowhere"),
                page_container,
            ]
        ),
        config={"TESTING": False},
    )

    @app.get("/favicon.ico")
    def favicon() -> str:
        return ""

    @app.get("/host")
    def host() -> str:
        return "<h1>A page of the host</h1>"

    return app


def test_inputs_render_the_page_again(input_app: Flask, visit: Visit) -> None:
    browser = visit(input_app)
    browser.open("/")
    browser.sees("Word first", "h1")
    browser.page.fill("#typed", "second")
    browser.sees("Word second", "h1")
    browser.page.click("text=to former")
    browser.sees("Moved second", "h1")
    browser.is_at("/moved")
    browser.page.go_back()
    browser.sees("Word second", "h1")
    assert browser.loads == 1
    browser.page.click("text=to nowhere")
    browser.sees("404 - Page not found", "h1")
    browser.page.go_back()
    browser.sees("Word second", "h1")
    browser.page.click("text=to away")
    browser.sees("A page of the host", "h1")
    browser.is_quiet(404)


def test_inputs_and_first_view(input_app: Flask, visit: Visit) -> None:
    browser = visit(input_app)
    browser.open("/away")
    browser.sees("A page of the host", "h1")
    browser.is_at("/host")
    browser.open("/former?x=1")
    browser.sees("Moved first", "h1")
    browser.is_at("/moved?x=1")
    browser.open("/nowhere")
    browser.sees("404 - Page not found", "h1")
    browser.is_quiet(404)


def test_inputs_and_a_page_that_fails(input_app: Flask, visit: Visit) -> None:
    browser = visit(input_app)
    browser.open("/broken")
    browser.sees("500 - Internal server error", "h1")
    assert browser.requests.count("GET /broken") == 2
    assert browser.loads == 1
    browser.is_quiet(500)
    browser.open("/")
    browser.sees("Word first", "h1")
    browser.page.click("text=to broken")
    browser.sees("500 - Internal server error", "h1")
    browser.page.go_back()
    browser.sees("Word first", "h1")


def test_inputs_and_redirects_by_layouts(input_app: Flask, visit: Visit) -> None:
    elsewhere = Flask("elsewhere")
    elsewhere.add_url_rule("/", view_func=lambda: "<h1>Another site</h1>")
    input_app.config["ELSEWHERE"] = f"{visit(elsewhere).url}/"
    browser = visit(input_app)

    for path, text in [
        ("/to-page", "Moved first"),
        ("/to-site", "Another site"),
    ]:
        browser.open(path)
        browser.sees(text, "h1")
        browser.open("/")
        browser.sees("Word first", "h1")
        browser.page.click(f"text={path}")
        browser.sees(text, "h1")
        browser.page.go_back()
        browser.sees("Word first", "h1")

    browser.is_quiet(404)


@pytest.mark.parametrize(
    ("mark", "inputs"),
    [
        ("over%20there", {}),
        ("over%20there", {"word": Input("word", "value")}),
        ("%", {}),
    ],
)
def test_first_view_scrolls_to_the_hash(
    make_app: MakeApp, visit: Visit, mark: str, inputs: dict[str, Input]
) -> None:
    page = """
        register_page(__name__, path="/")

        def layout(word=None):
            return [html.Div(style={"height": 3000}), html.H2("There", id="over there")]
    """
    shell = html.Div([dcc.Input(id="word", value="a"), page_container])
    app = make_app({"home": page}, layout=shell, routing_callback_inputs=inputs)
    browser = visit(app)
    browser.open(f"/#{mark}")
    browser.sees("There", "h2")
    is_there = mark.startswith("over")
    browser.page.wait_for_function("is => (scrollY > 2000) === is", arg=is_there)
    browser.is_quiet()


def test_link_to_a_download(make_app: MakeApp, visit: Visit) -> None:
    home = """
        register_page(__name__, path="/", title="Home")
        layout = html.Div([html.H1("Welcome"), dcc.Link("to file", "/file")])
    """
    other = "register_page(__name__)\nlayout = html.H1('Other')"
    shell = html.Div([dcc.Link("to other", href="/other"), page_container])
    app = make_app({"home": home, "other": other}, layout=shell)
    headers = {"Content-Disposition": "attachment; filename=file.csv"}
    app.add_url_rule("/file", view_func=lambda: Response("a,b", headers=headers))
    browser = visit(app)
    browser.open("/")

    for _ in range(2):
        with browser.page.expect_download() as download:
            browser.page.click("text=to file")

        assert download.value.suggested_filename == "file.csv"
        browser.has_title("Home")
        browser.is_at("/")

    browser.page.click("text=to other")
    browser.sees("Other", "h1")
    browser.page.go_back()
    browser.sees("Welcome", "h1")
    browser.is_quiet()


def test_two_sections(tmp_path: Path, write_pages: WritePages, visit: Visit) -> None:
    page = """
        register_page(__name__, path="/")
        layout = html.Div(
            [
                html.H1("{0}"),
                dcc.Input(id="in", value="x"),
                html.Div(id="out"),
                dcc.Link("to {1}", "/{1}/"),
            ]
        )

        @callback(Output("out", "children"), Input("in", "value"))
        def update(value):
            return f"{{value}} of {0}"
    """
    write_pages("one", home=page.format("one", "other"))
    write_pages("other", home=page.format("other", "one"))
    app = new_app(tmp_path)
    DashPages(app, name="one", url_prefix="/one", pages_folder="one")
    DashPages(app, name="other", url_prefix="/other", pages_folder="other")
    browser = visit(app)
    browser.open("/one/")
    browser.sees("x of one")
    browser.page.click("text=to other")
    browser.sees("x of other")
    browser.page.click("text=to one")
    browser.sees("x of one")
    browser.is_quiet()


def test_dev_tools_show_errors_of_callbacks(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "a": """
                register_page(__name__)
                layout = html.Div([html.H1("Page"), html.Div(id="out"),
                                   dcc.Input(id="in", value="x")])

                @callback(Output("out", "children"), Input("in", "value"))
                def update(value):
                    raise ValueError("my own error")
            """
        },
        config={"DEBUG": True, "TESTING": False, "PROPAGATE_EXCEPTIONS": False},
    )
    browser = visit(app)
    browser.open("/a")
    browser.sees("Page", "h1")
    browser.sees("Callback error updating out.children")


def test_long_inputs_are_posted_to_pages_only(input_app: Flask, visit: Visit) -> None:
    posts = []

    @input_app.before_request
    def look() -> None:
        if flask.request.method == "POST":
            posts.append((flask.request.path, flask.request.headers["X-CSRFToken"]))

    @input_app.route("/delete", methods=["GET", "POST"])
    def delete() -> str:
        return f"<h1>{flask.request.method}</h1>"

    browser = visit(input_app)
    browser.page.context.add_cookies(
        [{"name": "_csrf_token", "value": "a%20token", "url": browser.url}]
    )
    browser.open("/")
    browser.sees("Word first", "h1")
    assert posts == []
    browser.page.fill("#typed", "ü" * 5000)
    browser.sees("Word üüü", "h1")
    assert posts == [("/", "a token")]
    browser.page.click("text=to former")
    browser.sees("Moved üüü", "h1")
    browser.is_at("/moved")
    assert posts == [("/", "a token"), ("/moved", "a token")]
    browser.page.click("text=to delete")
    browser.sees("GET", "h1")
    assert len(posts) == 2


def test_place_for_the_content_comes_later(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')",
            "other": "register_page(__name__)\nlayout = html.H1('Other page')",
        },
        layout=html.Div(
            [
                html.Button("put it there", id="put"),
                dcc.Link("to other", "/other"),
                html.Div(id="place"),
            ]
        ),
    )

    @dash.callback(
        Output("place", "children"), Input("put", "n_clicks"), prevent_initial_call=True
    )
    def put(clicks: int) -> t.Any:
        return html.Div([f"time {clicks}", page_container], key=str(clicks))

    browser = visit(app)
    browser.open("/")
    browser.page.click("#put")
    browser.sees("Welcome", "h1")
    # And once more, in place of the first one.
    browser.page.click("#put")
    browser.sees("time 2")
    browser.sees("Welcome", "h1")
    browser.page.click("text=to other")
    browser.sees("Other page", "h1")
    browser.page.click("#put")
    browser.sees("time 3")
    browser.sees("Other page", "h1")
    assert browser.loads == 1
    browser.is_quiet()


def test_dev_tools_load_the_layout_again(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {"home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')"},
        config={"DEBUG": True, "TESTING": False},
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    # They compare with what they were told first.
    browser.page.wait_for_event("response", lambda r: "_reload-hash" in r.url)
    dash_app = bound_pages(app).dash
    page = bound_pages(app).registry["pages.home"]
    page.layout = html.H1("Changed")

    # What the dev tools do when a file has changed.
    with dash_app._hot_reload.lock:
        dash_app._hot_reload.hash = "another"

    browser.sees("Changed", "h1")
    assert browser.loads == 1


PREFETCHED = {
    "home": """
        register_page(__name__, path="/")
        layout = html.H1("Welcome")
    """,
    "page": """
        register_page(__name__, path_template="/page/<number>")
        calls = []

        def layout(number, **query):
            calls.append(number)
            return html.H1(f"Number {number}")
    """,
    "stored": """
        from flask import after_this_request
        register_page(__name__)
        calls = []

        def layout():
            @after_this_request
            def say(response):
                response.headers["Cache-Control"] = "no-store"
                return response

            calls.append(1)
            return html.H1("Not stored")
    """,
    "aged": """
        register_page(__name__, max_age=60)
        calls = []

        def layout():
            calls.append(1)
            return html.H1("Aged")
    """,
    "own": """
        from flask import session
        register_page(__name__, max_age=60)

        def layout():
            return html.H1(f"The page of {session.get('user')}")
    """,
}

PREFETCH_LINKS = html.Nav(
    [
        dcc.Link(name, href, id=name)
        for name, href in {
            "home": "/",
            "one": "/page/1?a=b",
            "two": "/page/2",
            "stored": "/stored",
            "aged": "/aged",
            "own": "/own",
            "host": "/host",
        }.items()
    ]
)


@pytest.fixture
def prefetch_app(make_app: MakeApp) -> Flask:
    app = make_app(
        PREFETCHED,
        layout=html.Div([PREFETCH_LINKS, page_container]),
        config={"SECRET_KEY": "key"},
    )
    app.add_url_rule("/host", view_func=lambda: "A page of the host")

    @app.route("/login/<user>")
    def login(user: str) -> str:
        session["user"] = user
        return user

    return app


def calls_of(app: Flask, name: str) -> list[t.Any]:
    module = bound_pages(app).registry[f"pages.{name}"].layout.__globals__
    return t.cast("list[t.Any]", module["calls"])


def prefetch(browser: Visitor, link: str) -> None:
    """Rest on a link until it is fetched."""
    with browser.page.expect_response(
        lambda response: "dash-pages-prefetch" in response.request.headers
    ):
        browser.page.hover(link)


def test_prefetched_page_is_used_once(prefetch_app: Flask, visit: Visit) -> None:
    events: list[tuple[str, float]] = []
    resolved = threading.Event()

    def receive(sender: t.Any, path: str, duration: float, **extra: t.Any) -> None:
        events.append((path, duration))

        if path == "/page/1":
            resolved.set()

    browser = visit(prefetch_app)
    browser.open("/")

    with signals.page_resolved.connected_to(receive, prefetch_app):
        prefetch(browser, "#one")
        assert calls_of(prefetch_app, "page") == ["1"]
        assert events == []
        browser.page.click("#one")
        browser.sees("Number 1", "h1")
        browser.has_title("Page")
        browser.is_at("/page/1?a=b")
        assert resolved.wait(10)
        assert calls_of(prefetch_app, "page") == ["1"]
        [(path, duration)] = events
        assert (path, duration > 0) == ("/page/1", True)

        browser.page.click("#home")
        browser.sees("Welcome", "h1")
        browser.page.evaluate("document.getElementById('one').click()")
        browser.sees("Number 1", "h1")
        assert calls_of(prefetch_app, "page") == ["1", "1"]

    browser.page.go_back()
    browser.sees("Welcome", "h1")
    assert browser.loads == 1
    browser.is_quiet()


# Keeps the addresses of the bodies that were read.
READ = """
const { text } = Response.prototype;
window.read = [];
Response.prototype.text = async function () {
  const body = await text.call(this);
  window.read.push(this.url);
  return body;
};
"""


@pytest.mark.parametrize(
    ("link", "path", "text", "name"),
    [("#two", "/page/2", "Number 2", "page"), ("#aged", "/aged", "Aged", "aged")],
)
def test_prefetched_page_is_dropped_after_a_time(
    prefetch_app: Flask, visit: Visit, link: str, path: str, text: str, name: str
) -> None:
    browser = visit(prefetch_app)
    browser.page.clock.install()
    browser.page.add_init_script(READ)
    browser.open("/")
    browser.page.hover(link)
    browser.page.clock.run_for(100)
    # The time runs from here.
    browser.page.wait_for_function(
        "(url) => window.read.includes(url)", arg=browser.url + path
    )
    browser.page.clock.run_for(11_000)
    browser.page.click(link)
    browser.sees(text, "h1")
    # Nobody was told of the first one.
    assert len(calls_of(prefetch_app, name)) == 2


def test_pointer_that_passes_fetches_nothing(prefetch_app: Flask, visit: Visit) -> None:
    browser = visit(prefetch_app)
    browser.page.clock.install()
    browser.open("/")
    before = list(browser.requests)
    browser.page.evaluate(
        "['#one', 'h1'].forEach((selector) => document.querySelector(selector)"
        ".dispatchEvent(new MouseEvent('mouseover', { bubbles: true })))"
    )
    browser.page.clock.run_for(1_000)
    assert browser.requests == before


def test_focus_prefetches(prefetch_app: Flask, visit: Visit) -> None:
    browser = visit(prefetch_app)
    browser.open("/")

    with browser.page.expect_response("**/page/1?a=b"):
        browser.page.keyboard.press("Tab")
        browser.page.keyboard.press("Tab")

    browser.page.keyboard.press("Enter")
    browser.sees("Number 1", "h1")
    assert calls_of(prefetch_app, "page") == ["1"]


def test_page_that_is_not_to_be_stored_is_fetched_again(
    prefetch_app: Flask, visit: Visit
) -> None:
    browser = visit(prefetch_app)
    browser.open("/")
    prefetch(browser, "#stored")
    browser.page.click("#stored")
    browser.sees("Not stored", "h1")
    assert calls_of(prefetch_app, "stored") == [1, 1]
    before = list(browser.requests)
    browser.page.click("#home")
    browser.sees("Welcome", "h1")

    # It is not tried again. The other one has a place after it in the queue.
    browser.page.hover("#stored")
    prefetch(browser, "#two")
    new = browser.requests[len(before) :]
    assert not any("/stored" in request for request in new)


def test_prefetch_leaves_the_host_alone(prefetch_app: Flask, visit: Visit) -> None:
    browser = visit(prefetch_app)
    browser.open("/")
    prefetch(browser, "#host")
    browser.page.click("#host")
    browser.sees("A page of the host")
    browser.is_at("/host")
    assert browser.loads == 2


def test_prefetch_is_off(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        PREFETCHED,
        layout=html.Div([PREFETCH_LINKS, page_container]),
        config={"DASH_PAGES_PREFETCH": False},
    )
    browser = visit(app)
    browser.page.clock.install()
    browser.open("/")
    before = list(browser.requests)
    browser.page.hover("#one")
    browser.page.clock.run_for(1_000)
    assert browser.requests == before


def test_page_with_max_age_is_shown_again(prefetch_app: Flask, visit: Visit) -> None:
    browser = visit(prefetch_app)
    browser.page.clock.install()
    browser.open("/")

    def go(link: str, text: str) -> None:
        browser.page.evaluate(f"document.getElementById('{link}').click()")
        browser.sees(text, "h1")

    go("aged", "Aged")
    go("home", "Welcome")
    go("aged", "Aged")
    assert calls_of(prefetch_app, "aged") == [1]
    browser.has_title("Aged")
    go("home", "Welcome")
    browser.page.clock.run_for(61_000)

    with browser.page.expect_response("**/aged") as response:
        go("aged", "Aged")

    assert response.value.status == 304
    assert calls_of(prefetch_app, "aged") == [1, 1]
    assert browser.loads == 1
    browser.is_quiet()


def test_page_with_max_age_is_that_of_the_visitor(
    prefetch_app: Flask, visit: Visit
) -> None:
    browser = visit(prefetch_app)
    browser.open("/")

    for user in ("a", "b"):
        browser.page.evaluate(f"fetch('/login/{user}').then((r) => r.text())")
        browser.page.evaluate("document.getElementById('own').click()")
        browser.sees(f"The page of {user}", "h1")
        browser.page.evaluate("document.getElementById('home').click()")
        browser.sees("Welcome", "h1")

    with browser.page.expect_response("**/own") as response:
        browser.page.evaluate("document.getElementById('own').click()")

    assert response.value.status == 304
    browser.sees("The page of b", "h1")
    assert browser.loads == 1
    browser.is_quiet()


def test_back_to_a_page_with_max_age(prefetch_app: Flask, visit: Visit) -> None:
    browser = visit(prefetch_app)
    browser.open("/")
    browser.page.click("#aged")
    browser.sees("Aged", "h1")
    browser.page.goto(browser.url + "/host")
    browser.page.go_back()
    browser.sees("Aged", "h1")
    browser.is_at("/aged")
    browser.page.reload()
    browser.sees("Aged", "h1")
    # The page of the host has no icon.
    browser.is_quiet(404)


def test_kept_page_is_renewed_after_a_deploy(prefetch_app: Flask, visit: Visit) -> None:
    browser = visit(prefetch_app)
    browser.open("/aged")
    browser.page.click("#home")
    browser.sees("Welcome", "h1")
    bound = bound_pages(prefetch_app)
    bound.release = bound.release._replace(version="another")
    calls_of(prefetch_app, "aged").clear()
    browser.page.evaluate("document.getElementById('aged').click()")
    browser.page.wait_for_function(
        """() => {
          const block = document.getElementById("_dash-pages");
          return block && JSON.parse(block.textContent).version === "another";
        }"""
    )
    browser.sees("Aged", "h1")
    assert calls_of(prefetch_app, "aged") == [1]
    browser.page.click("#home")
    browser.sees("Welcome", "h1")
    assert browser.loads == 2
    browser.is_quiet()


def test_layout_is_called_once_before_its_place_is_there(
    make_app: MakeApp, visit: Visit
) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/", title="Home")
                calls = []

                def layout():
                    calls.append(1)
                    return [html.H1("Welcome"), dcc.Link("About", "/about")]
            """,
            "about": "register_page(__name__)\nlayout = html.H1('About us')",
        },
        layout=html.Div([dcc.Input(id="in", value="a"), html.Div(id="around")]),
    )
    bound_pages(app).dash.callback(Output("around", "children"), Input("in", "value"))(
        lambda value: page_container
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.has_title("Home")
    assert calls_of(app, "home") == [1]
    browser.page.click("text=About")
    browser.sees("About us", "h1")
    browser.page.go_back()
    browser.sees("Welcome", "h1")
    assert calls_of(app, "home") == [1, 1]
    assert browser.loads == 1
    browser.is_quiet()


def test_deploy_between_the_shell_and_the_content(
    make_app: MakeApp, visit: Visit
) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/")

                def layout(typed=None):
                    return [html.H1(f"Typed {typed}"), dcc.Link("About", "/about")]
            """,
            "about": """
                register_page(__name__)

                def layout(typed=None):
                    return html.H1(f"About {typed}")
            """,
        },
        layout=html.Div([dcc.Input(id="in", value="a"), page_container]),
        routing_callback_inputs={"typed": Input("in", "value")},
    )
    bound = bound_pages(app)

    def deploy(sender: Flask, **extra: t.Any) -> None:
        bound.release = bound.release._replace(version="another")

    browser = visit(app)

    with flask.request_finished.connected_to(deploy, app):
        browser.open("/")
        browser.sees("Typed a", "h1")

    browser.page.click("text=About")
    browser.sees("About a", "h1")
    browser.is_at("/about")
    assert browser.loads == 2
    browser.is_quiet()


SLOW = {
    "home": "register_page(__name__, path='/', title='Home')\nlayout = html.H1('Home')",
    "other": "register_page(__name__)\nlayout = html.H1('Other')",
    "slow": """
        from threading import Event
        register_page(__name__, prefetch=False)
        called, done = Event(), Event()

        def layout():
            called.set()
            assert done.wait(20)
            return html.H1("Slow")
    """,
    "long": """
        register_page(__name__)
        layout = [html.Div(style={"height": 3000}), html.H2("There", id="a+b")]
    """,
}


@pytest.fixture
def slow_app(make_app: MakeApp) -> Flask:
    links = ["/", "/other", "/slow", "/long#a+b", "/view"]
    shell = html.Div(
        [
            html.Nav([dcc.Link(f"to {link}", href=link) for link in links]),
            page_container,
        ]
    )
    return make_app(SLOW, layout=shell)


def events_of(app: Flask) -> dict[str, threading.Event]:
    page = bound_pages(app).registry["pages.slow"]
    return t.cast("dict[str, threading.Event]", page.layout.__globals__)


def test_link_is_clicked_again_while_its_page_loads(
    slow_app: Flask, visit: Visit
) -> None:
    browser = visit(slow_app)
    browser.open("/")
    events = events_of(slow_app)
    browser.page.click("text=to /slow")
    assert events["called"].wait(20)
    browser.page.click("text=to /slow")
    events["done"].set()
    browser.sees("Slow", "h1")
    assert browser.requests.count("GET /slow") == 1
    browser.is_quiet()


def test_page_after_a_view_that_is_slow(slow_app: Flask, visit: Visit) -> None:
    called, done = threading.Event(), threading.Event()

    @slow_app.route("/view")
    def view() -> str:
        if request.headers["Accept"] != JSON["Accept"]:
            called.set()
            assert done.wait(20)

        return "<h1>A view</h1>"

    slow_app.add_url_rule("/called", view_func=lambda: str(called.wait(20)))
    browser = visit(slow_app)
    browser.open("/")
    # Playwright itself would wait for the view.
    browser.page.evaluate(
        """() => {
            const click = (path) => document.querySelector(`[href="${path}"]`).click();
            click("/view");
            fetch("/called").then(() => click("/other"));
        }"""
    )
    browser.sees("Other", "h1")
    done.set()
    browser.page.click("text=to /long")
    browser.sees("There", "h2")
    browser.page.go_back()
    browser.sees("Other", "h1")
    browser.is_at("/other")
    browser.page.go_back()
    browser.sees("Home", "h1")
    assert browser.loads == 2
    browser.is_quiet()


def test_links_to_a_part_of_a_page(slow_app: Flask, visit: Visit) -> None:
    browser = visit(slow_app)
    browser.open("/")

    for _ in range(2):
        browser.page.click("text=to /long")
        browser.is_at("/long#a+b")
        browser.page.wait_for_function("scrollY > 2000")

    browser.page.evaluate("scrollTo(0, 0)")
    browser.page.reload()
    browser.is_up()
    browser.sees("There", "h2")
    assert browser.page.evaluate("scrollY") == 0
    browser.is_quiet()


def test_deploy_while_the_url_has_a_hash(make_app: MakeApp, visit: Visit) -> None:
    page = """
        register_page(__name__, path="/")
        def layout(word): return html.H1(f"Word {word}")
    """
    app = make_app(
        {"home": page},
        layout=html.Div([dcc.Input(id="word", value="first"), page_container]),
        routing_callback_inputs={"word": Input("word", "value")},
    )
    browser = visit(app)
    browser.open("/#part")
    browser.sees("Word first", "h1")
    bound = bound_pages(app)
    bound.release = bound.release._replace(version="another")

    with browser.page.expect_navigation():
        browser.page.fill("#word", "second")

    browser.sees("Word first", "h1")
    browser.is_at("/#part")
    browser.page.fill("#word", "third")
    browser.sees("Word third", "h1")
    assert browser.loads == 2
    browser.is_quiet()
