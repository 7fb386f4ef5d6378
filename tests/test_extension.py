from __future__ import annotations

import gc
import re
import sys
import threading
import typing as t
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flask
import pytest
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from conftest import WritePages
from dash import Dash
from dash import html
from dash import Input
from flask import Blueprint
from flask import Flask
from flask import g
from flask import request
from flask.cli import routes_command
from werkzeug.routing import BaseConverter

from flask_dash_pages import DashPages
from flask_dash_pages import page_container
from flask_dash_pages import PageError
from flask_dash_pages import signals
from flask_dash_pages.extension import DEFAULT_CONFIG
from flask_dash_pages.testing import PagesClient

HOME = {"home": "register_page(__name__, path='/')\nlayout = 'Home text'"}


def text_of(app: Flask, path: str, **options: t.Any) -> str:
    response = app.test_client().get(path, **options)
    assert response.status_code == 200, response.text
    return response.text


def test_init_with_app(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(**HOME)
    app = new_app(tmp_path)
    DashPages(app)
    assert "Home text" in text_of(app, "/")
    assert list(app.extensions["dash_pages"]) == ["dash_pages"]
    assert isinstance(bound_pages(app).dash, Dash)
    assert bound_pages(app).blueprint is app.blueprints["dash_pages"]


def test_init_app_in_a_factory(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(**HOME)
    pages = DashPages()

    def create_app() -> Flask:
        app = new_app(tmp_path)
        pages.init_app(app)
        return app

    apps = [create_app() for _ in range(3)]

    for app in apps:
        assert "Home text" in text_of(app, "/")

    assert len({id(bound_pages(app).dash) for app in apps}) == 3
    assert len({id(bound_pages(app).registry["pages.home"]) for app in apps}) == 3


def test_apps_are_collected(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(**HOME)
    pages = DashPages()
    alive = []

    for _ in range(3):
        app = new_app(tmp_path)
        pages.init_app(app)
        text_of(app, "/")
        alive.append(weakref.ref(app))

    del app
    gc.collect()
    assert [ref() for ref in alive] == [None] * 3


def test_several_on_one_app(tmp_path: Path, write_pages: WritePages) -> None:
    app = new_app(tmp_path)

    for name in ["one", "other"]:
        write_pages(name, home=HOME["home"].replace("Home", name))
        DashPages(app, name=name, url_prefix=f"/{name}", pages_folder=name)

    assert "one text" in text_of(app, "/one/")
    assert "other text" in text_of(app, "/other/")
    assert list(app.extensions["dash_pages"]) == ["one", "other"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("DASH_PAGES_SITEMPA", "is no key. Did you mean DASH_PAGES_SITEMAP?"),
        ("DASH_PAGES_X", "DASH_PAGES_X, which is no key. Remove it."),
    ],
)
def test_unknown_key(tmp_path: Path, key: str, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        DashPages(new_app(tmp_path, **{key: True}), pages_folder=None)


def test_page_registered_on_one_of_several(bare_app: Flask) -> None:
    one, other = (
        DashPages(bare_app, name=name, url_prefix=f"/{name}", pages_folder=None)
        for name in ("one", "other")
    )

    with bare_app.app_context():
        other.register_page("costs", layout="Costs")
        assert (list(one.registry), list(other.registry)) == ([], ["costs"])

    assert "Costs" in text_of(bare_app, "/other/costs")


def test_second_init_app(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder=None)
    message = r"'testapp' has a DashPages named 'dash_pages' already.*name=\.\.\."

    with pytest.raises(RuntimeError, match=message):
        pages.init_app(app)

    with pytest.raises(RuntimeError, match=message):
        DashPages(app, pages_folder=None, url_prefix="/other")


def test_name_of_another_blueprint(bare_app: Flask) -> None:
    bare_app.register_blueprint(Blueprint("mine", __name__))

    with pytest.raises(RuntimeError, match="has a blueprint named 'mine' already"):
        DashPages(bare_app, name="mine", pages_folder=None)


def test_failed_init_app_leaves_the_app_alone(
    tmp_path: Path, write_pages: WritePages
) -> None:
    write_pages(a="register_page(__name__)")
    app = new_app(tmp_path)
    rules = len(list(app.url_map.iter_rules()))
    heard = []
    pages = DashPages()

    def hear(sender: Flask, page: t.Any, **extra: t.Any) -> None:
        heard.append(page)

    with (
        signals.page_registered.connected_to(hear),
        pytest.raises(PageError, match="has no layout"),
    ):
        pages.init_app(app)

    assert len(list(app.url_map.iter_rules())) == rules
    assert app.extensions == {}
    assert "dash_pages" not in app.blueprints
    assert heard == []
    write_pages(a="register_page(__name__)\nlayout = 'mended text'")
    sys.modules.pop("pages.a")
    pages.init_app(app)
    assert "mended text" in text_of(app, "/a")


def test_config_defaults(bare_app: Flask) -> None:
    bare_app.config["DASH_PAGES_CANONICAL"] = False
    DashPages(bare_app, pages_folder=None)
    assert bare_app.config["DASH_PAGES_CANONICAL"] is False
    assert bare_app.config["DASH_PAGES_REDIRECT_CODE"] == 301
    assert DEFAULT_CONFIG.keys() <= bare_app.config.keys()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DASH_PAGES_CANONICAL", "yes"),
        ("DASH_PAGES_DEV_TOOLS", "yes"),
        ("DASH_PAGES_REDIRECT_CODE", 200),
        ("DASH_PAGES_REDIRECT_CODE", "301"),
        ("DASH_PAGES_REDIRECT_CODE", []),
    ],
)
def test_config_refused(bare_app: Flask, key: str, value: t.Any) -> None:
    bare_app.config[key] = value

    with pytest.raises(ValueError, match=f"has {key} = .*It can be one of"):
        DashPages(bare_app, pages_folder=None)


def test_version_that_is_read_as_a_number(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DASH_PAGES_VERSION", "1234567")
    config = Flask("other").config
    config.from_prefixed_env()
    app = make_app(HOME, config=config)
    assert app.config["DASH_PAGES_VERSION"] == "1234567"
    assert "Home text" in text_of(app, "/")


@pytest.mark.parametrize("value", [None, True, float("inf")])
def test_version_refused(bare_app: Flask, value: t.Any) -> None:
    bare_app.config["DASH_PAGES_VERSION"] = value

    with pytest.raises(ValueError, match=r"has DASH_PAGES_VERSION = .*It is a string"):
        DashPages(bare_app, pages_folder=None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"titel": "x"}, r"'titel', which neither it nor Dash takes. .* 'title'\?"),
        ({"page_folder": "x"}, r"'page_folder'.* Did you mean 'pages_folder'\?"),
        ({"zzzzzz": 1}, r"'zzzzzz', which neither it nor Dash takes\.$"),
        ({"use_pages": True}, r"'use_pages', which Dash takes for a server .*Leave"),
        ({"server": True}, r"'server'.*Give the Flask app"),
        ({"url_base_pathname": "/x/"}, r"'url_base_pathname'.*Use url_prefix"),
        ({"requests_pathname_prefix": "/x/"}, r"'requests_pathname_prefix'.*ProxyFix"),
        ({"compress": True}, r"'compress'.*Flask-Compress"),
        ({"enable_mcp": True}, r"'enable_mcp'.*Leave it out: .* without asking guards"),
        ({"guard": "admin"}, r"The guard 'admin' is not a function of \(page, var"),
        ({"guard": [lambda page: True]}, r"is not a function of \(page, variables\)"),
        ({"routing_callback_inputs": {"a": 1}}, r"has 'a': 1\. It maps"),
        ({"routing_callback_inputs": {"a b": Input("a", "b")}}, r"has 'a b'"),
        ({"routing_callback_inputs": [1]}, r"routing_callback_inputs is \[1\]"),
        ({"app": "app"}, r"DashPages got 'app'. Give it the Flask app"),
        (
            {"routing_callback_inputs": {"search_": Input("a", "b")}},
            r"has 'search_'.*other than 'pathname_' and 'search_'",
        ),
    ],
)
def test_options_refused(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        DashPages(**options)


@pytest.mark.parametrize("prefix", ["dash", "/<lang>/dash"])
def test_url_prefix_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match=f"url_prefix '{prefix}' is not .* begin with"):
        DashPages(url_prefix=prefix)


