"""The two sides, made from the same page files."""

from __future__ import annotations

import compileall
import re
import typing as t
from collections.abc import Callable
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

import dash
from flask import Flask

from flask_dash_pages import DashPages

TEXT_PAGE = """\
from dash import callback
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import register_page

register_page(__name__, path="{path}")


def section(number):
    return html.Section(
        [
            html.H2(f"Section {{number}} of page {number}"),
            html.P("The first paragraph says what there is to see."),
            html.P(["The second one has a ", html.Strong("strong"), " word."]),
        ]
    )


def layout():
    return html.Div(
        [
            html.H1("{text}"),
            dcc.Link("To the next page", href="{next_path}", className="next"),
            dcc.Input(id="input-{number}", value="asked"),
            html.Div(id="answer-{number}"),
            *(section(number) for number in range(5)),
        ]
    )


@callback(Output("answer-{number}", "children"), Input("input-{number}", "value"))
def answer(value):
    return f"{answer}"
"""

GRAPH_PAGE = """\
from dash import callback
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import register_page

register_page(__name__, path="{path}")


def layout():
    x = list(range(300))
    y = [(value * {number} + value * value) % 97 for value in x]
    figure = {{
        "data": [{{"type": "scatter", "mode": "markers", "x": x, "y": y}}],
        "layout": {{"title": {{"text": "Graph {number}"}}}},
    }}
    return html.Div(
        [
            html.H1("{text}"),
            dcc.Link("To the next page", href="{next_path}", className="next"),
            dcc.Graph(id="graph-{number}", figure=figure, style={{"height": 450}}),
            html.Div(id="answer-{number}"),
        ]
    )


@callback(Output("answer-{number}", "children"), Input("graph-{number}", "clickData"))
def answer(click):
    value = "asked" if click is None else "clicked"
    return f"{answer}"
"""

TEMPLATES = {
    "text": TEXT_PAGE,
    # The layout is made when the page file is imported.
    "variable": TEXT_PAGE.replace("def layout():\n    return html", "layout = html"),
    "changing": "from time import time_ns\n\n"
    + TEXT_PAGE.replace('H1("{text}"),', 'H1("{text}"),\n            str(time_ns()),'),
    "slow": "from time import sleep\n\n"
    + TEXT_PAGE.replace(
        "def layout():\n", "def layout():\n    sleep(2 * ({number} == 1))\n"
    ),
    "graph": GRAPH_PAGE,
}

#: A path in quotes. Only the resource with the dependencies has one with that word.
_DEPENDENCIES = re.compile(rb"""["'](/[^"'\s]*dependencies[^"'\s]*)["']""")


def path_of(number: int) -> str:
    """The path of a page."""
    return f"/page/{number}" if number else "/"


def text_of(number: int) -> str:
    """The text that only this page has."""
    return f"This is page number {number}."


def answer_of(number: int) -> str:
    """What the callback of a page answers."""
    return f"Page {number} was asked."


def write_pages(root: Path, kind: str, count: int) -> Path:
    """Write and compile the page files of an app, and return their folder.

    :param kind: ``"text"``, ``"variable"``, ``"changing"``, ``"slow"`` or ``"graph"``.
        The second one of the slow pages takes two seconds.
    """
    folder = root / f"{kind}_{count}" / "pages"
    folder.mkdir(parents=True)

    for number in range(count):
        source = TEMPLATES[kind].format(
            number=number,
            path=path_of(number),
            next_path=path_of((number + 1) % count),
            text=text_of(number),
            answer=answer_of(number).replace("asked", "{value}"),
        )
        folder.joinpath(f"page_{number:05}.py").write_text(source, "utf-8")

    compileall.compile_dir(folder, quiet=1)
    return folder


