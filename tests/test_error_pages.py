"""What visitors see instead of a page: 403, 404 and 500 in the shell."""

from __future__ import annotations

import logging
import typing as t

import pytest
from conftest import BOTH
from conftest import JSON
from conftest import MakeApp
from conftest import WritePages
from flask import Flask
from flask.typing import ResponseReturnValue

from flask_dash_pages import PageError
from flask_dash_pages.testing import PagesClient

FAILING = {
    "broken": """
        import flask
        register_page(__name__)
        def layout(code=None):
            flask.abort(int(code)) if code else {}["secret"]
    """,
}

CUSTOM = {
    "errors/forbidden_403": """
        register_page(__name__, title="Keep out")
        def layout(code=None): return f"custom 403 {code}"
    """,
    "errors/error_500": """
        register_page(__name__, title="Oops")
        def layout(code=None): return f"custom 500 {code}"
    """,
}

NAVIGATION = pytest.mark.parametrize("navigation", [False, True], ids=["html", "json"])

#: As apps are served.
SERVED = {"TESTING": False}


def errors_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


@NAVIGATION
@pytest.mark.parametrize(
    ("query", "status", "text", "title"),
    [
        ("?code=403", 403, "403 - Forbidden", "Forbidden"),
        ("?code=404", 404, "404 - Page not found", "Page not found"),
        ("?code=500", 500, "500 - Internal server error", "Internal server error"),
        ("", 500, "500 - Internal server error", "Internal server error"),
    ],
)
def test_error_default(
    make_app: MakeApp,
    navigation: bool,
    query: str,
    status: int,
    text: str,
    title: str,
) -> None:
    client = PagesClient(make_app(FAILING, config=SERVED))
    visit = client.visit(f"/broken{query}", navigation=navigation)
    assert (visit.status, visit.title) == (status, title)
    assert visit.layout.text == text
    assert "secret" not in visit.response.text
    assert "Accept" in visit.response.vary


@NAVIGATION
@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/broken?code=403", 403, "Keep out"),
        ("/broken?code=500", 500, "Oops"),
        ("/broken", 500, "Oops"),
    ],
)
def test_error_custom(
    make_app: MakeApp, navigation: bool, path: str, status: int, title: str
) -> None:
    client = PagesClient(make_app({**FAILING, **CUSTOM}, config=SERVED))
    visit = client.visit(path, navigation=navigation)
    code = path.rpartition("code=")[2] if "=" in path else None
    assert (visit.status, visit.title) == (status, title)
    assert visit.layout.text == f"custom {status} {code}"


@pytest.mark.parametrize(
    ("name", "status"), [("forbidden_403", 403), ("error_500", 500)]
)
def test_error_page_has_no_path_of_its_own(
    make_app: MakeApp, name: str, status: int
) -> None:
    text = "register_page(__name__{})\nlayout = 'custom'"
    client = make_app({name: text.format("")}).test_client()
    assert client.get(f"/{name.replace('_', '-')}").status_code == 404


@pytest.mark.parametrize(
    ("name", "status"), [("forbidden_403", 403), ("error_500", 500)]
)
def test_error_page_with_a_path(make_app: MakeApp, name: str, status: int) -> None:
    client = PagesClient(
        make_app({name: "register_page(__name__, path='/error')\nlayout = 'custom'"})
    )
    visit = client.visit("/error")
    assert visit.status == status
    assert visit.layout.text == "custom"


@pytest.mark.parametrize("name", ["forbidden_403", "error_500", "not_found_404"])
def test_error_page_with_redirects_refused(make_app: MakeApp, name: str) -> None:
    text = "register_page(__name__, redirect_from=['/a'])\nlayout = 'custom'"

    with pytest.raises(PageError, match=rf"{name}.py:\d+, which is shown for status"):
        make_app({name: text})


@NAVIGATION
def test_failure_is_logged_and_told_once(
    make_app: MakeApp, navigation: bool, caplog: pytest.LogCaptureFixture
) -> None:
    client = PagesClient(make_app({**FAILING, **CUSTOM}, config=SERVED))

    with client.signals() as sent:
        client.visit("/broken", navigation=navigation)

    (failed,) = sent
    assert (failed.name, failed.page.name) == ("page_failed", "Broken")
    assert type(failed.exception) is KeyError
    assert errors_of(caplog) == ["Exception on /broken [GET]"]


