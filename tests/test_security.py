"""Beside the extensions that Flask apps use for security."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable

import pytest
from conftest import BOTH
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import Visitor
from dash import dcc
from dash import html
from dash import Input
from dash import page_container
from flask import Flask
from flask import redirect
from flask import request
from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from flask_wtf.csrf import generate_csrf

FILES = {
    "home": """
        register_page(__name__, path="/", json_ld={"@type": "WebPage"})
        layout = html.Div(
            [
                html.H1("Home", style={"color": "green"}),
                dcc.Markdown("Some *words* and `code`"),
                dcc.Input(id="in", value="a"),
                html.P(id="out"),
                html.P(id="client"),
            ]
        )

        @callback(Output("out", "children"), Input("in", "value"))
        def update(value): return f"The answer to {value}"

        clientside_callback(
            "function (value) { return `The browser's answer to ${value}`; }",
            Output("client", "children"),
            Input("in", "value"),
        )
    """,
    "other": """
        register_page(__name__)
        layout = html.H1("Other")
    """,
}

CALL = {
    "output": "out.children",
    "outputs": {"id": "out", "property": "children"},
    "inputs": [{"id": "in", "property": "value", "value": 1}],
    "changedPropIds": [],
}

SHELL = html.Div(
    [
        dcc.Link("to home", href="/"),
        dcc.Link("to other", href="/other"),
        dcc.Input(id="theme", value="dark"),
        page_container,
    ]
)


# Flask-WTF


@pytest.fixture
def csrf_app(make_app: MakeApp) -> Flask:
    page = "register_page(__name__)\ndef layout(theme=None): return f'in {theme}'"
    return make_app(
        {**FILES, "themed": page},
        config={"SECRET_KEY": "key"},
        layout=SHELL,
        routing_callback_inputs={"theme": Input("theme", "value")},
    )


def exempt_dispatch(app: Flask, csrf: CSRFProtect) -> None:
    csrf.exempt("dash.dash.dispatch")


def exempt_pages(app: Flask, csrf: CSRFProtect) -> None:
    csrf.exempt(bound_pages(app).blueprint)


@pytest.mark.parametrize("exempt", [exempt_dispatch, exempt_pages])
def test_csrf_exempt(
    csrf_app: Flask, exempt: Callable[[Flask, CSRFProtect], None]
) -> None:
    exempt(csrf_app, CSRFProtect(csrf_app))
    client = csrf_app.test_client()
    assert "The answer to 1" in client.post("/_dash-update-component", json=CALL).text
    # Inputs that are too long for a header.
    posted = client.post("/themed", json={"inputs": {"theme": "x"}}, headers=JSON)
    assert posted.status_code == (200 if exempt is exempt_pages else 400)


def test_csrf_not_exempt(csrf_app: Flask) -> None:
    CSRFProtect(csrf_app)
    client = csrf_app.test_client()
    assert client.post("/_dash-update-component", json=CALL).status_code == 400
    assert client.get("/").status_code == 200


def test_callback_cannot_be_called_by_a_form_of_another_site(csrf_app: Flask) -> None:
    # Forms cannot send JSON as what it is. So what is exempt needs no token.
    client = csrf_app.test_client()

    for mimetype in ("text/plain", "application/x-www-form-urlencoded", ""):
        for path in ("/_dash-update-component", "/themed"):
            response = client.post(path, data="{}", content_type=mimetype, headers=JSON)
            assert response.status_code == 415


@pytest.mark.browser
def test_csrf_token_of_the_browser(
    csrf_app: Flask, visit: Callable[[t.Any], Visitor]
) -> None:
    CSRFProtect(csrf_app)

    @csrf_app.after_request
    def set_token(response: Response) -> Response:
        # Dash sends this cookie as a header.
        response.set_cookie("_csrf_token", generate_csrf())
        return response

    browser = visit(csrf_app)
    browser.open("/")
    browser.sees("The answer to a", "#out")
    browser.page.fill("#theme", "x" * 5000)
    browser.page.click("text=to other")
    browser.sees("Other", "h1")
    browser.open("/themed")
    browser.sees("in dark")
    browser.page.fill("#theme", "x" * 5000)
    browser.sees("in xxxxx")
    assert "POST /themed" in browser.requests
    browser.is_quiet()


# Flask-Talisman

POLICY = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": ["'self'", "data:"],
    "style-src": ["'self'", "'unsafe-inline'"],
}


@pytest.mark.browser
def test_strict_policy(make_app: MakeApp, visit: Callable[[t.Any], Visitor]) -> None:
    files = {**FILES, "not_found_404": "register_page(__name__)\nlayout = html.H1('?')"}
    app = make_app(files, layout=SHELL)

    with app.app_context():
        hashes = bound_pages(app).dash.csp_hashes()

    Talisman(
        app,
        force_https=False,
        content_security_policy={**POLICY, "script-src": ["'self'", *hashes]},
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("The answer to a", "#out")
    browser.sees("The browser's answer to a", "#client")
    browser.page.fill("#in", "b")
    browser.sees("The answer to b", "#out")
    browser.page.click("text=to other")
    browser.sees("Other", "h1")
    browser.page.click("text=to home")
    browser.sees("The answer to a", "#out")
    assert browser.loads == 1
    browser.is_quiet()
    browser.open("/nothing")
    browser.sees("?", "h1")
    browser.is_quiet(404)
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy


# Other hosts

EVIL = {
    "path": "/jump",
    "title": "Another host",
    "layout": {
        "namespace": "dash_html_components",
        "type": "Iframe",
        "props": {"srcDoc": "<script>parent.document.title = 'Taken'</script>"},
    },
    "version": "",
}


@pytest.mark.browser
@pytest.mark.parametrize("answer", ["page", "asks for inputs"])
def test_redirect_to_a_host_that_looks_like_the_app(
    make_app: MakeApp, visit: Callable[[t.Any], Visitor], answer: str
) -> None:
    other = Flask("other")
    sent = []

    @other.route("/jump", methods=["GET", "POST"])
    def jump() -> t.Any:
        if JSON["Accept"] not in request.accept_mimetypes.values():
            return "<title>Another host</title>"

        sent.append(request.method)
        headers = {"Dash-Pages-Inputs": "required"} if answer != "page" else {}
        return json.dumps(EVIL), {"Content-Type": JSON["Accept"], **headers}

    @other.after_request
    def allow(response: Response) -> Response:
        names = (
            "Accept, Content-Type, Dash-Pages-Inputs, Dash-Pages-Version, X-CSRFToken"
        )
        response.headers["Access-Control-Allow-Headers"] = names
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Dash-Pages-Inputs"
        return response

    url = visit(other).url
    inputs = {"theme": Input("theme", "value")}
    app = make_app(
        FILES,
        layout=html.Div([SHELL, dcc.Link("to jump", href="/jump")]),
        routing_callback_inputs=inputs,
    )
    app.add_url_rule("/jump", view_func=lambda: redirect(f"{url}/jump"))
    browser = visit(app)
    browser.open("/")
    browser.page.click("text=to jump")
    browser.page.wait_for_url(f"{url}/jump")
    browser.has_title("Another host")
    assert sent == []


@pytest.mark.browser
def test_redirect_to_a_script(
    make_app: MakeApp, visit: Callable[[t.Any], Visitor]
) -> None:
    page = """
        from flask import redirect
        register_page(__name__)
        def layout(): return redirect("javascript:document.title='Taken'")
    """
    shell = html.Div([dcc.Link("to script", href="/script"), page_container])
    app = make_app({**FILES, "script": page}, layout=shell)
    response = app.test_client().get("/script", headers=JSON)
    assert response.headers.get("Dash-Pages-Location") is None
    browser = visit(app)
    browser.open("/")

    # The browser itself refuses it.
    with browser.page.expect_event(
        "requestfailed", lambda r: r.is_navigation_request()
    ):
        browser.page.click("text=to script")

    assert browser.page.title() != "Taken"


# Flask-Limiter


@BOTH
def test_limit_by_endpoint(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(FILES)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    views = app.view_functions
    views["dash_pages.home"] = limiter.limit("2/hour")(views["dash_pages.home"])
    client = app.test_client()
    found = [client.get("/", headers=headers).status_code for _ in range(3)]
    assert found == [200, 200, 429]
    assert client.get("/other", headers=headers).status_code == 200
    assert client.get("/_dash-dependencies").status_code == 200
