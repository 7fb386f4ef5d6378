"""Apps behind real servers, deployed as the docs say, in Chromium."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import free_port
from conftest import running
from conftest import Visitor
from conftest import write_files
from test_docs import Block
from test_docs import blocks_of
from test_docs import commands_of
from test_docs import DOCS

pytestmark = pytest.mark.browser

TUTORIAL = list(blocks_of(DOCS / "tutorial.rst"))
BLOCKS = list(blocks_of(DOCS / "deployment.rst"))
NGINX = [block.text for block in BLOCKS if block.language == "nginx"]
WSGI = [block.text for block in BLOCKS if block.file == "wsgi.py"]


def serving_commands(blocks: list[Block]) -> list[str]:
    return [
        command
        for block in blocks
        for command in commands_of(block)
        if "127.0.0.1:8000" in command
    ]


COMMANDS = serving_commands(BLOCKS)


class Deployment(t.NamedTuple):
    """What the docs tell to do."""

    command: str
    #: Where visitors find the app.
    prefix: str = "/reports"
    url_prefix: str = "/"
    wsgi: str = ""
    nginx: str = ""


DEPLOYMENTS = {
    "gunicorn": Deployment(COMMANDS[0], prefix=""),
    "waitress": Deployment(COMMANDS[1], prefix=""),
    "stripped": Deployment(COMMANDS[2], wsgi=WSGI[0], nginx=NGINX[0]),
    "kept": Deployment(
        COMMANDS[2], url_prefix="/reports", wsgi=WSGI[1], nginx=NGINX[1]
    ),
    "mounted": Deployment(COMMANDS[3], wsgi=WSGI[2]),
}

FILES = {
    "app.py": """
        from dash import dcc
        from dash import get_relative_path
        from dash import html
        from dash import page_container
        from flask import Flask
        from flask_dash_pages import DashPages

        PATHS = {"report": "/report/1", "old": "/old/7?tab=costs", "no": "/nothing"}


        def layout():
            links = [
                dcc.Link(f"to {name}", href=get_relative_path(path))
                for name, path in PATHS.items()
            ]
            return html.Div([html.Nav(links), page_container])


        def create_app():
            app = Flask(__name__)
            app.config.from_pyfile("config.py")
            DashPages(app, layout=layout, url_prefix=app.config["URL_PREFIX"])
            return app
    """,
    "pages/home.py": """
        import dash
        from dash import html

        dash.register_page(__name__, path="/")


        def layout():
            return [html.H1("Welcome"), html.Img(src=dash.get_asset_url("logo.svg"))]
    """,
    "pages/report.py": """
        import dash
        from dash import callback
        from dash import dcc
        from dash import html
        from dash import Input
        from dash import Output

        dash.register_page(
            __name__,
            path_template="/report/<int:number>",
            redirect_from=["/old/<int:number>"],
            title=lambda number: f"Report {number}",
        )


        def layout(number, tab="sales"):
            typed = dcc.Input(id="typed", value="first")
            return [html.H1(f"The {tab} of {number}"), typed, html.P(id="echo")]


        @callback(Output("echo", "children"), Input("typed", "value"))
        def echo(value):
            return f"{value} at {dash.get_relative_path('/here')}"
    """,
    "assets/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="30"/>',
    "assets/style.css": "h1 { color: rgb(1, 2, 3); }",
    "nginx.conf": """
        daemon off;
        master_process off;
        pid nginx.pid;
        events {}

        http {
            access_log off;
            client_body_temp_path temp;
            fastcgi_temp_path temp;
            proxy_temp_path temp;
            scgi_temp_path temp;
            uwsgi_temp_path temp;
            include server.conf;
        }
    """,
}


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The URL of a server, and the prefix of the app."""
    deployment = DEPLOYMENTS[request.param]
    folder = tmp_path_factory.mktemp("site")
    port, nginx_port = free_port(), free_port()

    def with_ports(text: str) -> str:
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        return text.replace("listen 80;", f"listen 127.0.0.1:{nginx_port};")

    write_files(
        folder,
        {
            **FILES,
            "config.py": f"URL_PREFIX = {deployment.url_prefix!r}",
            "wsgi.py": deployment.wsgi,
            "server.conf": with_ports(deployment.nginx),
        },
    )

    with ExitStack() as stack:
        command = with_ports(deployment.command)
        stack.enter_context(running(command, folder, port=port))

        if deployment.nginx:
            command = f"nginx -p {folder} -c nginx.conf -e stderr"
            stack.enter_context(running(command, folder, port=nginx_port))

        outer_port = nginx_port if deployment.nginx else port
        yield f"http://127.0.0.1:{outer_port}", deployment.prefix


