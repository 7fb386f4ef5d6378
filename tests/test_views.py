from __future__ import annotations

import json
import os
import typing as t
from functools import partial
from pathlib import Path
from threading import Lock

import dash
import pandas
import pytest
from conftest import BOTH
from conftest import bound_pages
from conftest import HTML
from conftest import JSON
from conftest import layout_text
from conftest import MakeApp
from conftest import title_of
from dash import html
from dash import Input
from dash import Output
from flask import Blueprint
from flask import Flask
from flask import g
from flask import request
from flask import Response
from flask import session
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_dash_pages import page_container

FILES = {
    "home": "register_page(__name__, path='/')\nlayout = html.Div('Home text')",
    "report": """
        register_page(
            __name__,
            path_template="/report/<report_id>",
            redirect_from=["/old/<report_id>", "/older"],
            title=lambda report_id: f"Report {report_id}",
            description=lambda report_id=None: f"All of {report_id}",
        )

        calls = []

        def layout(report_id, **query):
            calls.append((report_id, query))
            return html.Div([f"Report {report_id}", str(query)])
    """,
}

INDEX = """<!DOCTYPE html>
<html><head>{%metas%}{%css%}</head>
<body class="own">{%app_entry%}{%config%}{%scripts%}{%renderer%}</body></html>"""


def test_page_html(make_app: MakeApp) -> None:
    response = make_app(FILES).test_client().get("/report/7?a=1")
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert "Accept" in response.vary
    assert "Cache-Control" not in response.headers
    assert "<title>Report 7</title>" in response.text
    assert '<meta name="description" content="All of 7">' in response.text
    assert "Report 7" in layout_text(response)
    assert "'a': '1'" in layout_text(response)


def test_page_json(make_app: MakeApp) -> None:
    app = make_app(FILES)
    response = app.test_client().get("/report/a%20b/?x=%26&y", headers=JSON)
    assert response.status_code == 308
    response = app.test_client().get("/report/a%20b?x=%26&y", headers=JSON)
    assert response.status_code == 200
    assert response.mimetype == "application/vnd.dash-pages+json"
    assert "Accept" in response.vary
    assert response.headers["Cache-Control"] == "no-store"
    body = t.cast(dict[str, t.Any], response.json)
    assert body.pop("layout")["props"]["children"][0] == "Report a b"
    assert len(body["version"]) == 16
    assert body == {
        "path": "/report/a%20b?x=%26&y",
        "status": 200,
        "title": "Report a b",
        "description": "All of a b",
        "image": None,
        "version": bound_pages(app).release.version,
    }


def test_path_is_written_as_browsers_do(make_app: MakeApp) -> None:
    path = "/report/a;b=c,d!$&'()*+@:~-._%20%C3%BC"
    client = make_app(FILES).test_client()
    body = client.get(f"{path}?a=b/c?d:@!$&'()*+,;=%20~", headers=JSON).json
    assert body is not None
    assert body["path"] == f"{path}?a=b/c?d:@!$&'()*+,;=%20~"


@BOTH
def test_layout_is_called_once(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(FILES)
    page = bound_pages(app).registry["pages.report"]
    calls = page.layout.__globals__["calls"]
    app.test_client().get("/", headers=headers)
    assert calls == []
    app.test_client().get("/report/7?a=1&b=&c=2&c=3", headers=headers)
    assert calls == [("7", {"a": "1", "b": "", "c": ["2", "3"]})]


@BOTH
@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("/report/7?report_id=8", ("7", {})),
        ("/report/a%2Fb", None),
        ("/report/%3Cb%3E", ("<b>", {})),
        ("/report/%C3%BC?%C3%BC=%C3%A4", ("ü", {"ü": "ä"})),
        ("/report/[a].*", ("[a].*", {})),
        ("/report/none", ("none", {})),
        (
            "/report/7?self=1&class=2&a b=3",
            ("7", {"self": "1", "class": "2", "a b": "3"}),
        ),
    ],
)
def test_variables(
    make_app: MakeApp, headers: dict[str, str], path: str, called: t.Any
) -> None:
    app = make_app(FILES)
    page = bound_pages(app).registry["pages.report"]
    response = app.test_client().get(path, headers=headers)
    assert response.status_code == (200 if called else 404)
    assert page.layout.__globals__["calls"] == ([called] if called else [])


