"""Apps beside each other, and apps that are gone."""

from __future__ import annotations

import gc
import html
import json
import logging
import multiprocessing
import os
import random
import re
import sys
import threading
import typing as t
import weakref
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path

import dash
import pytest
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from conftest import WritePages
from dash import _callback as dash_callback
from flask import Flask
from flask import request_finished
from flask import request_started
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_dash_pages import DashPages
from flask_dash_pages import signals

#: What the functions of the ``dash`` module say.
WHAT_DASH_SAYS = """
import dash, json

def said():
    app = dash.get_app()
    return json.dumps(
        {
            "app": f"{app.config.name} {app.title}",
            "asset": dash.get_asset_url("own.txt"),
            "relative": dash.get_relative_path("/x"),
            "stripped": dash.strip_relative_path(dash.get_relative_path("/y")),
            "pages": list(dash.page_registry),
            "paths": [p["relative_path"] for p in dash.page_registry.values()],
        }
    )
"""

HELPER = """
from dash import callback, Input, Output
from what_dash_says import said

@callback(Output("helper-out", "children"), Input("helper-in", "value"))
def helper(value):
    return f"{value} {said()}"
"""

PAGE = """
import dash
from dash import callback, html, Input, Output
from what_dash_says import said
dash.register_page(__name__, path="/{name}")

def layout(**query):
    return html.Pre(said())

@callback(Output("{name}-out", "children"), Input("{name}-in", "value"))
def update(value):
    return f"{{value}} {{said()}}"
"""

#: The page files of each folder, and whether they use the helper.
FOLDERS = {
    "pages": (["alpha", "same"], True),
    "staff": (["beta", "same"], True),
    "guests": (["gamma", "same"], False),
    "stock": (["delta", "same"], False),
}


class Place(t.NamedTuple):
    """Where somebody serves pages."""

    app: str
    title: str
    mount: str
    prefix: str
    folder: str

    @property
    def says(self) -> dict[str, t.Any]:
        """What is right here."""
        base = f"{self.mount}{self.prefix}"
        names = FOLDERS[self.folder][0]
        return {
            "app": f"{self.app} {self.title}",
            "asset": f"{base}/assets/own.txt",
            "relative": f"{base}/x",
            "stripped": "y",
            "pages": [f"{self.folder}.{name}" for name in names],
            "paths": [f"{base}/{name}" for name in names],
        }

    @property
    def outputs(self) -> list[str]:
        """The outputs of the callbacks that are here."""
        names, has_helper = FOLDERS[self.folder]
        return [f"{name}-out" for name in [*names, *["helper"] * has_helper]]


PLACES = {
    "first": [Place("first", "factory", "", "/p", "pages")],
    "second": [Place("second", "factory", "/mount", "/p", "pages")],
    "sections": [
        Place("sections", "staff", "", "/staff", "staff"),
        Place("sections", "guests", "", "/guests", "guests"),
    ],
    "stock": [Place("stock", "stock", "", "/stock", "stock")],
}

#: The first two are made by the same factory.
ORDERS = [
    order
    for order in permutations(PLACES)
    if order.index("first") < order.index("second")
]


def write_project(root: Path) -> None:
    (root / "what_dash_says.py").write_text(WHAT_DASH_SAYS)
    (root / "helper.py").write_text(HELPER)

    for folder, (names, has_helper) in FOLDERS.items():
        (root / folder).mkdir()
        (root / f"{folder}_assets").mkdir()
        (root / f"{folder}_assets" / "own.txt").write_text(folder)

        for name in names:
            text = "import helper\n" * has_helper + PAGE.format(name=name)
            (root / folder / f"{name}.py").write_text(text)


