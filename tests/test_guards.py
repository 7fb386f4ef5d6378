"""Pages that not everybody may see, at each door to them."""

from __future__ import annotations

import json
import logging
import sys
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import flask_login
import pytest
from conftest import BOTH
from conftest import bound_pages
from conftest import HTML
from conftest import JSON
from conftest import layout_text
from conftest import MakeApp
from conftest import title_of
from conftest import WritePages
from dash import html
from dash import page_container
from flask import abort
from flask import Flask
from flask import get_flashed_messages
from flask import redirect
from flask import request
from flask import Response
from flask import session
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from flask_dash_pages import DashPages
from flask_dash_pages import guards
from flask_dash_pages import Page
from flask_dash_pages import PageError
from flask_dash_pages import signals

PREFETCH = {**JSON, "Dash-Pages-Prefetch": "1"}
DOORS = pytest.mark.parametrize(
    "headers", [HTML, JSON, PREFETCH], ids=["html", "json", "prefetch"]
)

#: What belongs to the page behind the guard.
SECRET = "secret"

FILES = {
    "open": """
        register_page(__name__, path="/", name="Home")
        layout = html.Button("open", id="open")
        @callback(Output("open", "children"), Input("open", "n_clicks"))
        def update(clicks): return f"open {clicks}"
    """,
    "admin/users": """
        called = []
        def function(what):
            def called_for(**variables):
                called.append(what)
                return f"secret {what}"
            return called_for
        register_page(
            __name__,
            path_template="/admin/users/<group>",
            path="/admin/users",
            title=function("title"),
            description=function("description"),
            image_url="https://example.com/secret.png",
            name="Users",
        )
        layout = function("layout")
        @callback(Output("secret-users", "children"), Input("in", "value"))
        def update(value): return f"secret {value}"
        clientside_callback(
            "function (value) { return 'secret function'; }",
            Output("secret-client", "children"),
            Input("in", "value"),
        )
    """,
}


def only_admin(page: Page, variables: Mapping[str, t.Any]) -> t.Any:
    return session.get("role") == "admin"


def deny(answer: t.Any) -> Callable[..., t.Any]:
    """A guard that answers to those who are no admins."""

    def guard(page: Page, variables: Mapping[str, t.Any]) -> t.Any:
        return None if session.get("role") == "admin" else answer()

    return guard


def log_in(client: FlaskClient, role: str = "admin") -> None:
    with client.session_transaction() as data:
        data["role"] = role


MakeGuarded = Callable[..., Flask]


@pytest.fixture
def make_guarded(make_app: MakeApp, write_pages: WritePages) -> MakeGuarded:
    """An app whose page below ``/admin`` is guarded by its folder."""

    def make_guarded(guard: t.Any = only_admin, /, **options: t.Any) -> Flask:
        folder = write_pages()
        (folder / "admin").mkdir(parents=True)
        (folder / "admin" / "__init__.py").write_text(
            "def guard(page, variables):\n"
            "    from flask import current_app\n"
            "    return current_app.config['GUARD'](page, variables)\n"
        )
        config = {
            "SECRET_KEY": "key",
            "TESTING": False,
            "GUARD": guard,
            **options.pop("config", {}),
        }
        files = {**FILES, **options.pop("files", {})}
        return make_app(files, config=config, **options)

    return make_guarded


def call(
    client: FlaskClient, output: str = "secret-users.children", prefix: str = ""
) -> t.Any:
    """Call a callback with one output and one input."""
    component_id, _, prop = output.rpartition(".")
    return client.post(
        f"{prefix}/_dash-update-component",
        json={
            "output": output,
            "outputs": {"id": component_id, "property": prop},
            "inputs": [
                {
                    "id": "open" if component_id == "open" else "in",
                    "property": "n_clicks" if component_id == "open" else "value",
                    "value": 1,
                }
            ],
            "changedPropIds": [],
        },
    )


def called_of(app: Flask) -> list[str]:
    (name,) = (n for n in bound_pages(app).modules.files if "users" in n)
    module = sys.modules[name]
    return t.cast("list[str]", module.called)


def resources_of(client: FlaskClient, path: str = "/") -> dict[str, str]:
    """What the HTML of a page loads below the folder of the resources."""
    text = client.get(path, headers=HTML).text
    start = '<script id="_dash-pages" type="application/json">'
    data = json.loads(text.partition(start)[2].partition("</script>")[0])
    urls = [data["dependencies"]]

    if "callbacks.js" in text:
        urls.append(text.partition('<script src="')[2].partition('"')[0])
        urls[-1] = next(
            part.partition('"')[0]
            for part in text.split('src="')
            if "callbacks.js" in part.partition('"')[0]
        )

    return {url: client.get(url).text for url in urls}


# The page


@DOORS
@pytest.mark.parametrize("path", ["/admin/users", "/admin/users/7?group=8"])
def test_denied_page_shows_nothing(
    make_guarded: MakeGuarded, headers: dict[str, str], path: str
) -> None:
    app = make_guarded()
    response = app.test_client().get(path, headers=headers)
    assert response.status_code == (204 if headers is PREFETCH else 403)
    assert SECRET not in response.text
    assert called_of(app) == []


@BOTH
def test_admitted_page(make_guarded: MakeGuarded, headers: dict[str, str]) -> None:
    app = make_guarded()
    client = app.test_client()
    log_in(client)
    response = client.get("/admin/users/7", headers=headers)
    assert response.status_code == 200
    assert "secret layout" in layout_text(response)
    assert title_of(response) == "secret title"
    assert sorted(called_of(app)) == ["description", "layout", "title"]


@BOTH
def test_forbidden_page_in_the_shell(
    make_guarded: MakeGuarded, headers: dict[str, str]
) -> None:
    own = "register_page(__name__, title='Keep out')\nlayout = 'for admins'"
    shell = html.Div(["the shell", page_container])
    app = make_guarded(files={"forbidden_403": own}, layout=shell)
    response = app.test_client().get("/admin/users", headers=headers)
    assert response.status_code == 403
    assert "for admins" in layout_text(response)
    assert title_of(response) == "Keep out"
    assert "the shell" in response.text or headers is JSON