def create(
    side: str, folder: str, *, compress: bool = False, suppress: bool = False
) -> Flask:
    """Make an app.

    :param side: ``"stock"`` or ``"here"``.
    :param folder: The folder with the page files.
    :param compress: Compress what is sent. By default nothing is compressed.
    :param suppress: Give ``suppress_callback_exceptions=True`` to stock Dash. It is the
        default here.
    """
    if side == "stock":
        return _create_stock(Path(folder), compress=compress, suppress=suppress)

    return _create_here(Path(folder), compress=compress)


def _create_stock(folder: Path, *, compress: bool, suppress: bool) -> Flask:
    app = dash.Dash(
        __name__,
        use_pages=True,
        pages_folder=str(folder),
        compress=compress,
        # None is the default.
        suppress_callback_exceptions=suppress or None,
    )
    return t.cast(Flask, app.server)


def _create_here(folder: Path, *, compress: bool) -> Flask:
    app = Flask("bench_app", root_path=str(folder.parent))
    app.config["DASH_PAGES_COMPRESS"] = compress
    DashPages(app, pages_folder=folder.name)
    return app


class Request(t.NamedTuple):
    """A request, and a part of the right answer."""

    path: str
    expected: bytes
    #: JSON. With it the method is POST.
    payload: bytes | None = None
    accept: str | None = None

    @property
    def method(self) -> str:
        return "GET" if self.payload is None else "POST"

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept": self.accept} if self.accept else {}
        return headers if self.payload is None else headers | _JSON

    def check(self, status: int, body: bytes) -> None:
        """Check the answer.

        :raises RuntimeError: If the answer is not what it must be.
        """
        if status != 200 or self.expected not in body:
            raise RuntimeError(
                f"{self.path!r} was answered with status {status} and"
                f" {body[:200]!r}. It must be 200 with {self.expected!r} in it."
            )


_JSON = {"Content-Type": "application/json"}

#: Makes a request, checks the answer and returns its body.
Send = Callable[[Request], bytes]


@dataclass(frozen=True)
class App:
    """What makes an app, in this process or another one."""

    side: str
    folder: str
    compress: bool = False
    suppress: bool = False

    def create(self) -> Flask:
        """Make the app in this process."""
        return create(**asdict(self))

    @property
    def factory(self) -> str:
        """The app for Gunicorn."""
        arguments = ", ".join(f"{k}={v!r}" for k, v in asdict(self).items())
        return f"bench.apps:create({arguments})"

    def first_view(self, send: Send, number: int, *, cached: bool = False) -> None:
        """Make the requests for data that a browser makes until it has the content of
        a page. The bundles and the page's own callback are left out: they are the same
        for both sides.

        :param cached: Leave out what a browser that saw another page of the app has in
            its cache, which is the dependencies here.
        :raises RuntimeError: If an answer is not what it must be.
        """
        text = text_of(number).encode()
        dependency = f'"answer-{number}.children"'.encode()

        if self.side == "here":
            index = send(Request(path_of(number), b">%b<" % text))

            if not cached:
                found = _DEPENDENCIES.search(index)
                path = found[1].decode() if found else "/_dash-dependencies"
                send(Request(path, dependency))
        else:
            payload = ROUTING_PAYLOAD.replace("PATH", path_of(number)).encode()
            send(Request(path_of(number), b'<script id="_dash-config"'))
            send(Request("/_dash-layout", b'"_pages_content"'))
            send(Request("/_dash-dependencies", dependency))
            send(Request("/_dash-update-component", text, payload))


#: What the browser sends to the routing callback of Dash Pages.
ROUTING_PAYLOAD = (
    '{"output":".._pages_content.children..._pages_store.data..",'
    '"outputs":[{"id":"_pages_content","property":"children"},'
    '{"id":"_pages_store","property":"data"}],'
    '"inputs":[{"id":"_pages_location","property":"pathname","value":"PATH"},'
    '{"id":"_pages_location","property":"search","value":""}],'
    '"changedPropIds":["_pages_location.pathname","_pages_location.search"],'
    '"parsedChangedPropsIds":["_pages_location.pathname","_pages_location.search"]}'
)
