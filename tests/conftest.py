from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import dash
import pytest
from dash import _callback as dash_callback
from dash._hooks import HooksManager
from dash.background_callback.managers import BaseBackgroundCallbackManager
from flask import Flask
from hypothesis import settings
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from flask_dash_pages import compat
from flask_dash_pages import DashPages
from flask_dash_pages.bound import BoundPages

if t.TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as BrowserPage

#: The first lines of page files. The suite runs with either way to register pages.
HEADER = """\
import dash
from dash import ALL, Input, Output, State, callback, clientside_callback, ctx
from dash import dcc, html
from {package} import register_page, page_registry, page_container
"""

JSON = {"Accept": "application/vnd.dash-pages+json"}
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
BOTH = pytest.mark.parametrize("headers", [HTML, JSON], ids=["html", "json"])

# An answer that takes so long is as bad as none, however busy the machine is.
settings.register_profile("soak", max_examples=25_000, deadline=30_000)


@pytest.fixture(autouse=True, scope="session")
def _hooks_of_plugins() -> Iterator[None]:
    """Do not look for plugins of Dash among all that is installed for each app. Dash
    means to do it once, but never notes that it did.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HooksManager, "_registered", True)
        yield


@pytest.fixture(autouse=True)
def _no_stock_app() -> Iterator[None]:
    """Forget stock apps of other tests."""
    # Stock apps set this variable and never reset it.
    token = dash._get_app.app_context.set(None)
    yield
    dash._get_app.app_context.reset(token)
    dash._get_app.APP = None
    compat._stock_registry.clear()


@pytest.fixture(scope="session")
def modules_of_nobody() -> set[str]:
    """The names of modules that are known to be of no test. There are thousands."""
    return set()


@pytest.fixture(autouse=True)
def _no_modules(
    tmp_path_factory: pytest.TempPathFactory, modules_of_nobody: set[str]
) -> Iterator[None]:
    """Forget the modules of other tests. Page files with the same names would be in a
    package with another name otherwise.
    """
    yield
    base = str(tmp_path_factory.getbasetemp())

    def is_from_test(module: ModuleType) -> bool:
        files = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
        is_marked = "__dash_pages__" in getattr(module, "__dict__", {})
        return is_marked or any(str(file).startswith(base) for file in files)

    new = sys.modules.keys() - modules_of_nobody
    # A package asks for the one around it where it is.
    gone = {name for name in new if is_from_test(sys.modules[name])}
    modules_of_nobody |= new - gone

    for name in gone:
        del sys.modules[name]


@pytest.fixture(autouse=True)
def _no_waiting_callbacks() -> Iterator[None]:
    """Leave no callbacks with the process."""
    yield

    for name in ("LIST", "MAP"):
        getattr(dash_callback, f"GLOBAL_CALLBACK_{name}").clear()

    dash_callback.GLOBAL_INLINE_SCRIPTS.clear()
    BaseBackgroundCallbackManager.functions.clear()
    BaseBackgroundCallbackManager.managers.clear()


@pytest.fixture(params=["dash", "flask_dash_pages"])
def header(request: pytest.FixtureRequest) -> str:
    return HEADER.format(package=request.param)


WritePages = Callable[..., Path]


@pytest.fixture
def write_pages(tmp_path: Path, header: str) -> WritePages:
    """Write page files: their names without ``.py``, and their text."""

    def write_pages(folder: str = "pages", /, **files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(header + dedent(text), "utf-8")

        return tmp_path / folder

    return write_pages


MakeApp = Callable[..., Flask]


@pytest.fixture
def bare_app(tmp_path: Path) -> Flask:
    """An app without pages."""
    return new_app(tmp_path)


def new_app(root_path: Path, **config: t.Any) -> Flask:
    app = Flask("testapp", root_path=str(root_path))
    app.config.update({"TESTING": True, **config})
    return app


@pytest.fixture
def make_app(tmp_path: Path, write_pages: WritePages) -> MakeApp:
    """An app with page files, by their names and texts."""

    def make_app(
        files: dict[str, str] | None = None,
        *,
        config: dict[str, t.Any] | None = None,
        **options: t.Any,
    ) -> Flask:
        write_pages(**(files or {}))

        if not files:
            options.setdefault("pages_folder", None)

        app = new_app(tmp_path, **(config or {}))
        DashPages(app, **options)
        return app

    return make_app


def bound_pages(app: Flask, name: str = "dash_pages") -> BoundPages:
    return t.cast(BoundPages, app.extensions["dash_pages"][name])


def layout_text(response: TestResponse) -> str:
    """The text of the page's layout in either representation."""
    if response.mimetype == JSON["Accept"]:
        return json.dumps(response.json["layout"])  # type: ignore[index]

    assert response.mimetype == "text/html"
    start = '<script id="_dash-pages" type="application/json">'
    data = response.text.partition(start)[2].partition("</script>")[0]
    return json.dumps(json.loads(data)["layout"])


