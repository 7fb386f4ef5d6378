"""Counts page views in SQLite. Keeps nothing about the visitors."""

from __future__ import annotations

import sqlite3
import typing as t
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from datetime import datetime
from datetime import timezone
from pathlib import Path

from flask import current_app
from flask import Flask

from flask_dash_pages import Page
from flask_dash_pages import signals

SCHEMA = """
CREATE TABLE IF NOT EXISTS view (
    at TEXT NOT NULL,
    path TEXT NOT NULL,
    page TEXT,
    status INTEGER NOT NULL,
    seconds REAL,
    representation TEXT
)
"""

TOTALS = """
SELECT
    count(*) FILTER (WHERE status = 200) AS views,
    count(*) FILTER (WHERE status = 200 AND representation = 'json') AS in_app,
    count(*) FILTER (WHERE status = 404) AS not_found,
    avg(seconds) FILTER (WHERE status = 200) AS seconds
FROM view
"""

PAGES = """
SELECT
    page,
    count(*) FILTER (WHERE representation = 'html') AS html,
    count(*) FILTER (WHERE representation = 'json') AS json
FROM view WHERE status = 200 GROUP BY page ORDER BY count(*) DESC, page
"""

PATHS = """
SELECT path, page, status, count(*) AS views, avg(seconds) AS seconds, max(at) AS last
FROM view GROUP BY path, page, status ORDER BY views DESC, last DESC LIMIT ?
"""

#: Anybody can ask for a path of any length.
MAX_PATH = 200


class ViewCounter:
    """The views of one app, in ``app.extensions["view_counter"]``.

    :param database: The path of the SQLite file. It is made when it is needed.
    """

    def __init__(self, database: str) -> None:
        self.database = Path(database)

    # The receivers may raise: the extension logs that, and the page is served.

    def count_page(
        self,
        app: Flask,
        *,
        page: Page,
        path: str,
        status: int,
        duration: float,
        representation: str,
        **extra: t.Any,
    ) -> None:
        """Receives ``page_resolved``."""
        self._add(path, page.name, status, duration, representation)

    def count_not_found(self, app: Flask, *, path: str, **extra: t.Any) -> None:
        """Receives ``page_not_found``."""
        self._add(path, None, 404, None, None)

    def totals(self) -> sqlite3.Row:
        """The numbers of views, of those without a page load, of paths that were
        not found, and the mean seconds that a layout took.
        """
        return self._fetch(TOTALS)[0]

    def pages(self) -> list[sqlite3.Row]:
        """The views of each page, by representation."""
        return self._fetch(PAGES)

    def paths(self, limit: int = 20) -> list[sqlite3.Row]:
        """The paths that were asked for most."""
        return self._fetch(PATHS, limit)

    def _add(self, path: str, *values: t.Any) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")

        with self._connect() as connection, connection:
            connection.execute(
                "INSERT INTO view VALUES (?, ?, ?, ?, ?, ?)",
                (now, path[:MAX_PATH], *values),
            )

    def _fetch(self, query: str, *values: t.Any) -> list[sqlite3.Row]:
        with self._connect() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        # The file may have been removed since the last time.
        self.database.parent.mkdir(parents=True, exist_ok=True)

        # A visitor should not wait long for a busy database.
        with closing(sqlite3.connect(self.database, timeout=1)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute(SCHEMA)
            yield connection


def init_app(app: Flask) -> None:
    """Count the views of ``app``."""
    counter = ViewCounter(app.config["ANALYTICS_DATABASE"])
    # The app keeps the counter alive. Signals refer to their receivers weakly.
    app.extensions["view_counter"] = counter
    signals.page_resolved.connect(counter.count_page, sender=app)
    signals.page_not_found.connect(counter.count_not_found, sender=app)


def get_counter() -> ViewCounter:
    """The counter of the current app."""
    return t.cast(ViewCounter, current_app.extensions["view_counter"])
