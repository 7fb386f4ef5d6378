from __future__ import annotations

import gzip
import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier
from time import sleep

import dash
import pytest
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from conftest import new_app
from flask import Flask
from flask import Response
from flask import session
from flask_compress import Compress
from flask_compress import DictCache
from werkzeug.test import TestResponse

from flask_dash_pages import caching
from flask_dash_pages import DashPages

IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "private, max-age=31536000, immutable"
GZIP = {"Accept-Encoding": "gzip"}

PAGE = {
    "home": """
        register_page(__name__, path="/")
        layout = [html.P(f"Some text {i}") for i in range(50)]

        @callback(Output("out", "children"), Input("in", "value"))
        def answer(value):
            return "A long answer. " * 100
    """
}


@pytest.fixture(params=[True, False], ids=["compress", "plain"])
def compresses(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether Flask-Compress is installed."""
    if not request.param:
        monkeypatch.setattr(caching, "Compress", None)

    return bool(request.param)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[t.Any]:
    """The arguments with which something was compressed by gzip."""
    calls: list[t.Any] = []
    compress = gzip.compress
    monkeypatch.setattr(
        gzip, "compress", lambda *args: calls.append(args) or compress(*args)
    )
    return calls


def bundle_of(app: Flask, name: str = "dash_core_components") -> str:
    text = app.test_client().get("/").text
    return re.findall(rf'src="([^"]+/{name}\.v[^"]+)"', text)[0]


def data_of(response: TestResponse) -> bytes:
    if response.headers.get("Content-Encoding") == "gzip":
        return gzip.decompress(response.data)

    return response.data


def test_bundle_is_kept(make_app: MakeApp, compresses: bool) -> None:
    app = make_app(PAGE)
    client = app.test_client()
    url = bundle_of(app)
    plain = client.get(url)
    assert plain.headers["Cache-Control"] == IMMUTABLE
    assert "Content-Encoding" not in plain.headers
    response = client.get(url, headers=GZIP)
    assert response.headers["Cache-Control"] == IMMUTABLE
    assert response.headers.get("Content-Encoding") == ("gzip" if compresses else None)
    assert ("Accept-Encoding" in response.vary) is compresses
    assert data_of(response) == plain.data
    again = client.get(url, headers={**GZIP, "If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == IMMUTABLE


def test_bundle_is_compressed_once(make_app: MakeApp, calls: list[t.Any]) -> None:
    app = make_app(PAGE)
    url, other = bundle_of(app), bundle_of(app, "dash_html_components")
    client = app.test_client()
    first = client.get(url, headers=GZIP)
    assert client.get(url, headers=GZIP).data == first.data
    assert len(calls) == 1
    # A wrong fingerprint does not fill the memory.
    assert client.get(re.sub(r"m\d+", "m1", url), headers=GZIP).data == first.data
    assert len(calls) == 1
    assert client.get(other, headers=GZIP).data != first.data
    assert len(calls) == 2


def test_bundle_without_a_fingerprint_is_not_kept(
    make_app: MakeApp, compresses: bool, calls: list[t.Any]
) -> None:
    app = make_app(PAGE)
    # Dash loads plotly.js by such a URL.
    url = re.sub(r"\.v[^.]+m\d+", "", bundle_of(app))
    response = app.test_client().get(url, headers=GZIP)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"
    headers = {**GZIP, "If-None-Match": response.headers["ETag"]}
    again = app.test_client().get(url, headers=headers)
    assert (again.status_code, again.data) == (304, b"")
    assert len(calls) == int(compresses)


def test_bundle_of_another_worker_is_not_kept(make_app: MakeApp) -> None:
    app = make_app(PAGE)
    url = re.sub(r"\.v[^.]+m\d+", ".v9_9_9m1", bundle_of(app))
    response = app.test_client().get(url)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


def test_bundle_is_compressed_once_for_visitors_at_a_time(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, calls: list[t.Any]
) -> None:
    app = make_app(PAGE)
    url = bundle_of(app)
    compress = gzip.compress

    def slow(*args: t.Any) -> bytes:
        sleep(0.05)
        return compress(*args)

    monkeypatch.setattr(gzip, "compress", slow)

    with ThreadPoolExecutor(4) as pool:
        barrier = Barrier(4)

        def get() -> bytes:
            barrier.wait()
            return app.test_client().get(url, headers=GZIP).data

        found = [future.result() for future in [pool.submit(get) for _ in range(4)]]

    assert len(set(found)) == len(calls) == 1


def test_bundles_are_compressed_as_the_app_wants(make_app: MakeApp) -> None:
    app = make_app(PAGE, config={"COMPRESS_ALGORITHM": ["gzip"]})
    headers = {"Accept-Encoding": "br, gzip"}
    response = app.test_client().get(bundle_of(app), headers=headers)
    assert response.headers["Content-Encoding"] == "gzip"


def test_page_is_compressed(make_app: MakeApp, compresses: bool) -> None:
    client = make_app(PAGE).test_client()

    for headers in ({}, JSON):
        response = client.get("/", headers={**headers, **GZIP})
        encoding = response.headers.get("Content-Encoding")
        assert encoding == ("gzip" if compresses else None)
        assert b"Some text 49" in data_of(response)
        assert "Accept" in response.vary


def test_callback_is_compressed(make_app: MakeApp, compresses: bool) -> None:
    response = (
        make_app(PAGE)
        .test_client()
        .post(
            "/_dash-update-component",
            json={
                "output": "out.children",
                "outputs": {"id": "out", "property": "children"},
                "inputs": [{"id": "in", "property": "value", "value": "a"}],
                "changedPropIds": ["in.value"],
            },
            headers=GZIP,
        )
    )
    assert response.headers.get("Content-Encoding") == ("gzip" if compresses else None)
    assert b"A long answer" in data_of(response)


def test_compression_is_turned_off(make_app: MakeApp) -> None:
    app = make_app(PAGE, config={"DASH_PAGES_COMPRESS": False})
    response = app.test_client().get("/", headers=GZIP)
    assert "Content-Encoding" not in response.headers


def test_compression_is_for_pages_only(make_app: MakeApp) -> None:
    app = make_app(PAGE)

    @app.get("/mine")
    def mine() -> str:
        return "Mine. " * 1000

    assert (
        "Content-Encoding" not in app.test_client().get("/mine", headers=GZIP).headers
    )
    assert not [key for key in app.config if key.startswith("COMPRESS_")]


def test_compression_has_the_settings_of_the_host(make_app: MakeApp) -> None:
    app = make_app(PAGE, config={"COMPRESS_MIN_SIZE": 10**6})
    response = app.test_client().get("/", headers=GZIP)
    assert "Content-Encoding" not in response.headers


def test_host_that_compresses(make_app: MakeApp, compresses: bool) -> None:
    app = make_app(PAGE)
    Compress(app)
    response = app.test_client().get("/", headers=GZIP)
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"Some text 49" in data_of(response)


def test_dependencies_are_kept(make_app: MakeApp, compresses: bool) -> None:
    app = make_app(PAGE, url_prefix="/p")
    client = app.test_client()
    text = client.get("/p/", environ_overrides={"SCRIPT_NAME": "/mount"}).text
    (tag,) = re.findall(
        r'<link rel="preload" as="fetch" crossorigin href="(.+?)">', text
    )
    assert tag.startswith("/mount/p/_dash-pages/")
    response = client.get(tag.removeprefix("/mount"), headers=GZIP)
    assert response.headers["Cache-Control"] == PRIVATE
    assert response.mimetype == "application/json"
    assert b'"out.children"' in data_of(response)
    etag = response.headers["ETag"]
    again = client.get(
        tag.removeprefix("/mount"), headers={**GZIP, "If-None-Match": etag}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["0123456789abcdef/dependencies.json", "x", "../x", "a/b/c", "%00"]
)
def test_resource_of_another_version(make_app: MakeApp, path: str) -> None:
    app = make_app(PAGE)
    response = app.test_client().get(f"/_dash-pages/{path}")
    assert response.status_code == 404
    assert "immutable" not in response.headers.get("Cache-Control", "")


def test_resource_of_another_app(make_app: MakeApp) -> None:
    app = make_app(PAGE)
    other = make_app()
    other.test_client().get("/x")
    resource = bound_pages(other).release.dependencies
    assert resource is not None
    response = app.test_client().get(f"/_dash-pages/{resource.path}")
    assert response.status_code == 404


def test_favicon_is_kept(make_app: MakeApp) -> None:
    client = make_app(PAGE).test_client()
    response = client.get(f"/_favicon.ico?v={dash.__version__}")
    assert response.headers["Cache-Control"] == IMMUTABLE
    assert "Cache-Control" not in client.get("/_favicon.ico?v=0").headers
    assert "Cache-Control" not in client.get("/_favicon.ico").headers


def test_assets_are_not_kept_in_debug(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "style.css").write_text("a {}")
    app = make_app(PAGE, config={"DASH_PAGES_DEV_TOOLS": True})
    client = app.test_client()
    (url,) = re.findall(r'href="(/assets/[^"]+)"', client.get("/").text)
    response = client.get(url, buffered=True)
    assert response.text == "a {}"
    assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.usefixtures("compresses")
def test_assets_are_kept(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "style.css").write_text("body { margin: 0; }\n" * 100)
    (assets / "favicon.ico").write_bytes(b"icon")
    app = new_app(tmp_path)
    DashPages(app, pages_folder=None).register_page("home", path="/", layout="")
    client = app.test_client()
    urls = re.findall(r'href="(/assets/[^"]+\?m=[^"]+)"', client.get("/").text)
    assert len(urls) == 2

    for url in urls:
        response = client.get(url, buffered=True)
        assert response.headers["Cache-Control"] == PRIVATE
        etag = response.headers["ETag"]
        again = client.get(url, headers={"If-None-Match": etag}, buffered=True)
        assert again.status_code == 304
        bare = client.get(url.partition("?")[0], buffered=True)
        assert bare.data == response.data
        assert "immutable" not in bare.headers["Cache-Control"]
        for wrong in ("?m=1", "?m=x", "?m=", "?v=1", "?m=nan", "?m=inf"):
            other = client.get(url.partition("?")[0] + wrong, buffered=True)
            assert other.data == response.data
            assert "immutable" not in other.headers["Cache-Control"]


def test_changed_asset_has_another_url(make_app: MakeApp, tmp_path: Path) -> None:
    import os

    assets = tmp_path / "assets"
    assets.mkdir()
    file = assets / "style.css"
    file.write_text("a {}")
    app = make_app(PAGE)
    (url,) = re.findall(r'href="(/assets/[^"]+)"', app.test_client().get("/").text)
    file.write_text("b {}")
    os.utime(file, (10**9, 10**9))
    # Outside of debug the tag stays, and what it leads to is not what it was.
    response = app.test_client().get(url, buffered=True)
    assert response.text == "b {}"
    assert "immutable" not in response.headers["Cache-Control"]


MAX_AGE = {
    "aged": """
        register_page(__name__, path="/", title="Aged", max_age=60)
        texts = ["first"]

        def layout(fail=None):
            if fail:
                from flask import abort
                abort(404)
            return html.P(texts[0])
    """,
    "own": """
        from flask import after_this_request
        register_page(__name__, max_age=60)

        def layout():
            @after_this_request
            def say(response):
                response.headers["Cache-Control"] = "no-store"
                return response
            return "own"
    """,
}


@pytest.mark.parametrize("headers", [{}, JSON, GZIP, {**JSON, **GZIP}])
def test_page_with_max_age(
    make_app: MakeApp, compresses: bool, headers: dict[str, str]
) -> None:
    app = make_app(MAX_AGE)
    client = app.test_client()
    response = client.get("/", headers=headers)
    assert response.headers["Cache-Control"] == "private, max-age=60"
    etag = response.headers["ETag"]
    same = client.get("/", headers={**headers, "If-None-Match": etag})
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["Cache-Control"] == "private, max-age=60"
    assert "Accept" in same.vary
    texts = bound_pages(app).registry["pages.aged"].layout.__globals__["texts"]
    texts[0] = "second"
    other = client.get("/", headers={**headers, "If-None-Match": etag})
    assert other.status_code == 200
    assert b"second" in data_of(other)


def test_page_with_max_age_has_an_etag_for_each_representation(
    make_app: MakeApp,
) -> None:
    client = make_app(MAX_AGE).test_client()
    etags = {client.get("/", headers=h).headers["ETag"] for h in ({}, JSON)}
    assert len(etags) == 2


def test_page_with_max_age_that_is_not_found(make_app: MakeApp) -> None:
    client = make_app(MAX_AGE).test_client()
    response = client.get("/?fail=1")
    assert response.status_code == 404
    assert "ETag" not in response.headers
    assert "max-age" not in response.headers.get("Cache-Control", "")


def test_page_with_max_age_and_another_wish(make_app: MakeApp) -> None:
    app = make_app(MAX_AGE)

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Seen"] = response.headers["Cache-Control"]
        return response

    response = app.test_client().get("/own")
    assert response.headers["X-Seen"] == "no-store"


def test_page_with_max_age_and_inputs(make_app: MakeApp) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/", max_age=60)
                def layout(language=None):
                    return str(language)
            """
        },
        routing_callback_inputs={"language": dash.Input("language", "value")},
    )
    headers = {**JSON, "Dash-Pages-Inputs": '{"language": "de"}'}
    response = app.test_client().get("/", headers=headers)
    assert response.json is not None
    assert response.json["layout"] == "de"
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def test_session_is_not_kept_with_resources(make_app: MakeApp) -> None:
    app = make_app(PAGE, config={"SECRET_KEY": "key"})

    @app.before_request
    def renew() -> None:
        session.permanent = True
        session["name"] = "Ann"

    client = app.test_client()
    page = client.get("/")
    assert "Set-Cookie" in page.headers
    urls = re.findall(r'(?:href|src)="(/_dash-[^"]+)"', page.text)
    assert len(urls) > 5

    for url in urls:
        response = client.get(url)
        assert "immutable" in response.headers["Cache-Control"]
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.vary