def make_host(name: str, root: Path, factory: DashPages) -> Flask:
    if name == "stock":
        stock = dash.Dash(
            "stock",
            title="stock",
            url_base_pathname="/stock/",
            use_pages=True,
            pages_folder=str(root / "stock"),
            assets_folder=str(root / "stock_assets"),
        )
        stock.layout = dash.html.Div(dash.page_container)
        return t.cast(Flask, stock.server)

    app = Flask(name, root_path=str(root))

    if name != "sections":
        factory.init_app(app)
        return app

    for section in ("staff", "guests"):
        DashPages(
            app,
            name=section,
            title=section,
            url_prefix=f"/{section}",
            pages_folder=section,
            assets_folder=f"{section}_assets",
        )

    return app


def ask(client: FlaskClient, place: Place) -> list[t.Any]:
    """All that can be asked for at ``place``."""
    base = {"environ_overrides": {"SCRIPT_NAME": place.mount}}
    names = FOLDERS[place.folder][0]
    dependencies = client.get(f"{place.prefix}/_dash-dependencies", **base).json
    outputs = [c["output"].removesuffix(".children") for c in dependencies or ()]
    answers: list[t.Any] = [
        sorted(name for name in outputs if name.endswith("-out")),
        client.get(f"{place.prefix}/assets/own.txt", **base).text,
    ]

    for output in place.outputs:
        value, _, said = str(
            call(client, place, output, "value", **base)["children"]
        ).partition(" ")
        answers.append([value, json.loads(said)])

    for name in names:
        path = f"{place.prefix}/{name}"

        if place.app == "stock":
            content = call(client, place, "_pages_content", f"{path}", **base)
            answers.append(json.loads(content["children"]["props"]["children"]))
            continue

        layout = client.get(path, headers=JSON, **base).json["layout"]  # type: ignore[index]
        answers.append(json.loads(layout["props"]["children"]))
        text = client.get(path, headers={"Accept": "text/html"}, **base).text
        [said] = re.findall(r"<pre>\n(.*?)</pre>", text)
        answers.append(json.loads(html.unescape(said)))

    return answers


def expected(place: Place) -> list[t.Any]:
    times = len(FOLDERS[place.folder][0]) * (1 if place.app == "stock" else 2)
    return [
        sorted(place.outputs),
        place.folder,
        *[["value", place.says]] * len(place.outputs),
        *[place.says] * times,
    ]


def call(
    client: FlaskClient, place: Place, output: str, value: str, **options: t.Any
) -> dict[str, t.Any]:
    """Call a callback as the browser does."""
    body = {
        "output": f"{output}.children",
        "outputs": {"id": output, "property": "children"},
        "inputs": [
            {"id": output.replace("out", "in"), "property": "value", "value": value}
        ],
        "state": [],
    }

    if output == "_pages_content":
        # The routing callback of Dash Pages.
        values = {"pathname": value, "search": ""}
        body = {
            "output": ".._pages_content.children..._pages_store.data..",
            "outputs": [
                {"id": "_pages_content", "property": "children"},
                {"id": "_pages_store", "property": "data"},
            ],
            "inputs": [
                {"id": "_pages_location", "property": name, "value": value}
                for name, value in values.items()
            ],
            "state": [],
        }

    url = f"{place.prefix}/_dash-update-component"
    response = client.post(url, json=body, **options)
    assert response.status_code == 200, response.text
    return t.cast("dict[str, t.Any]", response.json["response"][output])  # type: ignore[index]


def serve_beside_each_other(order: tuple[str, ...], root: str) -> list[str]:
    """Make apps in ``order`` and serve them by many threads.

    :return: What was wrong.
    """
    sys.path.insert(0, root)
    os.chdir(root)
    factory = DashPages(title="factory", url_prefix="/p", assets_folder="pages_assets")
    hosts: dict[str, Flask] = {}
    wrong: list[str] = []

    def work(jobs: list[tuple[str, Place]]) -> None:
        barrier.wait()

        for name, place in jobs:
            answers = ask(hosts[name].test_client(), place)

            if answers != expected(place):
                wrong.append(f"{place.app}{place.prefix}: {answers}")

    for name in order:
        hosts[name] = make_host(name, Path(root), factory)

        if name == "stock":
            # Only its first thread waits until it is set up.
            hosts[name].test_client().get("/stock/")

        # All of them serve before the next one is made.
        jobs = [(host, place) for host in hosts for place in PLACES[host]]
        barrier = threading.Barrier(8)

        with ThreadPoolExecutor(8) as pool:
            shuffled = [random.sample(jobs, len(jobs)) for _ in range(8)]
            list(pool.map(work, shuffled))

    return wrong


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_apps_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    write_project(tmp_path)

    # What Dash keeps for the process depends on which app was made first in it.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(serve_beside_each_other, (order, str(tmp_path))) == []


