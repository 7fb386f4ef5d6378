from __future__ import annotations

import re
import sys
import typing as t
from contextlib import suppress
from pathlib import Path

import dash
import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import new_app
from conftest import WritePages
from dash import _callback as dash_callback
from dash import ALL
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound

from flask_dash_pages import callbacks
from flask_dash_pages import DashPages
from flask_dash_pages import page_container
from flask_dash_pages.callbacks import check_call

PAGE = """
    register_page(__name__)
    layout = html.Div([dcc.Input(id="{0}-in"), html.Div(id="{0}-out")])

    @callback(Output("{0}-out", "children"), Input("{0}-in", "value"))
    def update(value):
        return f"{0} {{value}}"

    clientside_callback(
        "function {0}(x) {{ return x; }}",
        Output("{0}-out", "title"),
        Input("{0}-in", "value"),
    )
"""


def outputs_of(app: Flask, prefix: str = "") -> list[str]:
    """The outputs of the callbacks that the browser is told of."""
    response = app.test_client().get(f"{prefix}/_dash-dependencies")
    outputs = [callback["output"] for callback in response.json or []]
    return [o for o in outputs if not o.startswith(("..", "_")) and "_pages" not in o]


def call(
    app: Flask,
    output: str,
    value: t.Any,
    *,
    source: str | None = None,
    prefix: str = "",
) -> t.Any:
    """Call a callback with one input as the browser does."""
    name, _, prop = output.rpartition(".")
    source = source or name.replace("-out", "-in")
    response = app.test_client().post(
        f"{prefix}/_dash-update-component",
        json={
            "output": output,
            "outputs": {"id": name, "property": prop},
            "inputs": [{"id": source, "property": "value", "value": value}],
            "changedPropIds": [f"{source}.value"],
            "state": [],
        },
    )
    assert response.status_code == 200, response.text
    return response.json["response"][name][prop]  # type: ignore[index]


def scripts_of(app: Flask) -> str:
    """The functions of clientside callbacks."""
    client = app.test_client()
    (url,) = re.findall(r'src="(\S+/callbacks\.js)"', client.get("/a").text)
    return client.get(url).text


def test_callbacks_of_pages(make_app: MakeApp) -> None:
    app = make_app({"a": PAGE.format("a"), "b": PAGE.format("b")})
    assert outputs_of(app) == [
        f"{name}-out.{prop}" for name in "ab" for prop in ("children", "title")
    ]
    assert call(app, "a-out.children", 1) == "a 1"
    assert "function a(x)" in scripts_of(app)


def test_callbacks_of_an_app_made_twice(
    tmp_path: Path, write_pages: WritePages
) -> None:
    write_pages(
        a="import helper\n"
        + PAGE.strip("\n").replace("\n    ", "\n").format("a").strip(),
    )
    helper = (
        "from dash import callback, clientside_callback, Input, Output\n"
        "callback(Output('h-out', 'children'), Input('h-in', 'value'))(str.upper)\n"
        "clientside_callback('function h(x) {}', Output('h-out', 'title'),"
        " Input('h-in', 'value'))\n"
    )
    (tmp_path / "helper.py").write_text(helper)
    sys.path.insert(0, str(tmp_path))

    try:
        apps = []

        for _ in range(3):
            app = new_app(tmp_path)
            DashPages(app)
            apps.append(app)
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("helper", None)

    for app in apps:
        assert set(outputs_of(app)) == {
            "a-out.children",
            "a-out.title",
            "h-out.children",
            "h-out.title",
        }
        assert call(app, "a-out.children", 1) == "a 1"
        assert "function h(x)" in scripts_of(app)


