"""How many first views a server completes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from threading import Thread
from time import perf_counter

from .apps import App
from .apps import write_pages
from .figures import Figure
from .processes import http_send
from .processes import new_process
from .processes import serve

PAGES = 100

#: The threads of the client, each with a connection.
CLIENTS = 8

#: The seconds of a sample.
DURATION = 1.5


def measure(root: Path, *, runs: int, say: Callable[[str], None]) -> list[Figure]:
    """First views a second, by the four requests of stock Dash Pages in a row, and by
    the two here. A browser that comes back only makes the first of the two. That is in
    figures of its own.

    :param root: A folder for page files.
    """
    folder = str(write_pages(root / "load", "text", PAGES))
    name = "first views a second, 100 pages"
    suppress = ", stock with suppress_callback_exceptions"
    returning = ", browsers that come back"
    samples: dict[tuple[App, bool], list[float]] = {
        (App("stock", folder), False): [],
        (App("here", folder), True): [],
        (App("stock", folder, suppress=True), False): [],
        (App("here", folder), False): [],
    }

    with ExitStack() as stack:
        ports = {
            app: stack.enter_context(serve(app)).port
            for app in {app for app, _ in samples}
        }
        client = stack.enter_context(new_process())

        for run in range(runs):
            say(f"{name}, run {run + 1}")

            for (app, cached), values in samples.items():
                values.append(
                    client.submit(views_a_second, app, ports[app], cached).result()
                )

    default, warm, suppressed, complete = samples.values()
    return [
        Figure(name + what, "", of_stock, of_here, target=target, higher_is_better=True)
        for what, of_stock, of_here, target in [
            ("", default, complete, 8.0),
            (suppress, suppressed, complete, 1.8),
            (returning, default, warm, None),
            (suppress + returning, suppressed, warm, None),
        ]
    ]


def views_a_second(app: App, port: int, cached: bool) -> float:
    """Make first views for a while, and return how many were completed a second."""
    numbers = count()
    done: list[float] = []
    errors: list[BaseException] = []
    start = perf_counter()
    end = start + DURATION

    def view_pages() -> None:
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            send = http_send(connection)

            while perf_counter() < end:
                app.first_view(send, next(numbers) % PAGES, cached=cached)
                done.append(perf_counter())

    def run() -> None:
        try:
            view_pages()
        except BaseException as e:
            errors.append(e)

    threads = [Thread(target=run) for _ in range(CLIENTS)]

    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    if errors:
        raise errors[0]

    return len(done) / (max(done) - start)
