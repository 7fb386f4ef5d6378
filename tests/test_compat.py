from __future__ import annotations

import importlib
import subprocess
import sys
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import dash
import pytest
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from conftest import WritePages
from dash import _get_app
from dash import _get_paths
from dash import _pages
from dash import html
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import flask_dash_pages
from flask_dash_pages import compat
from flask_dash_pages import DashPages

# Bound before any app is made, as in the module of an app.
from dash import get_asset_url as early_get_asset_url  # isort: skip
from dash import get_relative_path as early_get_relative_path  # isort: skip
from dash import strip_relative_path as early_strip_relative_path  # isort: skip

PATHS = """
    from dash import get_app, get_asset_url, get_relative_path, strip_relative_path
    register_page(__name__)

    def layout(**kwargs):
        return {
            "app": get_app().config.name,
            "asset": get_asset_url("a.png"),
            "relative": get_relative_path("/x"),
            "stripped": strip_relative_path(get_relative_path("/x")),
            "pages": list(page_registry),
            "page": page_registry[__name__]["relative_path"],
        }
"""


def layout_of(app: t.Any, path: str, **options: t.Any) -> t.Any:
    response = app.test_client().get(path, headers=JSON, **options)
    assert response.status_code == 200, response.text
    return response.json["layout"]


def test_paths_of_the_app_being_served(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages("one", a=PATHS)
    write_pages("other", b=PATHS)
    app = new_app(tmp_path)
    DashPages(app, name="one", pages_folder="one")
    DashPages(
        app,
        name="other",
        url_prefix="/other",
        pages_folder="other",
        assets_url_path="files",
    )
    assert layout_of(app, "/a") == {
        "app": "testapp",
        "asset": "/assets/a.png",
        "relative": "/x",
        "stripped": "x",
        "pages": ["one.a"],
        "page": "/a",
    }
    assert layout_of(
        app, "/other/b", environ_overrides={"SCRIPT_NAME": "/mounted"}
    ) == {
        "app": "testapp",
        "asset": "/mounted/other/files/a.png",
        "relative": "/mounted/other/x",
        "stripped": "x",
        "pages": ["other.b"],
        "page": "/mounted/other/b",
    }


def test_functions_that_were_imported_early(make_app: MakeApp) -> None:
    app = make_app(pages_folder=None, url_prefix="/p")
    pages = DashPages(name="other", url_prefix="/o", pages_folder=None)
    pages.register_page(
        "early",
        layout=lambda: [
            early_get_asset_url("a"),
            early_get_relative_path("/b"),
            early_strip_relative_path("/o/c"),
        ],
    )
    pages.init_app(app)
    assert layout_of(app, "/o/early") == ["/o/assets/a", "/o/b", "c"]


def test_paths_outside_of_requests_are_those_of_the_stock_app(
    make_app: MakeApp,
) -> None:
    stock = dash.Dash("stock", url_base_pathname="/stock/")
    make_app({"a": PATHS}, url_prefix="/p")
    assert dash.get_app() is stock
    assert dash.get_relative_path("/x") == "/stock/x"
    assert early_get_asset_url("x") == "/stock/assets/x"
    assert "pages.a" not in dash.page_registry


def test_names_mean_the_only_app_that_is_active(make_app: MakeApp) -> None:
    app = make_app({"a": PATHS}, url_prefix="/p")

    with app.app_context():
        assert list(dash.page_registry) == ["pages.a"]
        assert list(flask_dash_pages.page_registry) == ["pages.a"]
        assert dash.get_relative_path("/x") == "/p/x"


def test_page_registry_with_no_app() -> None:
    for use in (len, list, bool, dict):
        with pytest.raises(RuntimeError, match=r"page_registry was used with no app"):
            use(flask_dash_pages.page_registry)


def test_page_registry_with_several(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    DashPages(app, name="one", url_prefix="/one", pages_folder=None)
    DashPages(app, name="other", pages_folder=None)

    with (
        app.app_context(),
        pytest.raises(RuntimeError, match=r"several DashPages: 'one', 'other'. Pick"),
    ):
        len(flask_dash_pages.page_registry)


def test_page_registry_in_before_request(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    seen = []

    for name in ["one", "other"]:
        pages = DashPages(name=name, url_prefix=f"/{name}", pages_folder=None)
        pages.register_page(name, path="/", layout="text")
        pages.init_app(app)

    @app.before_request
    def look() -> None:
        seen.append(list(flask_dash_pages.page_registry))

    app.test_client().get("/one/")
    app.test_client().get("/other/")
    assert seen == [["one"], ["other"]]


def test_register_page_with_no_app() -> None:
    with pytest.raises(
        RuntimeError, match=r"register_page\('home'\) was used with no app.*app_context"
    ):
        flask_dash_pages.register_page("home", path="/")


def test_register_page_after_serving(make_app: MakeApp) -> None:
    app = make_app(pages_folder=None)

    @app.get("/late")
    def late() -> str:
        dash.register_page("late", layout="text")
        return ""

    with pytest.raises(
        RuntimeError,
        match=r"register_page\('late'\) was called after the app 'testapp'",
    ):
        app.test_client().get("/late")

    assert list(bound_pages(app).registry) == []


def test_register_page_in_a_worker_of_background_callbacks() -> None:
    token = compat.context_value.set({"ignore_register_page": True})

    try:
        flask_dash_pages.register_page("home")
    finally:
        compat.context_value.reset(token)


def test_registry_is_complete_while_serving(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                register_page(__name__)
                def layout():
                    return [
                        list(page_registry),
                        list(dash.page_registry),
                        page_registry["pages.z"].path,
                    ]
            """,
            "z": "register_page(__name__)\nlayout = 'z'",
        }
    )
    names = ["pages.a", "pages.z"]
    assert layout_of(app, "/a") == [names, names, "/z"]


def test_registry_while_importing(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": "register_page(__name__)\nlayout = 'a'",
            "b": "register_page(__name__)\nlayout = list(page_registry)",
        }
    )
    assert layout_of(app, "/b") == ["pages.a", "pages.b"]


def stock_app(**options: t.Any) -> dash.Dash:
    app = dash.Dash("stock", use_pages=True, pages_folder="", **options)
    dash.register_page(
        "stock.home",
        path="/home",
        layout=lambda **kwargs: html.Div(
            f"stock {list(dash.page_registry)} {dash.get_relative_path('/x')}"
        ),
    )
    app.layout = html.Div(dash.page_container)
    return app


def stock_content(app: dash.Dash, prefix: str) -> str:
    response = app.server.test_client().post(
        f"{prefix}_dash-update-component",
        json={
            "output": ".._pages_content.children..._pages_store.data..",
            "outputs": [
                {"id": "_pages_content", "property": "children"},
                {"id": "_pages_store", "property": "data"},
            ],
            "inputs": [
                {
                    "id": "_pages_location",
                    "property": "pathname",
                    "value": f"{prefix}home",
                },
                {"id": "_pages_location", "property": "search", "value": ""},
            ],
            "changedPropIds": ["_pages_location.pathname"],
            "state": [],
        },
    )
    return t.cast(str, response.text)


@pytest.mark.parametrize("stock_first", [True, False])
@pytest.mark.parametrize("same_server", [True, False])
def test_stock_app_beside(
    make_app: MakeApp, stock_first: bool, same_server: bool
) -> None:
    files = {"a": PATHS}

    if stock_first:
        server = Flask("stock") if not same_server else None
        app = make_app()  # Only to have a place for page files.
        stock = stock_app(server=server or app, routes_pathname_prefix="/stock/")
        DashPages(app, name="second", url_prefix="/p", pages_folder=None)
        app = make_app(files, url_prefix="/q")
    else:
        app = make_app(files, url_prefix="/q")
        server = app if same_server else Flask("stock")
        stock = stock_app(server=server, routes_pathname_prefix="/stock/")

    for _ in range(2):
        assert layout_of(app, "/q/a")["pages"] == ["pages.a"]
        assert layout_of(app, "/q/a")["relative"] == "/q/x"
        content = stock_content(stock, "/stock/")
        assert "stock ['stock.home']" in content
        assert "\\u002fstock\\u002fx" in content

    assert "stock.home" not in bound_pages(app).registry


def test_apps_served_by_many_threads(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(a=PATHS)
    apps = {}

    for number in range(4):
        app = new_app(tmp_path)
        DashPages(app, url_prefix=f"/{number}")
        apps[number] = app

    barrier = threading.Barrier(8)

    def ask(thread: int) -> None:
        barrier.wait()

        for number in [*range(4), *range(4)]:
            number = (number + thread) % 4
            layout = layout_of(apps[number], f"/{number}/a")
            assert layout["relative"] == f"/{number}/x"
            assert layout["page"] == f"/{number}/a"

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(ask, thread) for thread in range(8)]:
            future.result()


def test_mounted_below_another_app(make_app: MakeApp) -> None:
    app = make_app({"a": PATHS}, url_prefix="/p")
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        Flask("outer").wsgi_app, {"/mount": app.wsgi_app}
    )
    assert layout_of(app, "/mount/p/a")["asset"] == "/mount/p/assets/a.png"


def test_page_file_sets_items_of_its_page(
    tmp_path: Path, write_pages: WritePages
) -> None:
    write_pages(
        a="""
            register_page(__name__)
            layout = "no"
            dash.page_registry[__name__]["layout"] = lambda: "From the registry"
            dash.page_registry[__name__]["icon"] = "star"
            dash.page_registry[__name__]["name"] = "Other"
        """
    )

    # The file is imported once.
    for _ in range(2):
        app = new_app(tmp_path)
        DashPages(app)
        page = bound_pages(app).registry["pages.a"]
        assert page.icon == page["icon"] == "star"
        assert (page.name, page.title) == ("Other", "A")
        assert layout_of(app, "/a") == "From the registry"
        # This is for one app.
        page["icon"] = "moon"


def test_page_of_a_library_that_wraps_register_page(
    tmp_path: Path, write_pages: WritePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrapping.py").write_text(
        "import dash\ndef register(*args): dash.register_page(*args)"
    )
    monkeypatch.syspath_prepend(tmp_path)
    write_pages(a="import wrapping\nwrapping.register(__name__)\nlayout = 'A'")
    app = new_app(tmp_path)
    DashPages(app)
    source = bound_pages(app).registry["pages.a"].source
    assert source.startswith(f"{tmp_path / 'pages' / 'a.py'}:")


def test_get_app_does_not_leak_between_requests(make_app: MakeApp) -> None:
    app = make_app({"a": PATHS})
    assert layout_of(app, "/a")["app"] == "testapp"

    with pytest.raises(dash.exceptions.AppNotFoundError):
        dash.get_app()


def test_globals_of_dash_are_the_ones_we_replace() -> None:
    # Each fails when Dash keeps its state somewhere else.
    assert _get_app.app_context.name == "dash_app_context"
    assert _get_app.APP is None
    one = dash.Dash("one")
    assert _get_app.APP is one
    assert _pages.CONFIG is one.config
    assert _get_paths.CONFIG is one.config
    assert _pages.PAGE_REGISTRY is compat._stock_registry
    scripts = len(dash.dcc._js_dist)

    with compat.stock_globals_kept():
        dash.Dash("other")

    assert _get_app.APP is one
    assert _pages.CONFIG is one.config
    assert _get_paths.CONFIG is one.config
    assert len(dash.dcc._js_dist) == scripts


def test_install_wraps_the_configuration_of_a_new_stock_app() -> None:
    compat.install()
    stock = dash.Dash("stock", url_base_pathname="/s/")
    assert _get_paths.CONFIG is stock.config
    compat.install()
    compat.install()
    assert dash.get_relative_path("/x") == "/s/x"
    assert _get_paths.CONFIG.stock is stock.config


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> t.Any:
    """Import ``main`` of a project with ``files``."""
    for name, text in files.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))

    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module("main")


def test_top_level_of_the_module_that_makes_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = run(
        tmp_path,
        monkeypatch,
        main="""
            import dash
            from dash import dcc, html
            from flask import Flask
            from flask_dash_pages import DashPages, page_registry

            app = Flask(__name__)
            pages = DashPages(app, pages_folder="")
            dash.register_page("home", path="/", layout=html.Div("Home text"))
            dash.register_page("analytics", layout=html.Div("Numbers"))
            names = list(dash.page_registry), list(page_registry), list(pages.registry)
            path = dash.get_relative_path("/x")
            pages.layout = html.Div(
                [
                    dcc.Link(page["name"], href=page["relative_path"])
                    for page in dash.page_registry.values()
                ]
                + [dash.page_container]
            )
        """,
    )
    assert main.names == (["home", "analytics"],) * 3
    assert main.path == "/x"
    text = main.app.test_client().get("/analytics").text
    assert "Numbers" in text
    assert '"href":"\\u002fanalytics"' in text

    with pytest.raises(RuntimeError, match="with no app active"):
        _ = main.pages.registry


def test_names_that_were_imported_before_the_first_app(tmp_path: Path) -> None:
    project = {
        "sidebar": """
            from dash import html, page_registry, register_page as register

            def sidebar():
                return html.Nav([page["name"] for page in page_registry.values()])

            def make_page(name):
                register(name, layout=f"text of {name}")
        """,
        "pages/home": """
            import dash
            from sidebar import make_page
            dash.register_page(__name__, path="/")
            make_page("made")
            layout = "Home text"
        """,
        "main": """
            from flask import Flask
            from dash import html, page_container, page_registry
            from sidebar import sidebar
            from flask_dash_pages import DashPages

            def layout():
                return html.Div([sidebar(), str(len(page_registry)), page_container])

            app = Flask(__name__)
            pages = DashPages(app, layout=layout)
            text = app.test_client().get("/").text
            assert '"Home","Made"' in text, text
            assert '"2"' in text
            assert "text of made" in app.test_client().get("/made").text
        """,
    }

    for name, text in project.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text))

    # Another process, because this one has had its first app.
    subprocess.run([sys.executable, "main.py"], check=True, cwd=tmp_path)


@pytest.mark.parametrize("stock", ["", "dash.Dash(use_pages=True, pages_folder='')"])
def test_pages_in_the_file_of_the_first_app(tmp_path: Path, stock: str) -> None:
    code = f"""
        import dash
        from dash import get_app
        from flask import Flask
        from flask_dash_pages import DashPages
        {stock}
        app = Flask(__name__)
        pages = DashPages(app, pages_folder="", url_prefix="/p")

        with app.app_context():
            dash.register_page("a", layout="A text")
            assert list(dash.page_registry) == ["a"]
            assert get_app() is pages.dash
            assert dash.get_relative_path("/x") == "/p/x"

        if not dash._get_app.APP:
            dash.register_page("b", layout="B text")
            assert list(dash.page_registry) == ["a", "b"]
            assert get_app() is pages.dash

        assert "A text" in app.test_client().get("/p/a").text
    """
    (tmp_path / "main.py").write_text(dedent(code))
    # Another process, because this one has had its first app.
    subprocess.run([sys.executable, "main.py"], check=True, cwd=tmp_path)


def test_page_registry_of_an_active_app_beside_a_stock_app(make_app: MakeApp) -> None:
    app = make_app({"a": PATHS}, url_prefix="/p")
    stock_app()

    with app.app_context():
        assert list(dash.page_registry) == ["pages.a"]
        dash.register_page("late", layout="text")

    assert "late" in bound_pages(app).registry
    assert list(dash.page_registry) == ["stock.home"]


def test_register_page_says_its_name() -> None:
    compat.install()

    with pytest.raises(TypeError, match=r"^register_page\(\)"):
        dash.register_page()  # type: ignore[call-arg]


def test_register_page_in_a_factory(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    DashPages(app, pages_folder=None)

    with pytest.raises(
        RuntimeError, match=r"register_page\('a'\) was used with no app.*the folder of"
    ):
        dash.register_page("a", layout="")


def test_modules_that_are_not_loaded_stay_so(tmp_path: Path) -> None:
    code = """
        import importlib.util, sys
        spec = importlib.util.find_spec("lazy")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules["lazy"] = module
        spec.loader.exec_module(module)

        class Odd:
            def __getattr__(self, name):
                return 1

        sys.modules["odd"] = Odd()
        from flask import Flask
        from flask_dash_pages import DashPages
        app = Flask("main")
        pages = DashPages(app, pages_folder=None)
        pages.register_page("a", layout="A text")
        assert "A text" in app.test_client().get("/a").text
    """
    (tmp_path / "lazy.py").write_text("raise AssertionError('loaded')")
    (tmp_path / "main.py").write_text(dedent(code))
    subprocess.run([sys.executable, "main.py"], check=True, cwd=tmp_path)