def test_callbacks_of_two_sections(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages("one", a=PAGE.format("a"))
    write_pages("other", b=PAGE.format("b"))
    app = new_app(tmp_path)
    DashPages(app, name="one", url_prefix="/one", pages_folder="one")
    DashPages(app, name="other", url_prefix="/other", pages_folder="other")
    assert outputs_of(app, "/one") == ["a-out.children", "a-out.title"]
    assert outputs_of(app, "/other") == ["b-out.children", "b-out.title"]
    assert call(app, "a-out.children", 1, prefix="/one") == "a 1"
    assert "function b(x)" not in app.test_client().get("/one/a").text


def test_helper_that_two_sections_import(
    tmp_path: Path, write_pages: WritePages
) -> None:
    shared = """
        callback(Output("h-out", "children"), Input("h-in", "value"))(str.upper)
        text = "shared"
    """
    page = "from .._shared import text\nregister_page(__name__)\nlayout = text"
    unaware = "register_page(__name__)\nlayout = 'text'"
    write_pages("sections", _shared=shared)
    write_pages("sections/one", a=page)
    write_pages("sections/other", a=page)
    write_pages("sections/third", a=unaware)
    app = new_app(tmp_path)

    for name in ["one", "other", "third"]:
        DashPages(
            app, name=name, url_prefix=f"/{name}", pages_folder=f"sections/{name}"
        )

    assert outputs_of(app, "/one") == ["h-out.children"]
    assert outputs_of(app, "/other") == ["h-out.children"]
    assert outputs_of(app, "/third") == []


def test_module_imported_by_name(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(
        a="""
            import importlib
            importlib.import_module("pages._plugin")
            register_page(__name__)
            layout = "text"
        """,
        _plugin="""
            callback(Output("p-out", "children"), Input("p-in", "value"))(str.upper)
        """,
    )

    for _ in range(2):
        app = new_app(tmp_path)
        DashPages(app)
        assert outputs_of(app) == ["p-out.children"]


def test_helper_imported_before_the_first_app(
    tmp_path: Path, write_pages: WritePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "early_helper.py").write_text(
        "from dash import callback, Input, Output\n"
        "@callback(Output('e-out', 'children'), Input('e-in', 'value'))\n"
        "def update(value): return value\n"
    )
    write_pages(
        "one", a="import early_helper\nregister_page(__name__)\nlayout = 'text'"
    )
    write_pages("other", a="register_page(__name__)\nlayout = 'text'")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("early_helper")
    stock = dash.Dash("stock")
    app = new_app(tmp_path)
    DashPages(app, name="one", url_prefix="/one", pages_folder="one")
    DashPages(app, name="other", url_prefix="/other", pages_folder="other")
    assert outputs_of(app, "/one") == ["e-out.children"]
    assert outputs_of(app, "/other") == []
    # A stock app takes what it always took.
    stock.layout = html.Div()
    assert outputs_of(stock.server) == ["e-out.children"]
    del sys.modules["early_helper"]


def test_callback_of_the_shell(make_app: MakeApp) -> None:
    app = make_app(pages_folder=None)

    @dash.callback(Output("s-out", "children"), Input("s-in", "value"))
    def update(value: str) -> str:
        return f"shell {value}"

    assert outputs_of(app) == ["s-out.children"]
    assert call(app, "s-out.children", 1) == "shell 1"


def test_callback_belongs_to_the_stock_app(make_app: MakeApp) -> None:
    app = make_app({"a": PAGE.format("a")})
    stock = dash.Dash("stock", server=app, url_base_pathname="/stock/")
    stock.layout = html.Div([dcc.Input(id="s-in"), html.Div(id="s-out")])

    @dash.callback(Output("s-out", "children"), Input("s-in", "value"))
    def update(value: str) -> str:
        return f"stock {value}"

    assert outputs_of(app) == ["a-out.children", "a-out.title"]
    assert outputs_of(app, "/stock") == ["s-out.children"]
    assert call(app, "s-out.children", 1, prefix="/stock") == "stock 1"


@pytest.mark.parametrize("dev_tools", [True, False])
def test_clientside_callback_of_the_stock_app(
    make_app: MakeApp, dev_tools: bool
) -> None:
    app = make_app(config={"DASH_PAGES_DEV_TOOLS": dev_tools})
    stock = dash.Dash("stock")
    stock.layout = html.Div()
    dash.clientside_callback("function s(x) {}", Output("s", "a"), Input("s", "b"))
    assert "function s(x)" not in app.test_client().get("/").text
    assert "function s(x)" in stock.server.test_client().get("/").text


def test_stock_app_does_not_take_callbacks_of_pages(make_app: MakeApp) -> None:
    stock = dash.Dash("stock")
    stock.layout = html.Div()
    app = make_app({"a": PAGE.format("a")})
    assert outputs_of(stock.server) == []
    assert "function a(x)" not in stock.server.test_client().get("/").text
    assert outputs_of(app) == ["a-out.children", "a-out.title"]


@pytest.mark.parametrize("order", ["so", "os", "sgo"])
def test_folder_of_a_stock_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    # Dash names the modules by where they are below it.
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.py").write_text(
        "from dash import callback, html, Input, Output, register_page\n"
        "register_page(__name__)\n"
        "layout = html.Div(id='shared-out')\n"
        "@callback(Output('shared-out', 'children'), Input('shared-in', 'value'))\n"
        "def update(value): return value\n"
    )
    made: dict[str, Flask] = {}

    for each in order:
        if each == "s":
            stock = dash.Dash("stock", use_pages=True, pages_folder=str(folder))
            stock.layout = html.Div(dash.page_container)
            made["s"] = stock.server
        elif each == "g":
            assert made["s"].test_client().get("/").status_code == 200
        else:
            made["o"] = new_app(tmp_path)
            DashPages(made["o"])

    for served in made.values():
        assert outputs_of(served).count("shared-out.children") == 1


def test_callback_of_the_extension(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None)
    pages.layout = html.Div(page_container)

    @pages.callback(Output("e-out", "children"), Input("e-in", "value"))
    def update(value: str) -> str:
        return f"extension {value}"

    pages.clientside_callback(
        "function e(x) {}", Output("e-out", "title"), Input("e-in", "value")
    )
    assert update("x") == "extension x"

    for _ in range(2):
        app = new_app(tmp_path)
        pages.init_app(app)

        with app.app_context():
            # Only for this app.
            pages.callback(Output("o-out", "children"), Input("e-in", "value"))(str)

        assert outputs_of(app) == ["e-out.children", "e-out.title", "o-out.children"]
        assert call(app, "e-out.children", 1) == "extension 1"


def test_callback_of_get_app(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(
        a="""
            app = dash.get_app()
            register_page(__name__)
            layout = html.Div([dcc.Input(id="g-in"), html.Div(id="g-out")])

            @app.callback(Output("g-out", "children"), Input("g-in", "value"))
            def update(value):
                return app.get_relative_path("/a")

            app.clientside_callback(
                "function g(x) {}", Output("g-out", "title"), Input("g-in", "value")
            )
        """
    )

    for prefix in ["/one", "/other"]:
        app = new_app(tmp_path)
        DashPages(app, url_prefix=prefix)
        assert outputs_of(app, prefix) == ["g-out.children", "g-out.title"]
        assert call(app, "g-out.children", 1, prefix=prefix) == f"{prefix}/a"


def test_prevent_initial_callbacks_of_the_app(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder=None, prevent_initial_callbacks=True)
    pages.callback(Output("a", "children"), Input("b", "value"))(str)
    response = app.test_client().get("/_dash-dependencies")
    [spec] = [s for s in response.json or [] if s["output"] == "a.children"]
    assert spec["prevent_initial_call"] is True


def test_cancel_inputs_are_kept_for_the_next_app() -> None:
    background = {"interval": 1000, "cancel_inputs": ["input"]}
    spec = {"output": "a.children"}
    harvest = callbacks.Callbacks(
        specs=[spec], entries={"a.children": {"background": background}}
    )
    app = dash.Dash("stock")
    callbacks.replay(app, [harvest], {})
    app.callback_map["a.children"]["background"].pop("cancel_inputs")
    assert "cancel_inputs" in background


def test_lists_of_dash_are_the_ones_we_replace() -> None:
    # Fails when Dash keeps what dash.callback is given somewhere else.
    names = {name for name in vars(dash_callback) if name.startswith("GLOBAL_")}
    assert names == set(callbacks._KINDS)
    callbacks.install()
    before = {name: getattr(dash_callback, name) for name in callbacks._KINDS}
    callbacks.install()

    for name, held in before.items():
        assert getattr(dash_callback, name) is held

    with callbacks.apart():
        dash.callback(Output("x", "children"), Input("y", "value"), api_endpoint="/x")(
            str
        )
        dash.clientside_callback("f", Output("x", "title"), Input("y", "value"))
        assert [len(held) for held in before.values()] == [2, 1, 2, 1]

    assert [len(held) for held in before.values()] == [0, 0, 0, 0]


ENTRIES = {
    "a.children": {
        "callback": str,
        "output": Output("a", "children"),
        "inputs": [{"id": "b", "property": "value"}],
        "state": [],
    },
    "..a.children...b.children..": {
        "callback": str,
        "output": [Output("a", "children"), Output("b", "children")],
        "inputs": [],
        "state": [{"id": "c", "property": "value"}],
    },
    "all.children": {
        "callback": str,
        "output": [Output({"type": ALL, "index": 1}, "children")],
        "inputs": [],
        "state": [],
    },
    "client.children": {"output": Output("client", "children")},
}

INPUT = {"id": "b", "property": "value", "value": 1}
OUTPUT = {"id": "a", "property": "children"}
OUTPUTS = [{"id": {"type": "x", "index": 1}, "property": "children"}]


@pytest.mark.parametrize(
    "body",
    [
        {"output": "a.children", "outputs": OUTPUT, "inputs": [INPUT]},
        {"output": "a.children", "outputs": OUTPUT, "inputs": [[INPUT, INPUT]]},
        {"output": "a.children", "outputs": OUTPUT, "inputs": [[]]},
        {"output": "all.children", "outputs": [OUTPUTS]},
        {
            "output": "..a.children...b.children..",
            "outputs": [OUTPUT, {"id": "b", "property": "children"}],
            "state": [{"id": {"type": "x"}, "property": "value"}],
            "changedPropIds": ["b.value"],
        },
    ],
)
def test_check_call(body: dict[str, t.Any]) -> None:
    check_call(body, ENTRIES)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (None, BadRequest),
        ([], BadRequest),
        ({}, BadRequest),
        ({"output": 1}, BadRequest),
        ({"output": "other.children"}, NotFound),
        ({"output": "client.children"}, NotFound),
        ({"output": "a.children"}, BadRequest),
        ({"output": "a.children", "outputs": [], "inputs": [INPUT]}, BadRequest),
        ({"output": "a.children", "outputs": [OUTPUT], "inputs": [INPUT]}, BadRequest),
        ({"output": "a.children", "outputs": OUTPUT}, BadRequest),
        ({"output": "a.children", "outputs": OUTPUT, "inputs": [1]}, BadRequest),
        ({"output": "a.children", "outputs": OUTPUT, "inputs": [{}]}, BadRequest),
        ({"output": "a.children", "outputs": OUTPUT, "inputs": [[[]]]}, BadRequest),
        ({"output": "a.children", "outputs": OUTPUT, "inputs": INPUT}, BadRequest),
        (
            {
                "output": "a.children",
                "outputs": {"id": "evil", "property": "children"},
                "inputs": [INPUT],
            },
            BadRequest,
        ),
        (
            {
                "output": "a.children",
                "outputs": OUTPUT,
                "inputs": [INPUT],
                "changedPropIds": [1],
            },
            BadRequest,
        ),
    ],
)
def test_check_call_refused(body: t.Any, error: type[HTTPException]) -> None:
    with pytest.raises(error):
        check_call(body, ENTRIES)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["output", "outputs", "inputs", "state", "id", "property"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES | st.fixed_dictionaries({"output": st.sampled_from([*ENTRIES])}))