def test_compression_keeps_no_pages(make_app: MakeApp) -> None:
    app = make_app(
        {
            "home": """
                from flask import request
                register_page(__name__, path="/")
                layout = lambda: html.P(f"Only for {request.cookies['name']}. " * 50)
            """
        },
        config={
            "COMPRESS_CACHE_BACKEND": DictCache,
            "COMPRESS_CACHE_KEY": lambda request: request.path,
        },
    )

    for name in ("Ann", "Bob"):
        client = app.test_client()
        client.set_cookie("name", name)
        assert f"Only for {name}".encode() in data_of(client.get("/", headers=GZIP))


def test_resources_of_each_visitor_are_not_remembered(
    make_app: MakeApp, calls: list[t.Any]
) -> None:
    text = """
        from flask import request
        def guard(page, variables): return "name" in request.cookies
        register_page(__name__, guard=guard)
        layout = ""

        @callback(Output("secret", "children"), Input("in", "value"))
        def answer(value): return "A secret. "
    """
    client = make_app({**PAGE, "secret": text}).test_client()
    paths = []

    for _ in range(2):
        html = client.get("/").text
        paths += re.findall(r'href="(/_dash-pages/[^"]+/dependencies.json)"', html)
        client.set_cookie("name", "Ann")

    few, all_ = paths
    client.get(all_, headers=GZIP)
    client.get(all_, headers=GZIP)
    assert len(calls) == 1
    client.delete_cookie("name")

    for number in (2, 3):
        response = client.get(few, headers=GZIP)
        assert len(calls) == number
        assert response.headers["Cache-Control"] == PRIVATE
        assert "Set-Cookie" not in response.headers
        assert b"secret" not in data_of(response)