@pytest.mark.parametrize("prefix", [None, "", "/"])
def test_url_prefix_none(bare_app: Flask, prefix: str | None) -> None:
    pages = DashPages(url_prefix=prefix, pages_folder=None)
    pages.register_page("a", layout="A text")
    pages.init_app(bare_app)
    assert "A text" in text_of(bare_app, "/a")


def test_options_of_a_subclass(bare_app: Flask) -> None:
    class MyDash(Dash):
        def __init__(self, *args: t.Any, mine: str, **kwargs: t.Any) -> None:
            super().__init__(*args, **kwargs)
            self.mine = mine

    DashPages(bare_app, pages_folder=None, dash_class=MyDash, mine="x", title="T")
    dash = bound_pages(bare_app).dash
    assert isinstance(dash, MyDash)
    assert (dash.mine, dash.config.title) == ("x", "T")


def test_flask_routes_lists_pages(make_app: MakeApp) -> None:
    app = make_app(
        {
            **HOME,
            "reports/summary_2020": "register_page(__name__)\nlayout = ''",
            "reports_summary_2020": "register_page(__name__)\nlayout = ''",
            "static": "register_page(__name__)\nlayout = ''",
            "item": """
                register_page(
                    __name__, path_template="/<int:a>", redirect_from=["/i/<a>"]
                )
                layout = ""
            """,
        },
        url_prefix="/p",
    )
    output = app.test_cli_runner().invoke(routes_command).output
    rows = {
        line.split()[0]: line.split()[-1] for line in output.splitlines() if "/" in line
    }
    assert {
        "dash_pages.home": "/p/",
        "dash_pages.item": "/p/<int:a>",
        "dash_pages.item_redirect": "/p/i/<int:a>",
        "dash_pages.reports_summary_2020": "/p/reports/summary-2020",
        "dash_pages.reports_summary_2020_2": "/p/reports-summary-2020",
        "dash_pages.static": "/p/assets/<path:filename>",
        "dash_pages.static_2": "/p/static",
        "static": "/static/<path:filename>",
    }.items() <= rows.items()