@pytest.mark.parametrize(
    "order",
    [["stock", "pages"], ["stock", "serve", "pages"]],
    ids="-".join,
)
def test_helper_of_a_stock_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: list[str]
) -> None:
    write_project(tmp_path)
    (tmp_path / "stock" / "uses.py").write_text(
        "import helper\n" + PAGE.format(name="u")
    )
    monkeypatch.syspath_prepend(tmp_path)
    hosts: dict[str, Flask] = {}

    def outputs(name: str) -> str:
        prefix = "/stock" if name == "stock" else "/p"
        return hosts[name].test_client().get(f"{prefix}/_dash-dependencies").text

    for name in order:
        if name == "serve":
            assert "helper-out" in outputs("stock")
        elif name == "stock":
            hosts[name] = make_host("stock", tmp_path, DashPages())
        else:
            hosts[name] = make_host("first", tmp_path, DashPages(url_prefix="/p"))

    assert {name: "helper-out" in outputs(name) for name in hosts} == {
        "stock": True,
        "pages": True,
    }


EVERYTHING = {
    "home": """
        import flask
        register_page(__name__, path="/", redirect_from=["/old"])

        def layout(end="", **query):
            if end == "missing":
                flask.abort(404)
            if end == "denied":
                flask.abort(403)
            if end == "elsewhere":
                return flask.redirect("/there")
            if end == "broken":
                raise ValueError(end)
            return html.Div(["Home text", html.Div(id="out"), dcc.Input(id="in")])

        @callback(Output("out", "children"), Input("in", "value"))
        def update(value):
            if value == "broken":
                raise ValueError(value)
            return [value, dash.get_app().config.name]

        clientside_callback("(x) => x", Output("out", "title"), Input("in", "value"))
    """,
    "about": "register_page(__name__)\nlayout = html.P('About text')",
}

HTML = {"Accept": "text/html"}
PREFETCH = {**JSON, "Dash-Pages-Prefetch": "1"}

Send = Callable[[FlaskClient], TestResponse]


def sends_get(path: str, **headers: str) -> Send:
    return lambda client: client.get(path, headers=headers)


def sends_call(value: str) -> Send:
    return lambda client: client.post(
        "/_dash-update-component",
        json={
            "output": "out.children",
            "outputs": {"id": "out", "property": "children"},
            "inputs": [{"id": "in", "property": "value", "value": value}],
            "state": [],
        },
    )


def complete(response: TestResponse) -> tuple[int, str, str]:
    """All of an answer but what Dash signs for each load."""
    config = r'<script id="_dash-config".*?</script>'
    text = re.sub(config, "", response.text, flags=re.DOTALL)
    return response.status_code, str(response.content_type), text


@pytest.fixture
def _threads_switch_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_threads_switch_often")
def test_first_requests_of_a_fresh_app(make_app: MakeApp) -> None:
    warm = make_app(EVERYTHING)
    [dependencies] = re.findall(
        r'href="(\S+dependencies\.json)"', warm.test_client().get("/").text
    )
    sends = [
        sends_get("/", **HTML),
        sends_get("/", **JSON),
        sends_get("/about", **HTML),
        sends_get("/about", **PREFETCH),
        sends_get("/old"),
        sends_get("/nothing", **HTML),
        sends_get("/_dash-layout"),
        sends_get("/_dash-dependencies"),
        sends_get(dependencies),
        sends_call("value"),
    ]
    right = [complete(send(warm.test_client())) for send in sends]
    assert [status for status, _, _ in right] == [200] * 4 + [301, 404] + [200] * 4
    barrier = threading.Barrier(2 * len(sends))

    def first(app: Flask, send: Send) -> tuple[int, str, str]:
        client = app.test_client()
        barrier.wait()
        return complete(send(client))

    with ThreadPoolExecutor(barrier.parties) as pool:
        for _ in range(10):
            app = make_app(EVERYTHING)
            assert list(pool.map(first, [app] * 20, [*sends, *sends])) == right * 2