def title_of(response: TestResponse) -> str:
    if response.mimetype == JSON["Accept"]:
        return t.cast(str, response.json["title"])  # type: ignore[index]

    return response.text.partition("<title>")[2].partition("</title>")[0]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    assert path, "The tests need Chromium. tests/run installs it."
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        # Dash's dev tools ask for its newest version.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class Visitor:
    """A browser that looks at an app, and what happens in it."""

    def __init__(self, page: BrowserPage, url: str) -> None:
        self.page = page
        self.url = url
        self.console: list[str] = []
        self.requests: list[str] = []
        self.loads = 0
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", self._on_request)

    def _on_request(self, request: t.Any) -> None:
        path = request.url.removeprefix(self.url)

        if request.is_navigation_request():
            self.loads += 1

        if "_dash-component-suites" not in path and "favicon" not in path:
            self.requests.append(f"{request.method} {path}")

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)
        self.is_up()

    def is_up(self) -> None:
        """Wait until a page can be used, if it is one."""
        # Not by a function, which a strict policy would not let be called.
        self.page.wait_for_selector("#_dash-pages-prerendered", state="detached")

    @property
    def path(self) -> str:
        return t.cast(str, self.page.url).removeprefix(self.url)

    def sees(self, text: str, selector: str = "body") -> None:
        """Wait until there is ``text``."""
        self.page.locator(selector).filter(has_text=text).first.wait_for()

    def has_title(self, title: str) -> None:
        """Wait until the title is ``title``."""
        self.page.wait_for_function("title => document.title === title", arg=title)

    def is_at(self, path: str) -> None:
        """Wait until the address bar shows ``path``."""
        self.page.wait_for_function("url => location.href === url", arg=self.url + path)

    def is_quiet(self, status: int | None = None) -> None:
        """Check the console, but for the browser's own line about ``status``."""
        own = f"Failed to load resource: the server responded with a status of {status}"
        assert [text for text in self.console if not text.startswith(own)] == []


@pytest.fixture
def serve() -> Iterator[Callable[[t.Any], str]]:
    """Serve a WSGI app and return its URL."""
    servers = []

    def serve(app: t.Any) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve

    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def look_at(chromium: Browser) -> Iterator[Callable[[str], Visitor]]:
    """Open a browser for what is served at a URL."""
    contexts = []

    def look_at(url: str) -> Visitor:
        context = chromium.new_context()
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Visitor(context.new_page(), url)

    yield look_at

    for context in contexts:
        context.close()


@pytest.fixture
def visit(
    serve: Callable[[t.Any], str], look_at: Callable[[str], Visitor]
) -> Callable[[t.Any], Visitor]:
    """Serve a WSGI app and open a browser for it."""
    return lambda app: look_at(serve(app))


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, by their paths in a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return t.cast(int, server.getsockname()[1])


@contextmanager
def running(command: str, folder: Path, *, port: int | None = None) -> Iterator[None]:
    """Run a program in another process as long as it is needed.

    :param port: Wait until it can be connected to.
    """
    name, *arguments = shlex.split(command)
    scripts = sysconfig.get_path("scripts")
    program = shutil.which(name, path=f"{scripts}{os.pathsep}{os.environ['PATH']}")
    assert program, f"The tests need {name}. tests/run installs it."
    # Gunicorn keeps a socket in the home folder.
    environ = {**os.environ, "HOME": str(folder)}
    process = subprocess.Popen([program, *arguments], cwd=folder, env=environ)

    try:
        while port is not None and not is_open(port):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"{command!r} ended with {process.wait(0.02)}.")

        yield
    finally:
        process.terminate()
        process.wait()


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