def test_request_endpoint_and_before_request(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    parent = Blueprint("parent", __name__, url_prefix="/parent")
    pages = DashPages(parent, pages_folder=None)
    pages.register_page("item", path_template="/item/<item>", layout="Item text")
    seen: list[t.Any] = []

    @app.before_request
    def of_app() -> None:
        seen.append(("app", request.endpoint, request.view_args))

    @parent.before_request
    def of_blueprint() -> str | None:
        seen.append(("blueprint", request.endpoint, request.blueprints))
        return "stopped" if "stop" in request.args else None

    app.register_blueprint(parent)
    assert "Item text" in text_of(app, "/parent/item/3")
    assert seen == [
        ("app", "parent.dash_pages.item", {"item": "3"}),
        (
            "blueprint",
            "parent.dash_pages.item",
            ["parent.dash_pages", "parent"],
        ),
    ]
    assert text_of(app, "/parent/item/3?stop") == "stopped"
    assert text_of(app, "/parent/nothing?stop") == "stopped"
    assert text_of(app, "/parent/_dash-layout?stop") == "stopped"


def test_before_request_of_the_blueprint(make_app: MakeApp) -> None:
    app = make_app(HOME)
    app.before_request_funcs.setdefault("dash_pages", []).append(lambda: "stopped")
    assert text_of(app, "/") == "stopped"


def test_nested_blueprints(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(
        a="""
            register_page(__name__, redirect_from=["/old"])
            def layout():
                return [dash.get_relative_path("/x"), dash.get_asset_url("y")]
        """
    )
    app = new_app(tmp_path)
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    pages = DashPages(inner, url_prefix="/own")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    prefix = "/outer/inner/own"
    response = app.test_client().get(f"{prefix}/a", headers=JSON)
    assert response.json is not None
    assert response.json["layout"] == [f"{prefix}/x", f"{prefix}/assets/y"]
    assert app.test_client().get(f"{prefix}/old").location == f"{prefix}/a"

    with app.test_request_context():
        page = pages.registry["pages.a"]
        assert page.endpoint == "outer.inner.dash_pages.a"
        assert pages.url_for(page) == page.relative_path == f"{prefix}/a"


def test_blueprint_registered_twice(tmp_path: Path) -> None:
    parent = Blueprint("parent", __name__)
    pages = DashPages(parent, pages_folder=None)
    pages.register_page("a", layout=lambda: pages.registry["a"].relative_path)
    app = new_app(tmp_path)
    app.register_blueprint(parent, url_prefix="/one")
    app.register_blueprint(parent, name="again", url_prefix="/again")
    assert list(app.extensions["dash_pages"]) == [
        "parent.dash_pages",
        "again.dash_pages",
    ]

    for prefix in ["/one", "/again"]:
        response = app.test_client().get(f"{prefix}/a", headers=JSON)
        assert response.json["layout"] == f"{prefix}/a"  # type: ignore[index]


@pytest.mark.parametrize("name", ["", "a.b", 5])
def test_name_refused(name: t.Any) -> None:
    with pytest.raises(ValueError, match=rf"got the name {name!r}. It is that of"):
        DashPages(name=name)


def test_init_app_after_serving(bare_app: Flask) -> None:
    bare_app.test_client().get("/")

    with pytest.raises(RuntimeError, match="'dash_pages' after the app 'testapp' had"):
        DashPages(bare_app, pages_folder=None)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/health", {"path": "/health"}),
        ("/<slug>", {"path_template": "/<name>"}),
        ("/health", {"path": "/a", "redirect_from": ["/health"]}),
    ],
)
def test_path_of_the_host(tmp_path: Path, rule: str, path: dict[str, t.Any]) -> None:
    def view(**variables: str) -> str:
        return "from the host"

    early = new_app(tmp_path)
    early.add_url_rule(rule, "host", view)
    pages = DashPages(pages_folder=None)
    pages.register_page("a", layout="", **path)

    with pytest.raises(
        PageError, match=r"'/.*' of 'a' in .*:\d+ is taken by the end.*'host'"
    ):
        pages.init_app(early)

    # Only for another method.
    post = new_app(tmp_path)
    post.add_url_rule(rule, "host", view, methods=["POST"])
    pages.init_app(post)

    # Or with a slash at the end, or on another subdomain.
    other = Flask("testapp", root_path=str(tmp_path), subdomain_matching=True)
    other.add_url_rule(f"{rule}/", "slash", view)
    other.add_url_rule(rule, "subdomain", view, subdomain="other")
    pages.init_app(other)
    assert other.test_client().get("/_dash-layout").status_code == 200

    late = new_app(tmp_path)
    pages.init_app(late)
    late.add_url_rule(rule, "host", view)

    for _ in range(2):
        with pytest.raises(
            RuntimeError, match=rf"'{rule}' of the endpoint 'host' takes"
        ):
            late.test_client().get("/a")


