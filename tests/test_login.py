"""What visitors see in Chromium when they log in, log out, and are denied."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from unittest import mock
from urllib.parse import quote

import flask_login
import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import Visitor
from dash import dcc
from dash import html
from dash import page_container
from flask import Flask
from flask import get_flashed_messages
from flask import redirect
from flask import request
from flask import session
from markupsafe import Markup

from flask_dash_pages import guards
from flask_dash_pages import signals

pytestmark = pytest.mark.browser

Visit = Callable[[t.Any], Visitor]

FILES = {
    "home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')",
    "users": """
        from flask_dash_pages import guards
        register_page(__name__, guard=guards.login_required)

        def layout(group="all"):
            return html.Div(
                [
                    html.H1(f"Users: {group}"),
                    html.Button("count", id="count"),
                    html.Div(id="counted"),
                ]
            )

        @callback(
            Output("counted", "children"),
            Input("count", "n_clicks"),
            prevent_initial_call=True,
        )
        def count(clicks):
            return f"counted {clicks}"

        clientside_callback(
            "function (clicks) { return `titled ${clicks}`; }",
            Output("count", "title"),
            Input("count", "n_clicks"),
            prevent_initial_call=True,
        )
    """,
    "denied": """
        register_page(__name__, guard=lambda page, variables: False)
        layout = "secret"
    """,
    "broken": """
        register_page(__name__)
        def layout(): raise ValueError("secret")
    """,
    "forbidden_403": """
        register_page(__name__, title="Keep out")
        layout = html.H1("Not for you")
    """,
}

#: The page for users, which lets everybody in.
OPEN = {"users": FILES["users"].replace(", guard=guards.login_required", "")}

LINKS = ["/", "/users?group=7", "/denied", "/broken"]
SHELL = html.Div([*(dcc.Link(href, href=href) for href in LINKS), page_container])

LOGIN = Markup(
    "<title>Log in</title><p>{}</p><form method=post><button>Log in</button></form>"
)


class User(flask_login.UserMixin):  # type: ignore[misc]
    id = "1"


@pytest.fixture
def login_app(make_app: MakeApp) -> Flask:
    config = {"SECRET_KEY": "key", "TESTING": False}
    app = make_app(FILES, layout=SHELL, config=config)
    manager = flask_login.LoginManager(app)
    manager.login_view = "login"
    manager.user_loader(lambda user_id: User())

    @app.route("/login", methods=["GET", "POST"])
    def login() -> t.Any:
        if request.method == "GET":
            return LOGIN.format(", ".join(get_flashed_messages()))

        flask_login.login_user(User())
        return redirect(guards.next_url("/"))

    app.add_url_rule("/favicon.ico", "favicon", lambda: "")
    return app


def log_in(browser: Visitor) -> None:
    browser.page.get_by_role("button", name="Log in").click()
    browser.is_up()


def log_out(browser: Visitor) -> None:
    """As in another tab, or after a time."""
    browser.page.context.clear_cookies()


def is_at_login(browser: Visitor, fragment: str = "") -> None:
    browser.is_at(f"/login?next={quote('/users?group=7', safe='')}{fragment}")
    # Once.
    assert browser.page.inner_text("p") == "Please log in to access this page."


def count(browser: Visitor) -> None:
    browser.page.get_by_role("button", name="count").click()


def test_link_to_a_guarded_page(login_app: Flask, visit: Visit) -> None:
    browser = visit(login_app)
    browser.open("/")
    browser.page.get_by_role("link", name="/users").click()
    is_at_login(browser)
    log_in(browser)
    browser.is_at("/users?group=7")
    browser.sees("Users: 7", "h1")
    count(browser)
    browser.sees("counted 1", "#counted")
    assert browser.page.get_attribute("#count", "title") == "titled 1"
    browser.is_quiet()


def test_first_view_of_a_guarded_page(login_app: Flask, visit: Visit) -> None:
    browser = visit(login_app)
    browser.open("/users?group=7")
    is_at_login(browser)
    log_in(browser)
    browser.sees("Users: 7", "h1")
    browser.is_quiet()


def test_link_after_the_session_has_ended(login_app: Flask, visit: Visit) -> None:
    browser = visit(login_app)
    browser.open("/login?next=/")
    log_in(browser)
    browser.sees("Welcome", "h1")
    log_out(browser)
    browser.page.get_by_role("link", name="/users").click()
    is_at_login(browser)
    log_in(browser)
    browser.sees("Users: 7", "h1")
    browser.is_quiet()


def test_callback_after_the_session_has_ended(login_app: Flask, visit: Visit) -> None:
    browser = visit(login_app)
    browser.open(f"/login?next={quote('/users?group=7#here', safe='/')}")
    log_in(browser)
    browser.sees("Users: 7", "h1")
    log_out(browser)
    count(browser)
    # Browsers keep it for what they are redirected to.
    is_at_login(browser, "#here")
    log_in(browser)
    browser.sees("Users: 7", "h1")
    count(browser)
    browser.sees("counted 1", "#counted")
    browser.is_quiet(403)


@pytest.mark.parametrize("answer", ["redirect", "elsewhere", "401"])
def test_callback_that_the_app_stops(
    make_app: MakeApp, visit: Visit, serve: Callable[[t.Any], str], answer: str
) -> None:
    app = make_app(OPEN, layout=SHELL)
    login = serve(lambda _, start: start("200 OK", []) and [] or [b"Log in there"])

    @app.before_request
    def stop() -> t.Any:
        if request.endpoint == "let_in" or "user" in request.cookies:
            return None

        if answer == "401":
            return "Log in here", 401

        return redirect("/let-in" if answer == "redirect" else login)

    @app.route("/let-in")
    def let_in() -> t.Any:
        if not request.args:
            return "Log in here"

        response = redirect("/users")
        response.set_cookie("user", "1")
        return response

    browser = visit(app)
    browser.page.goto(f"{browser.url}/let-in?a=1")
    browser.is_up()
    count(browser)
    browser.sees("counted 1", "#counted")
    log_out(browser)
    count(browser)
    browser.sees("Log in there" if answer == "elsewhere" else "Log in here")


def test_answer_that_is_no_denial(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(OPEN, layout=SHELL)
    layout = mock.Mock(wraps=bound_pages(app).registry["pages.users"].layout)
    bound_pages(app).registry["pages.users"].layout = layout

    @app.before_request
    def stop() -> t.Any:
        return ("No", 401) if request.method == "POST" else None

    browser = visit(app)
    browser.open("/users")
    loads = browser.loads

    with browser.page.expect_event("pageerror"):
        count(browser)

    assert browser.loads == loads
    assert layout.call_count == 1


def test_login_in_another_tab(login_app: Flask, visit: Visit) -> None:
    browser = visit(login_app)
    browser.open("/")
    other = browser.page.context.new_page()
    other.goto(f"{browser.url}/login")
    other.get_by_role("button").click()
    # The callbacks of the page come with it.
    browser.page.get_by_role("link", name="/users").click()
    browser.sees("Users: 7", "h1")
    count(browser)
    browser.sees("counted 1", "#counted")
    browser.is_quiet()


def test_prefetched_page_after_the_session_has_ended(
    login_app: Flask, visit: Visit
) -> None:
    browser = visit(login_app)
    browser.open("/login?next=/")
    log_in(browser)
    link = browser.page.get_by_role("link", name="/users")

    with browser.page.expect_response("**/users*"):
        link.hover()

    log_out(browser)
    link.click()
    is_at_login(browser)
    browser.is_quiet()


def test_pointer_on_a_link_that_logs_out(make_app: MakeApp, visit: Visit) -> None:
    files = {
        "home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')",
        "logout": """
            from flask import session
            register_page(__name__)

            def layout():
                session.clear()
                return html.H1("Bye")
        """,
        "user": """
            from flask import session
            register_page(__name__)

            def layout():
                return html.H1(f"User: {session.get('user')}")
        """,
    }
    shell = html.Div([dcc.Link(each, f"/{each}") for each in ("user", "logout")])
    shell.children.append(page_container)
    app = make_app(files, layout=shell, config={"SECRET_KEY": "key"})

    @app.route("/login")
    def login() -> t.Any:
        session["user"] = "me"
        return redirect("/")

    browser = visit(app)
    browser.open("/login")
    link = browser.page.get_by_role("link", name="logout")

    with browser.page.expect_response("**/logout"):
        link.hover()

    browser.page.get_by_role("link", name="user").click()
    browser.sees("User: me", "h1")
    link.click()
    browser.sees("Bye", "h1")
    browser.page.get_by_role("link", name="user").click()
    browser.sees("User: None", "h1")
    browser.is_quiet()


@pytest.mark.parametrize(
    ("name", "text", "title", "status"),
    [
        ("/denied", "Not for you", "Keep out", 403),
        ("/broken", "500 - Internal server error", "Internal server error", 500),
    ],
)
def test_error_page_in_the_shell(
    login_app: Flask, visit: Visit, name: str, text: str, title: str, status: int
) -> None:
    browser = visit(login_app)
    browser.open("/")
    loads = browser.loads
    browser.page.get_by_role("link", name=name).click()
    browser.sees(text, "h1")
    browser.has_title(title)
    browser.is_at(name)
    browser.page.go_back()
    browser.sees("Welcome", "h1")
    browser.page.go_forward()
    browser.sees(text, "h1")
    assert browser.loads == loads
    browser.open(name)
    browser.sees(text, "h1")
    browser.has_title(title)
    browser.is_quiet(status)


def test_denied_page_is_told_once(login_app: Flask, visit: Visit) -> None:
    told = []

    @signals.page_denied.connect_via(login_app)
    def on_denied(sender: Flask, path: str, **extra: t.Any) -> None:
        told.append(path)

    browser = visit(login_app)
    browser.open("/")
    browser.page.get_by_role("link", name="/users").hover()
    browser.page.get_by_role("link", name="/users").click()
    is_at_login(browser)
    assert told == ["/users"]
