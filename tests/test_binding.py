from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import typing as t
from pathlib import Path

import dash
import pytest
from conftest import bound_pages
from conftest import MakeApp
from conftest import new_app
from dash import dcc
from dash import html
from dash import Input
from dash import State
from flask import Flask
from flask import request
from plotly.utils import PlotlyJSONEncoder

from flask_dash_pages import binding
from flask_dash_pages import DashPages
from flask_dash_pages import page_container
from flask_dash_pages.binding import fill_shell

HOME = {
    "home": "register_page(__name__, path='/', title='Home & <b>')\nlayout = 'Home'"
}


def index_of(app: Flask, path: str = "/", **options: t.Any) -> str:
    response = app.test_client().get(path, **options)
    assert response.status_code == 200, response.text
    return response.text


def data_of(text: str, name: str = "_dash-pages") -> t.Any:
    start = f'<script id="{name}" type="application/json">'
    return json.loads(text.partition(start)[2].partition("</script>")[0])


def test_index_keeps_the_order_of_dash(make_app: MakeApp) -> None:
    app = make_app(
        HOME,
        meta_tags=[{"name": "author", "content": "me"}],
        external_stylesheets=["https://example.com/a.css"],
        external_scripts=[{"src": "https://example.com/a.js", "defer": "defer"}],
    )
    text = index_of(app)
    parts = [
        '<meta name="description"',
        '<meta property="og:image"',
        '<meta property="og:url"',
        '<link rel="canonical"',
        '<meta http-equiv="X-UA-Compatible"',
        '<meta charset="UTF-8"',
        '<meta name="viewport"',
        '<meta name="author" content="me">',
        "<title>Home &amp; &lt;b&gt;</title>",
        '<link rel="icon"',
        '<link rel="stylesheet" href="https://example.com/a.css">',
        'id="react-entry-point"',
        '<script id="_dash-config"',
        '<script id="_dash-pages"',
        '<script src="https://example.com/a.js" defer="defer"></script>',
        "dash_renderer",
        "new DashRenderer",
    ]
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions)
    assert text.count("<title>") == 1


def test_index_string(make_app: MakeApp) -> None:
    app = make_app(
        HOME,
        index_string=(
            "<html lang=en><head>{%metas%}<title>{%title%} | Site</title>{%favicon%}"
            "{%css%}</head><body class=mine>{%app_entry%}{%config%}{%scripts%}"
            "{%renderer%}</body></html>"
        ),
    )
    text = index_of(app)
    assert text.startswith("<html lang=en>")
    assert "<title>Home &amp; &lt;b&gt; | Site</title>" in text
    assert "<body class=mine>" in text


def test_interpolate_index_of_a_subclass(make_app: MakeApp) -> None:
    class MyDash(dash.Dash):
        def interpolate_index(self, **kwargs: t.Any) -> str:
            return (
                f"<html><title>{kwargs['title']} mine</title>{kwargs['metas']}"
                f"{kwargs['app_entry']}{kwargs['config']}{kwargs['scripts']}"
                f"{kwargs['renderer']}</html>"
            )

    text = index_of(make_app(HOME, dash_class=MyDash))
    assert text.startswith("<html><title>Home &amp; &lt;b&gt; mine</title>")
    assert "og:title" in text
    assert data_of(text)["complete"]


def test_server_of_dash_has_what_the_app_has(make_app: MakeApp) -> None:
    files = {
        "home": """
            register_page(__name__, path="/")
            app = dash.get_app()
            app.server.extensions["mine"] = app.server.config["MINE"]
            layout = lambda: dash.get_app().server.url_map.__class__.__name__
        """
    }
    app = make_app(files, config={"MINE": 7})
    assert app.extensions["mine"] == 7
    assert '"Map"' in app.test_client().get("/").text
    server = bound_pages(app).dash.server

    with pytest.raises(AttributeError, match="has no attribute 'config'"):
        server.config  # noqa: B018

    with app.app_context(), pytest.raises(AttributeError, match="nothing"):
        server.nothing  # noqa: B018