@BOTH
def test_failure_is_raised_where_a_debugger_shows_it(
    make_app: MakeApp, headers: dict[str, str]
) -> None:
    app = make_app({**FAILING, **CUSTOM}, config={"TESTING": False, "DEBUG": True})

    with pytest.raises(KeyError, match="secret"):
        app.test_client().get("/broken", headers=headers)


def use_code(app: Flask) -> None:
    app.register_error_handler(500, answer)


def use_exception(app: Flask) -> None:
    app.register_error_handler(KeyError, answer)


def answer(error: Exception) -> ResponseReturnValue:
    return "the app's", 500


@pytest.mark.parametrize("use", [use_code, use_exception])
def test_handler_of_the_app_wins_over_the_default(
    make_app: MakeApp, use: t.Any
) -> None:
    app = make_app(FAILING, config=SERVED)
    use(app)
    assert app.test_client().get("/broken").text == "the app's"


@pytest.mark.parametrize(
    ("use", "expected"), [(use_code, "custom 500"), (use_exception, "the app's")]
)
def test_page_wins_over_the_handler_for_the_code(
    make_app: MakeApp, use: t.Any, expected: str
) -> None:
    app = make_app({**FAILING, **CUSTOM}, config=SERVED)
    use(app)
    assert expected in app.test_client().get("/broken").text


@pytest.mark.parametrize("has_handler", [True, False])
def test_failure_of_others_is_left_to_the_app(
    make_app: MakeApp, has_handler: bool
) -> None:
    callback = """
        register_page(__name__)
        layout = "a"
        @callback(Output("out", "children"), Input("in", "value"))
        def update(value): return 1 / 0
    """
    app = make_app({"a": callback, **CUSTOM}, config=SERVED)
    call = {
        "output": "out.children",
        "outputs": {"id": "out", "property": "children"},
        "inputs": [{"id": "in", "property": "value", "value": 1}],
        "changedPropIds": [],
    }

    @app.get("/own")
    def own() -> t.NoReturn:
        raise KeyError

    if has_handler:
        use_code(app)

    client = app.test_client()
    own_view = client.get("/own")
    callback_view = client.post("/_dash-update-component", json=call)
    assert own_view.status_code == callback_view.status_code == 500
    assert own_view.text == callback_view.text
    assert (own_view.text == "the app's") is has_handler
    assert "custom" not in own_view.text


@pytest.mark.parametrize("layout", ["1 / 0", "flask.abort(404)", "flask.abort(418)"])
def test_error_page_that_fails(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, layout: str
) -> None:
    page = f"import flask\nregister_page(__name__)\ndef layout(): {layout}"
    app = make_app({**FAILING, "error_500": page}, config=SERVED)
    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert "secret" not in response.text
    own = ["The page for status 500 failed."] if "1 /" in layout else []
    assert errors_of(caplog) == ["Exception on /broken [GET]", *own]


def test_error_page_with_a_shell_that_fails(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    def shell() -> t.NoReturn:
        raise KeyError("secret")

    app = make_app(FAILING, config=SERVED, layout=shell)
    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert response.text.startswith("<!doctype html>")
    assert app.test_client().get("/broken", headers=JSON).status_code == 500


def test_error_pages_of_a_section(
    write_pages: WritePages, make_app: MakeApp, bare_app: Flask
) -> None:
    from flask_dash_pages import DashPages

    write_pages("one", **FAILING, **CUSTOM)
    write_pages("two", **FAILING)
    bare_app.config.update(SERVED)
    DashPages(bare_app, name="one", url_prefix="/one", pages_folder="one")
    DashPages(bare_app, name="two", url_prefix="/two", pages_folder="two")
    client = bare_app.test_client()
    assert "custom 500" in client.get("/one/broken").text
    assert "500 - Internal server error" in client.get("/two/broken").text