@BOTH
@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (lambda: False, 403, "403 - Forbidden"),
        (lambda: abort(403), 403, "403 - Forbidden"),
        (lambda: abort(404), 404, "404 - Page not found"),
        (lambda: abort(401), 401, "Unauthorized"),
        (lambda: redirect("/login"), 302, "/login"),
        (lambda: Response("Log in", 401), 401, "Log in"),
        (lambda: abort(Response("Log in", 401)), 401, "Log in"),
        (lambda: "nonsense", 500, "500 - Internal server error"),
        (lambda: 1 / 0, 500, "500 - Internal server error"),
    ],
)
def test_answers_of_guards(
    make_guarded: MakeGuarded,
    headers: dict[str, str],
    answer: Callable[[], t.Any],
    status: int,
    text: str,
) -> None:
    app = make_guarded(deny(answer))
    response = app.test_client().get("/admin/users", headers=headers)
    assert response.status_code == status
    assert text in response.text
    assert SECRET not in response.text
    assert called_of(app) == []


def test_guards_around_each_other(make_app: MakeApp, write_pages: WritePages) -> None:
    asked: list[tuple[str, str, dict[str, t.Any]]] = []

    def say(name: str) -> Callable[..., None]:
        def guard(page: Page, variables: Mapping[str, t.Any]) -> None:
            asked.append((name, page.name, dict(variables)))

        return guard

    guards_file = "from flask import current_app\ndef guard(page, variables):\n    "
    folder = write_pages()

    for path, name in [("", "outer"), ("in", "none"), ("in/ner", "inner")]:
        (folder / path).mkdir(parents=True, exist_ok=True)
        text = f"return current_app.say_{name}(page, variables)\n"
        init = "" if name == "none" else guards_file + text
        (folder / path / "__init__.py").write_text(init)

    page = """
        from flask import current_app
        guard = [lambda p, v: current_app.say_one(p, v), lambda p, v: None]
        register_page(__name__, path_template="/page/<int:number>", guard=guard)
        layout = "page"
    """
    app = make_app({"in/ner/page": page}, guard=say("app"))

    for name in ("outer", "inner", "one"):
        setattr(app, f"say_{name}", say(name))

    assert app.test_client().get("/page/7").status_code == 200
    names = ["app", "outer", "inner", "one"]
    assert asked == [(name, "Page", {"number": 7}) for name in names]


@BOTH
def test_guard_of_all_covers_unknown_paths(
    make_app: MakeApp, headers: dict[str, str]
) -> None:
    app = make_app(FILES, guard=only_admin, config={"SECRET_KEY": "key"})
    client = app.test_client()
    assert client.get("/no/such", headers=headers).status_code == 403
    assert client.get("/no/such", headers=headers).vary.as_set() >= {"accept", "cookie"}
    log_in(client)
    assert client.get("/no/such", headers=headers).status_code == 404


def test_not_found_page_with_a_guard(make_app: MakeApp) -> None:
    files = {
        "a": "import flask\nregister_page(__name__)\ndef layout(): flask.abort(404)",
        "not_found_404": f"register_page(__name__{GUARDED})\nlayout = 'secret'",
    }
    client = make_app(files).test_client()
    assert client.get("/nothing").status_code == 403
    response = client.get("/a")
    assert response.status_code == 404
    assert SECRET not in response.text


def test_page_that_is_registered_under_another_name_is_in_its_folder(
    make_guarded: MakeGuarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "helper.py").write_text(
        "from flask_dash_pages import register_page\n"
        "def page(name): register_page(name, path=f'/{name}', layout='secret')"
    )
    files = {
        "admin/other": "register_page('other', path='/other', layout='secret')",
        "admin/third": "import helper\nhelper.page('third')",
    }
    app = make_guarded(files=files)

    for path in ("/other", "/third"):
        assert app.test_client().get(path).status_code == 403


def test_guard_of_folder_that_is_hidden_by_a_module(make_guarded: MakeGuarded) -> None:
    text = "register_page(__name__)\nlayout = 'a'"

    with pytest.raises(
        PageError, match=r"guard in '.*__init__.py' is hidden by .*guard"
    ):
        make_guarded(files={"admin/guard": text, "admin/z": text})


def test_page_that_is_named_guard(make_app: MakeApp) -> None:
    text = "register_page(__name__)\nlayout = 'a'"
    app = make_app({"guard": text, "z": text})
    assert app.test_client().get("/guard").status_code == 200
    assert app.test_client().get("/z").status_code == 200


def test_guard_of_folder_that_imports_its_pages(
    make_app: MakeApp, write_pages: WritePages
) -> None:
    folder = write_pages(**{"staff/people": FILES["admin/users"]})
    (folder / "staff" / "__init__.py").write_text(
        "from .people import layout\nguard = lambda page, variables: False\n"
    )
    client = make_app({"open": FILES["open"]}).test_client()
    assert client.get("/admin/users").status_code == 403
    assert call(client).status_code == 403


@pytest.mark.parametrize("how", ["page", "again"])
def test_guard_of_folder_that_fails(
    make_app: MakeApp, write_pages: WritePages, how: str
) -> None:
    folder = write_pages(**{"staff/a": NO_CALLBACKS, "staff/b": FILES["admin/users"]})
    (folder / "staff" / "__init__.py").write_text(
        "from . import a, b\nimport not_installed\nguard = lambda p, v: False"
    )

    if how == "again":
        for _ in range(2):
            with pytest.raises(PageError, match="No module named 'not_installed'"):
                make_app({"open": FILES["open"]})

        return

    config = {"DASH_PAGES_IMPORT_ERRORS": "page", "TESTING": False}
    client = make_app({"open": FILES["open"]}, config=config).test_client()
    assert client.get("/").status_code == 200

    for path in ("/staff/a", "/staff/b", "/admin/users"):
        response = client.get(path)
        assert response.status_code in {404, 500}
        assert SECRET not in response.text

    assert call(client).status_code == 404


def test_guard_of_folder_that_cannot_be_used(
    make_app: MakeApp, write_pages: WritePages
) -> None:
    folder = write_pages(a="register_page(__name__)\nlayout = 'a'")
    (folder / "__init__.py").write_text("guard = 'admins'")

    with pytest.raises(PageError, match=r"__init__.py' cannot be used. .* 'admins'"):
        make_app({"b": "register_page(__name__)\nlayout = 'b'"})


