"""What goes wrong while pages are served, and the request after it."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from textwrap import dedent

import pytest
from conftest import JSON
from conftest import new_app
from conftest import WritePages
from dash import html
from dash import Input
from dash import Output
from flask import abort
from flask import Flask
from flask import redirect
from flask import request
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from flask_dash_pages import DashPages
from flask_dash_pages import page_container
from flask_dash_pages import signals

HTML = {"Accept": "text/html"}
PREFETCH = {**JSON, "Dash-Pages-Prefetch": "1"}

Function = Callable[[], t.Any]

#: The functions that an app has given, and the status if one of them fails.
FUNCTIONS = {
    "layout": 500,
    "title": 500,
    "description": 500,
    "guard": 500,
    "shell": 500,
    "callback": 500,
    "receiver": 200,
}


def returns(value: t.Any) -> Function:
    return lambda: value


def raises(error: BaseException) -> Function:
    def function() -> None:
        raise error

    return function


def broken_app(root: Path, where: str, function: Function) -> Flask:
    """An app with a page ``/good``, and one ``/bad`` for which ``function`` is called
    in the place of the layout, the guard, or where else ``where`` says.
    """
    pages = DashPages(pages_folder=None)
    texts: dict[str, t.Any] = {"title": "A title", "description": "A description"}
    texts |= {where: function} if where in texts else {}
    layout = function if where == "layout" else html.P("Bad text")
    guard = None if where != "guard" else lambda page, variables: function()
    pages.register_page("bad", layout=layout, guard=guard, **texts)
    pages.register_page("good", layout=html.P("Good text"))

    def shell() -> t.Any:
        return function() if request.path == "/bad" else page_container

    def update(value: str) -> t.Any:
        return function() if value == "bad" else value

    def receive(app: Flask, path: str, **extra: t.Any) -> t.Any:
        return function() if path == "/bad" else None

    if where == "shell":
        pages.layout = shell

    pages.callback(Output("out", "children"), Input("in", "value"))(update)
    app = new_app(root, TESTING=False)
    pages.init_app(app)

    if where == "receiver":
        signals.page_resolved.connect(receive, app, weak=False)

    return app


def call(app: Flask, value: str) -> TestResponse:
    body = {
        "output": "out.children",
        "outputs": {"id": "out", "property": "children"},
        "inputs": [{"id": "in", "property": "value", "value": value}],
        "state": [],
    }
    return app.test_client().post("/_dash-update-component", json=body)


def ask_for_bad(app: Flask, where: str, headers: dict[str, str]) -> TestResponse:
    if where == "callback":
        return call(app, "bad")

    return app.test_client().get("/bad", headers=headers)


def check_good(app: Flask) -> None:
    """Check that the next visitors are served."""
    for headers in (HTML, JSON):
        response = app.test_client().get("/good", headers=headers)
        assert response.status_code == 200
        assert "Good text" in response.text

    assert call(app, "good").json == {
        "response": {"out": {"children": "good"}},
        "multi": True,
    }


def is_logged(caplog: pytest.LogCaptureFixture, error: type[BaseException]) -> None:
    """Check that one error is logged, with its traceback."""
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[0] is error
    assert "Traceback" in caplog.text


def context_variables() -> dict[str, t.Any]:
    """The context variables that are set, but for the one that asgiref sets anew
    whenever it calls a coroutine function.
    """
    values = {variable.name: value for variable, value in copy_context().items()}
    values.pop("asgiref.local", None)
    return values


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize("headers", [HTML, JSON, PREFETCH], ids=["html", "json", "pre"])
@pytest.mark.parametrize(
    "error",
    [
        ValueError("broken"),
        ValueError("\udc80 {% <script>"),
        RecursionError(),
        MemoryError(),
        TimeoutError(),
        BrokenPipeError(),
        UnprintableError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(("where", "status"), FUNCTIONS.items())
def test_function_raises(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    where: str,
    status: int,
    error: Exception,
    headers: dict[str, str],
) -> None:
    app = broken_app(tmp_path, where, raises(error))
    is_called = not (
        (where == "shell" and headers is not HTML)
        or (where == "receiver" and headers is PREFETCH)
    )
    response = ask_for_bad(app, where, headers)
    assert response.status_code == (status if is_called else 200)
    assert "broken" not in response.text

    if is_called:
        is_logged(caplog, type(error))

    caplog.clear()
    check_good(app)
    assert caplog.records == []


@pytest.mark.parametrize("where", ["layout", "title", "receiver"])
def test_function_raises_stop_iteration(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    # Generators, such as context managers, treat it as their end.
    app = broken_app(tmp_path, where, raises(StopIteration()))
    assert ask_for_bad(app, where, HTML).status_code == FUNCTIONS[where]
    is_logged(caplog, StopIteration)


@pytest.mark.parametrize(
    "error", [SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError]
)
@pytest.mark.parametrize("where", FUNCTIONS)
def test_function_exits(tmp_path: Path, where: str, error: type[BaseException]) -> None:
    app = broken_app(tmp_path, where, raises(error()))
    check_good(app)
    before = context_variables()

    with pytest.raises(error):
        ask_for_bad(app, where, HTML)

    assert context_variables() == before
    check_good(app)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_first_request_exits(tmp_path: Path, error: type[BaseException]) -> None:
    app = broken_app(tmp_path, "layout", raises(error()))
    before = context_variables()

    with pytest.raises(error):
        ask_for_bad(app, "layout", HTML)

    assert context_variables() == before
    check_good(app)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_page_file_exits(
    tmp_path: Path, write_pages: WritePages, error: type[BaseException]
) -> None:
    write_pages(a=f"register_page(__name__)\nraise {error.__name__}")
    before = context_variables()

    with pytest.raises(error):
        DashPages(new_app(tmp_path))

    assert context_variables() == before
    write_pages(a="register_page(__name__)\nlayout = 'A text'")
    app = new_app(tmp_path)
    DashPages(app)
    assert "A text" in app.test_client().get("/a").text


def nested(depth: int, wrap: Callable[[t.Any], t.Any]) -> t.Any:
    tree: t.Any = "text"

    for _ in range(depth):
        tree = wrap(tree)

    return tree


def in_itself() -> html.Div:
    tree = html.Div()
    tree.children = [tree]
    return tree


def list_in_itself() -> list[t.Any]:
    tree: list[t.Any] = []
    tree.append(tree)
    return tree


#: What a layout may return, and the status.
NONSENSE: dict[str, tuple[Function, int]] = {
    "none": (returns(None), 200),
    "true": (returns(True), 200),
    "number": (returns(5), 200),
    "large": (returns(10**400), 200),
    "nan": (returns(math.nan), 200),
    "infinite": (returns(html.P(math.inf)), 200),
    "surrogate": (returns(html.P("\udc80", **{"data-a": "\udc80"})), 200),
    "dict": (returns({"a": 1}), 200),
    "response": (returns(("text", 404)), 200),
    "object": (returns(object()), 500),
    "object_inside": (returns(html.Div([html.P(object())])), 500),
    "set": (returns({1}), 500),
    "bytes": (returns(b"text"), 500),
    "function": (returns(returns(1)), 500),
    "generator": (lambda: (html.P(text) for text in "ab"), 500),
    "class": (returns(html.Div), 500),
    "class_inside": (returns(html.Div([html.P])), 500),
    "error": (returns(ValueError("broken")), 500),
    "in_itself": (in_itself, 500),
    "list_in_itself": (list_in_itself, 500),
    "deep": (lambda: nested(10_000, html.Div), 500),
    "deep_list": (lambda: nested(10_000, lambda tree: [tree]), 500),
}


@pytest.mark.parametrize("headers", [HTML, JSON, PREFETCH], ids=["html", "json", "pre"])
@pytest.mark.parametrize("where", ["layout", "shell"])
@pytest.mark.parametrize(("function", "status"), NONSENSE.values(), ids=NONSENSE.keys())
def test_layout_is_nonsense(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    where: str,
    function: Function,
    status: int,
    headers: dict[str, str],
) -> None:
    app = broken_app(tmp_path, where, function)
    is_called = where == "layout" or headers is HTML
    response = ask_for_bad(app, where, headers)
    assert response.status_code == (status if is_called else 200)

    if response.status_code == 500:
        [record] = caplog.records
        assert record.levelno == logging.ERROR
        assert record.exc_info

    caplog.clear()
    check_good(app)
    assert caplog.records == []


class Unprintable:
    def __str__(self) -> str:
        raise ValueError("broken")


@pytest.mark.parametrize("headers", [HTML, JSON], ids=["html", "json"])
@pytest.mark.parametrize("where", ["title", "description"])
@pytest.mark.parametrize(
    ("value", "status"),
    [
        (5, 200),
        (math.nan, 200),
        (b"text", 200),
        (html.P, 200),
        ("\udc80 \x00 {%title%} </script>", 200),
        (list_in_itself(), 200),
        ("long " * 100_000, 200),
        (Unprintable(), 500),
        (nested(10_000, lambda tree: [tree]), 500),
    ],
    ids="number nan bytes class text in_itself long unprintable deep".split(),
)
def test_text_is_nonsense(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    where: str,
    value: t.Any,
    status: int,
    headers: dict[str, str],
) -> None:
    app = broken_app(tmp_path, where, returns(value))
    assert ask_for_bad(app, where, headers).status_code == status
    assert len(caplog.records) == (status == 500)
    check_good(app)


@pytest.mark.parametrize("where", ["title", "description"])
def test_text_is_none(tmp_path: Path, where: str) -> None:
    app = broken_app(tmp_path, where, returns(None))
    response = ask_for_bad(app, where, JSON)
    assert response.json[where] != "None"  # type: ignore[index]


@pytest.mark.parametrize("where", ["layout", "shell"])
def test_nonsense_is_a_failed_visit(tmp_path: Path, where: str) -> None:
    app = broken_app(tmp_path, where, returns(object()))
    heard = []

    def hear_resolved(app: Flask, **extra: t.Any) -> None:
        heard.append("resolved")

    def hear_failed(app: Flask, **extra: t.Any) -> None:
        heard.append("failed")

    with (
        signals.page_resolved.connected_to(hear_resolved, app),
        signals.page_failed.connected_to(hear_failed, app),
    ):
        assert ask_for_bad(app, where, HTML).status_code == 500

    assert heard == ["failed"]


@pytest.mark.parametrize(
    ("signal", "layout", "status", "errors"),
    [
        (signals.page_resolved, returns("text"), 200, 1),
        (signals.page_redirected, lambda: redirect("/there"), 302, 1),
        (signals.page_not_found, lambda: abort(404), 404, 1),
        (signals.page_denied, lambda: abort(403), 403, 1),
        (signals.page_failed, raises(KeyError()), 500, 2),
    ],
)
def test_receiver_of_any_signal_raises(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    signal: t.Any,
    layout: Function,
    status: int,
    errors: int,
) -> None:
    app = broken_app(tmp_path, "layout", layout)

    def receive(app: Flask, **extra: t.Any) -> None:
        raise ValueError

    with signal.connected_to(receive, app):
        assert ask_for_bad(app, "layout", HTML).status_code == status

    raised = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert raised == [ValueError, KeyError][:errors]


@pytest.mark.parametrize("where", FUNCTIONS)
def test_function_is_slow(tmp_path: Path, where: str) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow() -> t.Any:
        begun.set()
        assert ended.wait(60)
        return page_container

    app = broken_app(tmp_path, where, slow)

    with ThreadPoolExecutor(1) as pool:
        bad = pool.submit(ask_for_bad, app, where, HTML)

        try:
            assert begun.wait(60)
            # It is the app's first request, too.
            check_good(app)
            assert not bad.done()
        finally:
            ended.set()

        # What it returned is no answer of a guard.
        assert bad.result().status_code == (500 if where == "guard" else 200)


BODY = (
    b'{"output":"out.children","outputs":{"id":"out","property":"children"},'
    b'"inputs":[{"id":"in","property":"value","value":"there"}],"state":[]}'
)
POST = (
    b"POST /_dash-update-component HTTP/1.1\r\nHost: a\r\n"
    b"Content-Type: application/json\r\nContent-Length: "
)
LENGTH = str(len(BODY)).encode()

#: What a client sends, and the status if it reads the answer.
CUT = {
    "page": (b"GET /bad HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    "callback": (POST + LENGTH + b"\r\n\r\n" + BODY, 200),
    "no_body": (POST + LENGTH + b"\r\n\r\n", 400),
    "half_body": (POST + LENGTH + b"\r\n\r\n" + BODY[:50], 400),
    "length_is_too_large": (POST + b"9999\r\n\r\n" + BODY, 400),
    "length_is_too_small": (POST + b"50\r\n\r\n" + BODY, 400),
    "length_is_negative": (POST + b"-50\r\n\r\n" + BODY, 400),
    "length_is_text": (POST + b"fifty\r\n\r\n" + BODY, 400),
}


@contextmanager
def served(app: Flask) -> Iterator[tuple[str, int]]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # Closing it waits for the threads of its requests.
    server.daemon_threads = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()

    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send_all(client: socket.socket) -> bytes:
    """Say that nothing more is sent, and read the answer."""
    client.shutdown(socket.SHUT_WR)
    return client.makefile("rb").read()


def close(client: socket.socket) -> bytes:
    return b""


def reset(client: socket.socket) -> bytes:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return b""


def read_a_bit(client: socket.socket) -> bytes:
    client.shutdown(socket.SHUT_WR)
    client.recv(10)
    return reset(client)


@pytest.mark.parametrize("leave", [send_all, close, reset, read_a_bit])
@pytest.mark.parametrize(("sent", "status"), CUT.values(), ids=CUT.keys())
def test_client_goes_away(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    sent: bytes,
    status: int,
    leave: Callable[[socket.socket], bytes],
) -> None:
    # More than what is on its way if nobody reads it.
    app = broken_app(tmp_path, "layout", returns(html.P("text" * 2_000_000)))
    threads = threading.active_count()

    with served(app) as address:
        with socket.create_connection(address) as client:
            client.sendall(sent)
            answer = leave(client)

        if answer:
            assert answer.split()[1] == str(status).encode()

        with socket.create_connection(address) as client:
            client.sendall(b"GET /good HTTP/1.0\r\n\r\n")
            assert b"Good text" in send_all(client)

    # Those of other tests may end meanwhile.
    assert threading.active_count() <= threads
    assert {record.levelno for record in caplog.records} <= {logging.INFO}
    assert "Traceback" not in capfd.readouterr().err
    check_good(app)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "views" / "views.sqlite3"


def example_config(database: Path) -> dict[str, t.Any]:
    return {
        "DEMO_PASSWORD": "a password",
        "JOBS_FOLDER": str(database.parents[1] / "jobs"),
        "LOGIN_DISABLED": True,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{database}?timeout=0.1",
    }


@pytest.fixture
def example(database: Path) -> Iterator[Flask]:
    pytest.importorskip("flask_sqlalchemy", reason="the example app needs its extra")
    pytest.importorskip("pandas", reason="the example app needs its extra")
    from example_app import create_app

    app = create_app(example_config(database))
    visit_example(app, "/explore/about")
    yield app
    app.extensions["analytics"].writers.close()


def visit_example(app: Flask, path: str, *, status: int = 200) -> str:
    response = app.test_client().get(path)
    assert response.status_code == status
    # A thread writes the view.
    app.extensions["analytics"].writers.flush()
    return response.text


def counted(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT count(*) FROM view WHERE status = 200"
        return t.cast(int, connection.execute(query).fetchone()[0])


def remove_file(database: Path) -> None:
    database.unlink()


def remove_folder(database: Path) -> None:
    shutil.rmtree(database.parent)


def empty_file(database: Path) -> None:
    database.write_bytes(b"")


def cut_file(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:1000])


def other_table(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("ALTER TABLE view RENAME COLUMN page TO name")
        connection.execute("ALTER TABLE view DROP COLUMN rule")


def folder_of_its_name(database: Path) -> None:
    database.unlink()
    database.mkdir()


def file_instead_of_its_folder(database: Path) -> None:
    # Root can write where others cannot, but not below a file.
    shutil.rmtree(database.parent)
    database.parent.write_text("")


@pytest.mark.parametrize("lose", [remove_file, remove_folder, empty_file])
def test_views_are_counted_in_a_new_database(
    example: Flask,
    database: Path,
    caplog: pytest.LogCaptureFixture,
    lose: Callable[[Path], None],
) -> None:
    lose(database)
    assert "Nothing was counted yet" in visit_example(example, "/admin/")
    lose(database)
    visit_example(example, "/explore/about")
    assert caplog.records == []
    assert counted(database) == 1


@pytest.mark.parametrize(
    "spoil", [cut_file, other_table, folder_of_its_name, file_instead_of_its_folder]
)
def test_views_are_served_without_a_database(
    example: Flask,
    database: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], None],
) -> None:
    spoil(database)

    for path, status, text, errors in [
        ("/explore/about", 200, "About", ["cannot be written"]),
        ("/explore/nowhere", 404, "no such page", []),
        ("/admin/", 200, "cannot be read right now", ["could not be read"]),
    ]:
        caplog.clear()
        assert text in visit_example(example, path, status=status)
        assert len(caplog.records) == len(errors)

        for record, error in zip(caplog.records, errors, strict=True):
            assert record.levelno == logging.ERROR
            assert error in record.getMessage()
            assert record.exc_info

    with suppress(NotADirectoryError):
        shutil.rmtree(database.parent)

    database.parent.unlink(missing_ok=True)
    visit_example(example, "/explore/about")
    assert counted(database) == 1

    # It is logged anew.
    caplog.clear()
    spoil(database)
    visit_example(example, "/explore/about")
    assert len(caplog.records) == 1


def test_views_are_served_while_somebody_writes(
    example: Flask, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        visit_example(example, "/explore/about")
        visit_example(example, "/explore/about")
        assert len(caplog.records) == 1
        assert "database is locked" in caplog.text

    visit_example(example, "/explore/about")
    assert counted(database) == 2


def test_views_are_served_with_a_full_disk(example: Flask, database: Path) -> None:
    code = """
        import json
        import resource
        import sys
        from example_app import create_app

        app = create_app(json.loads(sys.argv[1]))
        client = app.test_client()
        flush = app.extensions["analytics"].writers.flush
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        # The system refuses to write to any file.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
        assert client.get("/explore/about").status_code == 200
        assert client.get("/explore/nowhere").status_code == 404
        assert client.get("/admin/").status_code == 200
        flush()
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        # It is written before the process ends.
        assert client.get("/explore/about").status_code == 200
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code), json.dumps(example_config(database))],
        check=True,
        cwd=Path(__file__).parents[1],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.stderr.count("ERROR in writer: Views are lost") == 1
    assert "(sqlite3.OperationalError) disk I/O error" in done.stderr
    assert counted(database) == 2
