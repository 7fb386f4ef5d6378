from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

import dash
import flask_login
import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import Visitor
from conftest import WritePages
from dash import ALL
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import page_container
from dash import State
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import redirect
from flask import request
from flask import Response
from flask import session
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import ClientRedirectError

from flask_dash_pages import DashPages
from flask_dash_pages import guards
from flask_dash_pages import signals as page_signals
from flask_dash_pages.testing import PagesClient
from flask_dash_pages.testing import Signal
from flask_dash_pages.testing import signals

FILES = {
    "home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')",
    "report": """
        from flask import abort, redirect

        def title(number): return f"Report <{number}> & more"

        register_page(
            __name__,
            path_template="/report/<int:number>",
            title=title,
            description="What it says",
            image_url="https://example.org/image.png",
            redirect_from=["/old/<int:number>"],
        )

        def layout(number, tab="all"):
            if number == 404:
                abort(404)

            if number == 500:
                raise ValueError("no report")

            if number == 302:
                return redirect(tab)

            return [html.H1(f"Report {number}", id="heading"), f"Tab: {tab}"]
    """,
    "secret": """
        register_page(__name__, guard=lambda page, variables: False)
        layout = "secret"

        @callback(Output("secret-out", "children"), Input("secret-in", "value"))
        def tell(value): return "secret"
    """,
}
SHELL = html.Div([html.Nav("Menu", id="menu"), page_container])
BOTH = pytest.mark.parametrize("navigation", [False, True], ids=["load", "navigation"])


@pytest.fixture
def site(make_app: MakeApp) -> Flask:
    site = make_app(FILES, layout=SHELL, config={"SECRET_KEY": "key"})
    site.add_url_rule("/health", "health", lambda: {"status": "ok"})
    site.add_url_rule("/login", "login", lambda: "<title>Log in</title><p>Who?</p>")
    return site


@pytest.fixture
def client(site: Flask) -> PagesClient:
    return PagesClient(site)


