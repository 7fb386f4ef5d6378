"""Background callbacks of page files, with the managers of Dash."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import free_port
from conftest import MakeApp
from conftest import running
from conftest import Visitor
from conftest import write_files
from conftest import WritePages
from dash.background_callback.managers import BaseBackgroundCallbackManager
from flask import Flask
from test_docs import blocks_of
from test_docs import commands_of
from test_docs import DOCS

from flask_dash_pages import DashPages
from flask_dash_pages import PageError

BLOCKS = list(blocks_of(DOCS / "deployment.rst"))
COMMANDS = [command for block in BLOCKS for command in commands_of(block)]
DISKCACHE_APP, CELERY_APP = (
    block.text
    for block in BLOCKS
    if block.file == "app.py" and "background_callback_manager" in block.text
)
(MAKE_CELERY,) = (block.text for block in BLOCKS if block.file == "make_celery.py")
(WORKER,) = (command for command in COMMANDS if command.startswith("celery "))
SERVE = 'gunicorn --workers 2 --threads 4 --bind 127.0.0.1:{port} "app:create_app()"'
REDIS = "redis-server --bind 127.0.0.1 --port {port} --save '' --appendonly no"

PAGE = """
    import time
    from pathlib import Path

    import dash
    from dash import callback
    from dash import dcc
    from dash import html
    from dash import Input
    from dash import Output
    from dash import State
    from flask_dash_pages import page_registry

    dash.register_page(__name__, path="/")

    layout = [
        dcc.Input(id="file"),
        html.Button("start", id="start"),
        html.Button("cancel", id="cancel", disabled=True),
        html.P(id="progress"),
        html.P(id="result"),
    ]


    @callback(
        Output("result", "children"),
        Input("start", "n_clicks"),
        State("file", "value"),
        background=True,
        running=[
            (Output("start", "disabled"), True, False),
            (Output("cancel", "disabled"), False, True),
        ],
        progress=[Output("progress", "children")],
        cancel=[Input("cancel", "n_clicks")],
        prevent_initial_call=True,
    )
    def export(set_progress, clicks, file):
        set_progress(f"call {clicks} waits")

        while not Path(file).exists():
            time.sleep(0.02)

        with Path(f"{file}-ended").open("a+") as ended:
            ended.write(f" {clicks}")
            ended.seek(0)
            return f"{page_registry[__name__].name} ended{ended.read()}"
"""


@pytest.fixture(scope="module", params=["diskcache", "celery"])
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of an app whose page has a background callback."""
    folder = tmp_path_factory.mktemp("site")
    port, redis = free_port(), free_port()
    apps = {"diskcache": DISKCACHE_APP, "celery": CELERY_APP}
    write_files(
        folder,
        {
            "app.py": apps[request.param].replace(":6379", f":{redis}"),
            "make_celery.py": MAKE_CELERY,
            "pages/export.py": PAGE,
        },
    )

    with ExitStack() as stack:
        if request.param == "celery":
            command = REDIS.format(port=redis)
            stack.enter_context(running(command, folder, port=redis))
            stack.enter_context(running(WORKER, folder))

        command = SERVE.format(port=port)
        stack.enter_context(running(command, folder, port=port))
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Path]:
    """The file that calls wait for."""
    path = tmp_path / "release"
    yield path
    # Servers wait for them when they end.
    path.touch()


@pytest.fixture
def browser(url: str, release: Path, look_at: Callable[[str], Visitor]) -> Visitor:
    browser = look_at(url)
    browser.open("/")
    browser.page.fill("#file", str(release))
    browser.page.click("#start")
    browser.sees("call 1 waits", "#progress")
    return browser


@pytest.mark.browser
def test_progress_and_result(browser: Visitor, release: Path) -> None:
    assert browser.page.is_disabled("#start")
    assert browser.page.inner_text("#result") == ""
    release.touch()
    browser.sees("Export ended 1", "#result")
    browser.page.wait_for_selector("#start:enabled")
    browser.is_quiet()


@pytest.mark.browser
def test_cancel(browser: Visitor, release: Path) -> None:
    browser.page.click("#cancel")
    browser.page.wait_for_selector("#start:enabled")
    browser.page.click("#start")
    browser.sees("call 2 waits", "#progress")
    release.touch()
    browser.sees("Export ended 2", "#result")
    browser.is_quiet()


def test_callback_that_cancels(make_app: MakeApp) -> None:
    app = make_app({"export": PAGE})
    dependencies = app.test_client().get("/_dash-dependencies").json
    assert "cancel.id" in [callback["output"] for callback in dependencies]


class Manager(BaseBackgroundCallbackManager):
    """A manager that only knows the functions."""

    def make_job_fn(self, fn: t.Any, progress: bool, key: str | None = None) -> t.Any:
        return fn


def test_functions_of_two_apps(make_app: MakeApp) -> None:
    managers = Manager(None), Manager(None)

    for manager in managers:
        make_app({"export": PAGE}, background_callback_manager=manager)

    first, second = (manager.func_registry for manager in managers)
    assert first == second
    assert [function.__module__ for function in first.values()] == ["pages.export"]


def test_functions_of_two_sections(bare_app: Flask, write_pages: WritePages) -> None:
    # Dash tells functions apart by their source.
    write_pages("pages", export=PAGE)
    write_pages("staff_pages", export=PAGE)
    manager = Manager(None)
    DashPages(bare_app, background_callback_manager=manager)
    staff = DashPages(
        name="staff",
        url_prefix="/staff",
        pages_folder="staff_pages",
        background_callback_manager=manager,
    )

    with pytest.raises(PageError, match=r"'pages.export.* and 'staff_pages.export.*id"):
        staff.init_app(bare_app)