VISITS: dict[str, Send] = {
    "html": sends_get("/", **HTML),
    "json": sends_get("/", **JSON),
    "prefetch": sends_get("/about", **PREFETCH),
    "callback": sends_call("value"),
    "dependencies": sends_get("/_dash-dependencies"),
    "asset": sends_get("/assets/none.css"),
    "unknown": sends_get("/nothing"),
    "slash": sends_get("/about/"),
    "redirect": sends_get("/old"),
    "missing": sends_get("/?end=missing"),
    "denied": sends_get("/?end=denied"),
    "elsewhere": sends_get("/?end=elsewhere"),
    "broken": sends_get("/?end=broken"),
    "broken_callback": sends_call("broken"),
}


@pytest.fixture
def _nothing_is_logged() -> Iterator[None]:
    """Keep no tracebacks, which have the app."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("_nothing_is_logged")
@pytest.mark.parametrize("visits", [*([name] for name in VISITS), [*VISITS]], ids=str)
def test_app_is_collected(make_app: MakeApp, visits: list[str]) -> None:
    app = make_app(EVERYTHING, config={"TESTING": False})
    statuses = [VISITS[name](app.test_client()).status_code for name in visits]
    assert all(statuses)
    bound = bound_pages(app)
    page = bound.registry["pages.home"]
    alive = [
        weakref.ref(part) for part in (app, bound, bound.dash, bound.blueprint, page)
    ]
    del app, bound, page
    gc.collect()
    assert [ref() for ref in alive] == [None] * len(alive)


def kept_by_the_process() -> dict[str, int]:
    """How long the lists are that are not those of one app."""
    lists: dict[str, t.Sized] = {
        "modules": sys.modules,
        "path": sys.path,
        "registry": dash.page_registry,
        "dcc": dash.dcc._js_dist,
        "hooks": dash.hooks._js_dist,
        "renderer": dash._dash_renderer._js_dist_dependencies,
        "loggers": logging.root.manager.loggerDict,
    }

    for kind in ("API_PATHS", "CALLBACK_LIST", "CALLBACK_MAP", "INLINE_SCRIPTS"):
        lists[kind] = getattr(dash_callback, f"GLOBAL_{kind}")

    for signal in [request_started, request_finished, *signals._signals.values()]:
        parts = ("receivers", "_by_receiver", "_by_sender", "_weak_senders")
        lists |= {f"{signal.name} {part}": getattr(signal, part) for part in parts}

    return {name: len(of_process) for name, of_process in lists.items()}


def objects() -> Counter[str]:
    """The objects in the process, by type."""
    gc.collect()
    return Counter(
        f"{type(part).__module__}.{type(part).__qualname__}"
        for part in gc.get_objects()
    )


@pytest.mark.usefixtures("_nothing_is_logged")
def test_factory_leaves_nothing_behind(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(**EVERYTHING)
    pages = DashPages()
    pages.register_page("further", layout="text")
    pages.clientside_callback("(x) => x", dash.Output("a", "b"), dash.Input("a", "c"))

    def create_and_drop(times: int) -> None:
        for _ in range(times):
            app = new_app(tmp_path, TESTING=False)
            pages.init_app(app)

            for name in ("html", "callback", "broken"):
                VISITS[name](app.test_client())

    create_and_drop(20)
    before, kept = objects(), kept_by_the_process()
    create_and_drop(200)
    grown = objects() - before
    # What grows with the calls grows by as many. Threads of others may add some.
    assert {name: number for name, number in grown.items() if number >= 200} == {}
    assert kept_by_the_process() == kept