def test_check_call_of_anything(body: t.Any) -> None:
    with suppress(BadRequest, NotFound):
        check_call(body, ENTRIES)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"output": "no.such"}}, 404),
        ({"json": {}}, 400),
        ({"json": []}, 400),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "text"}, 415),
    ],
)
def test_bad_call(make_app: MakeApp, options: dict[str, t.Any], status: int) -> None:
    client = make_app({"a": PAGE.format("a")}).test_client()
    assert client.post("/_dash-update-component", **options).status_code == status


def test_callback_prevents_update(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                from dash.exceptions import PreventUpdate
                register_page(__name__)
                layout = "text"

                @callback(Output("a-out", "children"), Input("a-in", "value"))
                def update(value):
                    raise PreventUpdate
            """
        }
    )
    response = app.test_client().post(
        "/_dash-update-component",
        json={
            "output": "a-out.children",
            "outputs": {"id": "a-out", "property": "children"},
            "inputs": [{"id": "a-in", "property": "value", "value": 1}],
        },
    )
    assert response.status_code == 204


def test_dispatch_keeps_its_name(make_app: MakeApp) -> None:
    # Flask-WTF exempts "dash.dash.dispatch".
    app = make_app(pages_folder=None)
    view = app.view_functions["dash_pages.dash_update_component"]
    assert f"{view.__module__}.{view.__name__}" == "dash.dash.dispatch"


def test_registering_is_kept_in_page_container_users(bare_app: Flask) -> None:
    DashPages(bare_app, pages_folder=None)
    assert bound_pages(bare_app).dash.layout is page_container