def test_key_that_dash_makes_is_not_taken(make_app: MakeApp) -> None:
    class KeyDash(dash.Dash):
        def _setup_server(self) -> None:
            super()._setup_server()
            self.server.secret_key = self.server.secret_key or "made"

    app = make_app(HOME, dash_class=KeyDash)
    assert "Home" in index_of(app)
    assert app.secret_key is None


def test_index_without_page_meta(make_app: MakeApp) -> None:
    text = index_of(make_app(HOME, include_pages_meta=False))
    assert "og:title" not in text
    assert "<title>Home &amp; &lt;b&gt;</title>" in text


def test_index_hook(make_app: MakeApp) -> None:
    app = make_app(HOME)

    @dash.hooks.index()
    def change(index: str) -> str:
        return index.replace("<footer>", "<footer><!-- hooked -->")

    @dash.hooks.layout()
    def wrap(layout: t.Any) -> t.Any:
        return html.Div([layout, "hooked layout"])

    try:
        text = index_of(app)
    finally:
        dash.hooks._ns["index"].clear()
        dash.hooks._ns["layout"].clear()

    assert "<!-- hooked -->" in text
    assert "hooked layout" in text


def test_data_of_the_index(make_app: MakeApp) -> None:
    app = make_app({"a": "register_page(__name__)\nlayout = html.Div('</script><!--')"})
    text = index_of(app, "/a")
    data = data_of(text)
    assert data["complete"] is True
    assert data["inputs"] == []
    assert data["version"] == bound_pages(app).release.version
    location, content, store, dummy = data["layout"]["props"]["children"]
    assert location["props"]["id"] == "_pages_location"
    assert content["props"]["id"] == "_pages_content"
    assert content["props"]["children"]["props"]["children"] == "</script><!--"
    assert store["props"] == {"id": "_pages_store", "data": {"title": "A"}}
    assert dummy["props"]["id"] == "_pages_dummy"


def test_assets(tmp_path: Path) -> None:
    assets = tmp_path / "static_files"
    (assets / "sub").mkdir(parents=True)
    (assets / "style.css").write_text("body {}")
    (assets / "sub" / "code.js").write_text("1")
    (assets / "favicon.ico").write_bytes(b"icon")
    app = new_app(tmp_path)
    pages = DashPages(
        app, url_prefix="/p", pages_folder=None, assets_folder="static_files"
    )
    pages.register_page("a", layout="")
    text = index_of(app, "/p/a", environ_overrides={"SCRIPT_NAME": "/mount"})
    urls = re.findall(r'(?:href|src)="(/mount/p/assets/[^"?]+)\?m=', text)
    assert urls == [
        "/mount/p/assets/favicon.ico",
        "/mount/p/assets/style.css",
        "/mount/p/assets/sub/code.js",
    ]

    for url in urls:
        response = app.test_client().get(url.removeprefix("/mount"))
        assert response.status_code == 200
        response.close()

    with app.test_request_context():
        from flask import url_for

        assert url_for("dash_pages.static", filename="a.png") == "/p/assets/a.png"


def test_bundles(make_app: MakeApp) -> None:
    app = make_app(HOME, url_prefix="/p")
    client = app.test_client()
    urls = re.findall(r'src="(/p/_dash-component-suites/[^"]+)"', index_of(app, "/p/"))
    assert len(urls) > 5

    for url in urls:
        assert client.get(url).status_code == 200

    assert client.get("/p/_favicon.ico").status_code == 200
    assert client.get("/p/_reload-hash").status_code == 200


def hashes_of(text: str) -> set[str]:
    scripts = re.findall(
        r"<script(?![^>]*(?:src=|json))[^>]*>(.*?)</script>", text, re.S
    )
    scripts = [script for script in scripts if "Internet Explorer" not in script]
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}


