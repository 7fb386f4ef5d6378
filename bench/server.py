"""Figures of the server, without a browser."""

from __future__ import annotations

import random
import typing as t
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import closing
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

from flask import Flask
from werkzeug.test import EnvironBuilder
from werkzeug.test import run_wsgi_app

from .apps import App
from .apps import path_of
from .apps import Request
from .apps import write_pages
from .figures import Figure
from .processes import http_send
from .processes import new_process
from .processes import serve

#: So many views are one sample of server time.
VIEWS = 5

#: So many URLs are matched for one sample.
MATCHES = 2_000

#: So many views are made before the memory of a worker is read.
LOAD = 10

T = t.TypeVar("T")


def measure(root: Path, *, runs: int, say: Callable[[str], None]) -> list[Figure]:
    """The figures of the server.

    :param root: A folder for page files.
    """
    folders = {
        count: str(write_pages(root / "server", "text", count))
        for count in (3, 10, 100, 1_000, 10_000)
    }
    stock = {count: App("stock", folder) for count, folder in folders.items()}
    here = {count: App("here", folder) for count, folder in folders.items()}
    suppressing = App("stock", folders[1_000], suppress=True)
    changing = str(write_pages(root / "server", "changing", 3))
    figures = []

    for name, unit, function, apps, target in [
        (
            "server time of a first view, 3 pages",
            "ms",
            time_of_view,
            (stock[3], here[3]),
            0.45,
        ),
        (
            "server time of a first view, 3 pages, layouts that change each time",
            "ms",
            time_of_view,
            (App("stock", changing), App("here", changing)),
            None,
        ),
        (
            "server time of a first view, 1,000 pages",
            "ms",
            time_of_view,
            (stock[1_000], here[1_000]),
            0.02,
        ),
        (
            "server time of a first view, 1,000 pages, stock with"
            " suppress_callback_exceptions",
            "ms",
            time_of_view,
            (suppressing, here[1_000]),
            0.50,
        ),
        ("index size, 3 pages", "kB", size_of_index, (stock[3], here[3]), None),
        (
            "index size, 1,000 pages",
            "kB",
            size_of_index,
            (stock[1_000], here[1_000]),
            None,
        ),
        (
            "index size, 10,000 pages against 3 here",
            "kB",
            size_of_index,
            (here[3], here[10_000]),
            1.02,
        ),
        (
            "URL to page, 10,000 pages against 10 here",
            "µs",
            time_of_match,
            (here[10], here[10_000]),
            2.0,
        ),
    ]:
        say(name)
        of_stock, of_here = alternate(function, apps, runs=runs)
        figures.append(Figure(name, unit, of_stock, of_here, target=target))

    variable = str(write_pages(root / "server", "variable", 1_000))

    orientation = max(1, runs // 3)

    for apps, suffix, times in [
        ((stock[1_000], here[1_000]), "", runs),
        (
            (App("stock", variable), App("here", variable)),
            ", layouts are variables",
            orientation,
        ),
    ]:
        name = f"start until first 200, 1,000 pages{suffix}"
        say(name)
        of_stock, of_here = alternate_fresh(time_of_start, apps, runs=times)
        figures.append(Figure(name, "ms", of_stock, of_here, target=0.60))

        name = f"memory of a worker after load, 1,000 pages{suffix}"
        say(name)
        sides = alternate_fresh(memory_of_worker, apps, runs=times)

        for i, kind, target in [(0, "resident", 0.80), (1, "unshared", None)]:
            of_stock, of_here = ([sample[i] for sample in side] for side in sides)
            figures.append(
                Figure(f"{kind} {name}", "MB", of_stock, of_here, target=target)
            )

    registered = {}

    for count in (10, 100, 1_000, 10_000):
        name = f"registration of {count:,} pages here"
        say(name)
        (registered[count],) = alternate_fresh(
            time_of_registration, [here[count]], runs=orientation
        )
        figures.append(Figure(name, "ms", [], registered[count]))

    few, many = ([value / n for value in registered[n]] for n in (100, 10_000))
    name = "registration by page, 10,000 pages against 100 here"
    figures.append(Figure(name, "ms", few, many))
    return figures


def alternate(
    function: Callable[[Flask, App], T], apps: Sequence[App], *, runs: int
) -> list[list[T]]:
    """Call a function for each app in turn, and return the values of each app. Each is
    in a process of its own.
    """
    samples: list[list[T]] = [[] for _ in apps]

    with ExitStack() as stack:
        processes = [stack.enter_context(new_process()) for _ in apps]

        for process, app in zip(processes, apps, strict=True):
            process.submit(_make, app).result()
            process.submit(_call, function).result()

        for _ in range(runs):
            for values, process in zip(samples, processes, strict=True):
                values.append(process.submit(_call, function).result())

    return samples


def alternate_fresh(
    function: Callable[[App], T], apps: Sequence[App], *, runs: int
) -> list[list[T]]:
    """Call a function for each app in turn, each time in a new process, and return the
    values of each app.
    """
    samples: list[list[T]] = [[] for _ in apps]

    for _ in range(runs):
        for values, app in zip(samples, apps, strict=True):
            with new_process() as process:
                values.append(process.submit(function, app).result())

    return samples


_made: list[tuple[Flask, App]] = []


def _make(app: App) -> None:
    """Make the app of this process."""
    _made.append((app.create(), app))


def _call(function: Callable[[Flask, App], T]) -> T:
    """Call a function with the app of this process."""
    return function(*_made[0])


def time_of_view(flask_app: Flask, app: App) -> float:
    """The time that the app takes for the requests of a first view, in ms."""
    taken = 0.0

    def send(request: Request) -> bytes:
        nonlocal taken
        environ = _environ(request)
        start = perf_counter()
        chunks, status, _ = run_wsgi_app(flask_app, environ)
        body = b"".join(chunks)
        taken += perf_counter() - start
        request.check(int(status.split()[0]), body)
        return body

    for number in range(VIEWS):
        app.first_view(send, number % 3)

    return taken / VIEWS * 1_000


def _environ(request: Request) -> t.Any:
    if request.payload is None:
        return EnvironBuilder(request.path).get_environ()

    return EnvironBuilder(
        request.path,
        method="POST",
        data=request.payload,
        content_type="application/json",
    ).get_environ()


def size_of_index(flask_app: Flask, app: App) -> float:
    """The size of the HTML of the same page, in kB."""
    response = flask_app.test_client().get(path_of(1))

    if response.status_code != 200:
        raise RuntimeError(f"The index was answered with {response.status}.")

    return len(response.data) / 1_000


def time_of_match(flask_app: Flask, app: App) -> float:
    """The time from a URL to its page, in µs."""
    count = len(list(Path(app.folder).glob("*.py")))
    paths = [path_of(random.randrange(count)) for _ in range(MATCHES)]
    urls = flask_app.url_map.bind("localhost")
    start = perf_counter()

    for path in paths:
        urls.match(path)

    return (perf_counter() - start) / MATCHES * 1_000_000


def time_of_registration(app: App) -> float:
    """The time that it takes to make the app, in ms."""
    start = perf_counter()
    app.create()
    return (perf_counter() - start) * 1_000


def time_of_start(app: App) -> float:
    """The time from nothing but imported packages to the first page, in ms."""
    start = perf_counter()
    client = app.create().test_client()
    response = client.get(path_of(0))
    taken = perf_counter() - start

    if response.status_code != 200:
        raise RuntimeError(f"The first page was answered with {response.status}.")

    return taken * 1_000


def memory_of_worker(app: App) -> tuple[float, float]:
    """What a worker has in memory after load, in MB: all of it, and what it does not
    share with other processes.
    """
    with (
        serve(app) as server,
        closing(HTTPConnection("127.0.0.1", server.port)) as connection,
    ):
        send = http_send(connection)

        for number in range(LOAD):
            app.first_view(send, number)

        memory = server.worker().memory_full_info()
        return memory.rss / 1e6, memory.uss / 1e6
