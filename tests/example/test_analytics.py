"""The views that the example app counts."""

from __future__ import annotations

import subprocess
import sys
import threading
import typing as t
from pathlib import Path
from textwrap import dedent

import dash
import pytest
from flask import Flask
from sqlalchemy import select

from example_app import writer
from example_app.models import db
from example_app.models import View
from flask_dash_pages.testing import PagesClient

from .conftest import log_in
from .conftest import MakeClient
from .conftest import ROOT

UPDATED = [
    "overview-seen.data",
    "overview-notice.children",
    "overview-tiles.children",
    "overview-hours.figure",
    "overview-pages.figure",
]


def counted(app: Flask) -> list[tuple[t.Any, ...]]:
    """The page, the rule, the status and the referrer of each view, in order."""
    # A thread writes them.
    app.extensions["analytics"].writers.flush()
    query = select(View.page, View.rule, View.status, View.referrer).order_by(View.id)

    with app.app_context():
        return [tuple(row) for row in db.session.execute(query)]


def test_views_counted(app: Flask, pages_client: PagesClient) -> None:
    for url in [
        "/explore/country/Japan",
        "/explore/country/Atlantis",
        "/explore/someone@example.org",
        "/explore/nation/Peru",
        "/admin/speed",
        "/health",
    ]:
        pages_client.visit(url, follow_redirects=False)

    assert counted(app) == [
        ("Country", "/explore/country/<country>", 200, ""),
        (None, "/explore/country/<country>", 404, ""),
        (None, "/explore/<path:unknown>", 404, ""),
        (None, "/explore/nation/<country>", 301, ""),
        ("Speed", "/admin/speed", 302, ""),
    ]


def test_nothing_of_visitors_kept(
    app: Flask, pages_client: PagesClient, tmp_path: Path
) -> None:
    for host in ("example.org", "localhost"):
        headers = {"Referer": f"https://{host}/letter", "User-Agent": "Browser/7"}
        pages_client.visit("/explore/country/Japan?name=someone", headers=headers)

    # Only other sites count as referrers.
    assert [view[3] for view in counted(app)] == ["example.org", ""]
    kept = (tmp_path / "views.sqlite3").read_text("latin-1")

    for text in ("Japan", "someone", "letter", "Browser", "127.0.0.1"):
        assert text not in kept


def test_failed_view_counted(make_client: MakeClient) -> None:
    client = make_client(TESTING=False)
    client.visit("/explore/failure?now=yes")
    assert counted(client.app) == [("Failure", "/explore/failure", 500, "")]


def test_views_of_other_app_not_counted(
    app: Flask, pages_client: PagesClient, make_client: MakeClient, tmp_path: Path
) -> None:
    other = make_client(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'other'}")
    other.visit("/explore/about")
    pages_client.visit("/explore/twins")
    assert [view[0] for view in counted(app)] == ["Twins"]


def test_views_shown(app: Flask, pages_client: PagesClient) -> None:
    log_in(pages_client)
    visit = pages_client.visit("/admin/")
    assert "Nothing was counted yet" in visit.text
    headers = {"Referer": "https://example.org/secret"}
    pages_client.visit("/explore/nowhere", headers=headers)
    counted(app)

    # The callback runs again and again while the page is open.
    shown = visit.call(UPDATED, 1)
    tile = shown["overview-tiles.children"].find(type="Div", text="Not found")
    assert tile.text.split("\n")[1] == "1"
    assert shown["overview-notice.children"] == ""
    # What was zoomed is in the layout, which stays.
    (patch,) = shown["overview-pages.figure"]["operations"]
    assert patch["location"] == ["data"]
    assert patch["params"]["value"][0]["y"] == ["Overview"]
    assert pages_client.visit("/admin/speed").find(type="Td", text="Overview")
    visit = pages_client.visit("/admin/answers")
    (hosts,) = visit.find(id="answers-referrers")["figure"]["data"]
    assert hosts["width"] == 0.2
    assert set(hosts["y"]) == {"No link, or not told", "example.org"}
    bars = visit.find(id="answers-statuses")["figure"]["data"]
    assert [bar["name"] for bar in bars] == ["200", "404"]


def test_no_update_without_new_views(app: Flask, pages_client: PagesClient) -> None:
    log_in(pages_client)
    visit = pages_client.visit("/admin/")
    # The visit is a view, the first one.
    counted(app)
    seen = visit.call("overview-seen.data", 1)
    assert seen == 1
    again = visit.call("overview-seen.data", 2, state={"overview-seen.data": seen})
    assert again is dash.no_update


@pytest.mark.parametrize("url", ["/admin/", "/admin/speed", "/admin/answers"])
def test_no_views_shown(app: Flask, pages_client: PagesClient, url: str) -> None:
    # The way to the login is a view, of nothing that was shown.
    pages_client.visit(url)
    assert [view[2] for view in counted(app)] == [302]
    log_in(pages_client)
    assert "nan" not in pages_client.visit(url).text.lower()


def test_old_views_removed(make_client: MakeClient) -> None:
    client = make_client(ANALYTICS_DAYS=0)

    for url, name in [("/explore/twins", "Twins"), ("/explore/about", "About")]:
        client.visit(url)
        assert [view[0] for view in counted(client.app)] == [name]


def test_requests_do_not_wait(
    app: Flask,
    pages_client: PagesClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    released = threading.Event()
    written: list[View] = []

    def write(views: list[View], days: int) -> None:
        assert released.wait(60)
        written.extend(views)

    monkeypatch.setattr(writer, "WAITING", 5)
    monkeypatch.setattr(writer, "write", write)

    for _ in range(20):
        assert pages_client.visit("/explore/about").status == 200

    released.set()
    app.extensions["analytics"].writers.flush()
    assert 5 <= len(written) < 20
    assert caplog.messages == ["Views are dropped: 5 wait already."]


def test_views_of_forked_workers(app: Flask) -> None:
    code = """
        import os
        from example_app import create_app

        app = create_app()
        app.test_client().get("/explore/twins")
        worker = os.fork()
        app.test_client().get("/explore/about")

        if worker:
            os.waitpid(worker, 0)
    """
    run = [sys.executable, "-c", dedent(code)]
    subprocess.run(run, check=True, cwd=ROOT, timeout=60)
    assert sorted(view[0] for view in counted(app)) == ["About", "About", "Twins"]