@pytest.fixture
def browser(site: tuple[str, str], look_at: Callable[[str], Visitor]) -> Visitor:
    return look_at("".join(site))


def test_first_view(browser: Visitor) -> None:
    response = browser.page.goto(f"{browser.url}/")
    assert response.status == 200
    assert "<title>Home</title>" in response.text()
    assert f'<link rel="canonical" href="{browser.url}/">' in response.text()
    browser.is_up()
    browser.sees("Welcome", "h1")
    browser.has_title("Home")
    browser.page.wait_for_function("document.querySelector('img').naturalWidth === 30")
    color = "getComputedStyle(document.querySelector('h1')).color"
    assert browser.page.evaluate(color) == "rgb(1, 2, 3)"
    browser.is_quiet()


def test_navigation(browser: Visitor, site: tuple[str, str]) -> None:
    browser.open("/")
    browser.page.click("text=to report")
    browser.sees("The sales of 1", "h1")
    browser.is_at("/report/1")
    browser.has_title("Report 1")
    browser.sees(f"first at {site[1]}/here", "#echo")
    browser.page.fill("#typed", "second")
    browser.sees(f"second at {site[1]}/here", "#echo")
    browser.page.go_back()
    browser.sees("Welcome", "h1")
    browser.is_at("/")
    browser.has_title("Home")
    browser.page.go_forward()
    browser.sees("The sales of 1", "h1")
    browser.is_at("/report/1")
    browser.has_title("Report 1")
    assert browser.loads == 1
    browser.is_quiet()


def test_redirect(browser: Visitor, site: tuple[str, str]) -> None:
    url = f"{browser.url}/old/7?tab=costs"
    response = browser.page.request.get(url, max_redirects=0)
    assert response.status == 301
    assert response.headers["location"] == f"{site[1]}/report/7?tab=costs"
    browser.open("/old/7?tab=costs")
    browser.sees("The costs of 7", "h1")
    browser.is_at("/report/7?tab=costs")
    browser.open("/")
    loads = browser.loads
    browser.page.click("text=to old")
    browser.sees("The costs of 7", "h1")
    browser.is_at("/report/7?tab=costs")
    assert browser.loads == loads
    browser.is_quiet()


def test_not_found(browser: Visitor) -> None:
    response = browser.page.goto(f"{browser.url}/nowhere")
    assert response.status == 404
    browser.is_up()
    browser.sees("404 - Page not found", "h1")
    browser.page.click("text=to report")
    browser.sees("The sales of 1", "h1")
    browser.page.click("text=to no")
    browser.sees("404 - Page not found", "h1")
    browser.is_at("/nothing")
    assert browser.loads == 1
    browser.is_quiet(404)


@pytest.fixture
def tutorial(tmp_path: Path, look_at: Callable[[str], Visitor]) -> Iterator[Visitor]:
    """A browser for the app that the tutorial ends with."""
    write_files(tmp_path, {block.file: block.text for block in TUTORIAL if block.file})
    (command,) = serving_commands(TUTORIAL)
    address = f"127.0.0.1:{free_port()}"
    command = command.replace("127.0.0.1:8000", address)

    with running(command, tmp_path, port=int(address.rpartition(":")[2])):
        yield look_at(f"http://{address}")


def test_tutorial(tutorial: Visitor) -> None:
    tutorial.open("/")
    tutorial.page.click("nav >> text=Life expectancy")
    tutorial.sees("Japan", ".gtitle")
    tutorial.page.click("#life-country")
    tutorial.page.click("text=Kenya")
    tutorial.sees("Kenya", ".gtitle")
    tutorial.is_at("/life-expectancy?country=Kenya")
    tutorial.page.go_back()
    tutorial.sees("Japan", ".gtitle")
    tutorial.is_at("/life-expectancy")
    tutorial.page.go_forward()
    tutorial.sees("Kenya", ".gtitle")
    tutorial.page.reload()
    tutorial.sees("Kenya", ".gtitle")
    tutorial.is_quiet()


def test_staff_of_the_tutorial(tutorial: Visitor) -> None:
    tutorial.open("/")
    tutorial.page.click("text=1952")
    tutorial.sees("Kenya: 42.3")
    tutorial.open("/staff/views")
    tutorial.page.fill("[name=password]", "another one")
    tutorial.page.click("button")
    tutorial.sees("Years: 1")
    tutorial.is_at("/staff/views")