# Signals


@pytest.mark.parametrize(
    "answer", [lambda: False, lambda: redirect("/login"), lambda: abort(403)]
)
@BOTH
def test_denial_is_told_once(
    make_guarded: MakeGuarded, headers: dict[str, str], answer: Callable[[], t.Any]
) -> None:
    app = make_guarded(deny(answer))
    told = list(record_signals(app, "/admin/users?a=1", headers))
    assert told == [("page-denied", "Users", "/admin/users")]


def test_prefetch_of_a_denied_page_is_not_told(make_guarded: MakeGuarded) -> None:
    app = make_guarded(deny(lambda: redirect("/login")))
    assert list(record_signals(app, "/admin/users", PREFETCH)) == []


@BOTH
def test_guard_that_raises_is_told_and_logged_once(
    make_guarded: MakeGuarded,
    headers: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_guarded(deny(lambda: 1 / 0), files={"admin/users": NO_CALLBACKS})
    told = list(record_signals(app, "/admin/users", headers))
    assert told == [("page-failed", "Users", "/admin/users")]
    assert errors_of(caplog) == ["Exception on /admin/users [GET]"]


NO_CALLBACKS = "register_page(__name__)\nlayout = 'secret'"


def errors_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


def record_signals(
    app: Flask, path: str, headers: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    told = []
    receivers = []

    for name in ("denied", "resolved", "redirected", "failed", "not_found"):
        signal = getattr(signals, f"page_{name}")

        def receive(
            sender: Flask,
            page: Page,
            path: str,
            *,
            of: str = signal.name,
            **extra: t.Any,
        ) -> None:
            told.append((of, page.name, path))

        receivers.append(receive)
        signal.connect(receive, sender=app)

    app.test_client().get(path, headers=headers)
    yield from told


# Callbacks


def test_callbacks_of_denied_page(make_guarded: MakeGuarded) -> None:
    app = make_guarded()
    client = app.test_client()
    response = call(client)
    assert response.status_code == 403
    assert SECRET not in response.text
    assert "secret" not in client.get("/_dash-dependencies").text
    assert call(client, "open.children").json["response"]
    log_in(client)
    assert "secret 1" in call(client).text
    assert "secret-users.children" in client.get("/_dash-dependencies").text
    log_in(client, "guest")
    assert call(client).status_code == 403


def test_resources_of_denied_page(make_guarded: MakeGuarded) -> None:
    app = make_guarded()
    client = app.test_client()
    public = resources_of(client)
    assert SECRET not in str(public)
    assert "open.children" in str(public)
    assert "_pages_content.children" in str(public)
    log_in(client)
    private = resources_of(client)
    assert "secret-users.children" in str(private)
    assert "secret function" in str(private)
    assert len(private) == 2
    # Their URLs do not let others in.
    stranger = app.test_client()

    for url in private.keys() - public.keys():
        response = stranger.get(url)
        assert SECRET not in response.text


def test_version_changes_with_what_the_visitor_may_see(
    make_guarded: MakeGuarded,
) -> None:
    client = make_guarded().test_client()
    before = client.get("/", headers=JSON).json["version"]  # type: ignore[index]
    log_in(client)
    response = client.get("/", headers={**JSON, "Dash-Pages-Version": before})
    assert response.status_code == 204
    assert response.headers["Dash-Pages-Location"] == "/"
    after = client.get("/", headers=JSON).json["version"]  # type: ignore[index]
    response = client.get("/", headers={**JSON, "Dash-Pages-Version": after})
    assert response.status_code == 200
    log_in(client, "guest")
    assert client.get("/", headers=JSON).json["version"] == before  # type: ignore[index]
    assert call(client).headers["Dash-Pages-Version"] == before


@pytest.mark.parametrize(
    "claims",
    [
        {"headers": {"Referer": "http://localhost/"}},
        {"headers": {"Referer": "http://localhost/admin/users"}},
        {"query_string": {"pathname": "/"}},
    ],
)
def test_claims_of_the_browser_do_not_decide(
    make_guarded: MakeGuarded, claims: dict[str, t.Any]
) -> None:
    files = {
        "admin/users": """
            register_page(__name__)
            layout = "secret"
            @callback(
                Output("secret-users", "children"),
                Input("_pages_location", "pathname"),
            )
            def update(pathname): return "secret"
        """
    }
    client = make_guarded(files=files).test_client()
    body = {
        "output": "secret-users.children",
        "outputs": {"id": "secret-users", "property": "children"},
        "inputs": [{"id": "_pages_location", "property": "pathname", "value": "/"}],
        "changedPropIds": ["_pages_location.pathname"],
    }
    response = client.post("/_dash-update-component", json=body, **claims)
    assert response.status_code == 403
    assert SECRET not in response.text


def test_guard_of_all_covers_callbacks_of_the_shell(
    make_app: MakeApp, bare_app: Flask
) -> None:
    from dash import Input
    from dash import Output

    bare_app.config["SECRET_KEY"] = "key"
    pages = DashPages(guard=only_admin, pages_folder=None)

    @pages.callback(Output("secret-shell", "children"), Input("in", "value"))
    def update(value: int) -> str:
        return "secret"

    pages.init_app(bare_app)
    client = bare_app.test_client()
    assert call(client, "secret-shell.children").status_code == 403
    assert SECRET not in client.get("/_dash-dependencies").text
    log_in(client)
    assert "secret" in call(client, "secret-shell.children").text


def test_callbacks_of_folder_package(
    make_app: MakeApp, write_pages: WritePages, header: str
) -> None:
    folder = write_pages()
    (folder / "admin").mkdir(parents=True)
    (folder / "admin" / "__init__.py").write_text(
        header + "guard = lambda page, variables: False\n"
        "@callback(Output('secret-users', 'children'), Input('in', 'value'))\n"
        "def update(value): return 'secret'\n"
    )
    app = make_app({"admin/a": "register_page(__name__)\nlayout = 'secret'"})
    assert call(app.test_client()).status_code == 403


HELPER = """
    @callback(Output("secret-users", "children"), Input("in", "value"))
    def update(value): return f"secret {value}"
"""
USES = "from ._helper import update\nregister_page(__name__{})\nlayout = 'a'"
GUARDED = ", guard=lambda page, variables: False"


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        # Only guarded pages import it.
        (USES.format(GUARDED), USES.format(GUARDED), 403),
        (USES.format(GUARDED), "register_page(__name__)\nlayout = 'a'", 403),
        # An open page does, too.
        (USES.format(GUARDED), USES.format(""), 200),
        # An open page imports the guarded one, which imports it.
        (
            USES.format(GUARDED),
            "from .one import layout\nregister_page(__name__)\nlayout = 'a'",
            403,
        ),
    ],
)
def test_callbacks_of_helper_module(
    make_app: MakeApp, one: str, other: str, status: int
) -> None:
    app = make_app({"_helper": HELPER, "one": one, "two": other})
    client = app.test_client()
    assert call(client).status_code == status
    assert ("secret" in client.get("/_dash-dependencies").text) is (status == 200)