@pytest.mark.parametrize("path", ["/_dash-dependencies", "/assets/a.css", "/mine"])
def test_long_age_of_the_host_is_not_forever(
    make_app: MakeApp, tmp_path: Path, path: str
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.css").write_text("a {}")
    app = make_app(PAGE, config={"SEND_FILE_MAX_AGE_DEFAULT": 31536000})
    app.add_url_rule("/mine", view_func=lambda: "Mine")
    response = app.test_client().get(path, buffered=True)
    assert response.status_code == 200
    assert "immutable" not in response.headers.get("Cache-Control", "")


def test_scripts_of_another_version(make_app: MakeApp) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/")
                layout = html.Div(id="a")
                clientside_callback("() => 1", Output("a", "b"), Input("a", "c"))
            """
        }
    )
    client = app.test_client()
    client.get("/")
    response = client.get("/_dash-pages/0123456789abcdef/callbacks.js")
    assert "() => 1" in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_text_that_changes_each_time_has_another_etag(make_app: MakeApp) -> None:
    app = make_app(MAX_AGE)
    numbers = count()

    @app.after_request
    def add_nonce(response: Response) -> Response:
        nonce = next(numbers)
        response.set_data(response.get_data() + f"<!-- {nonce} -->".encode())
        return response

    client = app.test_client()
    headers = {"If-None-Match": client.get("/").headers["ETag"]}
    assert client.get("/", headers=headers).status_code == 200
