"""``python -m bench.soak``"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from http.client import HTTPConnection
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from statistics import quantiles
from threading import Event
from time import perf_counter
from time import sleep

import click

from .apps import answer_of
from .apps import App
from .apps import path_of
from .apps import Request
from .apps import text_of
from .apps import write_pages
from .figures import circumstances
from .figures import write_csv
from .processes import http_send
from .processes import serve

PAGES = 100

#: The connections that are used at the same time.
CLIENTS = 8

#: So many seconds without an answer are as bad as a wrong one.
TIMEOUT = 60

#: The threads of the worker that has a slow page.
THREADS = 4

#: How often it is asked with and without the slow page.
ROUNDS = 3

#: How often memory is read after the warm-up.
SAMPLES = 10

#: The number of the page whose layout takes two seconds.
SLOW = 1

#: The memory of a worker may grow by such a part of it. That is about 20 bytes for each
#: request, which nobody would notice. What is kept of a request takes more.
FLAT = 0.03

PAGE_JSON = "application/vnd.dash-pages+json"

#: What only one of the answers has in it.
_MARK = re.compile(rb"This is page number \d+\.|Page \d+ was asked\.")


@dataclass(frozen=True)
class Figure:
    """Something that was measured."""

    name: str
    value: str
    #: What must be true of it. Empty for what is for orientation.
    promise: str = ""
    is_kept: bool = True

    def cells(self) -> list[str]:
        """The texts below the headings."""
        return [self.name, self.value, self.promise]


@dataclass
class Answers:
    """What clients were answered."""

    #: How long the right answers took.
    seconds: list[float] = field(default_factory=list)
    #: How many connections ended before the answer did.
    cut: int = 0
    #: What is wrong with the others.
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Answers) -> None:
        self.seconds += other.seconds
        self.cut += other.cut
        self.wrong += other.wrong


def view(number: int) -> Request:
    """The first view of a page."""
    return Request(path_of(number), text_of(number).encode())


def mix() -> list[Request]:
    """First views, navigations and callbacks of all pages."""
    return list(chain.from_iterable(map(_requests_of, range(PAGES))))


def _requests_of(number: int) -> Iterator[Request]:
    yield view(number)
    yield view(number)._replace(accept=PAGE_JSON)
    call = {
        "output": f"answer-{number}.children",
        "outputs": {"id": f"answer-{number}", "property": "children"},
        "inputs": [{"id": f"input-{number}", "property": "value", "value": "asked"}],
        "changedPropIds": [f"input-{number}.value"],
        "state": [],
    }
    yield Request(
        "/_dash-update-component",
        answer_of(number).encode(),
        json.dumps(call).encode(),
    )


def ask(port: int, requests: Iterator[Request]) -> Answers:
    """Make requests one after the other, and check that each answer has what was asked
    for, and nothing that belongs to another page.
    """
    answers = Answers()

    with closing(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as connection:
        send = http_send(connection)

        for request in requests:
            start = perf_counter()

            try:
                _check(request, send(request))
            except TimeoutError:
                answers.wrong.append(f"{request.path!r} was not answered.")
                connection.close()
            except (HTTPException, OSError):
                answers.cut += 1
                # The next request opens it again.
                connection.close()
            except RuntimeError as e:
                answers.wrong.append(str(e))
            else:
                answers.seconds.append(perf_counter() - start)

    return answers


def _check(request: Request, body: bytes) -> None:
    found = {*_MARK.findall(body)}

    if found != {request.expected}:
        raise RuntimeError(f"{request.path!r} was answered with {found}.")


def ask_all(
    port: int, requests: Callable[[], Iterator[Request]], *, clients: int
) -> Answers:
    """Ask by several clients at the same time.

    :param requests: Makes the requests of a client.
    """
    with ThreadPoolExecutor(CLIENTS) as pool:
        futures = [pool.submit(ask, port, requests()) for _ in range(clients)]

    answers = Answers()

    for future in futures:
        answers.add(future.result())

    return answers


@contextmanager
def asking(
    port: int, requests: Sequence[Request], *, clients: int
) -> Iterator[Answers]:
    """Ask meanwhile. The answers are complete afterwards."""
    answers = Answers()
    is_over = Event()

    def until_over() -> Iterator[Request]:
        while not is_over.is_set():
            yield random.choice(requests)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(ask_all, port, until_over, clients=clients)

        try:
            yield answers
        finally:
            is_over.set()

    answers.add(future.result())


def in_ms(seconds: float) -> str:
    value = seconds * 1_000
    return f"{value:,.{0 if value >= 100 else 1}f} ms"


def load(root: Path, *, seconds: int) -> Iterator[Figure]:
    """How much two workers serve. One more client checks answers meanwhile."""
    lines = root / "requests.txt"
    lines.write_text("".join(map(_line, mix())), "utf-8")
    app = App("here", str(write_pages(root / "load", "text", PAGES)))

    with (
        serve(app, workers=2) as server,
        asking(server.port, mix(), clients=1) as answers,
    ):
        command = [
            find_wrk(),
            "--threads=2",
            f"--connections={CLIENTS}",
            f"--duration={seconds}",
            f"--timeout={TIMEOUT}",
            f"--script={Path(__file__).with_suffix('.lua')}",
            server.url,
            "--",
            str(lines),
        ]
        output = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    done = json.loads(output.splitlines()[-1])
    rate = done["requests"] / done["microseconds"] * 1e6
    yield Figure("load: requests", f"{done['requests']:,}")
    yield Figure("load: requests a second", f"{rate:,.0f}")

    for name, latency in done["latency"].items():
        yield Figure(f"load: latency, {name}", in_ms(latency / 1e6))

    yield Figure("load: errors", str(done["errors"]), "0", done["errors"] == 0)
    yield from _of_answers("load", answers)
    yield Figure("load: cut connections", str(answers.cut), "0", answers.cut == 0)


def _line(request: Request) -> str:
    body = (request.payload or b"").decode()
    return "\t".join([request.method, request.path, request.accept or "", body]) + "\n"


def find_wrk() -> str:
    """The path of wrk.

    :raises ClickException: If it is not there.
    """
    path = shutil.which("wrk")

    if path is None:
        raise click.ClickException(
            "The part 'load' needs wrk. Install it, on Debian by 'apt install wrk', or"
            " give the names of the other parts."
        )

    return path


def _of_answers(name: str, answers: Answers) -> Iterator[Figure]:
    for text in answers.wrong[:5]:
        click.echo(text, err=True)

    right, wrong = len(answers.seconds), len(answers.wrong)
    yield Figure(f"{name}: right answers", f"{right:,}", "> 0", right > 0)
    yield Figure(f"{name}: wrong answers", f"{wrong:,}", "0", wrong == 0)


def kill(root: Path, *, seconds: int, every: int) -> Iterator[Figure]:
    """What visitors notice when workers are killed."""
    app = App("here", str(write_pages(root / "kill", "text", PAGES)))
    times = seconds // every

    with (
        serve(app, workers=2) as server,
        asking(server.port, mix(), clients=CLIENTS) as answers,
    ):
        for _ in range(times):
            sleep(every)
            random.choice(server.workers()).kill()

        # Until somebody has been answered by the last one as well.
        sleep(every)

    yield Figure("kill: killed workers", str(times))
    yield from _of_answers("kill", answers)
    yield Figure("kill: cut connections", f"{answers.cut:,}")


def slow(root: Path, *, seconds: int) -> Iterator[Figure]:
    """Whether a page that takes two seconds slows others while a thread is free."""
    app = App("here", str(write_pages(root / "slow", "slow", PAGES)))
    others = [view(number) for number in range(PAGES) if number != SLOW]
    without, beside, slow_ones = Answers(), Answers(), Answers()

    with serve(app, threads=THREADS) as server:
        # In turn, because the machine may be slower for a while.
        for _ in range(ROUNDS):
            for answers, clients in [(without, 0), (beside, THREADS - 1)]:
                with (
                    asking(server.port, [view(SLOW)], clients=clients) as meanwhile,
                    asking(server.port, others, clients=1) as asked,
                ):
                    sleep(seconds / ROUNDS / 2)

                answers.add(asked)
                slow_ones.add(meanwhile)

    yield Figure("slow: requests of the slow page", f"{len(slow_ones.seconds):,}")
    yield from _of_answers("slow", beside)
    usual, slowed = _latencies(without), _latencies(beside)

    for name in usual:
        yield Figure(f"slow: latency, {name}, without it", in_ms(usual[name]))
        # Noise is in the others, not in these.
        limit = {"median": 1.5 * usual[name], "maximum": 2.0}.get(name)
        yield Figure(
            f"slow: latency, {name}, beside it",
            in_ms(slowed[name]),
            "" if limit is None else f"< {in_ms(limit)}",
            limit is None or slowed[name] < limit,
        )


def _latencies(answers: Answers) -> dict[str, float]:
    cuts = quantiles(answers.seconds, n=100, method="inclusive")
    return {
        "median": cuts[49],
        "90%": cuts[89],
        "99%": cuts[98],
        "maximum": max(answers.seconds),
    }


def memory(root: Path, *, requests: int) -> Iterator[Figure]:
    """Whether the memory of a worker grows."""
    app = App("here", str(write_pages(root / "memory", "text", PAGES)))
    part = requests // SAMPLES
    answers = Answers()
    samples = []

    def share() -> Iterator[Request]:
        return (random.choice(mixed) for _ in range(part // CLIENTS))

    mixed = mix()

    with serve(app) as server:
        # The first part is the warm-up.
        for _ in range(SAMPLES + 1):
            answers.add(ask_all(server.port, share, clients=CLIENTS))
            samples.append(server.worker().memory_info().rss / 1e6)

    for number, sample in enumerate(samples):
        name = f"after {number * part:,} requests" if number else "after the warm-up"
        yield Figure(f"memory: resident, {name}", f"{sample:.1f} MB")

    growth = samples[-1] / samples[0] - 1
    yield from _of_answers("memory", answers)
    yield Figure("memory: growth", f"{growth:.1%}", f"< {FLAT:.0%}", growth < FLAT)


@click.command("soak")
@click.argument(
    "parts",
    nargs=-1,
    type=click.Choice(["load", "kill", "slow", "memory"]),
)
@click.option("--load-seconds", default=60, show_default=True)
@click.option("--kill-seconds", default=60, show_default=True)
@click.option(
    "--kill-every",
    default=5,
    show_default=True,
    help="The seconds between two of them.",
)
@click.option("--slow-seconds", default=60, show_default=True)
@click.option("--requests", default=100_000, show_default=True, help="For the memory.")
@click.option(
    "--output",
    default=str(Path(__file__).parent),
    type=click.Path(exists=True, file_okay=False),
    help="The folder for soak.csv and soak_versions.csv.",
)
def main(
    parts: tuple[str, ...],
    load_seconds: int,
    kill_seconds: int,
    kill_every: int,
    slow_seconds: int,
    requests: int,
    output: str,
) -> None:
    """Ask an app for long, and check what is promised.

    PARTS are what to check. All of it is by default. The status is 1 if a promise is
    broken.
    """
    checks = {
        "load": partial(load, seconds=load_seconds),
        "kill": partial(kill, seconds=kill_seconds, every=kill_every),
        "slow": partial(slow, seconds=slow_seconds),
        "memory": partial(memory, requests=requests),
    }
    names = parts or tuple(checks)
    figures = []

    if "load" in names:
        find_wrk()

    with tempfile.TemporaryDirectory() as root:
        for name in names:
            click.echo(f"{name}:", err=True)

            for figure in checks[name](Path(root)):
                figures.append(figure)
                broken = "" if figure.is_kept else ", BROKEN"
                promise = f" ({figure.promise}{broken})" if figure.promise else ""
                click.echo(f"{figure.name}: {figure.value}{promise}")

    rows = [["figure", "value", "promise"], *(figure.cells() for figure in figures)]
    write_csv(Path(output, "soak.csv"), rows)
    write_csv(Path(output, "soak_versions.csv"), circumstances().items())

    if not all(figure.is_kept for figure in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