@pytest.mark.parametrize(("imports", "status"), [("", 403), ("import tools", 200)])
def test_callbacks_of_module_that_the_app_imports(
    tmp_path: Path,
    make_app: MakeApp,
    write_pages: WritePages,
    header: str,
    monkeypatch: pytest.MonkeyPatch,
    imports: str,
    status: int,
) -> None:
    import sys

    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "tools.py").write_text(header + "\n" + HELPER.replace("\n    ", "\n"))
    (tmp_path / "testapp.py").write_text(imports)
    __import__("testapp")
    page = f"import tools\nregister_page(__name__{GUARDED})\nlayout = 'a'"
    app = make_app({"a": page})
    assert call(app.test_client()).status_code == status
    del sys.modules["testapp"], sys.modules["tools"]


def write_modules(folder: Path, header: str, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{header}\n{dedent(text)}")


APP = """
    from flask import Flask
    from flask_dash_pages import DashPages
    {imports}
    app = Flask(__name__)
    pages = DashPages(app)
"""


@pytest.mark.parametrize(("imports", "status"), [("", 403), ("import helper", 200)])
def test_callbacks_of_helper_with_an_app_at_the_top_level(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    imports: str,
    status: int,
) -> None:
    page = f"import helper\nregister_page(__name__{GUARDED})\nlayout = 'a'"
    write_modules(
        tmp_path,
        header,
        **{"app": APP.format(imports=imports), "helper": HELPER, "pages/a": page},
    )
    monkeypatch.syspath_prepend(tmp_path)
    client = import_module("app").app.test_client()
    assert call(client).status_code == status
    assert ("secret" in client.get("/_dash-dependencies").text) is (status == 200)


@pytest.mark.parametrize("name", ["helper", "helpers/__init__"])
def test_callbacks_of_helper_that_was_imported_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, name: str
) -> None:
    module = name.removesuffix("/__init__")
    page = f"import {module}.tools" if "/" in name else f"import {module}"
    page += f"\nregister_page(__name__{GUARDED})\nlayout = 'a'"
    write_modules(
        tmp_path,
        header,
        **{"app": APP.format(imports=""), name: HELPER, "pages/a": page},
        **({"helpers/tools": ""} if "/" in name else {}),
    )
    monkeypatch.syspath_prepend(tmp_path)
    import_module(module)
    assert call(import_module("app").app.test_client()).status_code == 403


def test_callbacks_of_a_guarded_section_are_not_in_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    app = APP.format(imports="") + (
        "    admin = DashPages(app, name='admin', url_prefix='/admin',\n"
        "        pages_folder='admin_pages')\n"
    )
    write_modules(
        tmp_path,
        header,
        **{
            "app": app,
            "helper": HELPER,
            "pages/home": "register_page(__name__, path='/')\nlayout = 'a'",
            "admin_pages/a": f"import helper\nregister_page(__name__{GUARDED})\n"
            "layout = 'a'",
        },
    )
    monkeypatch.syspath_prepend(tmp_path)
    import_module("helper")
    client = import_module("app").app.test_client()
    assert call(client).status_code == 404
    assert call(client, prefix="/admin").status_code == 403
    assert "secret" not in client.get("/_dash-dependencies").text


def test_callbacks_of_the_shell_beside_a_guarded_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    app = APP.format(imports="import shell") + (
        "    pages.register_page('one', layout='a', guard=lambda p, v: False)\n"
    )
    home = "register_page(__name__, path='/')\nlayout = 'a'"
    write_modules(tmp_path, header, **{"app": app, "shell": HELPER, "pages/home": home})
    monkeypatch.syspath_prepend(tmp_path)
    client = import_module("app").app.test_client()
    assert client.get("/one").status_code == 403
    assert call(client).status_code == 200


def test_callbacks_that_nobody_imports(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = f"register_page(__name__{GUARDED})\nlayout = 'a'"
    write_modules(
        tmp_path,
        header,
        **{"app": APP.format(imports=""), "lonely": HELPER, "pages/a": page},
    )
    monkeypatch.syspath_prepend(tmp_path)
    import_module("lonely")
    client = import_module("app").app.test_client()
    assert call(client).status_code == 403
    assert "Nobody may call the callbacks 'secret-users.children'" in caplog.text
    assert "secret" not in client.get("/_dash-dependencies").text


SHELL = dedent(HELPER) + "def layout():\n    return page_container\n"


@pytest.mark.parametrize("is_section", [True, False])
def test_callbacks_of_the_shell_of_a_guarded_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, is_section: bool
) -> None:
    app = APP.format(imports="import shell")
    guarded = "url_prefix='/admin', layout=shell.layout, guard=lambda p, v: False)\n"
    files = {
        "app": app,
        "shell": SHELL,
        "pages/home": "register_page(__name__, path='/')\nlayout = 'a'",
    }

    if is_section:
        files["app"] += f"    admin = DashPages(app, name='admin', {guarded}"
    else:
        files["app"] = app.replace("import shell", "")
        files["guarded"] = app.replace("(app)", f"(app, {guarded}")

    write_modules(tmp_path, header, **files)
    monkeypatch.syspath_prepend(tmp_path)
    other = import_module("app" if is_section else "guarded").app.test_client()
    client = import_module("app").app.test_client()
    assert call(other, prefix="/admin").status_code == 403
    assert call(client).status_code == 404
    assert "secret" not in client.get("/_dash-dependencies").text


