"""Counts page views: from the signals, by way of a thread, to the database."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from flask import after_this_request
from flask import Flask
from flask import request
from flask import Response
from sqlalchemy import NullPool

from flask_dash_pages import Page
from flask_dash_pages import signals

from .models import db
from .models import utc_now
from .models import View
from .writer import Writers


def view(*, page: Page | None, status: int, duration: float | None = None) -> View:
    """The view that the current request is. It has nothing of the visitor: no address,
    no browser, no values of the path or the query.
    """
    host = referring_host()
    is_internal = host == urlsplit(request.host_url).hostname
    return View(
        at=utc_now(),
        page=None if page is None else page.name,
        rule=request.url_rule.rule if request.url_rule else "",
        status=status,
        duration=duration,
        referrer="" if is_internal else host,
        is_internal=is_internal,
    )


def referring_host() -> str:
    """The host of the page that had the link, without its path."""
    try:
        return (urlsplit(request.referrer or "").hostname or "")[:100]
    except ValueError:
        return ""


class Analytics:
    """The receivers of the signals of one app, in ``app.extensions["analytics"]``."""

    def __init__(self, app: Flask) -> None:
        self.writers = Writers(app)

    def resolved(
        self, app: Flask, *, page: Page, status: int, duration: float, **extra: t.Any
    ) -> None:
        self.writers.put(view(page=page, status=status, duration=duration))

    def ended_otherwise(
        self, app: Flask, *, page: Page | None = None, **extra: t.Any
    ) -> None:
        # Only the response knows its status: a redirect, an error, or the way to the
        # login.
        @after_this_request
        def count(response: Response) -> Response:
            self.writers.put(view(page=page, status=response.status_code))
            return response


def init_app(app: Flask) -> None:
    """Count the views of ``app``."""
    # Connections are opened when they are needed, so none is shared by the workers
    # that a server forks, or kept to a file that is no longer there.
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"poolclass": NullPool})
    db.init_app(app)

    # The app keeps them alive. Signals refer to their receivers weakly.
    app.extensions["analytics"] = analytics = Analytics(app)
    signals.page_resolved.connect(analytics.resolved, sender=app)

    for signal in (
        signals.page_denied,
        signals.page_failed,
        signals.page_not_found,
        signals.page_redirected,
    ):
        signal.connect(analytics.ended_otherwise, sender=app)
