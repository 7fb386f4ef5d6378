"""Figures of a browser that is behind a slow connection."""

from __future__ import annotations

import shutil
import typing as t
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import CDPSession
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

from .apps import answer_of
from .apps import App
from .apps import path_of
from .apps import text_of
from .apps import write_pages
from .figures import Figure
from .processes import serve
from .processes import Server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SCRIPT = Path(__file__).with_name("browser.js").read_text("utf-8")

#: 40 ms and 10 Mbit/s.
NETWORK = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 1_250_000,
    "uploadThroughput": 1_250_000,
}

#: The milliseconds for which the mouse is over a link before it is clicked, and for
#: which there are no requests when all are answered.
PAUSE = 300

#: What one side gives in one run, by name.
Sample = dict[str, float]

#: Selectors and texts of elements to wait for, by name.
Texts = dict[str, tuple[str, str]]

#: Names of a sample and of the figure, the unit, the target, and whether the sides are
#: compared with compression on both, instead of on ours alone.
KINDS = [
    ("text", "own text painted", "ms", 0.10, False),
    ("text", "own text painted, both compressed", "ms", None, True),
    ("answer", "own callback has answered", "ms", 0.40, False),
    ("answer", "own callback has answered, both compressed", "ms", 0.80, True),
    ("bytes", "bytes of a cold first view", "kB", 0.22, False),
    ("bytes", "bytes of a cold first view, both compressed", "kB", None, True),
    ("requests before text", "requests before own text is there", "", 0.10, False),
    ("requests", "requests of a cold first view", "", None, False),
    ("prefetched", "navigation, prefetched", "ms", 0.50, False),
    ("not prefetched", "navigation, not prefetched", "ms", 1.00, False),
    ("shift", "cumulative layout shift", "", None, False),
    ("graph", "graph is drawn", "ms", None, False),
    ("graph", "graph is drawn, both compressed", "ms", None, True),
]


