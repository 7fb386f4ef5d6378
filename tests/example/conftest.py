"""The example app as its tests need it."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from example_app import create_app
from example_app.models import db
from flask_dash_pages.testing import PagesClient

ROOT = Path(__file__).parents[2]
PASSWORD = "a password"

MakeClient = Callable[..., PagesClient]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration, also for other processes."""
    database = f"sqlite:///{tmp_path / 'views.sqlite3'}"
    monkeypatch.setenv("FLASK_DEMO_PASSWORD", PASSWORD)
    monkeypatch.setenv("FLASK_JOBS_FOLDER", str(tmp_path / "jobs"))
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", database)


def close(app: Flask) -> None:
    app.extensions["analytics"].writers.close()

    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def make_client(environ: None) -> Iterator[MakeClient]:
    """A client of an app with other values in its configuration."""
    with ExitStack() as stack:

        def make_client(**config: t.Any) -> PagesClient:
            app = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, **config})
            stack.callback(close, app)
            return PagesClient(app)

        yield make_client


@pytest.fixture
def app(make_client: MakeClient) -> Flask:
    return make_client().app


def log_in(client: PagesClient, **form: str) -> TestResponse:
    form = {"name": "demo", "password": PASSWORD, **form}
    return client.client.post("/login", data=form)