@BOTH
def test_static_path_wins(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(
        {
            "asset": """
                register_page(__name__, path_template="/asset/<asset_id>")
                def layout(asset_id): return f"variable {asset_id}"
            """,
            "new": "register_page(__name__, path='/asset/new')\nlayout = 'static'",
        }
    )
    client = app.test_client()
    assert "variable 1" in layout_text(client.get("/asset/1", headers=headers))
    assert "static" in layout_text(client.get("/asset/new", headers=headers))


@BOTH
def test_path_beside_template(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(
        {
            "a": """
                register_page(__name__, path="/list", path_template="/item/<item>")
                def layout(item="all"): return f"item {item}"
            """,
            "b": """
                register_page(__name__, path="/x/first", path_template="/x/<item>")
                def layout(item="all"): return f"item {item}"
            """,
        }
    )
    client = app.test_client()

    for path, text in {
        "/list": "item all",
        "/item/3": "item 3",
        "/x/first": "item first",
        "/x/2": "item 2",
    }.items():
        assert text in layout_text(client.get(path, headers=headers))


@BOTH
def test_missing_value(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(
        {"a": "register_page(__name__)\ndef layout(need, want=None): return need"}
    )
    client = app.test_client()
    assert client.get("/a?need=1", headers=headers).status_code == 200
    response = client.get("/a?want=1", headers=headers)
    assert response.status_code == 400
    assert "The page needs values for &#39;need&#39;." in response.text


LAYOUTS = {
    "html.H1('seen')": "seen",
    "[html.H1('one'), 'two', None]": "two",
    "lambda: html.H1('seen')": "seen",
    "lambda **kwargs: ['one', html.H1('two')]": "two",
    "lambda: 'text'": "text",
    "lambda: None": "null",
    "functools.partial(html.H1, 'partial')": "partial",
    "()": "[]",
}


@BOTH
@pytest.mark.parametrize(("source", "text"), LAYOUTS.items())
def test_layout_kinds(
    make_app: MakeApp, headers: dict[str, str], source: str, text: str
) -> None:
    app = make_app(
        {"a": f"import functools\nregister_page(__name__)\nlayout = {source}"}
    )
    response = app.test_client().get("/a", headers=headers)
    assert response.status_code == 200
    assert text in layout_text(response)


@BOTH
def test_static_layout_is_not_changed(
    make_app: MakeApp, headers: dict[str, str]
) -> None:
    app = make_app(FILES)
    client = app.test_client()
    first = layout_text(client.get("/", headers=headers))
    client.get("/report/7", headers=headers)
    assert layout_text(client.get("/", headers=headers)) == first


@BOTH
def test_not_found(make_app: MakeApp, headers: dict[str, str]) -> None:
    response = make_app(FILES).test_client().get("/no/such", headers=headers)
    assert response.status_code == 404
    assert "404 - Page not found" in layout_text(response)
    assert title_of(response) == "Page not found"
    assert "canonical" not in response.text
    assert "Accept" in response.vary


@BOTH
@pytest.mark.parametrize("path", ["/no/such", "/not-found-404", "/report/404", "/no/"])
def test_not_found_custom(
    make_app: MakeApp, headers: dict[str, str], path: str
) -> None:
    app = make_app(
        {
            "report": """
                import flask
                register_page(__name__, path_template="/report/<int:report_id>")
                def layout(report_id): flask.abort(report_id)
            """,
            "sub/not_found_404": """
                register_page(__name__, title="Lost")
                def layout(**query): return f"custom {query}"
            """,
        }
    )
    response = app.test_client().get(f"{path}?a=1", headers=headers)
    assert response.status_code == 404
    assert "custom {'a': '1'}" in layout_text(response)
    assert title_of(response) == "Lost"


@BOTH
def test_not_found_custom_aborts(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(
        {
            "not_found_404": """
                import flask
                register_page(__name__)
                def layout(): flask.abort(404)
            """
        }
    )
    response = app.test_client().get("/no", headers=headers)
    assert response.status_code == 404
    assert "404 - Page not found" in layout_text(response)


@pytest.mark.parametrize("accept", ["application/json", "image/png", "text/plain", "x"])
def test_not_found_for_other_clients(make_app: MakeApp, accept: str) -> None:
    app = make_app(FILES)

    @app.errorhandler(404)
    def not_found(error: Exception) -> tuple[dict[str, str], int]:
        return {"from": "app"}, 404

    response = app.test_client().get("/no", headers={"Accept": accept})
    assert response.status_code == 404
    assert response.json == {"from": "app"}
    # Browsers get a page.
    assert "accept" in response.vary.as_set()


@BOTH
@pytest.mark.parametrize("code", [403, 404])
def test_abort(make_app: MakeApp, headers: dict[str, str], code: int) -> None:
    app = make_app(
        {
            "a": f"""
                import flask
                register_page(__name__)
                def layout(): flask.abort({code})
            """
        }
    )
    response = app.test_client().get("/a", headers=headers)
    assert response.status_code == code
    assert f"{code} - " in layout_text(response)


@BOTH
@pytest.mark.parametrize("code", [400, 401, 410, 418, 429, 503])
def test_abort_with_another_code(
    make_app: MakeApp, headers: dict[str, str], code: int
) -> None:
    app = make_app(
        {
            "a": f"""
                import flask
                register_page(__name__)
                def layout(): flask.abort({code})
            """
        }
    )

    @app.errorhandler(code)
    def handle(error: Exception) -> tuple[str, int]:
        return "from the app", code

    response = app.test_client().get("/a", headers=headers)
    assert (response.status_code, response.text) == (code, "from the app")


@BOTH
@pytest.mark.parametrize(
    "source",
    [
        "return flask.redirect('/there?x=1', 303)",
        "flask.abort(flask.redirect('/there?x=1', 303))",
    ],
)
def test_redirect_by_layout(
    make_app: MakeApp, headers: dict[str, str], source: str
) -> None:
    app = make_app(
        {
            "a": f"""
                import flask
                register_page(__name__)
                def layout(): {source}
            """
        }
    )
    response = app.test_client().get("/a?y=2", headers=headers)
    assert (response.status_code, response.location) == (303, "/there?x=1")
    assert "Accept" in response.vary


def test_response_by_layout(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                import flask
                register_page(__name__)
                def layout(): return flask.Response("a,b", mimetype="text/csv")
            """
        }
    )
    response = app.test_client().get("/a")
    assert (response.text, response.mimetype) == ("a,b", "text/csv")


def test_layout_raises(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(
        {"a": "register_page(__name__)\ndef layout(): raise ValueError('secret')"},
        config={"TESTING": False},
    )
    response = app.test_client().get("/a")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert app.test_client().get("/a", headers=JSON).status_code == 500


@BOTH
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/old/7", "/p/report/7"),
        ("/old/7?a=1&a=%26&_external=1", "/p/report/7?a=1&a=%26&_external=1"),
        ("/old/a%20b", "/p/report/a%20b"),
        ("/older", "/p/report/none"),
        ("/older?a=1", "/p/report/none?a=1"),
    ],
)
@pytest.mark.parametrize("mount", ["", "/mount"])
def test_redirect_from(
    make_app: MakeApp, headers: dict[str, str], path: str, location: str, mount: str
) -> None:
    client = make_app(FILES, url_prefix="/p").test_client()
    overrides = {"SCRIPT_NAME": mount}
    response = client.get(f"/p{path}", headers=headers, environ_overrides=overrides)
    assert (response.status_code, response.location) == (301, f"{mount}{location}")
    assert "Accept" in response.vary


def test_redirect_from_hands_further_variables_on(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                register_page(__name__, redirect_from=["/x/<b>"])
                layout = "text"
            """
        }
    )
    assert app.test_client().get("/x/1?c=2").location == "/a?b=1&c=2"


def test_redirect_from_with_a_variable_that_the_app_takes_out(
    make_app: MakeApp,
) -> None:
    app = make_app(
        {
            "a": """
                register_page(
                    __name__,
                    path_template="/<language>/a/<int:number>",
                    redirect_from=["/<language>/old/<int:number>"],
                )
                layout = "A"
            """
        }
    )

    @app.url_value_preprocessor
    def take_out(endpoint: str | None, values: dict[str, t.Any] | None) -> None:
        g.language = (values or {}).pop("language", None)

    @app.url_defaults
    def put_in(endpoint: str, values: dict[str, t.Any]) -> None:
        values.setdefault("language", g.language)

    client = app.test_client()
    assert client.get("/de/old/3").location == "/de/a/3"
    assert client.get("/de/a/3").status_code == 200


def test_redirect_from_takes_what_the_page_takes(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                register_page(
                    __name__, path_template="/a/<int:x>", redirect_from=["/b/<x>"]
                )
                layout = "text"
            """
        }
    )
    client = app.test_client()
    assert client.get("/b/7").location == "/a/7"
    assert client.get("/b/x").status_code == 404


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirect_code(make_app: MakeApp, code: int) -> None:
    app = make_app(FILES, config={"DASH_PAGES_REDIRECT_CODE": code})
    assert app.test_client().get("/older").status_code == code


@BOTH
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/p/report/7/", "/p/report/7"),
        ("/p/report/7//?a=1", "/p/report/7?a=1"),
        ("/p//report//7?a=1", "/p/report/7?a=1"),
        ("/p", "/p/"),
        ("/p?a=1", "/p/?a=1"),
        ("/p//", "/p/"),
    ],
)
def test_redirect_to_the_one_url(
    make_app: MakeApp, headers: dict[str, str], path: str, location: str
) -> None:
    client = make_app(FILES, url_prefix="/p").test_client()
    response = client.get(path, headers=headers)
    assert response.status_code == 308
    assert (response.location or "").removeprefix("http://localhost") == location
    assert client.get(location).status_code == 200


def test_redirect_stays_on_the_host(make_app: MakeApp) -> None:
    app = make_app(
        {
            "any": """
                register_page(__name__, path_template="/<path:any>")
                def layout(any): return any
            """
        }
    )
    client = app.test_client()

    for path in ["//example.com/", "/%2Fexample.com/", "/%5Cexample.com/"]:
        response = client.get("/", environ_overrides={"PATH_INFO": path})

        if response.location:
            assert response.location.startswith("/")
            assert not response.location.startswith(("//", "/\\"))


def test_page_with_a_slash(make_app: MakeApp) -> None:
    client = make_app(
        {"a": "register_page(__name__, path='/a/')\nlayout = 'text'"}
    ).test_client()
    assert client.get("/a/").status_code == 200
    assert client.get("/a").status_code == 308


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_wrong_method(make_app: MakeApp, method: str) -> None:
    client = make_app(FILES).test_client()
    response = client.open("/report/7", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.open("/no", method=method).status_code == 404


def test_head_and_options(make_app: MakeApp) -> None:
    client = make_app(FILES).test_client()
    response = client.head("/report/7")
    assert (response.status_code, response.data) == (200, b"")
    assert client.head("/no").status_code == 404
    assert client.options("/report/7").status_code == 200
    assert client.options("/no").status_code == 404


@pytest.mark.parametrize("accept", ["application/json", "image/png", "text/plain", "x"])
def test_unknown_accept(make_app: MakeApp, accept: str) -> None:
    response = make_app(FILES).test_client().get("/", headers={"Accept": accept})
    assert response.status_code == 406
    assert (
        "Pages are there as text/html and as application/vnd.dash-pages+json"
        in response.text
    )


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "text/html"),
        ("text/*", "text/html"),
        ("", "text/html"),
        ("text/html;q=0.5,application/vnd.dash-pages+json", JSON["Accept"]),
        ("application/vnd.dash-pages+json;q=0.5,text/html", "text/html"),
        ("application/vnd.dash-pages+json;q=0,*/*", "text/html"),
    ],
)
def test_accept(make_app: MakeApp, accept: str, mimetype: str) -> None:
    response = make_app(FILES).test_client().get("/", headers={"Accept": accept})
    assert response.mimetype == mimetype


def test_host_app_is_left_alone(make_app: MakeApp) -> None:
    app = make_app(FILES)
    api = Blueprint("api", __name__, url_prefix="/api")
    seen = []

    @app.before_request
    def look() -> None:
        seen.append((request.endpoint, request.blueprint))

    @app.get("/health")
    def health() -> str:
        return "healthy"

    @app.get("/robots.txt")
    def robots() -> str:
        return "User-agent: *"

    @app.route("/only-post", methods=["POST"])
    def only_post() -> str:
        return "posted"

    @app.get("/folder/")
    def folder() -> str:
        return "folder"

    @app.get("/broken")
    def broken() -> str:
        raise KeyError("broken")

    @api.get("/items")
    def items() -> list[int]:
        return [1]

    @api.get("/missing")
    def missing() -> str:
        from flask import abort

        abort(404)

    @api.errorhandler(404)
    def api_not_found(error: Exception) -> tuple[dict[str, str], int]:
        return {"from": "api"}, 404

    @app.errorhandler(404)
    def app_not_found(error: Exception) -> tuple[str, int]:
        return "from the app", 404

    @app.errorhandler(KeyError)
    def handle(error: Exception) -> tuple[str, int]:
        return "handled", 500

    app.register_blueprint(api)
    client = app.test_client()
    assert client.get("/health").text == "healthy"
    assert client.get("/robots.txt").text == "User-agent: *"
    assert client.get("/api/items").json == [1]
    assert client.get("/api/missing").json == {"from": "api"}
    assert client.get("/broken").text == "handled"
    assert client.post("/only-post").text == "posted"
    assert client.get("/folder").status_code == 308
    assert client.get("//folder//").status_code == 308
    response = client.get("/only-post")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert client.post("/health").status_code == 405
    assert client.delete("/only-post").status_code == 405
    assert client.options("/only-post").status_code == 200
    assert client.post("/no").text == "from the app"
    assert client.get("/static/no.css").text == "from the app"
    assert client.get("/health/").status_code == 404
    assert ("health", None) in seen
    assert ("api.items", "api") in seen


def test_catch_all_of_the_host_wins(make_app: MakeApp) -> None:
    app = make_app(FILES)

    @app.get("/<path:path>")
    def catch_all(path: str) -> str:
        return f"from the app: {path}"

    client = app.test_client()
    assert client.get("/no/such").text == "from the app: no/such"
    assert "Report 7" in client.get("/report/7").text


def test_prefix_leaves_other_paths_to_the_app(make_app: MakeApp) -> None:
    app = make_app(FILES, url_prefix="/dash/")

    @app.errorhandler(404)
    def not_found(error: Exception) -> tuple[str, int]:
        return "from the app", 404

    client = app.test_client()
    assert client.get("/").text == "from the app"
    assert client.get("/no", headers=HTML).text == "from the app"
    assert "404 - Page not found" in client.get("/dash/no").text
    assert "Home text" in client.get("/dash/").text


def test_prefix_without_a_home_page(make_app: MakeApp) -> None:
    client = make_app(
        {"a": "register_page(__name__)\nlayout = ''"}, url_prefix="/dash"
    ).test_client()
    assert client.get("/dash/").status_code == 404
    assert client.get("/dash/a").status_code == 200


def test_resources_that_do_not_exist(make_app: MakeApp) -> None:
    client = make_app(FILES).test_client()

    for path in [
        "/_dash-component-suites/no/such.js",
        "/_dash-component-suites/dash/no.js",
        "/_dash-component-suites/dash/../../setup.py",
        "/assets/no.css",
        "/assets/../app.py",
        "/_dash-nothing",
    ]:
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "path",
    [
        "/%zz",
        "/report/%zz",
        "/%",
        "/report/%00",
        "/a%00b",
        "/" + "a" * 20_000,
        "/report/" + "a" * 20_000,
        "/%ff%fe",
        "/report/%ed%a0%80",
        "/report/" + "a/" * 5_000,
        "/?" + "&".join(f"k{n}={n}" for n in range(10_000)),
        "/report/7?" + "&".join(f"k{n}={n}" for n in range(10_000)),
        "/report/7?%ff=%fe&%00=%00",
        "/?" + "a" * 20_000,
    ],
    ids=lambda path: path[:20],
)
@BOTH
def test_bad_url(make_app: MakeApp, headers: dict[str, str], path: str) -> None:
    response = make_app(FILES).test_client().get(path, headers=headers)
    assert response.status_code in {200, 308, 404}
    response.get_data().decode()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/report/reflected", {"Accept": "image/png"}, None),
        ("GET", "/_dash-pages/reflected", HTML, None),
        ("GET", "/_dash-component-suites/dash/reflected.js", HTML, None),
        ("GET", "/report/7", {**JSON, "Dash-Pages-Shown": "reflected"}, None),
        ("POST", "/_dash-update-component", HTML, {"output": "reflected.a"}),
        ("POST", "/_dash-update-component", HTML, {"reflected": "reflected"}),
    ],
)
def test_errors_reflect_nothing(
    make_app: MakeApp,
    method: str,
    path: str,
    headers: dict[str, str],
    body: t.Any,
) -> None:
    client = make_app(FILES).test_client()
    response = client.open(path, method=method, headers=headers, json=body)
    assert 400 <= response.status_code < 500
    assert "reflected" not in response.text


def test_version_is_outdated(make_app: MakeApp) -> None:
    app = make_app(FILES)
    client = app.test_client()
    client.get("/")
    version = bound_pages(app).release.version
    same = client.get("/", headers={**JSON, "Dash-Pages-Version": version})
    assert same.status_code == 200
    calls = bound_pages(app).registry["pages.report"].layout.__globals__["calls"]
    other = client.get("/report/7", headers={**JSON, "Dash-Pages-Version": "old"})
    assert (other.status_code, other.data) == (204, b"")
    assert other.headers["Dash-Pages-Location"] == "/report/7"
    assert other.headers["Cache-Control"] == "no-store"
    assert calls == []
    html = client.get("/report/7", headers={**HTML, "Dash-Pages-Version": "old"})
    assert html.status_code == 200


def test_version_is_outdated_where_no_page_is(make_app: MakeApp) -> None:
    app = make_app(FILES)
    client = app.test_client()
    client.get("/")
    version = bound_pages(app).release.version
    same = client.get("/nothing?a", headers={**JSON, "Dash-Pages-Version": version})
    assert same.status_code == 404
    other = client.get("/nothing?a", headers={**JSON, "Dash-Pages-Version": "old"})
    assert (other.status_code, other.data) == (204, b"")
    assert other.headers["Dash-Pages-Location"] == "/nothing?a"
    html = client.get("/nothing", headers={**HTML, "Dash-Pages-Version": "old"})
    assert html.status_code == 404


def test_version_is_the_same_behind_any_prefix(make_app: MakeApp) -> None:
    versions = []

    for overrides in [{}, {"SCRIPT_NAME": "/mount"}]:
        app = make_app(FILES, url_prefix="/p")
        app.test_client().get("/p/", environ_overrides=overrides)
        versions.append(bound_pages(app).release.version)

    other = make_app(FILES, url_prefix="/q")
    other.test_client().get("/q/")
    assert versions[0] == versions[1] != bound_pages(other).release.version


def test_version_changes_with_the_shell(make_app: MakeApp) -> None:
    def one() -> t.Any:
        return [page_container]

    def other() -> t.Any:
        return [page_container, "more"]

    class OtherDash(dash.Dash):
        def interpolate_index(self, **kwargs: t.Any) -> str:
            return super().interpolate_index(**kwargs) + "<!-- more -->"

    def version_of(**options: t.Any) -> str:
        app = make_app(FILES, **options)
        app.test_client().get("/")
        return bound_pages(app).release.version

    plain, again = version_of(), version_of()
    assert plain == again
    shells = [
        version_of(layout=html.Div(page_container)),
        version_of(layout=one),
        version_of(layout=other),
        version_of(index_string=INDEX),
        version_of(dash_class=OtherDash),
        version_of(config={"DASH_PAGES_VERSION": "a"}),
        version_of(config={"DASH_PAGES_VERSION": "b"}),
        version_of(external_stylesheets=["https://example.com/a.css"]),
    ]
    assert len({plain, *shells}) == 9
    assert version_of(layout=partial(one)) == version_of(layout=one)


def test_version_changes_with_callbacks_and_assets(
    make_app: MakeApp, tmp_path: Path
) -> None:
    def version() -> str:
        app = make_app(FILES)
        app.test_client().get("/")
        return bound_pages(app).release.version

    assets = tmp_path / "assets"
    assets.mkdir()
    file = assets / "code.js"
    versions = [version()]
    file.write_text("1")
    versions.append(version())
    # Another worker has the same file from another time.
    os.utime(file, (10**9, 10**9))
    assert version() == versions[-1]
    file.write_text("2")
    versions.append(version())
    dash.clientside_callback("() => 1", Output("a", "b"), Input("c", "d"))
    versions.append(version())
    assert len(set(versions)) == 4


PREFETCH = {**JSON, "Dash-Pages-Prefetch": "1"}


def test_prefetch(make_app: MakeApp) -> None:
    client = make_app(FILES).test_client()
    response = client.get("/report/7", headers=PREFETCH)
    assert response.json is not None
    assert response.json["layout"]["props"]["children"][0] == "Report 7"
    # Had somebody said no-store, the browser would drop it.
    assert response.headers["Cache-Control"] == "private, no-cache"
    plain = client.get("/report/7", headers=JSON)
    assert plain.json == response.json
    assert "Dash-Pages-Shown" not in plain.headers


SESSION = {
    "home": "register_page(__name__, path='/')\nlayout = 'Home'",
    "changed": """
        from flask import session
        register_page(__name__)

        def layout(what):
            if what == "clear":
                session.clear()
            elif what == "nested":
                session["names"].append("b")
                session.modified = True
            elif what == "silent":
                session["names"].append("b")
            else:
                session["user"] = "other"

            if what == "fail":
                raise ValueError

            return f"Names: {session.get('names')}"
    """,
    "cookie": """
        from flask import after_this_request
        register_page(__name__)

        def layout():
            @after_this_request
            def change(response):
                response.set_cookie("theme", "dark")
                return response

            return "Dark"
    """,
}


def session_of(client: FlaskClient) -> dict[str, t.Any]:
    with client.session_transaction() as found:
        return dict(found)


@pytest.mark.parametrize("is_permanent", [True, False])
@pytest.mark.parametrize("what", ["clear", "nested", "set"])
def test_prefetch_changes_no_session(
    make_app: MakeApp, what: str, is_permanent: bool
) -> None:
    client = make_app(SESSION, config={"SECRET_KEY": "key"}).test_client()

    with client.session_transaction() as kept:
        kept.update(user="me", names=["a"])
        # Then each answer has the cookie.
        kept.permanent = is_permanent

    before = session_of(client)
    response = client.get(f"/changed?what={what}", headers=PREFETCH)
    assert (response.status_code, response.data) == (204, b"")
    assert session_of(client) == before
    assert client.get("/", headers=PREFETCH).status_code == 200
    response = client.get(f"/changed?what={what}", headers=JSON)
    assert response.status_code == 200
    assert session_of(client) != before


def test_prefetch_keeps_what_the_page_did_to_the_session_in_silence(
    make_app: MakeApp,
) -> None:
    client = make_app(SESSION, config={"SECRET_KEY": "key"}).test_client()

    with client.session_transaction() as kept:
        kept.update(names=["a"])
        kept.permanent = True

    client.get("/changed?what=silent", headers=PREFETCH)
    assert session_of(client)["names"] == ["a"]


@pytest.mark.parametrize(
    ("value", "status"), [(Lock(), 204), (pandas.DataFrame({"a": [1, 2]}), 200)]
)
def test_prefetch_with_objects_in_the_session(
    make_app: MakeApp, value: t.Any, status: int
) -> None:
    app = make_app(SESSION, config={"SECRET_KEY": "key"})

    # As in a session that is kept by the server.
    @app.before_request
    def keep() -> None:
        session["value"] = value

    @app.after_request
    def forget(response: Response) -> Response:
        del session["value"]
        return response

    client = app.test_client()
    assert client.get("/", headers=PREFETCH).status_code == status
    assert client.get("/", headers=JSON).status_code == 200


def test_prefetch_does_not_access_the_session(make_app: MakeApp) -> None:
    client = make_app(SESSION, config={"SECRET_KEY": "key"}).test_client()
    assert "Cookie" not in client.get("/", headers=PREFETCH).vary


def test_prefetch_sets_no_cookie(make_app: MakeApp) -> None:
    client = make_app(SESSION).test_client()
    response = client.get("/cookie", headers=PREFETCH)
    assert (response.status_code, response.data) == (204, b"")
    assert client.get_cookie("theme") is None
    assert client.get("/cookie", headers=JSON).status_code == 200
    assert client.get_cookie("theme") is not None


def test_prefetch_that_fails_changes_no_session(make_app: MakeApp) -> None:
    app = make_app(SESSION, config={"SECRET_KEY": "key", "TESTING": False})
    client = app.test_client()
    response = client.get("/changed?what=fail", headers=PREFETCH)
    assert response.status_code == 500
    assert client.get_cookie("session") is None


@pytest.mark.parametrize("where", ["page", "app"])
def test_prefetch_of_a_page_that_is_not_to_be_stored(
    make_app: MakeApp, where: str
) -> None:
    app = make_app(
        {
            "home": """
                from flask import after_this_request
                register_page(__name__, path="/")

                def layout(own=None):
                    if own:
                        @after_this_request
                        def say(response):
                            response.cache_control.no_store = True
                            return response
                    return "Home"
            """
        }
    )

    if where == "app":

        @app.after_request
        def say(response: Response) -> Response:
            response.cache_control.no_store = True
            return response

    query = "?own=1" if where == "page" else ""
    response = app.test_client().get(f"/{query}", headers=PREFETCH)
    assert response.cache_control.no_store


@pytest.mark.parametrize(
    "path", ["/mine", "/nope", "/off", "/old/7", "/report/7/", "/_dash-layout"]
)
def test_prefetch_of_something_else(make_app: MakeApp, path: str) -> None:
    app = make_app(
        {**FILES, "off": "register_page(__name__, prefetch=False)\nlayout = 'Off'"}
    )
    called = []
    app.add_url_rule("/mine", view_func=lambda: called.append(1) or "Mine")
    client = app.test_client()
    response = client.get(path, headers=PREFETCH)
    assert (response.status_code, response.data) == (204, b"")
    assert called == []
    assert client.get(path, headers=JSON).status_code != 204


def test_prefetch_is_turned_off(make_app: MakeApp) -> None:
    app = make_app(FILES, config={"DASH_PAGES_PREFETCH": False})
    client = app.test_client()
    assert client.get("/", headers=PREFETCH).status_code == 204
    assert '"prefetch":false' in client.get("/").text


def test_prefetch_with_another_version(make_app: MakeApp) -> None:
    app = make_app(FILES)
    headers = {**PREFETCH, "Dash-Pages-Version": "old"}
    response = app.test_client().get("/", headers=headers)
    assert response.status_code == 204


@pytest.mark.parametrize("value", ["", "x", "0.5", "a.b.c", "é"])
def test_shown_refused(make_app: MakeApp, value: str) -> None:
    headers = {**JSON, "Dash-Pages-Shown": value}
    response = make_app(FILES).test_client().head("/", headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize("value", [["/", "nope"], [1, 2, 3], None, {"a": 1}, ["/"]])
def test_shown_signed_by_somebody(make_app: MakeApp, value: t.Any) -> None:
    # Without a secret key anybody can.
    app = make_app(FILES)
    client = app.test_client()
    client.get("/")
    key = bound_pages(app).release.deployment
    token = URLSafeTimedSerializer(key, salt="flask-dash-pages").dumps(value)
    headers = {**JSON, "Dash-Pages-Shown": token}
    assert client.head("/", headers=headers).status_code == 400


def test_shown_with_an_older_key(make_app: MakeApp) -> None:
    app = make_app(FILES, config={"SECRET_KEY": "old"})
    client = app.test_client()
    token = client.get("/", headers=PREFETCH).headers["Dash-Pages-Shown"]
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"])
    headers = {**JSON, "Dash-Pages-Shown": token}
    assert client.head("/", headers=headers).status_code == 204


def test_renewing_is_no_visit(make_app: MakeApp) -> None:
    client = make_app(FILES).test_client()
    headers = {"Accept": "text/html", "Dash-Pages-Renew": "1"}
    response = client.get("/", headers=headers)
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Cache-Control"] == "no-store"


def test_shown_is_of_one_url(make_app: MakeApp) -> None:
    client = make_app(FILES, config={"SECRET_KEY": "key"}).test_client()
    token = client.get("/report/7", headers=PREFETCH).headers["Dash-Pages-Shown"]
    headers = {**JSON, "Dash-Pages-Shown": token}
    assert client.head("/report/7", headers=headers).status_code == 204
    assert client.head("/report/8", headers=headers).status_code == 400
    assert client.head("/report/7?a=1", headers=headers).status_code == 400


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_prefetch_is_for_json(make_app: MakeApp, accept: str) -> None:
    app = make_app(FILES)
    app.add_url_rule("/mine", view_func=lambda: "Mine")
    client = app.test_client()
    headers = {**PREFETCH, "Accept": accept}
    assert client.get("/mine", headers=headers).text == "Mine"
    assert "Dash-Pages-Shown" not in client.get("/report/7", headers=headers).headers
    empty = client.get("/mine", headers=PREFETCH)
    assert empty.headers["Cache-Control"] == "no-store"


MARKS = "".join(
    "{%" + name + "%}"
    for name in "metas title css config scripts app_entry favicon renderer".split()
)


def test_marks_of_dash_in_a_page(make_app: MakeApp) -> None:
    page = f"""
        register_page(__name__, path="/", title={MARKS!r}, description={MARKS!r})
        layout = html.P({MARKS!r})
    """
    response = make_app({"home": page}).test_client().get("/")
    assert MARKS in layout_text(response)
    shown = MARKS.replace("{%", "{&#37;")
    assert f"<title>{shown}</title>" in response.text
    assert f'name="description" content="{shown}"' in response.text
    assert f"<p>{shown}</p>" in response.text
    assert response.text.count("new DashRenderer()") == 1


@BOTH
def test_lone_surrogates(make_app: MakeApp, headers: dict[str, str]) -> None:
    page = """
        register_page(__name__, path="/", title="a \\udc80", description="b \\udc80")
        layout = html.P("c \\udc80")
    """
    response = make_app({"home": page}).test_client().get("/", headers=headers)
    assert response.status_code == 200
    assert "c " in layout_text(response)


def test_index_does_not_grow_with_the_pages(make_app: MakeApp) -> None:
    def size(number: int) -> int:
        page = """
            register_page(__name__)
            layout = html.Div(id="{0}")
            callback(Output("{0}", "title"), Input("{0}", "children"))(str)
            clientside_callback(
                "(x) => x + {0}", Output("{0}", "lang"), Input("{0}", "children")
            )
        """
        names = [f"page_{i}" for i in range(number)]
        app = make_app({name: page.format(name) for name in names})
        return len(app.test_client().get("/page-1").data)

    assert abs(size(3) - size(30)) < 10


def test_prerender(make_app: MakeApp) -> None:
    app = make_app(
        {
            **FILES,
            "off": "register_page(__name__, prerender=False)\nlayout = html.B('Off')",
        },
        layout=lambda: html.Main([html.Nav("Shell"), page_container]),
    )
    client = app.test_client()
    text = client.get("/report/7").text
    place = '<div id="_dash-pages-prerendered"><applet><main><nav>Shell</nav>'
    assert f"{place}<div><div><div>Report 7{{}}</div>" in text
    assert text.index("Report 7{}") < text.index('id="react-entry-point"')
    assert place in client.get("/nope").text
    assert 'id="_dash-pages-prerendered"' not in client.get("/off").text


def test_prerender_is_turned_off(make_app: MakeApp) -> None:
    app = make_app(FILES, config={"DASH_PAGES_PRERENDER": False})
    assert 'id="_dash-pages-prerendered"' not in app.test_client().get("/").text


def test_prerender_without_a_place(make_app: MakeApp) -> None:
    app = make_app(FILES, layout=html.Div("Shell"))
    assert 'id="_dash-pages-prerendered"' not in app.test_client().get("/").text


def test_urls_behind_a_proxy(make_app: MakeApp) -> None:
    app = make_app(
        {
            "a": """
                register_page(__name__, image="a b.png", redirect_from=["/old"])
                layout = "text"
            """
        },
        url_prefix="/p",
    )
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1
    )
    headers = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "example.com",
        "X-Forwarded-Prefix": "/mount",
    }
    client = app.test_client()
    text = client.get("/p/a?x=1", headers=headers).text
    url = "https://example.com/mount/p"
    assert f'<meta property="twitter:url" content="{url}/a?x=1">' in text
    assert f'<meta property="og:image" content="{url}/assets/a b.png">' in text
    assert f'<meta property="og:url" content="{url}/a">' in text
    assert f'<link rel="canonical" href="{url}/a">' in text
    assert '"requests_pathname_prefix":"\\u002fmount\\u002fp\\u002f"' in text
    assert 'src="/mount/p/_dash-component-suites/' in text
    assert client.get("/p/old", headers=headers).location == "/mount/p/a"
    body = client.get("/p/a", headers={**headers, **JSON}).json
    assert body is not None
    assert body["path"] == "/mount/p/a"
    assert body["image"] == f"{url}/assets/a b.png"


def test_image_url(make_app: MakeApp) -> None:
    client = make_app(
        {
            "a": """
                register_page(
                    __name__, image="a.png", image_url="https://example.com/i.png"
                )
                layout = ""
            """
        }
    ).test_client()
    assert 'content="https://example.com/i.png"' in client.get("/a").text
    assert "a.png" not in client.get("/a").text


def test_canonical_off(make_app: MakeApp) -> None:
    client = make_app(FILES, config={"DASH_PAGES_CANONICAL": False}).test_client()
    text = client.get("/").text
    assert "canonical" not in text
    assert "og:url" not in text
    assert "og:title" in text


INPUT_FILES = {
    "a": """
        register_page(__name__, title="A")
        def layout(language=None, **kwargs):
            return f"language {language} {kwargs}"
    """,
    "plain": "register_page(__name__)\nlayout = 'plain'",
    "old": """
        register_page(__name__, path="/new", redirect_from=["/old"])
        def layout(state): return state
    """,
    "away": """
        import flask
        register_page(__name__)
        def layout(state): return flask.redirect("/a")
    """,
}


@pytest.fixture
def input_app(make_app: MakeApp) -> Flask:
    from dash import Input
    from dash import State

    inputs = {"state": State("url", "hash"), "language": Input("language", "value")}
    return make_app(INPUT_FILES, routing_callback_inputs=inputs)


def test_inputs_first_view(input_app: Flask) -> None:
    client = input_app.test_client()
    text = client.get("/a").text
    assert '"complete":false' in text
    assert '"inputs":["language","state"]' in text
    assert "<title>A</title>" in text
    assert "language None" not in text
    text = client.get("/plain").text
    assert '"complete":true' in text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(VALUES)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_inputs_of_any_shape(input_app: Flask, value: t.Any) -> None:
    response = input_app.test_client().post(
        "/new", json={"inputs": {"state": value}}, headers=JSON
    )
    assert response.status_code == 200
    assert response.json["layout"] == value  # type: ignore[index]


def test_inputs_of_a_megabyte(input_app: Flask) -> None:
    response = input_app.test_client().post(
        "/new", json={"inputs": {"state": "ü" * 500_000}}, headers=JSON
    )
    assert response.status_code == 200
    assert len(response.json["layout"]) == 500_000  # type: ignore[index]


def test_inputs_beat_the_query(input_app: Flask) -> None:
    response = input_app.test_client().post(
        "/a?language=fr&b=1", json={"inputs": {"language": "en"}}, headers=JSON
    )
    assert "language en {'b': '1'}" in layout_text(response)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"inputs": {"other": 1}}}, 400),
        ({"json": {"inputs": []}}, 400),
        ({"json": {}}, 400),
        ({"json": []}, 400),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "a=1"}, 415),
    ],
)
def test_inputs_refused(
    input_app: Flask, options: dict[str, t.Any], status: int
) -> None:
    response = input_app.test_client().post("/a", headers=JSON, **options)
    assert response.status_code == status


def test_inputs_are_kept_by_redirects(input_app: Flask) -> None:
    client = input_app.test_client()
    response = client.post(
        "/old?b=1", json={"inputs": {"state": 1}}, headers=JSON, follow_redirects=True
    )
    assert response.history[0].status_code == 308
    assert response.json["layout"] == 1  # type: ignore[index]


def test_inputs_in_a_header(input_app: Flask) -> None:
    client = input_app.test_client()
    values = {"language": "\u00fc\n", "state": None}
    headers = {**JSON, "Dash-Pages-Inputs": json.dumps(values)}
    body = client.get("/a?b=1", headers=headers).json
    assert body is not None
    assert body["layout"] == "language \u00fc\n {'b': '1', 'state': None}"
    followed = client.get("/old", headers=headers, follow_redirects=True)
    assert followed.json["layout"] is None  # type: ignore[index]


def test_inputs_required(input_app: Flask) -> None:
    response = input_app.test_client().get("/a?b=1", headers=JSON)
    assert response.status_code == 204
    assert response.headers["Dash-Pages-Inputs"] == "required"


@pytest.mark.parametrize("value", ["", "{", "[]", '{"other": 1}', "1", "\x00", "ü"])
def test_inputs_in_a_bad_header(input_app: Flask, value: str) -> None:
    headers = {**JSON, "Dash-Pages-Inputs": value}
    assert input_app.test_client().get("/a", headers=headers).status_code == 400


def test_inputs_that_nobody_asked_for(make_app: MakeApp) -> None:
    headers = {**JSON, "Dash-Pages-Inputs": "{"}
    assert make_app(FILES).test_client().get("/", headers=headers).status_code == 200


def test_inputs_for_unknown_path(input_app: Flask) -> None:
    client = input_app.test_client()
    response = client.post("/no", json={"inputs": {}}, headers=JSON)
    assert response.status_code == 404
    assert "404 - Page not found" in layout_text(response)


def test_file_by_layout(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text("a,b")
    page = f"""
        from flask import send_file
        register_page(__name__, path="/", max_age=60)
        layout = lambda: send_file({str(file)!r}, max_age=60)
    """
    response = make_app({"home": page}).test_client().get("/", buffered=True)
    assert response.text == "a,b"
    assert response.cache_control.max_age == 60