def measure(root: Path, *, runs: int, say: Callable[[str], None]) -> list[Figure]:
    """The figures of the browser. Compression is on here, and stock is as it comes,
    where the name does not say otherwise.

    :param root: A folder for page files.
    """
    path = shutil.which("chromium")

    if path is None:
        raise RuntimeError("There is no Chromium. Install the package 'chromium'.")

    figures = []
    orientation = max(1, runs // 3)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)

        for kind, count, slowdown, times in [
            ("text", 3, 1, runs),
            ("graph", 3, 1, runs),
            ("text", 3, 4, runs),
            ("graph", 3, 4, runs),
            ("text", 100, 1, orientation),
            ("text", 1_000, 1, orientation),
        ]:
            name = f"{kind} page"
            name += f", {count:,} pages" * (count != 3)
            name += f", {slowdown}x CPU slowdown" * (slowdown != 1)
            folder = root / "browser" / str(slowdown)
            figures += _compare(
                browser,
                name,
                str(write_pages(folder, kind, count)),
                # Those of the first page.
                texts={
                    "text": ("h1", text_of(0)),
                    "answer": ("#answer-0", answer_of(0)),
                    **({"graph": (".gtitle", "Graph 0")} if kind == "graph" else {}),
                },
                slowdown=slowdown,
                has_targets=count == 3,
                runs=times,
                say=say,
            )

        browser.close()

    return figures


def _compare(
    browser: Browser,
    name: str,
    folder: str,
    *,
    texts: Texts,
    slowdown: int,
    has_targets: bool,
    runs: int,
    say: Callable[[str], None],
) -> list[Figure]:
    samples: dict[str, dict[str, list[float]]] = {}

    with ExitStack() as stack:
        servers = {
            "stock": stack.enter_context(serve(App("stock", folder))),
            "here": stack.enter_context(serve(App("here", folder, compress=True))),
            "compressed": stack.enter_context(
                serve(App("stock", folder, compress=True))
            ),
        }

        for server in servers.values():
            # What is compressed once is compressed now.
            _visit(browser, server, texts=texts, slowdown=1, navigates=False)

        for run in range(runs):
            say(f"{name}, run {run + 1}")

            for side, server in servers.items():
                sample = _visit(
                    browser,
                    server,
                    texts=texts,
                    slowdown=slowdown,
                    navigates=side != "compressed",
                )

                for key, value in sample.items():
                    samples.setdefault(side, defaultdict(list))[key].append(value)

    return [
        Figure(
            f"{name}: {what}",
            unit,
            samples["compressed" if compressed else "stock"][key],
            samples["here"][key],
            target=target if has_targets else None,
        )
        for key, what, unit, target, compressed in KINDS
        if key in samples["here"]
    ]


def _visit(
    browser: Browser, server: Server, *, texts: Texts, slowdown: int, navigates: bool
) -> Sample:
    """Look at the first page with an empty cache.

    :param texts: What is waited for.
    :param navigates: Go on to other pages by links.
    """
    context = browser.new_context()
    context.set_default_timeout(60_000)
    watches = [
        _watch(name, *text, function="watchFirst" if name == "text" else "watch")
        for name, text in texts.items()
    ]
    context.add_init_script("\n".join([SCRIPT, *watches]))
    page = context.new_page()
    traffic = Traffic(context.new_cdp_session(page), slowdown=slowdown)
    page.goto(server.url + path_of(0), wait_until="commit")
    sample = {name: page.evaluate(f"bench.seen.{name}") for name in texts}
    sample["requests before text"] = page.evaluate(
        f"bench.answeredBefore({sample['text']})"
    )
    traffic.wait(page)
    sample["bytes"] = traffic.bytes / 1_000
    sample["requests"] = len(traffic.urls)
    sample["shift"] = page.evaluate("bench.shift")

    if navigates:
        sample["not prefetched"] = _navigate(page, 1, _click_by_script)
        page.locator("a.next:visible").hover()
        page.wait_for_timeout(PAUSE)

        if (server.url + path_of(2) in traffic.urls) != (server.app.side == "here"):
            raise RuntimeError(
                f"The link was prefetched by stock, or not here: {server}"
            )

        sample["prefetched"] = _navigate(page, 2, _click_by_mouse)

    context.close()
    traffic.check()
    return sample


def _navigate(page: Page, number: int, click: Callable[[Page], None]) -> float:
    """The time from a click on the link until the text of page ``number`` is there."""
    page.evaluate(_watch("text", "h1", text_of(number)))
    page.evaluate(_watch("answer", f"#answer-{number}", answer_of(number)))
    click(page)
    text = page.evaluate("bench.seen.text")
    page.evaluate("bench.seen.answer")
    page.wait_for_timeout(PAUSE)
    return t.cast(float, text - page.evaluate("bench.clicked"))


def _click_by_script(page: Page) -> None:
    # The mouse would be over the link before.
    page.evaluate("bench.findLink().click()")


def _click_by_mouse(page: Page) -> None:
    page.mouse.down()
    page.mouse.up()


def _watch(name: str, selector: str, text: str, *, function: str = "watch") -> str:
    return f"bench.{function}({name!r}, {selector!r}, {text!r});"


class Traffic:
    """What goes over the slow connection of a page."""

    def __init__(self, session: CDPSession, *, slowdown: int) -> None:
        self.urls: list[str] = []
        self.bytes = 0
        self._open: set[str] = set()
        self._failures: list[str] = []
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        session.send("Runtime.enable")
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.responseReceived", self._on_response)
        session.on("Network.loadingFinished", self._on_finished)
        session.on("Network.loadingFailed", self._on_failed)
        session.on("Runtime.exceptionThrown", self._on_exception)

    def _on_request(self, event: dict[str, t.Any]) -> None:
        self.urls.append(event["request"]["url"])
        self._open.add(event["requestId"])

    def _on_response(self, event: dict[str, t.Any]) -> None:
        response = event["response"]

        if response["status"] >= 400:
            self._failures.append(f"{response['url']}: {response['status']}")

    def _on_finished(self, event: dict[str, t.Any]) -> None:
        self.bytes += event["encodedDataLength"]
        self._open.discard(event["requestId"])

    def _on_failed(self, event: dict[str, t.Any]) -> None:
        # Scripts may cancel what they do not need any more.
        if not event.get("canceled"):
            self._failures.append(event["errorText"])

        self._open.discard(event["requestId"])

    def _on_exception(self, event: dict[str, t.Any]) -> None:
        self._failures.append(event["exceptionDetails"]["text"])

    def wait(self, page: Page) -> None:
        """Wait until all requests are answered."""
        known = -1

        while self._open or known != len(self.urls):
            known = len(self.urls)
            page.wait_for_timeout(PAUSE)

    def check(self) -> None:
        """Check that nothing went wrong.

        :raises RuntimeError: If an answer or a script failed.
        """
        if self._failures:
            raise RuntimeError(f"The browser had errors: {self._failures}")