def test_callbacks_of_a_shell_that_was_set_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    page = f"register_page(__name__{GUARDED})\nlayout = 'a'"
    app = APP.format(imports="from importlib import import_module") + (
        "    pages.layout = import_module('shell').layout\n"
    )
    write_modules(tmp_path, header, **{"app": app, "shell": SHELL, "pages/a": page})
    monkeypatch.syspath_prepend(tmp_path)
    assert call(import_module("app").app.test_client()).status_code == 200


def test_callbacks_with_one_output(make_app: MakeApp) -> None:
    page = """
        from flask import session
        register_page(__name__, guard=lambda page, variables: {!r} in session)
        layout = "a"
        @callback(Output("secret-users", "children"), Input("in", "value"))
        def update(value): return "secret"
    """
    files = {name: page.format(name) for name in ["one", "two"]}
    client = make_app(files, config={"SECRET_KEY": "key"}).test_client()

    for name, status in [("one", 403), ("two", 200)]:
        with client.session_transaction() as data:
            data[name] = True

        assert call(client).status_code == status


def test_callback_that_is_added_by_a_visit(make_app: MakeApp) -> None:
    page = """
        register_page(__name__)
        def layout():
            dash.get_app().callback(Output("secret", "a"), Input("in", "value"))(str)
    """
    app = make_app({"a": page}, config={"TESTING": True})

    with pytest.raises(RuntimeError, match="after the app had served a request"):
        app.test_client().get("/a")

    assert call(app.test_client(), "secret.a").status_code == 404


HOME = "register_page(__name__, path='/')\nlayout = 'a'"
IMPORTS = f"import helper\nregister_page(__name__{GUARDED})\nlayout = 'a'"
CLOSED = ", guard=lambda page, variables: False)"


@pytest.mark.parametrize(
    ("source", "files", "status"),
    [
        # A page for status 403 is shown to all, but what it owns is the app's.
        (
            APP.format(imports="").replace("(app)", f"(app{CLOSED}"),
            {"pages/a": IMPORTS, "pages/forbidden_403": "import helper\n" + HOME},
            403,
        ),
        # Type checkers alone read that.
        (
            APP.format(imports="from typing import TYPE_CHECKING")
            + "\n    if TYPE_CHECKING: import helper",
            {"pages/a": IMPORTS},
            403,
        ),
        # A page with the same output.
        (
            APP.format(imports=""),
            {"pages/a": IMPORTS, "pages/z": HOME + dedent(HELPER)},
            403,
        ),
        # Another section does not get it, either.
        (
            APP.format(imports="")
            + "    DashPages(app, name='b', url_prefix='/b', pages_folder='b')",
            {"b/a": IMPORTS.replace("import helper", "__import__('hel' + 'per')")},
            403,
        ),
        # A function of the app registers the page.
        (
            APP.format(imports="import helper"),
            {"pages/a": f"import helper\nhelper.page(__name__{GUARDED})\nlayout = 'a'"},
            200,
        ),
    ],
    ids=["error-page", "type-checking", "twice", "section", "function"],
)
def test_callbacks_of_module(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    source: str,
    files: dict[str, str],
    status: int,
) -> None:
    helper = (
        dedent(HELPER) + "def page(*args, **kwargs): register_page(*args, **kwargs)"
    )
    files = {"app": source, "helper": helper, "pages/home_": HOME, **files}
    files["pages/home_"] = HOME.replace("'/'", "'/home'")
    write_modules(tmp_path, header, **files)
    monkeypatch.syspath_prepend(tmp_path)
    import_module("helper")
    client = import_module("app").app.test_client()
    assert call(client).status_code == status


@pytest.mark.parametrize(("imports", "status"), [("", 403), ("import around", 200)])
def test_callbacks_of_module_beside_the_app(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    imports: str,
    status: int,
) -> None:
    files = {"core/app": APP.format(imports=imports), "helper": HELPER}
    files["core/pages/a"] = IMPORTS.replace("helper", "around")
    write_modules(tmp_path, header, around="from helper import update", **files)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "core")
    import_module("around")
    client = import_module("app").app.test_client()
    assert call(client).status_code == status


