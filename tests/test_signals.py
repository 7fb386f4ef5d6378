from __future__ import annotations

import logging
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from blinker import NamedSignal
from conftest import bound_pages
from conftest import JSON
from conftest import MakeApp
from flask import Flask

from flask_dash_pages import DashPages
from flask_dash_pages import signals
from flask_dash_pages.signals import send

SIGNALS = [
    "page_registered",
    "page_resolved",
    "page_redirected",
    "page_not_found",
    "page_denied",
    "page_failed",
]

FILES = {
    "home": "register_page(__name__, path='/')\nlayout = 'Home'",
    "report": """
        register_page(
            __name__,
            path_template="/report/<int:report_id>",
            redirect_from=["/old/<report_id>"],
        )

        def layout(report_id, **query):
            import flask

            if report_id == 1:
                return flask.redirect("/")
            if report_id == 3:
                flask.abort(403)
            if report_id == 4:
                flask.abort(404)
            if report_id == 5:
                raise ValueError("broken")
            if report_id == 6:
                flask.abort(flask.redirect("/there"))
            return f"Report {report_id}"
    """,
}


Events = list[tuple[str, t.Any, dict[str, t.Any]]]


@contextmanager
def recorded(sender: t.Any = None) -> Iterator[Events]:
    events: Events = []
    receivers = []

    def record(name: str) -> Callable[..., None]:
        def receive(sender: t.Any, **extra: t.Any) -> None:
            events.append((name, sender, extra))

        return receive

    for name in SIGNALS:
        receiver = record(name)
        receivers.append(receiver)
        signal: NamedSignal = getattr(signals, name)

        if sender is None:
            signal.connect(receiver)
        else:
            signal.connect(receiver, sender)

    yield events

    for name, receiver in zip(SIGNALS, receivers, strict=True):
        getattr(signals, name).disconnect(receiver)


def test_page_registered_before_init_app(make_app: MakeApp) -> None:
    with recorded() as events:
        app = make_app(FILES)

    pages = bound_pages(app).registry
    assert events == [
        ("page_registered", app, {"page": pages["pages.home"]}),
        ("page_registered", app, {"page": pages["pages.report"]}),
    ]
    assert events[0][2]["page"].layout == "Home"


def test_page_registered_after_init_app(make_app: MakeApp) -> None:
    app = make_app(pages_folder=None)
    pages = DashPages(app, name="other", url_prefix="/other", pages_folder=None)

    with recorded(app) as events:
        pages.register_page("late", layout="Late")

    assert [(name, extra["page"].path) for name, _, extra in events] == [
        ("page_registered", "/late")
    ]


@pytest.mark.parametrize("headers", [{}, JSON])
def test_page_resolved(make_app: MakeApp, headers: dict[str, str]) -> None:
    app = make_app(FILES)

    with recorded(app) as events:
        app.test_client().get("/report/7?a=1&b=2&b=3", headers=headers)

    [(name, sender, extra)] = events
    duration = extra.pop("duration")
    assert (name, sender) == ("page_resolved", app)
    assert isinstance(duration, float)
    assert 0 < duration < 60
    assert extra == {
        "page": bound_pages(app).registry["pages.report"],
        "path": "/report/7",
        "variables": {"report_id": 7},
        "query": {"a": "1", "b": ["2", "3"]},
        "status": 200,
        "representation": "json" if headers else "html",
    }