@BOTH
def test_visit(site: Flask, client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/report/7?tab=costs", navigation=navigation)
    assert visit.status == 200
    assert visit.page is bound_pages(site).registry["pages.report"]
    assert visit.endpoint == "dash_pages.report"
    assert visit.variables == {"number": 7}
    assert visit.path == "/report/7?tab=costs"
    assert visit.title == "Report <7> & more"
    assert visit.description == "What it says"
    assert visit.image == "https://example.org/image.png"
    assert visit.redirects == []
    assert visit.layout.text == "Report 7\nTab: costs"
    assert visit.find(id="heading").text == "Report 7"
    assert visit.response.status_code == 200
    assert repr(visit) == "<Visit '/report/7?tab=costs' 200>"


def test_visit_in_the_shell(client: PagesClient) -> None:
    visit = client.visit("/report/7")
    assert visit.text == "Menu\nReport 7\nTab: all"
    assert visit.shell is not None
    assert visit.shell.find(id="menu").text == "Menu"
    assert [node.type for node in visit.find_all(text="Menu")] == ["Nav"]
    assert visit.layout.find_all(id="menu") == []
    location = visit.find(id="_pages_location")
    assert (location["pathname"], location["search"]) == ("/report/7", "")
    assert visit.meta["description"] == "What it says"
    assert visit.meta["og:title"] == "Report <7> & more"


def test_meta_of_the_page_is_first(make_app: MakeApp) -> None:
    tags = [{"name": "description", "content": "of the app"}, {"name": "robots"}]
    visit = PagesClient(make_app(FILES, meta_tags=tags)).visit("/report/7")
    assert visit.meta["description"] == visit.description == "What it says"
    assert visit.meta["robots"] == ""


def test_navigation_has_no_shell(client: PagesClient) -> None:
    visit = client.visit("/report/7", navigation=True)
    assert visit.text == "Report 7\nTab: all"
    assert visit.shell is None
    assert visit.meta == {}


@BOTH
def test_redirect_followed(client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/old/7?tab=costs", navigation=navigation)
    assert visit.status == 200
    assert visit.path == "/report/7?tab=costs"
    assert visit.redirects == ["/report/7?tab=costs"]
    assert visit.layout.text == "Report 7\nTab: costs"


@BOTH
def test_redirect_not_followed(client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/old/7", navigation=navigation, follow_redirects=False)
    assert visit.status == 301
    assert visit.page is None
    assert visit.path == "/old/7"
    assert visit.redirects == ["/report/7"]


@BOTH
def test_redirect_out_of_the_app(client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/report/302?tab=//example.org/a", navigation=navigation)
    assert visit.redirects[0].endswith("//example.org/a")
    assert visit.status == (204 if navigation else 302)


@BOTH
def test_redirect_to_a_view(client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/report/302?tab=/login", navigation=navigation)
    assert visit.redirects == ["/login"]
    assert (visit.status, visit.page, visit.title) == (200, None, "Log in")
    assert visit.endpoint == "login"


@BOTH
def test_page_that_only_fails_as_json(make_app: MakeApp, navigation: bool) -> None:
    page = """
        from flask import abort
        register_page(__name__, path="/")
        def layout(language): abort(418)
    """
    inputs = {"language": Input("menu", "title")}
    site = make_app({"home": page}, layout=SHELL, routing_callback_inputs=inputs)
    client = PagesClient(site)
    visit = client.visit("/", navigation=navigation, inputs={"language": "de"})
    assert visit.status == 418
    assert "teapot" in visit.title

    with pytest.raises(ValueError, match="no routing callback input 'nope'. It has 'l"):
        client.visit("/", inputs={"nope": 1})


@BOTH
def test_endless_redirect(client: PagesClient, navigation: bool) -> None:
    with pytest.raises(ClientRedirectError, match="The redirects do not end: "):
        client.visit("/report/302?tab=?tab", navigation=navigation)


@BOTH
def test_unknown_path(client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/nothing", navigation=navigation)
    assert (visit.status, visit.page, visit.variables) == (404, None, {})
    assert visit.title == "Page not found"
    assert visit.layout.text == "404 - Page not found"


@BOTH
@pytest.mark.parametrize(
    ("url", "status", "module"),
    [("/report/404", 404, "pages.report"), ("/secret", 403, "pages.secret")],
)
def test_error_page(
    client: PagesClient, navigation: bool, url: str, status: int, module: str
) -> None:
    visit = client.visit(url, navigation=navigation)
    assert visit.status == status
    assert visit.page is not None
    assert visit.page.module == module
    assert str(status) in visit.layout.text


@BOTH
def test_error_in_a_layout(site: Flask, client: PagesClient, navigation: bool) -> None:
    with pytest.raises(ValueError, match="no report"):
        client.visit("/report/500", navigation=navigation)

    site.config["TESTING"] = False
    visit = client.visit("/report/500", navigation=navigation)
    assert visit.status == 500
    assert visit.layout.text == "500 - Internal server error"


@BOTH
def test_view_of_the_app(client: PagesClient, navigation: bool) -> None:
    visit = client.visit("/health", navigation=navigation)
    assert (visit.status, visit.page, visit.title) == (200, None, "")
    assert visit.response.json == {"status": "ok"}

    with pytest.raises(LookupError, match="'/health' is not a page: .*200.*'applicat"):
        _ = visit.layout

    with pytest.raises(LookupError, match="'/health' is not a page"):
        visit.call("out.children")


def test_headers(make_app: MakeApp) -> None:
    page = """
        from flask import request
        register_page(__name__, path="/")
        def layout(): return request.headers["X-Team"]
    """
    client = PagesClient(make_app({"home": page}))
    assert client.visit("/", headers={"X-Team": "a"}).layout.text == "a"


def test_other_representation(client: PagesClient) -> None:
    visit = client.visit("/", headers={"Accept": "image/png"})
    assert visit.status == 406
    assert visit.page is not None


def test_client_given(site: Flask) -> None:
    flask_client = site.test_client()
    client = PagesClient(site, client=flask_client)
    assert client.client is flask_client


@BOTH
def test_login(make_app: MakeApp, navigation: bool) -> None:
    class User(flask_login.UserMixin):  # type: ignore[misc]
        id = "1"

    page = "register_page(__name__, path='/')\nlayout = 'Members'"
    config = {"SECRET_KEY": "key"}
    site = make_app({"home": page}, guard=guards.login_required, config=config)
    manager = flask_login.LoginManager(site)
    manager.login_view = "login"
    manager.user_loader(lambda user_id: User())

    @site.route("/login", methods=["GET", "POST"])
    def login() -> t.Any:
        if request.method == "GET":
            return "Who?"

        flask_login.login_user(User())
        return redirect(guards.next_url("/"))

    client = PagesClient(site)
    visit = client.visit("/?tab=a", navigation=navigation)
    assert visit.redirects == ["/login?next=%2F%3Ftab%3Da"]
    assert (visit.status, visit.page) == (200, None)
    client.client.post("/login")
    visit = client.visit("/", navigation=navigation)
    assert (visit.redirects, visit.layout.text) == ([], "Members")
    site.test_client_class = flask_login.FlaskLoginClient
    client = PagesClient(site, client=site.test_client(user=User()))
    assert client.visit("/", navigation=navigation).layout.text == "Members"


def test_visitors_are_told_apart(make_app: MakeApp) -> None:
    class User(flask_login.UserMixin):  # type: ignore[misc]
        id = "1"

    page = """
        register_page(__name__, path='/')
        layout = html.P("Members", id="out")

        @callback(Output("out", "title"), Input("out", "children"))
        def update(children): return children
    """
    config = {"SECRET_KEY": "key"}
    site = make_app({"home": page}, guard=guards.login_required, config=config)
    flask_login.LoginManager(site).user_loader(lambda user_id: User())
    site.test_client_class = flask_login.FlaskLoginClient
    stranger = PagesClient(site)
    member = PagesClient(site, client=site.test_client(user=User()))

    # As pytest-flask does. Flask-Login keeps the user in the context.
    with site.test_request_context():
        assert stranger.visit("/").status == 401
        visit = member.visit("/")
        assert visit.call("out.title") == "Members"
        assert stranger.visit("/").status == 401

        with member.client.session_transaction() as kept:
            kept.clear()

        # The page is still open.
        with pytest.raises(Forbidden):
            visit.call("out.title")


@BOTH
@pytest.mark.parametrize("mounted", [False, True])
def test_prefix(
    make_app: MakeApp, navigation: bool, mounted: bool, monkeypatch: t.Any
) -> None:
    options: t.Any = {"url_prefix": "/pages", "layout": SHELL}
    site = make_app(FILES, config={"APPLICATION_ROOT": "/site"}, **options)
    start = ""

    if mounted:
        site.config["APPLICATION_ROOT"] = "/"
        site.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
            Response("elsewhere"), {"/site": site.wsgi_app}
        )
        start = "/site"

    client = PagesClient(site)
    visit = client.visit(f"{start}/pages/old/7", navigation=navigation)
    assert visit.redirects == ["/site/pages/report/7"]
    assert visit.path == "/site/pages/report/7"
    assert visit.layout.text == "Report 7\nTab: all"

    with pytest.raises(LookupError, match="a guard does not let in"):
        visit.call("secret-out.children", 1)


def test_answer_of_a_middleware(site: Flask) -> None:
    site.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        site.wsgi_app,
        {"/other": Response("<title>Other</title>", mimetype="text/html")},
    )
    visit = PagesClient(site).visit("/other/a")
    assert (visit.page, visit.title, visit.path) == (None, "Other", "/other/a")


def test_host(make_app: MakeApp) -> None:
    site = make_app(FILES, subdomain="staff", config={"SERVER_NAME": "example.org"})
    site.subdomain_matching = True
    visit = PagesClient(site).visit("http://staff.example.org/old/7")
    assert visit.layout.text == "Report 7\nTab: all"

    with pytest.raises(LookupError, match="a guard does not let in"):
        visit.call("secret-out.children", 1)


def test_sections(write_pages: WritePages, bare_app: Flask) -> None:
    for name in ("first", "second"):
        write_pages(
            name,
            home=f"""
                register_page(__name__, path="/")
                layout = html.P(id="out")

                @callback(Output("out", "children"), Input("in", "value"))
                def update(value): return f"{name} {{value}}"
            """,
        )
        DashPages(bare_app, name=name, url_prefix=f"/{name}", pages_folder=name)

    client = PagesClient(bare_app)

    for name in ("first", "second"):
        visit = client.visit(f"/{name}")
        assert visit.page is bound_pages(bare_app, name).registry[f"{name}.home"]
        assert visit.call("out.children", 1) == f"{name} 1"

        # The shell of an unknown path has the callbacks, too, but no such component.
        with pytest.raises(LookupError, match="the page has none of these components"):
            client.visit(f"/{name}/nothing").call("out.children", 1)


def test_blueprint(bare_app: Flask, write_pages: WritePages) -> None:
    write_pages(home=FILES["home"])
    parent = Blueprint("staff", __name__, url_prefix="/staff")
    DashPages(parent)
    parent.before_request(lambda: None if "user" in session else abort(401))
    bare_app.secret_key = "key"
    bare_app.register_blueprint(parent)
    client = PagesClient(bare_app)
    visit = client.visit("/staff")
    assert visit.status == 401

    with client.client.session_transaction() as values:
        values["user"] = "me"

    visit = client.visit("/staff")
    assert visit.page is not None
    assert visit.page.endpoint == "staff.dash_pages.home"


def test_shell_is_a_list(make_app: MakeApp) -> None:
    site = make_app(FILES, layout=[html.Nav("Menu"), page_container])
    assert PagesClient(site).visit("/").text == "Menu\nWelcome"


def test_place_is_brought_by_a_callback(make_app: MakeApp) -> None:
    site = make_app(FILES, layout=html.Div("Menu", id="shell"))
    visit = PagesClient(site).visit("/")
    assert visit.layout.text == "Welcome"
    assert visit.text == "Menu\nWelcome"


def test_other_thread_is_not_seen(site: Flask, client: PagesClient) -> None:
    other = PagesClient(site)

    @page_signals.page_resolved.connect_via(site)
    def on_resolved(sender: Flask, path: str, **extra: t.Any) -> None:
        if path == "/report/7":
            thread = threading.Thread(target=other.visit, args=("/report/8",))
            thread.start()
            thread.join()

    assert client.visit("/report/7").variables == {"number": 7}


LANGUAGE = """
    register_page(__name__, path_template="/hello/<name>")

    def layout(name, language, place):
        return f"{language} {name} in {place}"
"""
LANGUAGES = [
    dcc.Dropdown(["en", "fr"], "en", id="language"),
    dcc.Store(id={"store": "place"}, data="Oslo"),
    page_container,
]


@pytest.fixture
def speaking(make_app: MakeApp) -> PagesClient:
    inputs = {
        "place": State({"store": "place"}, "data"),
        "language": Input("language", "value"),
    }
    files = {**FILES, "hello": LANGUAGE}
    return PagesClient(
        make_app(files, layout=LANGUAGES, routing_callback_inputs=inputs)
    )


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        (None, "en me in Oslo"),
        ({"language": "fr"}, "fr me in Oslo"),
        ({"language": "é" * 5000}, "é" * 5000 + " me in Oslo"),
    ],
    ids=["of the shell", "given", "long"],
)
def test_inputs_of_first_view(
    speaking: PagesClient, inputs: dict[str, str] | None, text: str
) -> None:
    visit = speaking.visit("/hello/me", inputs=inputs)
    assert visit.layout.text == text
    assert visit.find(id="_pages_content").text == text
    assert visit.find(id="language")["value"] == "en"
    assert visit.variables == {"name": "me"}
    assert visit.meta["og:title"] == visit.title == "Hello"


@pytest.mark.parametrize("mark", ["", "#part"])
def test_inputs_of_the_address_bar(make_app: MakeApp, mark: str) -> None:
    page = """
        register_page(__name__, path="/")
        def layout(**values): return str(sorted(values.values()))
    """
    inputs = {
        name: State("_pages_location", name)
        for name in ("hash", "href", "pathname", "search")
    }
    site = make_app({"home": page}, routing_callback_inputs=inputs)
    visit = PagesClient(site).visit(f"/?a=%20{mark}")
    url = f"http://localhost/?a=%20{mark}"
    assert visit.layout.text == str(sorted([" ", mark, url, "/", "?a=%20"]))


@pytest.mark.parametrize("language", ["fr", "x" * 5000])
def test_inputs_of_navigation(speaking: PagesClient, language: str) -> None:
    inputs = {"language": language, "place": "Rome"}
    visit = speaking.visit("/hello/me", navigation=True, inputs=inputs)
    assert visit.layout.text == f"{language} me in Rome"
    assert visit.shell is None


def test_inputs_of_navigation_missing(speaking: PagesClient) -> None:
    with pytest.raises(ValueError, match="'/hello/me' takes routing callback inputs"):
        speaking.visit("/hello/me", navigation=True)


@pytest.mark.parametrize(
    ("language", "code", "methods"),
    [("fr", 302, ["GET", "GET"]), ("x" * 5000, 302, ["GET", "POST", "GET"])]
    + [("x" * 5000, 307, ["GET", "POST", "POST"])],
    ids=["short", "long", "kept"],
)
def test_methods_by_which_inputs_are_sent(
    make_app: MakeApp, language: str, code: int, methods: list[str]
) -> None:
    pages = {
        "home": f"""
            from flask import redirect
            register_page(__name__, path="/")
            def layout(language): return redirect("/other", {code})
        """,
        "other": "register_page(__name__)\nlayout = 'other'",
    }
    inputs = {"language": Input("language", "value")}
    site = make_app(pages, routing_callback_inputs=inputs)
    asked = []
    site.before_request(lambda: asked.append(request.method))
    values = {"language": language}
    visit = PagesClient(site).visit("/", navigation=True, inputs=values)
    assert visit.layout.text == "other"
    assert asked == methods


@BOTH
def test_inputs_of_another_page(speaking: PagesClient, navigation: bool) -> None:
    visit = speaking.visit("/", navigation=navigation, inputs={"language": "fr"})
    assert visit.layout.text == "Welcome"


def test_inputs_without_a_component(make_app: MakeApp) -> None:
    page = """
        register_page(__name__, path="/")
        def layout(language): return f"Language: {language}"
    """
    inputs = {"language": Input("language", "value")}
    site = make_app({"home": page}, routing_callback_inputs=inputs)
    assert PagesClient(site).visit("/").layout.text == "Language: None"


@pytest.mark.parametrize(
    ("location", "text"),
    [("/report/7", "Report 7\nTab: all"), ("/login", None)],
)
def test_inputs_of_a_page_that_redirects(
    make_app: MakeApp, location: str, text: str | None
) -> None:
    page = f"""
        from flask import redirect
        register_page(__name__, path="/")
        def layout(language): return redirect("{location}")
    """
    inputs = {"language": Input("language", "value")}
    site = make_app({**FILES, "home": page}, routing_callback_inputs=inputs)
    site.add_url_rule("/login", "login", lambda: "<title>Log in</title>")
    visit = PagesClient(site).visit("/")
    assert set(visit.redirects) == {location}

    if text is None:
        assert (visit.title, visit.shell) == ("Log in", None)
    else:
        assert visit.layout.text == text


CALLBACKS = """
    from dash import ALLSMALLER, MATCH, Patch, no_update, set_props
    from dash.exceptions import PreventUpdate
    from flask import abort, redirect

    register_page(__name__, path="/")

    layout = html.Div(
        [
            dcc.Input(id="in", value=1),
            dcc.Store(id="store", data="kept"),
            html.Button(id="one"),
            html.Button(id="two"),
            html.P(id="out"),
            *[
                html.Div(
                    [
                        dcc.Input(id={"type": "in", "index": n}, value=n * 10),
                        html.P(id={"type": "out", "index": n}),
                    ]
                )
                for n in (1, 2, 10)
            ],
        ]
    )

    @callback(
        Output("out", "children"),
        Input("in", "value"),
        Input("one", "n_clicks"),
        State("store", "data"),
    )
    def update(value, clicks, data):
        return f"{value} {clicks} {data} {ctx.triggered_id}"

    @callback(Output("one", "title"), Output("two", "title"), Input("in", "value"))
    def update_two(value):
        return no_update if value == 0 else (value, no_update)

    @callback(Output("one", "children"), Input("in", "value"))
    def make(value):
        return html.Ul([html.Li(n, id=f"row-{n}") for n in range(value)])

    @callback(Output("two", "children"), Input("in", "value"))
    def fail(value):
        if value == 204:
            raise PreventUpdate

        if value == 302:
            abort(redirect("/login"))

        if value > 400:
            abort(value)

        raise ZeroDivisionError("no value")

    @callback(
        Output({"type": "out", "index": MATCH}, "children"),
        Input({"type": "in", "index": MATCH}, "value"),
        State({"type": "in", "index": ALLSMALLER}, "value"),
        State({"type": "in", "index": ALL}, "value"),
    )
    def match(value, smaller, every):
        return f"{ctx.triggered_id} {value} {smaller} {every}"

    @callback(
        Output({"type": "out", "index": ALL}, "title"),
        Input({"type": "in", "index": ALL}, "value"),
    )
    def match_all(values):
        ids = ctx.triggered_prop_ids
        return [no_update if n == 20 else f"{n} {ids}" for n in values]

    @callback(
        Output("out", "title"),
        Input("one", "n_clicks"),
    )
    def first(clicks): return "first"

    @callback(Output("out", "title", allow_duplicate=True), Input("two", "n_clicks"),
              prevent_initial_call=True)
    def second(clicks): return f"second {clicks}"

    @callback(Input("two", "n_clicks"))
    def log(clicks):
        if clicks:
            set_props("out", {"className": f"clicked {clicks}"})

    @callback(Output("out", "hidden"), Input("gone", "value"), State("stor", "data"))
    def without_component(value, data): return f"{value} {data}"

    @callback(Output("out", "lang"), Input("gone", "value", allow_optional=True))
    def optional(value): return f"{value}"

    @callback(Output("store", "data"), Input("in", "value"))
    def patch(value):
        patched = Patch()
        patched.append(value)
        return patched

    clientside_callback("x => x", Output("in", "title"), Input("in", "value"))
"""


@pytest.fixture
def calling(make_app: MakeApp) -> PagesClient:
    return PagesClient(make_app({"home": CALLBACKS, "secret": FILES["secret"]}))


@pytest.mark.parametrize(
    ("values", "options", "result"),
    [
        ((), {}, "1 None kept None"),
        ((5,), {}, "5 None kept in"),
        ((1, 3), {}, "1 3 kept one"),
        ((5, 3), {}, "5 3 kept in"),
        ((5,), {"state": {"store.data": "new"}}, "5 None new in"),
        ((5,), {"state": {State("store", "data"): None}}, "5 None None in"),
        ((), {"triggered": "one.n_clicks"}, "1 None kept one"),
        ((5,), {"triggered": Input("one", "n_clicks")}, "5 None kept one"),
        ((5,), {"triggered": []}, "5 None kept None"),
    ],
    ids=str,
)
@BOTH
def test_call(
    calling: PagesClient,
    values: tuple[t.Any, ...],
    options: dict[str, t.Any],
    result: str,
    navigation: bool,
) -> None:
    visit = calling.visit("/", navigation=navigation)
    assert visit.call("out.children", *values, **options) == result
    assert visit.call(Output("out", "children"), *values, **options) == result


def test_call_of_several_outputs(calling: PagesClient) -> None:
    visit = calling.visit("/")
    both = ["one.title", Output("two", "title")]
    no_update = dash.no_update
    assert visit.call(both, 5) == {"one.title": 5, "two.title": no_update}
    assert visit.call(both, 0) == {"one.title": no_update, "two.title": no_update}
    # One of them, or those in another order.
    assert visit.call("one.title", 5) == 5
    assert visit.call(both[::-1], 5) == {"two.title": no_update, "one.title": 5}
    assert visit.call(["one.title"], 5) == {"one.title": 5}


def test_call_that_makes_components(calling: PagesClient) -> None:
    made = calling.visit("/").call("one.children", 3)
    assert made.type == "Ul"
    assert made.find(id="row-2").text == "2"


@pytest.mark.parametrize("output", ["two.children", ["two.children"]], ids=str)
def test_call_that_updates_nothing(calling: PagesClient, output: t.Any) -> None:
    result = calling.visit("/").call(output, 204)
    expected = dash.no_update
    assert result == (expected if output == "two.children" else {output[0]: expected})


def test_call_with_a_patch(calling: PagesClient) -> None:
    patch = calling.visit("/").call("store.data", 5)
    (operation,) = patch["operations"]
    assert (operation["operation"], operation["params"]) == ("Append", {"value": 5})


def test_call_that_raises(calling: PagesClient) -> None:
    visit = calling.visit("/")

    with pytest.raises(ZeroDivisionError, match="no value"):
        visit.call("two.children")

    calling.app.config["TESTING"] = False

    # The text of the page for it.
    with pytest.raises(
        InternalServerError, match="^500 [^<]*overloaded or there is an [^<]*$"
    ):
        visit.call("two.children")


def test_call_that_aborts(calling: PagesClient) -> None:
    visit = calling.visit("/")

    with pytest.raises(Forbidden):
        visit.call("two.children", 403)

    with pytest.raises(HTTPException, match="leads to '/login'") as info:
        visit.call("two.children", 302)

    assert info.value.code == 302


@pytest.mark.parametrize(
    ("index", "values", "result"),
    [
        (1, (), "None 10 [] [10, 20, 100]"),
        (10, (5,), "{'type': 'in', 'index': 10} 5 [10, 20] [10, 20, 100]"),
    ],
)
def test_call_with_match(
    calling: PagesClient, index: int, values: tuple[int, ...], result: str
) -> None:
    visit = calling.visit("/")
    output = Output({"type": "out", "index": index}, "children")
    assert visit.call(output, *values) == result.replace(
        "'type': 'in', 'index': 10", "'index': 10, 'type': 'in'"
    )
    # As Dash writes it, and as somebody else may.
    assert visit.call(str(output), *values) == visit.call(
        f'{{"type": "out", "index": {index}}}.children', *values
    )


def test_call_with_all(calling: PagesClient) -> None:
    visit = calling.visit("/")
    output = Output({"type": "out", "index": ALL}, "title")
    assert visit.call(output) == ["10 {}", dash.no_update, "100 {}"]
    triggered = """{'{"index":2,"type":"in"}.value': {'index': 2, 'type': 'in'}}"""
    assert visit.call(output, [10, 21, 100]) == [
        f"{n} {triggered}" for n in (10, 21, 100)
    ]
    assert visit.call([output]) == {str(output): ["10 {}", dash.no_update, "100 {}"]}
    # One of them.
    assert visit.call(Output({"type": "out", "index": 10}, "title")) == "100 {}"


def test_call_with_wrong_values_for_all(calling: PagesClient) -> None:
    with pytest.raises(ValueError, match=r"got \[1\]. .* each of the 3 components"):
        calling.visit("/").call(Output({"type": "out", "index": ALL}, "title"), [1])


def test_call_with_match_unknown(calling: PagesClient) -> None:
    output = Output({"type": "out", "index": dash.MATCH}, "children")

    with pytest.raises(ValueError, match="Which component does MATCH stand for"):
        calling.visit("/").call(output)


def test_call_of_duplicate(calling: PagesClient) -> None:
    visit = calling.visit("/")
    assert visit.call("out.title", triggered="one.n_clicks") == "first"
    assert visit.call("out.title", 2, triggered="two.n_clicks") == "second 2"

    with pytest.raises(LookupError, match="triggered=.*'one.n_clicks', 'two.n_clicks'"):
        visit.call("out.title")


def test_call_without_output(calling: PagesClient) -> None:
    visit = calling.visit("/")
    assert visit.call(None, 2) == {"out.className": "clicked 2"}
    assert visit.call(None, triggered="two.n_clicks") == {}


def test_call_with_values_of_missing_components(calling: PagesClient) -> None:
    visit = calling.visit("/")
    # Another callback may bring the components.
    assert visit.call("out.hidden", 1, state={"stor.data": 2}) == "1 2"
    assert visit.call("out.lang") == "None"

    with pytest.raises(LookupError, match="takes 'gone.value', but the page has no"):
        visit.call("out.hidden")

    with pytest.raises(LookupError, match="'stor.data', .* The page has 'store'."):
        visit.call("out.hidden", 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("outt.children",), LookupError, "the output 'outt.children'. Did you mean"),
        ((["one.title", "no.title"],), LookupError, "outputs 'one.title', 'no.title'"),
        (("secret-out.children",), LookupError, "whom a guard does not let in"),
        (("out",), ValueError, "'out' is not a prop of a component"),
        ((5,), ValueError, "5 is not a prop of a component"),
        (
            ("out.children", 1, 2, 3),
            ValueError,
            "3 values, but it has 2 inputs: 'in.va",
        ),
        (("in.title",), NotImplementedError, "is JavaScript"),
    ],
    ids=str,
)
def test_call_fails(
    calling: PagesClient,
    arguments: tuple[t.Any, ...],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        calling.visit("/").call(*arguments)


def test_call_with_unknown_state(calling: PagesClient) -> None:
    visit = calling.visit("/")

    with pytest.raises(ValueError, match="no state 'a.b'. It has 'store.data'."):
        visit.call("out.children", state={"a.b": 1})

    with pytest.raises(LookupError, match="'out.children' and the input 'a.b'"):
        visit.call("out.children", triggered="a.b")


COMPARED = """
    from dash import ALLSMALLER, MATCH

    register_page(__name__, path="/")

    def row(n):
        return [
            dcc.Input(id={"type": "in", "index": n}, value=f"v{n}"),
            html.P(id={"type": "out", "index": n}),
        ]

    layout = html.Div(
        [
            *row(1),
            *row(2),
            dcc.Store(id="store", data=[1]),
            html.P(id="p"),
            html.P(id="last"),
        ]
    )

    @callback(
        Output("last", "children"),
        Input({"type": "in", "index": ALL}, "value"),
        prevent_initial_call=True,
    )
    def last(values): return f"last {values[-1]}"

    @callback(
        Output({"type": "out", "index": MATCH}, "children"),
        Output({"type": "out", "index": MATCH}, "title"),
        Input({"type": "in", "index": MATCH}, "value"),
        State({"type": "in", "index": ALLSMALLER}, "value"),
        State("store", "data"),
        prevent_initial_call=True,
    )
    def match(value, smaller, data): return value, value

    @callback(
        Output("p", "children"),
        Input({"type": "in", "index": ALL}, "value"),
        State({"type": "out", "index": ALL}, "id"),
        prevent_initial_call=True,
    )
    def count(values, ids): return str(values)
"""


@pytest.mark.browser
def test_calls_are_those_of_the_browser(
    make_app: MakeApp, visit: Callable[[t.Any], Visitor]
) -> None:
    site = make_app({"home": COMPARED})
    bodies: dict[str, t.Any] = {}

    @site.before_request
    def keep() -> None:
        if request.method == "POST":
            body = request.get_json()
            # The server does not read it.
            body.pop("parsedChangedPropsIds", None)
            bodies[body["output"]] = body

    browser = visit(site)
    browser.open("/")
    browser.page.locator("input").last.fill("new")
    browser.sees("['v1', 'new']", "#p")
    browser.sees("new", "p[title=new]")
    browser.sees("last new", "#last")
    sent, bodies = bodies, {}
    page = PagesClient(site).visit("/")
    page.call(Output({"type": "out", "index": 2}, "children"), "new")
    page.call("p.children", ["v1", "new"])
    page.call("last.children", ["v1", "new"])
    assert bodies == sent
    assert len(sent) == 3


def test_call_in_the_background(make_app: MakeApp) -> None:
    page = """
        register_page(__name__, path="/")
        layout = "home"

        @callback(Output("out", "children"), Input("in", "value"), background=True)
        def update(value): return value
    """
    client = PagesClient(make_app({"home": page}))

    with pytest.raises(NotImplementedError, match="in the background"):
        client.visit("/").call("out.children", 1)


def test_call_of_the_shell(make_app: MakeApp) -> None:
    pages = DashPages(layout=html.Div([html.P(id="path"), page_container]))
    pages.callback(
        Output("path", "children"),
        Input("_pages_location", "pathname"),
        Input("_pages_location", "search"),
    )(lambda pathname, search: f"{pathname} {search}")
    site = make_app(FILES, name="unused", url_prefix="/unused")
    pages.init_app(site)
    visit = PagesClient(site).visit("/report/7?tab=a")
    assert visit.call("path.children") == "/report/7 ?tab=a"


def test_signals(site: Flask, client: PagesClient) -> None:
    other = PagesClient(site)

    with client.signals() as sent:
        client.visit("/report/7")
        other.visit("/old/7")
        client.visit("/nothing", navigation=True)
        client.visit("/secret")

    assert [signal.name for signal in sent] == [
        "page_resolved",
        "page_redirected",
        "page_resolved",
        "page_not_found",
        "page_denied",
    ]
    assert isinstance(sent[0], Signal)
    assert sent[0].representation == sent[0].fields["representation"] == "html"
    assert sent[1].location == "/report/7"
    assert sent[3] == ("page_not_found", {"path": "/nothing"})

    with pytest.raises(AttributeError, match="'page_not_found' has no 'page'. It has"):
        _ = sent[3].page

    client.visit("/")
    assert len(sent) == 5


def test_signals_of_other_apps(site: Flask, bare_app: Flask) -> None:
    DashPages(bare_app, pages_folder=None)

    with signals(bare_app) as sent:
        PagesClient(site).visit("/")

    assert sent == []


def test_signals_of_registering(bare_app: Flask, write_pages: WritePages) -> None:
    write_pages(home=FILES["home"])

    with signals(bare_app) as sent:
        DashPages(bare_app)

    assert [(signal.name, signal.page.path) for signal in sent] == [
        ("page_registered", "/")
    ]


def test_plugin_is_registered() -> None:
    setup = ConfigParser()
    setup.read(Path(__file__).parent.parent / "setup.cfg")
    (line,) = setup["options.entry_points"]["pytest11"].strip().splitlines()
    name, module = line.split(" = ")
    assert name == module == setup["options"]["py_modules"]
    assert import_module(module).pages_client


CONFTEST = """
import pytest
from dash import html
from flask import Flask
from flask_dash_pages import DashPages

@pytest.fixture
def app():
    app = Flask(__name__)
    pages = DashPages(app, pages_folder=None)
    pages.register_page("home", path="/", layout=html.H1("Home"))
    return app
"""
TESTS = """
import sys

def test_home(pages_client, app):
    assert pages_client.app is app
    assert pages_client.visit("/").text == "Home"
"""


def test_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess("-p", "no:dash")
    result.assert_outcomes(passed=1)


def test_plugin_imports_nothing_else() -> None:
    import subprocess
    import sys

    code = (
        "import pytest, sys, pytest_flask_dash_pages; assert 'dash' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
