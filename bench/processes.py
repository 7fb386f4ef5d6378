"""Other processes, so that the sides do not meet in one."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import psutil

from .apps import App
from .apps import Request
from .apps import Send


def new_process() -> ProcessPoolExecutor:
    """A process that has imported nothing else than what it is asked to run."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


@dataclass(frozen=True)
class Server:
    """A Gunicorn that serves an app."""

    app: App
    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def view(self, number: int) -> None:
        """Make the requests of a first view."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

        with closing(connection):
            self.app.first_view(http_send(connection), number)

    def workers(self) -> list[psutil.Process]:
        """The processes that handle the requests."""
        return self.process.children()

    def worker(self) -> psutil.Process:
        """The only one of them."""
        (worker,) = self.workers()
        return worker


@contextmanager
def serve(app: App, *, workers: int = 1, threads: int = 4) -> Iterator[Server]:
    """Serve an app.

    :param threads: The threads of each worker.
    """
    # The socket is open before the server is up, so that requests wait for it.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        listener.set_inheritable(True)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                f"--workers={workers}",
                f"--threads={threads}",
                "--worker-class=gthread",
                "--timeout=600",
                "--log-level=warning",
                "--no-control-socket",
                f"--bind=fd://{listener.fileno()}",
                app.factory,
            ],
            cwd=Path(__file__).parents[1],
            pass_fds=[listener.fileno()],
        )

        try:
            port = listener.getsockname()[1]
            server = Server(app, port, psutil.Process(process.pid))
            server.view(0)
            yield server
        finally:
            process.terminate()
            process.wait()


def http_send(connection: http.client.HTTPConnection) -> Send:
    """What makes requests over a connection that is kept open."""

    def send(request: Request) -> bytes:
        connection.request(
            request.method, request.path, request.payload, request.headers
        )
        response = connection.getresponse()
        body = response.read()
        request.check(response.status, body)
        return body

    return send