def test_duration_is_that_of_the_page(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
        now = [0]
        def passes(seconds): now[0] += seconds
        def guard(page, variables): return not passes(100)
        def title(): return str(passes(1))
        register_page(__name__, path="/", guard=guard, title=title)
        def layout(): passes(10)
    """
    app = make_app({"home": text})
    page = bound_pages(app).registry["pages.home"]
    now = page.layout.__globals__["now"]
    monkeypatch.setattr("flask_dash_pages.visit.perf_counter", lambda: now[0])

    with signals.page_resolved.connected_to(
        lambda sender, duration, **extra: found.append(duration), app
    ):
        found: list[float] = []
        app.test_client().get("/")

    assert found == [11]


@pytest.mark.parametrize("path", ["/report/7", "/nope", "/report/4", "/report/1"])
def test_prefetch_tells_nothing(make_app: MakeApp, path: str) -> None:
    app = make_app(FILES)

    with recorded(app) as events:
        app.test_client().get(path, headers={**JSON, "Dash-Pages-Prefetch": "1"})

    assert events == []


def test_page_resolved_when_it_is_shown(make_app: MakeApp) -> None:
    app = make_app(FILES)
    client = app.test_client()

    with recorded(app) as events:
        path, headers = "/report/7?a=1", {**JSON, "Dash-Pages-Prefetch": "1"}
        token = client.get(path, headers=headers).headers["Dash-Pages-Shown"]
        assert events == []
        response = client.head(path, headers={**JSON, "Dash-Pages-Shown": token})

    assert response.status_code == 204
    [(name, _, extra)] = events
    assert (name, extra["representation"]) == ("page_resolved", "json")
    assert 0 < extra["duration"] < 60
    assert (extra["variables"], extra["query"]) == ({"report_id": 7}, {"a": "1"})


@pytest.mark.parametrize("headers", [{"Accept": "text/html"}, JSON])
@pytest.mark.parametrize(
    ("path", "name", "extra"),
    [
        ("/nope", "page_not_found", {"path": "/nope"}),
        ("/report/4", "page_not_found", {"path": "/report/4"}),
        ("/report/1", "page_redirected", {"path": "/report/1", "location": "/"}),
        (
            "/old/7?a=1",
            "page_redirected",
            {"path": "/old/7", "location": "/report/7?a=1"},
        ),
        (
            "/report/2/",
            "page_redirected",
            {"path": "/report/2/", "location": "/report/2"},
        ),
    ],
)
def test_other_ends(
    make_app: MakeApp,
    headers: dict[str, str],
    path: str,
    name: str,
    extra: dict[str, str],
) -> None:
    app = make_app(FILES)

    with recorded() as events:
        app.test_client().get(path, headers=headers)

    assert events == [(name, app, extra)]


def test_page_denied(make_app: MakeApp) -> None:
    app = make_app(FILES)

    with recorded() as events:
        assert app.test_client().get("/report/3").status_code == 403

    page = bound_pages(app).registry["pages.report"]
    assert events == [("page_denied", app, {"page": page, "path": "/report/3"})]


def test_page_failed(make_app: MakeApp) -> None:
    app = make_app(FILES)

    with recorded() as events, pytest.raises(ValueError, match="broken") as error:
        app.test_client().get("/report/5")

    page = bound_pages(app).registry["pages.report"]
    extra = {"page": page, "path": "/report/5", "exception": error.value}
    assert events == [("page_failed", app, extra)]


def test_abort_with_response_is_a_redirect(make_app: MakeApp) -> None:
    app = make_app(FILES)

    with recorded() as events:
        response = app.test_client().get("/report/6")

    assert (response.status_code, response.location) == (302, "/there")
    extra = {"path": "/report/6", "location": "/there"}
    assert events == [("page_redirected", app, extra)]


def test_signals_have_one_sender_each(make_app: MakeApp) -> None:
    one = make_app(FILES)
    other = make_app(FILES)

    with recorded(one) as events:
        other.test_client().get("/")
        assert events == []
        one.test_client().get("/")
        assert len(events) == 1


@pytest.mark.parametrize("name", SIGNALS)
def test_receiver_raises(
    bare_app: Flask, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    signal = getattr(signals, name)
    heard = []

    def broken(sender: Flask, **extra: t.Any) -> None:
        raise ValueError("broken")

    def works(sender: Flask, **extra: t.Any) -> None:
        heard.append(extra)

    with signal.connected_to(broken, bare_app), signal.connected_to(works, bare_app):
        send(bare_app, signal, path="/a")

    assert heard == [{"path": "/a"}]
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert name.replace("_", "-") in record.getMessage()
    assert record.exc_info


def test_receiver_raises_and_page_is_served(make_app: MakeApp) -> None:
    app = make_app(FILES)

    def broken(sender: Flask, **extra: t.Any) -> None:
        raise ValueError("broken")

    with signals.page_resolved.connected_to(broken, app):
        assert app.test_client().get("/").status_code == 200


def test_muted_signal_is_not_sent(bare_app: Flask) -> None:
    def never(sender: Flask, **extra: t.Any) -> None:
        raise AssertionError

    signal = signals.page_resolved

    with signal.connected_to(never, bare_app), signal.muted():
        send(bare_app, signal)
