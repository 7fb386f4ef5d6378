"""Writes views to the database, in a thread. Requests never wait for it."""

from __future__ import annotations

import atexit
import os
import threading
from contextlib import suppress
from datetime import timedelta
from queue import Empty
from queue import Full
from queue import Queue

from flask import Flask
from sqlalchemy import delete
from sqlalchemy import Table
from sqlalchemy.schema import CreateIndex
from sqlalchemy.schema import CreateTable

from .models import db
from .models import folder
from .models import View

#: Views that wait to be written. What does not fit is dropped.
WAITING = 1000

#: Views that are written at once.
BATCH = 100


class Writers:
    """The writer of each process that serves the app."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._by_process: dict[int, Writer] = {}

    def put(self, view: View) -> None:
        """Have ``view`` written soon."""
        self._get().put(view)

    def flush(self) -> None:
        """Wait until all that was put has been written or given up."""
        self._get().flush()

    def close(self) -> None:
        """Write what is left, and stop. It is called when the process ends, too."""
        atexit.unregister(self.close)
        self._get().close()

    def _get(self) -> Writer:
        # A server that forks its workers copies this object, but no threads.
        process = os.getpid()

        if process not in self._by_process:
            self._by_process.setdefault(process, Writer(self._app))
            atexit.register(self.close)

        return self._by_process[process]


class Writer:
    """A queue, and the thread that empties it. The thread is started by the first
    view.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._queue: Queue[View | None] = Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_full = False
        self._is_failing = False

    def put(self, view: View) -> None:
        self._start()

        try:
            self._queue.put_nowait(view)
        except Full:
            # Once, for there are many when this happens.
            if not self._is_full:
                self._app.logger.error("Views are dropped: %d wait already.", WAITING)

            self._is_full = True

    def flush(self) -> None:
        if self._thread is not None:
            self._queue.join()

    def close(self) -> None:
        if self._thread is None:
            return

        with suppress(Full):
            self._queue.put(None, timeout=2)

        # It is a daemon, so that a database that hangs does not keep the process.
        self._thread.join(timeout=2)
        self._thread = None

    def _start(self) -> None:
        if self._thread is not None:
            return

        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="page views", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while True:
            taken = [self._queue.get()]

            with suppress(Empty):
                while len(taken) < BATCH:
                    taken.append(self._queue.get_nowait())

            views = [view for view in taken if view is not None]

            if views:
                self._try_to_write(views)

            if self._queue.empty():
                self._is_full = False

            for _ in taken:
                self._queue.task_done()

            if None in taken:
                break

    def _try_to_write(self, views: list[View]) -> None:
        try:
            with self._app.app_context():
                write(views, days=self._app.config["ANALYTICS_DAYS"])
        # Whatever it is, the next views may be written.
        except Exception:
            # Once, until it works again.
            if not self._is_failing:
                self._app.logger.exception("Views are lost: they cannot be written.")

            self._is_failing = True
        else:
            self._is_failing = False


def write(views: list[View], *, days: int) -> None:
    """Write views to the database of the current app, and remove old ones."""
    table = View.__table__
    assert isinstance(table, Table)
    # It may have been removed since the last time. create_all() would look first, and
    # another worker may be faster.
    folder().mkdir(parents=True, exist_ok=True)
    db.session.execute(CreateTable(table, if_not_exists=True))

    for index in table.indexes:
        db.session.execute(CreateIndex(index, if_not_exists=True))

    oldest = max(view.at for view in views) - timedelta(days=days)
    db.session.execute(delete(View).where(View.at < oldest))
    db.session.add_all(views)
    db.session.commit()