def test_callbacks_of_hooks(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    from dash import hooks
    from dash import Input
    from dash import Output

    monkeypatch.setitem(hooks._ns, "callback", [])

    @hooks.callback(Output("secret-users", "children"), Input("in", "value"))
    def update(value: int) -> str:
        return "secret"

    client = make_app({"a": NO_CALLBACKS}, guard=only_admin).test_client()
    assert call(client).status_code == 403


@pytest.mark.parametrize("first", ["open", "closed"])
def test_callback_that_cancels_several(make_app: MakeApp, first: str) -> None:
    pytest.importorskip("diskcache")
    page = """
        register_page(__name__{})
        layout = "a"
        @callback(
            Output("{}", "children"),
            Input("in", "value"),
            background=True,
            cancel=[Input("stop", "n_clicks")],
        )
        def update(value): return value
    """
    pages = [page.format("", "out-open"), page.format(GUARDED, "out-closed")]
    names = ("a", "b") if first == "open" else ("b", "a")
    client = make_app(dict(zip(names, pages, strict=True))).test_client()
    text = client.get("/_dash-dependencies").text
    assert "stop.id" in text
    assert "out-open" in text
    assert "out-closed" not in text


def test_setup_apis_refused(make_app: MakeApp) -> None:
    with pytest.raises(PageError, match=r"setup_apis\(\) was called, .* asking guards"):
        make_app(
            {"a": "register_page(__name__)\nlayout = ''\ndash.get_app().setup_apis()"}
        )


def test_guard_that_needs_variables_hides_callbacks(
    make_guarded: MakeGuarded, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_guarded(lambda page, variables: variables["group"] == "7")
    client = app.test_client()
    assert client.get("/admin/users/7").status_code == 200
    assert client.get("/admin/users/8").status_code == 403
    assert call(client).status_code == 403
    assert len(errors_of(caplog)) == 1
    assert "'pages.admin.users' raised, which hides its callbacks" in caplog.text


def test_callback_that_cancels_one_of_a_denied_page(make_guarded: MakeGuarded) -> None:
    pytest.importorskip("diskcache")
    files = {
        "admin/users": """
            register_page(__name__)
            layout = "secret"
            @callback(
                Output("secret-users", "children"),
                Input("in", "value"),
                background=True,
                cancel=[Input("secret-cancel", "n_clicks")],
            )
            def update(value): return "secret"
        """
    }
    client = make_guarded(files=files).test_client()
    assert "secret-cancel" not in client.get("/_dash-dependencies").text
    assert call(client, "secret-cancel.id").status_code in {400, 403}
    log_in(client)
    assert "secret-cancel.id" in client.get("/_dash-dependencies").text


def test_callback_that_cancels_one_with_the_output_of_an_open_page(
    make_guarded: MakeGuarded,
) -> None:
    pytest.importorskip("diskcache")
    page = """
        register_page(__name__)
        layout = "a"
        @callback(Output("secret-users", "children"), Input("in", "value"){})
        def update(value): return value
    """
    background = ", background=True, cancel=[Input('secret-cancel', 'n_clicks')]"
    files = {"a": page.format(""), "admin/users": page.format(background)}
    client = make_guarded(files=files).test_client()
    assert "secret-cancel" not in client.get("/_dash-dependencies").text
    assert call(client).status_code == 403
    assert call(client, "secret-cancel.id").status_code == 403
    log_in(client)
    assert "secret-cancel.id" in client.get("/_dash-dependencies").text


def test_callback_that_is_not_there(make_guarded: MakeGuarded) -> None:
    assert call(make_guarded().test_client(), "x.children").status_code == 404


def test_releases_are_not_made_for_each_visitor(make_guarded: MakeGuarded) -> None:
    app = make_guarded()

    for _ in range(5):
        app.test_client().get("/")

    bound = bound_pages(app)
    assert bound._kept_releases.cache_info().currsize == 1


# Sections


def test_sections_with_guards_of_their_own(
    write_pages: WritePages, bare_app: Flask
) -> None:
    bare_app.config["SECRET_KEY"] = "key"
    files = {"open": FILES["open"], "users": FILES["admin/users"]}
    write_pages("public", open=files["open"])
    write_pages("admin", users=files["users"])
    DashPages(bare_app, name="public", pages_folder="public")
    DashPages(
        bare_app,
        name="admin",
        url_prefix="/admin",
        pages_folder="admin",
        guard=only_admin,
    )
    client = bare_app.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/admin/admin/users").status_code == 403
    assert client.get("/admin/nothing").status_code == 403
    assert client.get("/nothing").status_code == 404
    assert call(client, prefix="/admin").status_code == 403
    assert call(client).status_code == 404
    assert SECRET not in client.get("/_dash-dependencies").text
    assert SECRET not in client.get("/admin/_dash-dependencies").text


def native_pages(bare_app: Flask) -> DashPages:
    bare_app.config["SECRET_KEY"] = "key"
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("home", path="/", layout="home")
    pages.register_page("users", layout="secret", guard=only_admin)
    pages.register_page("not_found_404", layout="lost")
    return pages


@pytest.mark.parametrize(
    ("role", "names"), [("", ["Home"]), ("admin", ["Home", "Users"])]
)
def test_visible_pages(bare_app: Flask, role: str, names: list[str]) -> None:
    pages = native_pages(bare_app)

    with bare_app.test_request_context():
        session["role"] = role
        assert [page.name for page in pages.visible_pages()] == names


def test_visible_pages_with_a_guard_that_raises(
    bare_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    pages = native_pages(bare_app)

    def needs_variables(page: Page, variables: Mapping[str, t.Any]) -> bool:
        return bool(variables["id"])

    pages.register_page("report", layout="", guard=needs_variables)

    with bare_app.test_request_context():
        for _ in range(2):
            assert [page.name for page in pages.visible_pages()] == ["Home"]

    assert len(errors_of(caplog)) == 1


def test_requirement_is_asked_once_for_all_pages(bare_app: Flask) -> None:
    asked = []
    guard = guards.require(lambda: asked.append(1) is None)
    pages = DashPages(bare_app, pages_folder=None, guard=guard)

    for name in "abc":
        pages.register_page(name, layout="")

    with bare_app.test_request_context():
        assert len(pages.visible_pages()) == 3

    assert len(asked) == 1


# Caching


@pytest.mark.parametrize(
    ("headers", "expected"),
    [(HTML, "private, no-store"), (JSON, "no-store"), (PREFETCH, "private, no-cache")],
)
def test_guarded_page_is_not_kept(
    make_guarded: MakeGuarded, headers: dict[str, str], expected: str
) -> None:
    client = make_guarded().test_client()
    log_in(client)
    response = client.get("/admin/users", headers=headers)
    assert response.headers["Cache-Control"] == expected
    assert response.vary.as_set() >= {"accept", "cookie"}
    # What is around other pages may be of the visitor, too.
    assert client.get("/", headers=HTML).headers["Cache-Control"] == "private"


def set_control(app: Flask, control: str) -> None:
    """Let the app say of all answers how they are kept."""

    @app.after_request
    def keep(response: Response) -> Response:
        response.headers["Cache-Control"] = control
        return response


@pytest.mark.parametrize("control", ["public, max-age=60", "max-age=60, s-maxage=9"])
@BOTH
def test_guarded_page_is_never_public(
    make_guarded: MakeGuarded, headers: dict[str, str], control: str
) -> None:
    app = make_guarded()
    set_control(app, control)
    client = app.test_client()
    found = client.get("/admin/users", headers=headers).cache_control
    assert found.private
    assert not found.public
    assert found.s_maxage is None
    log_in(client)
    assert client.get("/admin/users", headers=headers).cache_control.private


@BOTH
def test_guarded_page_with_max_age_is_asked_for_each_time(
    make_app: MakeApp, headers: dict[str, str]
) -> None:
    page = "register_page(__name__, max_age=60)\nlayout = 'secret'"
    app = make_app({"a": page}, guard=only_admin, config={"SECRET_KEY": "key"})
    client = app.test_client()
    log_in(client)
    response = client.get("/a", headers=headers)
    assert response.headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    etag = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/a", headers={**headers, **etag}).status_code == 304
    log_in(client, "guest")
    response = client.get("/a", headers={**headers, **etag})
    assert response.status_code == 403
    assert SECRET not in response.text


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/_dash-dependencies", "/_dash-layout"]
)
@BOTH
def test_answers_beside_guarded_pages_are_not_public(
    make_guarded: MakeGuarded, headers: dict[str, str], path: str
) -> None:
    app = make_guarded()
    set_control(app, "public, max-age=60")
    response = app.test_client().get(path, headers=headers)
    assert response.cache_control.private
    assert not response.cache_control.public
    assert "cookie" in response.vary.as_set()


@pytest.mark.parametrize(
    "path", ["_favicon.ico?v=4.4.1", "_dash-component-suites/x.js", "assets/a.css?m=0"]
)
def test_guarded_page_at_a_path_like_those_of_dash(
    make_app: MakeApp, path: str
) -> None:
    text = """
        register_page(__name__, path_template='/f/<path:x>')
        def layout(x=1): return x
    """
    app = make_app({"a": text}, guard=only_admin, config={"SECRET_KEY": "key"})

    @app.after_request
    def date(response: Response) -> Response:
        response.last_modified = 0
        return response

    client = app.test_client()
    log_in(client)
    response = client.get(f"/f/{path}")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "cookie" in response.vary.as_set()
    assert not bound_pages(app).caching._locks


def test_prefetched_page_that_is_shown_after_the_logout(
    make_guarded: MakeGuarded,
) -> None:
    app = make_guarded()
    client = app.test_client()
    log_in(client)
    response = client.get("/admin/users", headers=PREFETCH)
    shown = {**JSON, "Dash-Pages-Shown": response.headers["Dash-Pages-Shown"]}
    assert client.head("/admin/users", headers=shown).status_code == 204
    log_in(client, "guest")
    assert client.head("/admin/users", headers=shown).status_code == 403


# Others


def test_guard_with_routing_callback_inputs(make_app: MakeApp) -> None:
    from dash import Input

    text = """
        register_page(__name__, title=lambda: "A")
        def layout(theme): return "secret"
    """
    app = make_app(
        {"a": text},
        guard=only_admin,
        routing_callback_inputs={"theme": Input("theme", "value")},
        config={"SECRET_KEY": "key"},
    )
    client = app.test_client()
    assert client.get("/a").status_code == 403
    inputs = {**JSON, "Dash-Pages-Inputs": '{"theme": 1}'}
    assert client.get("/a", headers=inputs).status_code == 403
    response = client.post("/a", json={"inputs": {"theme": 1}}, headers=JSON)
    assert response.status_code == 403
    log_in(client)
    assert "secret" in client.get("/a", headers=inputs).text


def test_coroutine_function(make_app: MakeApp) -> None:
    pytest.importorskip("asgiref")

    async def guard(page: Page, variables: Mapping[str, t.Any]) -> bool:
        return False

    client = make_app(FILES, guard=guard).test_client()
    assert client.get("/admin/users").status_code == 403
    assert call(client).status_code == 403


def test_agents_are_not_served(
    bare_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Dash would call callbacks for them without asking guards.
    monkeypatch.setenv("DASH_MCP_ENABLED", "true")
    DashPages(bare_app, pages_folder=None)
    assert bare_app.test_client().post("/_mcp", json={}).status_code in {404, 405}


# Flask-Login


class User(flask_login.UserMixin):  # type: ignore[misc]
    id = "1"


@pytest.fixture
def login_app(make_app: MakeApp) -> Flask:
    config = {"SECRET_KEY": "key"}
    app = make_app({"open": FILES["open"], "users": LOGIN_PAGE}, config=config)
    manager = flask_login.LoginManager(app)
    manager.login_view = "login"
    manager.user_loader(lambda user_id: User())

    @app.route("/login", methods=["GET", "POST"])
    def login() -> t.Any:
        if request.method == "GET":
            return " ".join(get_flashed_messages())

        flask_login.login_user(User())
        return redirect(guards.next_url("/"))

    return app


LOGIN_PAGE = """
    from flask_dash_pages import guards
    register_page(__name__, path="/users", guard=guards.login_required)
    register_page("fresh", layout="f", guard=guards.fresh_login_required)
    layout = "secret"
    @callback(Output("secret-users", "children"), Input("in", "value"))
    def update(value): return "secret"
"""


@pytest.mark.parametrize("path", ["/users?a=1&b=%C3%BC", "/fresh"])
def test_login_and_back(login_app: Flask, path: str) -> None:
    client = login_app.test_client()
    response = client.get(path)
    assert response.status_code == 302
    login = client.get(response.location)
    assert login.text == "Please log in to access this page."
    response = client.post(response.location)
    assert response.location == path
    assert client.get(path).status_code == 200


def test_login_by_navigation_in_the_browser(login_app: Flask) -> None:
    client = login_app.test_client()
    told = list(record_signals(login_app, "/users?a=1", JSON))
    assert told == []
    response = client.get("/users?a=1", headers=JSON)
    # The message for the visitor is kept for the page as a whole.
    assert response.status_code == 204
    assert response.headers["Dash-Pages-Location"] == "/users?a=1"
    assert client.get("/users", headers=PREFETCH).status_code == 204
    assert call(client).status_code == 403
    assert client.get("/login").text == ""


def test_login_disabled(login_app: Flask) -> None:
    login_app.config["LOGIN_DISABLED"] = True
    client = login_app.test_client()
    assert client.get("/users").status_code == 200
    assert client.get("/fresh").status_code == 200
    assert "secret" in call(client).text


def test_login_that_is_not_fresh(login_app: Flask) -> None:
    client = login_app.test_client()
    client.post("/login")

    with client.session_transaction() as data:
        data["_fresh"] = False

    assert client.get("/users").status_code == 200
    assert client.get("/fresh").status_code == 401


def test_login_without_a_view(login_app: Flask) -> None:
    login_app.login_manager.login_view = None  # type: ignore[attr-defined]
    assert login_app.test_client().get("/users").status_code == 401


def test_login_redirect(make_guarded: MakeGuarded) -> None:
    guard = guards.require(
        lambda: "role" in session, guards.login_redirect("login", language="en")
    )
    app = make_guarded(guard, files={"admin/users": NO_CALLBACKS})
    app.add_url_rule("/login/<language>", "login", lambda language: language)
    response = app.test_client().get(
        "/admin/users?a=1", environ_overrides={"SCRIPT_NAME": "/mount"}
    )
    assert response.location == "/mount/login/en?next=/mount/admin/users?a%3D1"


def test_require_with_any_answer_of_views(make_guarded: MakeGuarded) -> None:
    guard = guards.require(lambda: False, lambda: ({"log": "in"}, 401))
    response = make_guarded(guard).test_client().get("/admin/users")
    assert response.status_code == 401
    assert response.json == {"log": "in"}


def test_guards_without_flask_login(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, "flask_login", None)
    monkeypatch.delitem(sys.modules, "flask_dash_pages.guards")
    # Importing it again replaces this, too.
    monkeypatch.setattr("flask_dash_pages.guards", guards)
    without = importlib.import_module("flask_dash_pages.guards")
    assert without.require(lambda: True)

    with pytest.raises(ImportError, match=r"login_required needs Flask-Login. Install"):
        _ = without.login_required

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = without.nothing


# Where to go after the login


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/users",
        "/users?a=1&b=%2F%2Fevil.com",
        "/ü",
        "/a//b",
        "/.//evil.com",
        "/@evil.com",
        "/:80",
        "/a?next=//evil.com",
    ],
)
def test_next_url_on_this_host(bare_app: Flask, url: str) -> None:
    with bare_app.test_request_context(query_string={"next": url}):
        assert guards.next_url("/default") == url

    with bare_app.test_request_context(method="POST", data={"next": url}):
        assert guards.next_url("/default") == url

    with bare_app.test_request_context():
        assert guards.next_url("/default", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "users",
        "//evil.com",
        "///evil.com",
        "/\\evil.com",
        "\\/evil.com",
        "\\\\evil.com",
        "/\t/evil.com",
        "/\n/evil.com",
        "\t//evil.com",
        " //evil.com",
        "http://evil.com",
        "http:evil.com",
        "https:/evil.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "//localhost\\@evil.com",
        "http://localhost@evil.com/",
        "http://localhost/",
        "/a\r\nSet-Cookie: a=b",
        "/a\x00",
    ],
)
def test_next_url_elsewhere(bare_app: Flask, url: str) -> None:
    with bare_app.test_request_context(query_string={"next": url}):
        assert guards.next_url("/default") == "/default"