def test_path_of_a_view_that_was_added_after_a_page(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("a", layout="A text")
    bare_app.add_url_rule("/b", "host", lambda: "from the host")
    pages.register_page("c", layout="")

    with pytest.raises(PageError, match=r"'/b' of 'b' .* taken by the endpoint 'host'"):
        pages.register_page("b", layout="")

    assert bare_app.test_client().get("/b").text == "from the host"
    assert "A text" in text_of(bare_app, "/a")


def test_no_layout_is_the_place_for_pages(bare_app: Flask) -> None:
    pages = DashPages(bare_app, pages_folder=None, layout=html.P("A shell"))
    pages.register_page("a", layout="A text")
    pages.layout = None
    assert pages.layout is page_container
    text = text_of(bare_app, "/a")
    assert "A text" in text
    assert "A shell" not in text


def test_path_of_a_page_of_another_section(bare_app: Flask) -> None:
    one = DashPages(bare_app, name="one", pages_folder=None)
    two = DashPages(bare_app, name="two", url_prefix="/two", pages_folder=None)
    two.register_page("a", layout="")

    with pytest.raises(PageError, match="'/two/a' of 'b' .* by the endpoint 'two.a'"):
        one.register_page("b", path="/two/a", layout="")

    with pytest.raises(PageError, match="'/a' is the path of 'b' .* taken by 'a'"):
        two.register_page("b", path="/a", layout="")


def test_page_that_one_of_two_apps_refuses(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None)
    apps = [new_app(tmp_path) for _ in range(3)]
    apps[1].add_url_rule("/a", "host", lambda: "")

    for app in apps:
        pages.init_app(app)

    with pytest.raises(PageError, match="'/a' of 'a' .* is taken by"):
        pages.register_page("a", layout="")

    assert [list(bound_pages(app).registry) for app in apps] == [[], [], []]
    other = new_app(tmp_path)
    pages.init_app(other)
    assert list(bound_pages(other).registry) == []


@pytest.mark.parametrize("path", ["/_dash-layout", "/_reload-hash"])
def test_path_of_dash(bare_app: Flask, path: str) -> None:
    pages = DashPages(pages_folder=None)
    pages.register_page("a", path=path, layout="")

    with pytest.raises(PageError, match=rf"'{path}' of 'a' in .* is taken by"):
        pages.init_app(bare_app)


def test_paths_of_two_sections(bare_app: Flask) -> None:
    one = DashPages(name="one", pages_folder=None)
    one.register_page("home", path="/", layout="")
    one.init_app(bare_app)
    other = DashPages(name="other", pages_folder=None)
    other.register_page("home", path="/", layout="")

    with pytest.raises(
        PageError, match="'/' of 'home' in .* by the endpoint 'one.home'"
    ):
        other.init_app(bare_app)


@pytest.mark.parametrize(
    ("key", "value"), [("url_prefix", "/<lang>"), ("subdomain", "<lang>")]
)
def test_blueprint_with_variables_refused(
    bare_app: Flask, key: str, value: str
) -> None:
    blueprint = Blueprint("site", __name__)
    DashPages(blueprint, pages_folder=None)

    with pytest.raises(ValueError, match=f"'site' or .* has the {key} '{value}'.*once"):
        bare_app.register_blueprint(blueprint, **{key: value})


def test_blueprint_that_is_registered_for_each_language(
    tmp_path: Path, write_pages: WritePages
) -> None:
    write_pages(
        home="""
            from flask import g, url_for
            register_page(__name__, path="/", title=lambda: f"Title {g.language}")

            def layout():
                paths = [dash.get_relative_path("/x"), url_for(".about")]
                return [html.P(g.language, id="in"), html.P(paths, id="out")]

            callback(Output("out", "children"), Input("in", "value"))(
                lambda value: g.language + value
            )
        """,
        about="register_page(__name__, redirect_from=['/old'])\nlayout = 'About'",
    )
    app = new_app(tmp_path)
    site = Blueprint("site", __name__)
    DashPages(site, name="pages")

    @site.before_request
    def set_language() -> None:
        g.language = request.blueprints[-1]

    for language in ("en", "de"):
        app.register_blueprint(site, url_prefix=f"/{language}", name=language)

    client = PagesClient(app)

    for language in ("en", "de"):
        visit = client.visit(f"/{language}/")
        assert visit.title == f"Title {language}"
        assert visit.text == f"{language}\n/{language}/x/{language}/about"
        assert visit.call("out.children", "1") == f"{language}1"
        assert client.visit(f"/{language}/old").path == f"/{language}/about"


@pytest.mark.parametrize("option", ["subdomain", "host"])
def test_variable_host_refused(option: str) -> None:
    with pytest.raises(ValueError, match=f"the {option} '<tenant>'. It cannot have"):
        DashPages(**{option: "<tenant>"})  # type: ignore[arg-type]


def test_two_sections_with_one_prefix(bare_app: Flask) -> None:
    DashPages(bare_app, name="one", pages_folder=None)

    with pytest.raises(PageError, match=r"of 'other\..*' is taken by .*'one\..*pref"):
        DashPages(bare_app, name="other", pages_folder=None)


@pytest.fixture
def no_gc() -> Iterator[None]:
    """Python 3.11 counts the depth of trees of code for all threads at once. Werkzeug,
    which makes such trees for rules, fails with a ``SystemError`` where the garbage
    collector runs code, and so lets another thread go on, in between.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_gc")
def test_init_app_in_threads(tmp_path: Path, write_pages: WritePages) -> None:
    write_pages(
        a="""
            register_page(__name__)
            layout = "A text"
            callback(Output("a-out", "children"), Input("a-in", "value"))(str)
        """
    )

    def ask(number: int) -> tuple[str, str]:
        app = new_app(tmp_path)
        DashPages(app)
        return text_of(app, "/a"), text_of(app, "/_dash-dependencies")

    with ThreadPoolExecutor(8) as pool:
        for page, dependencies in pool.map(ask, range(8)):
            assert "A text" in page
            assert "a-out.children" in dependencies


def test_failed_register_page_is_forgotten(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None)
    pages.init_app(new_app(tmp_path))

    with pytest.raises(PageError):
        pages.register_page("a", path="a", layout="")

    app = new_app(tmp_path)
    pages.init_app(app)
    assert app.test_client().get("/a").status_code == 404


def test_failed_init_app_is_forgotten(tmp_path: Path) -> None:
    failed = new_app(tmp_path)
    pages = DashPages(pages_folder=None)
    pages.register_page("a", layout=None)

    with pytest.raises(PageError):
        pages.init_app(failed)

    failed.test_client().get("/")
    # The app would refuse it.
    pages.layout = html.Div(page_container)


def test_layout_function_of_the_shell_is_called_for_views(tmp_path: Path) -> None:
    calls = []
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder=None)
    pages.register_page("a", layout="")

    @app.get("/other")
    def other() -> str:
        return ""

    def layout() -> t.Any:
        calls.append(request.path)
        return page_container

    pages.layout = layout
    text_of(app, "/other")
    text_of(app, "/a")
    text_of(app, "/a", headers=JSON)
    assert calls == ["/a"]


def test_async_layout_of_the_shell(tmp_path: Path) -> None:
    pytest.importorskip("asgiref")
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder=None)
    pages.register_page("a", layout="A text")

    async def layout() -> t.Any:
        return html.Div(["async shell", page_container])

    pages.layout = layout
    assert "async shell" in text_of(app, "/a")


def test_url_for(make_app: MakeApp) -> None:
    app = make_app(
        {
            "report": """
                register_page(__name__, path_template="/report/<int:number>")
                layout = ""
            """
        },
        url_prefix="/p",
    )
    page = bound_pages(app).registry["pages.report"]

    with app.test_request_context(environ_overrides={"SCRIPT_NAME": "/mount"}):
        url = "/mount/p/report/7?tab=costs"
        assert flask.url_for(page.endpoint, number=7, tab="costs") == url
        assert flask.url_for("dash_pages.report", number=7, tab="costs") == url
        assert page.relative_path == "/mount/p/report/none"


def test_url_for_of_the_extension(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None)
    pages.register_page("item", path_template="/item/<item>", layout="")
    app = new_app(tmp_path)
    pages.init_app(app)

    with app.test_request_context():
        assert pages.url_for("item", item="a b") == "/item/a%20b"
        assert pages.url_for(pages.registry["item"], item="x") == "/item/x"

        with pytest.raises(KeyError, match=r"no page 'itme'. Did you mean 'item'\?"):
            pages.url_for("itme")


def test_converters_of_the_app(tmp_path: Path, write_pages: WritePages) -> None:
    class Upper(BaseConverter):
        regex = "[A-Z]+"

        def to_python(self, value: str) -> str:
            return value.lower()

    write_pages(
        a="""
            register_page(__name__, path_template="/<upper:word>/<int:number>")
            def layout(word, number):
                return f"{word!r} {number!r}"
        """
    )
    app = new_app(tmp_path)
    app.url_map.converters["upper"] = Upper
    DashPages(app)
    response = app.test_client().get("/ABC/7", headers=JSON)
    assert response.json["layout"] == "'abc' 7"  # type: ignore[index]
    assert app.test_client().get("/abc/7").status_code == 404
    assert app.test_client().get("/ABC/x").status_code == 404


def test_subdomain_and_host(tmp_path: Path) -> None:
    url = "http://dash.example.com"

    for option, matching in [("subdomain", False), ("host", True)]:
        app = Flask(
            "testapp",
            root_path=str(tmp_path),
            host_matching=matching,
            subdomain_matching=not matching,
            static_host="example.com" if matching else None,
        )
        # Flask 3.0 takes it for the host of every request.
        app.config["SERVER_NAME"] = None if matching else "example.com"
        value = "dash" if option == "subdomain" else "dash.example.com"
        pages = DashPages(pages_folder=None, **{option: value})  # type: ignore[arg-type]
        pages.register_page("a", layout="A text", redirect_from=["/b"])
        pages.init_app(app)
        client = app.test_client()
        assert "A text" in client.get("/a", base_url=url).text
        assert client.get("/b", base_url=url).location == "/a"
        assert client.get("/_dash-layout", base_url=url).status_code == 200
        assert client.get("/a", base_url="http://example.com").status_code == 404
        # Werkzeug does not mind how it is written, and neither do paths without a page.
        headers = {"Host": "DASH.example.com"}
        shown = client.get("/nothing", base_url=url, headers=headers)
        assert "Page not found" in shown.text


def test_extension_before_and_after_init_app(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None)
    pages.register_page("before", layout="Before text")
    app = new_app(tmp_path)
    pages.init_app(app)
    pages.register_page("after", layout="After text")
    pages.layout = html.Div(["The shell", page_container])

    with app.app_context():
        pages.register_page("context", layout="Context text")

    other = new_app(tmp_path)
    pages.init_app(other)
    assert "Before text" in text_of(app, "/before")
    assert "After text" in text_of(app, "/after")
    assert "Context text" in text_of(app, "/context")
    assert "The shell" in text_of(app, "/after")
    assert "After text" in text_of(other, "/after")
    assert "The shell" in text_of(other, "/after")
    assert other.test_client().get("/context").status_code == 404


def test_layout_of_one_app(tmp_path: Path) -> None:
    first = html.Div(["first", page_container])
    second = html.Div(["second", page_container])
    pages = DashPages(pages_folder=None, layout=first)
    assert pages.layout is first
    one, other = new_app(tmp_path), new_app(tmp_path)
    pages.init_app(one)
    pages.init_app(other)

    with other.app_context():
        pages.layout = second
        assert pages.layout is second

    assert pages.layout is first
    pages.register_page("a", layout="")
    assert "first" in text_of(one, "/a")
    assert "second" in text_of(other, "/a")


def test_layout_function_sees_the_request(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None)
    pages.layout = lambda: [
        f"{request.path} {list(pages.registry)} {pages.dash.config.title}",
        page_container,
    ]
    pages.register_page("a", layout="")
    app = new_app(tmp_path)
    pages.init_app(app)
    assert "\\u002fa ['a'] Dash" in text_of(app, "/a")


def test_layout_without_page_container(tmp_path: Path) -> None:
    pages = DashPages(pages_folder=None, layout=html.Div("only this"))
    pages.register_page("a", layout="A text")
    app = new_app(tmp_path)
    pages.init_app(app)
    text = text_of(app, "/a")
    assert "only this" in text
    assert '"complete":false' in text


@pytest.mark.parametrize(
    "use",
    [
        lambda pages: pages.registry,
        lambda pages: pages.dash,
        lambda pages: pages.url_for("a"),
    ],
)
def test_no_app_active(tmp_path: Path, use: t.Any) -> None:
    pages = DashPages(pages_folder=None)

    with pytest.raises(RuntimeError, match=r"with no app active.*app\.app_context"):
        use(pages)

    app = new_app(tmp_path)

    with (
        app.app_context(),
        pytest.raises(
            RuntimeError, match=r"'testapp', on which .* 'dash_pages' is not"
        ),
    ):
        use(pages)

    pages.init_app(app)

    with pytest.raises(RuntimeError, match="with no app active"):
        use(pages)


@pytest.mark.parametrize(
    "use",
    [
        lambda pages: pages.register_page("b", layout=""),
        lambda pages: pages.callback(Input("a", "b"))(str),
        lambda pages: pages.clientside_callback("f", Input("a", "b")),
        lambda pages: setattr(pages, "layout", page_container),
    ],
)
@pytest.mark.parametrize("active", [True, False])
def test_after_the_app_has_served(tmp_path: Path, use: t.Any, active: bool) -> None:
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder=None)
    app.test_client().get("/")
    message = r"was called after the app 'testapp' had served a request.*before"

    if active:
        with app.app_context(), pytest.raises(RuntimeError, match=message):
            use(pages)
    else:
        with pytest.raises(RuntimeError, match=message):
            use(pages)


def test_duplicate_path_names_both_files(make_app: MakeApp) -> None:
    page = "register_page(__name__, path='/same')\nlayout = ''"

    with pytest.raises(
        PageError,
        match=r"'/same' is the path of 'pages.b' in .*/pages/b.py:5, but it is taken by"
        r" 'pages.a' in .*/pages/a.py:5",
    ):
        make_app({"a": page, "b": page})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("register_page(__name__)", r"pages/a.py:5 has no layout. Define"),
        ("register_page(__name__)\nlayuot = ''", r"\(there is 'layuot'\)"),
        ("register_page(__name__)\nlayout = None", r"pages/a.py:5 has no layout"),
        (
            "register_page('other')\nlayout = ''",
            r"'other' in .*a.py:5 has no layout. 'other' is not the module of a page",
        ),
        (
            "register_page(__name__, path_template='/<a')\nlayout = ''",
            r"'/<a' in .*a.py:5 is not a URL rule",
        ),
        (
            "register_page(__name__, redirect_from=['old'])\nlayout = ''",
            r"'old' in .*a.py:5 is not a URL rule",
        ),
        (
            "register_page(__name__, path='/x', redirect_from=['/x'])\nlayout = ''",
            r"a.py:5 has '/x' in redirect_from",
        ),
        (
            "register_page(__name__, title=lambda x: x)\nlayout = ''",
            r"for the title of 'pages.a' in .*a.py:5 requires 'x', .*: x=None\.",
        ),
        (
            "register_page(__name__, path='/l', path_template='/l/<x>',"
            " description=lambda x: x)\nlayout = ''",
            r"for the description of 'pages.a' in .*a.py:5 requires 'x'",
        ),
    ],
)
def test_page_refused(make_app: MakeApp, source: str, message: str) -> None:
    with pytest.raises(PageError, match=message):
        make_app({"a": source})


def test_register_page_refused_late(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    pages = DashPages(app, pages_folder=None)
    rules = len(list(app.url_map.iter_rules()))

    with pytest.raises(PageError, match=r"test_extension.py:\d+ has no layout"):
        pages.register_page("a")

    with app.app_context():
        assert len(pages.registry) == 0

    assert len(list(app.url_map.iter_rules())) == rules


def test_redirect_chains_refused(make_app: MakeApp) -> None:
    with pytest.raises(PageError, match=r"'/b' is the path of 'pages.b'.* 'pages.a'"):
        make_app(
            {
                "a": "register_page(__name__, redirect_from=['/b'])\nlayout = ''",
                "b": "register_page(__name__, redirect_from=['/c'])\nlayout = ''",
            }
        )


def test_image_is_found_in_assets(tmp_path: Path, write_pages: WritePages) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "my-page.png").write_text("")
    (tmp_path / "assets" / "app.svg").write_text("")
    write_pages(
        my_page="register_page(__name__)\nlayout = ''",
        other="register_page(__name__)\nlayout = ''",
    )
    app = new_app(tmp_path)
    DashPages(app, url_prefix="/p")
    pages = bound_pages(app).registry
    assert pages["pages.my_page"].image == "my-page.png"
    assert pages["pages.other"].image == "app.svg"
    image = '<meta property="og:image" content="http://localhost/p/assets/my-page.png">'
    assert image in text_of(app, "/p/my-page")

    with app.test_client().get("/p/assets/my-page.png") as response:
        assert response.status_code == 200


def test_title_and_description_of_the_app(make_app: MakeApp) -> None:
    app = make_app(HOME, title="The app", description="Of the app")
    text = text_of(app, "/")
    assert "<title>The app</title>" in text
    assert '<meta name="description" content="Of the app">' in text


def test_async_layout(make_app: MakeApp) -> None:
    pytest.importorskip("asgiref")
    app = make_app(
        {
            "a": """
                async def title(): return "Async title"
                register_page(__name__, title=title)
                async def layout(word="none"): return f"async {word}"
            """
        }
    )
    assert "async x" in text_of(app, "/a?word=x")
    assert "<title>Async title</title>" in text_of(app, "/a")


@pytest.mark.parametrize(
    ("what", "page"),
    [
        ("layout", "register_page(__name__)\nasync def layout(): pass"),
        ("guard", "async def f(a, b): ...\nregister_page('b', guard=f, layout='')"),
    ],
)
def test_async_without_the_extra(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, what: str, page: str
) -> None:
    monkeypatch.setitem(sys.modules, "asgiref.sync", None)

    with pytest.raises(
        PageError,
        match=rf"The {what} .*a.py:[56] is a coroutine function.*Pages.async",
    ):
        make_app({"a": page})


def test_first_requests_in_parallel(make_app: MakeApp) -> None:
    number = 20
    arrived = threading.Semaphore(0)
    calls = []

    class SlowDash(Dash):
        def _setup_server(self) -> None:
            # Until all requests are on their way.
            for _ in range(number):
                assert arrived.acquire(timeout=20)

            calls.append(threading.get_ident())
            super()._setup_server()

    app = make_app(HOME, dash_class=SlowDash)
    app.before_request(lambda: arrived.release())

    def ask(index: int) -> str:
        path = ["/", "/_dash-dependencies", "/_dash-layout"][index % 3]
        return text_of(app, path)

    with ThreadPoolExecutor(number) as pool:
        texts = list(pool.map(ask, range(number)))

    assert len(calls) == 1
    assert all("Home text" in text for text in texts[::3])
    assert all("_pages_content" in text for text in texts[1::3])
    assert all("_pages_location" in text for text in texts[2::3])


@pytest.mark.parametrize("is_function", [True, False])
def test_layout_without_page_container_is_told_once(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, is_function: bool
) -> None:
    layout = html.Div("shell")
    page = "register_page(__name__)\nlayout = 'a'"
    app = make_app({"a": page}, layout=(lambda: layout) if is_function else layout)
    client = app.test_client()
    assert [client.get("/a").status_code for _ in range(2)] == [200, 200]
    (record,) = caplog.records
    assert "Put it into DashPages.layout" in record.getMessage()