def test_csp_hashes(make_app: MakeApp) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/")
                layout = html.Div(id="a")
                clientside_callback(
                    "function (x) { return x; }",
                    Output("a", "title"),
                    Input("a", "children"),
                )
            """
        }
    )
    dash.clientside_callback(
        "function () {}", dash.Output("shell", "title"), dash.Input("shell", "children")
    )
    before = set(bound_pages(app).dash.csp_hashes())
    text = index_of(app)
    assert len(before) == 4
    # The functions are in a script of their own now.
    assert hashes_of(text) == set(bound_pages(app).dash.csp_hashes()) < before


def test_error_handlers_are_of_the_blueprint(make_app: MakeApp) -> None:
    app = make_app(HOME)

    @app.get("/mine")
    def mine() -> str:
        raise dash.exceptions.PreventUpdate

    assert not app.error_handler_spec[None]
    assert None not in app.before_request_funcs
    assert None not in app.after_request_funcs

    with pytest.raises(dash.exceptions.PreventUpdate):
        app.test_client().get("/mine")


def test_signing_key_is_that_of_the_app(make_app: MakeApp) -> None:
    app = make_app(HOME, config={"SECRET_KEY": "secret"})

    with app.app_context():
        assert bound_pages(app).dash.server.secret_key == "secret"


def test_dev_tools_follow_debug(make_app: MakeApp) -> None:
    for debug, setting, expected in [
        (False, None, False),
        (True, None, True),
        (True, False, False),
        (False, True, True),
    ]:
        config = {"DEBUG": debug, "DASH_PAGES_DEV_TOOLS": setting}
        app = make_app(HOME, config=config)
        assert data_of(index_of(app), "_dash-config")["ui"] is expected


def test_dev_tools_time_callbacks(make_app: MakeApp) -> None:
    app = make_app(HOME, config={"DEBUG": True})
    assert "Server-Timing" not in app.test_client().get("/").headers
    assert "Server-Timing" in app.test_client().get("/_dash-layout").headers


def test_routes_of_hooks(make_app: MakeApp) -> None:
    @dash.hooks.route(name="hooked.txt")
    def hooked() -> str:
        return f"hooked {request.endpoint} {dash.get_app().config.name}"

    try:
        app = make_app(HOME)
    finally:
        dash.hooks._ns["routes"].clear()

    text = app.test_client().get("/hooked.txt").text
    assert text == "hooked dash_pages.hooked_txt testapp"


def test_shell_is_checked_and_tried_again(make_app: MakeApp) -> None:
    app = make_app(
        HOME, layout=html.Div([html.Div(id="x"), html.Div(id="x"), page_container])
    )

    for _ in range(2):
        with pytest.raises(dash.exceptions.DuplicateIdError, match="`x`"):
            app.test_client().get("/")


def test_fill_shell() -> None:
    shell = html.Div(
        [
            "text",
            None,
            html.Div(html.Span("one")),
            dcc.Tabs([dcc.Tab(page_container)]),
        ]
    )
    before = json.dumps(shell, cls=PlotlyJSONEncoder)
    filled, found = fill_shell(shell, [html.H1("x")], title="T", complete=True)
    assert found
    assert filled["_pages_content"].children[0].children == "x"
    assert filled["_pages_store"].data == {"title": "T"}
    after = json.dumps(shell, cls=PlotlyJSONEncoder)
    assert after == before


def test_fill_shell_incomplete() -> None:
    filled, found = fill_shell([page_container], "x", title="T", complete=False)
    assert found
    assert filled[0]["_pages_content"].children is None


def test_fill_shell_without_a_place() -> None:
    assert fill_shell(html.Div("x"), "y", title="T", complete=True)[1] is False


def test_fill_shell_in_a_component_prop() -> None:
    shell = dcc.Loading(custom_spinner=html.Div(page_container))
    filled, found = fill_shell(shell, "x", title="T", complete=True)
    assert found
    assert filled.custom_spinner["_pages_content"].children == "x"


def test_routing_inputs_are_ordered() -> None:
    app = dash.Dash("stock")
    names = binding.add_routing_callbacks(
        app, {"a": State("x", "data"), "b": Input("y", "value"), "c": Input("z", "d")}
    )
    assert names == ["b", "c", "a"]
    spec = app._callback_list[0]
    assert [item["id"] for item in spec["inputs"]] == [
        "_pages_location",
        "_pages_location",
        "y",
        "z",
    ]
    assert [item["id"] for item in spec["state"]] == ["x"]
    assert spec["prevent_initial_call"]


def test_page_container_has_the_ids_of_dash() -> None:
    assert [child.id for child in page_container.children] == [
        binding.LOCATION,
        binding.CONTENT,
        binding.STORE,
        binding.DUMMY,
    ]


def test_names_of_dash_that_we_use() -> None:
    # Fails when Dash renames one of them.
    for name in [
        "_setup_server",
        "_layout_value",
        "_generate_scripts_html",
        "_generate_css_dist_html",
    ]:
        assert callable(getattr(dash.Dash, name))

    app = dash.Dash("stock")
    assert app._got_first_request["setup_server"] is False
    assert app._inline_scripts == []
    assert app._callback_list == []
    assert app._hooks.get_hooks("layout") == []
    assert type(app.config).__mro__[1] is dict


def test_many_apps_add_plotly_once(make_app: MakeApp) -> None:
    make_app(HOME)
    before = len(dash.dcc._js_dist)

    for _ in range(3):
        make_app(HOME)

    assert len(dash.dcc._js_dist) == before


@pytest.mark.parametrize("debug", [False, True])
def test_tags_are_made_once_outside_of_debug(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    app = make_app(HOME, config={"DASH_PAGES_DEV_TOOLS": debug})
    index_of(app)
    calls = []
    collect = dash.Dash._collect_and_register_resources

    def count(*args: t.Any, **kwargs: t.Any) -> t.Any:
        calls.append(args)
        return collect(*args, **kwargs)

    monkeypatch.setattr(dash.Dash, "_collect_and_register_resources", count)
    first = index_of(app)
    assert bool(calls) is debug
    # For each prefix there are other tags.
    other = index_of(app, environ_overrides={"SCRIPT_NAME": "/mount"})
    assert 'src="/mount/_dash-component-suites' in other
    assert 'src="/mount' not in first
    assert 'src="/mount' not in index_of(app)


def test_new_asset_in_debug(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    app = make_app(HOME, config={"DASH_PAGES_DEV_TOOLS": True})
    assert "style.css" not in index_of(app)
    file = tmp_path / "assets" / "style.css"
    file.write_text("a {}")
    # What Dash does when its hot reload finds a file.
    bound_pages(app).dash._on_assets_change(str(file), 1_000_000_000, False)
    assert "style.css?m=" in index_of(app)


def test_bundles_from_elsewhere(make_app: MakeApp) -> None:
    app = make_app(HOME, serve_locally=False)
    text = index_of(app)
    assert re.search(r'src="https://[^"]+dash-renderer', text)
    assert 'id="_dash-pages-prerendered"' in text
    assert 'rel="preload" as="fetch" crossorigin href="/_dash-pages/' in text


@pytest.mark.parametrize("package", ["dash", "<b>other</b>"])
def test_unknown_bundle_is_not_reflected(make_app: MakeApp, package: str) -> None:
    client = make_app().test_client()
    path = "<img src=x onerror=alert(1)>.js"
    response = client.get(f"/_dash-component-suites/{package}/{path}")
    assert response.status_code == 404
    assert "<img" not in response.text
    assert "<b>" not in response.text
    assert "onerror" not in response.text


def test_start_that_fails_is_tried_again(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
        register_page(__name__, path="/")
        layout = "Home"
        clientside_callback("x => x", Output("a", "title"), Input("a", "id"))
    """
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.css").write_text("")
    app = make_app({"home": text})

    def read(path: Path) -> t.NoReturn:
        raise OSError(f"{path.name} cannot be read")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", read)

        with pytest.raises(OSError, match="a.css cannot"):
            index_of(app)

    [script] = re.findall(r'src="(/_dash-pages/[^"]+)"', index_of(app))
    assert "x => x" in app.test_client().get(script).text


def test_hot_reload_has_no_thread_in_tests(make_app: MakeApp) -> None:
    app = make_app(HOME, config={"TESTING": True, "DEBUG": True})
    before = threading.active_count()
    index_of(app)
    assert threading.active_count() == before
    assert bound_pages(app).dash._dev_tools.ui