@given(st.text("/\\.:@?#%\t\r\n abevil\x00ü", max_size=12))
def test_next_url_never_leaves_the_host(url: str) -> None:
    app = Flask(__name__)

    with app.test_request_context("http://localhost/"):
        found = guards.next_url("/", url)

    # As browsers read it.
    read = "".join(c for c in found if c not in "\t\r\n").replace("\\", "/").strip()
    assert read.startswith("/")
    assert not read.startswith("//")


@pytest.mark.parametrize("folder", ["", "admin/"])
def test_guard_of_folder_covers_what_its_package_registers(
    make_app: MakeApp, folder: str
) -> None:
    package = """
        guard = lambda page, variables: False
        register_page(__name__, path="/one", layout="secret")
        register_page("two", path="/two", layout="secret")
        @callback(Output("secret-users", "children"), Input("in", "value"))
        def update(value): return "secret"
    """
    files = {f"{folder}__init__": package, f"{folder}home": HOME}
    client = make_app(files).test_client()
    statuses = [client.get(path, headers=JSON).status_code for path in ["/one", "/two"]]
    assert (statuses, call(client).status_code) == ([403, 403], 403)


def test_guard_of_folder_with_an_error_page(make_app: MakeApp) -> None:
    files = {
        "admin/__init__": "guard = lambda page, variables: False",
        "admin/error_500": "register_page(__name__)\nlayout = 'a'",
    }

    with pytest.raises(PageError, match=r"'pages.admin.error_500'.*shown to everybody"):
        make_app(files)


@pytest.mark.parametrize("name", ["guards", "gaurd", "guarded"])
def test_guard_misspelt(make_app: MakeApp, name: str) -> None:
    page = f"register_page(__name__, {name}=lambda p, v: False)\nlayout = 'a'"

    with pytest.raises(PageError, match=f"has '{name}', which looks like 'guard'"):
        make_app({"a": page})


def test_keyword_like_a_guard(make_app: MakeApp) -> None:
    page = "register_page(__name__, guarded=True, board=print)\nlayout = 'a'"
    page_of_app = bound_pages(make_app({"a": page})).registry["pages.a"]
    assert (page_of_app["guarded"], page_of_app["board"]) == (True, print)


@pytest.mark.parametrize(
    "otherwise", ["/login", Response("x"), guards.login_redirect], ids=type
)
def test_require_otherwise_is_no_function(otherwise: t.Any) -> None:
    with pytest.raises(TypeError, match="must be a function without arguments"):
        guards.require(lambda: True, otherwise)


def test_login_without_a_manager(make_app: MakeApp) -> None:
    page = "register_page(__name__)\nlayout = 'a'"
    config = {"TESTING": True}
    app = make_app({"a": page}, guard=guards.login_required, config=config)

    with pytest.raises(RuntimeError, match=r"no LoginManager. Make one"):
        app.test_client().get("/a")


@pytest.mark.parametrize("headers", [HTML, JSON])
@pytest.mark.parametrize(("is_requirement", "count"), [(False, 6), (True, 2)])
def test_how_often_a_guard_of_all_pages_is_asked(
    make_app: MakeApp, headers: dict[str, str], is_requirement: bool, count: int
) -> None:
    text = """
        register_page(__name__)
        layout = ""

        @callback(Output("{0}", "children"), Input("in", "value"))
        def update(value): return value
    """
    asked: list[None] = []

    def guard(page: Page, variables: t.Any) -> bool:
        asked.append(None)
        return True

    def predicate() -> bool:
        asked.append(None)
        return True

    files = {name: text.format(name) for name in "abcde"}
    app = make_app(files, guard=guards.require(predicate) if is_requirement else guard)
    client = app.test_client()
    client.get("/a")
    version = bound_pages(app).release.version
    asked.clear()
    client.get("/a", headers={**headers, "Dash-Pages-Version": version})
    assert len(asked) == count
