"""Pages of numbers that change while they are looked at."""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash import Patch
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from . import parts
from . import reports

#: Between two updates, in milliseconds.
INTERVAL = 2000

Draw = Callable[[pd.DataFrame], tuple[t.Any, ...]]


def page(
    name: str, title: str, lead: str, seen: int, notice: str, *content: Component
) -> Component:
    """A page with numbers from the start.

    Its callback has ``{name}-clock`` as the input, ``{name}-seen`` as the state and the
    first output, and ``{name}-notice`` as the second one. The other outputs are in
    ``content``. What is in there stays, and so do the focus and what was zoomed.
    """
    return html.Article(
        [
            dcc.Interval(id=f"{name}-clock", interval=INTERVAL),
            dcc.Store(id=f"{name}-seen", data=seen),
            parts.heading(title, lead),
            html.P(notice, id=f"{name}-notice", className="notice", role="status"),
            *content,
        ]
    )


def update(seen: int | None, draw: Draw) -> tuple[t.Any, ...]:
    """The last view, a notice if there are no numbers, and what ``draw`` makes of the
    views. Of figures that are shown already it is the data.

    :param seen: The last view that is shown. ``None`` if there is no page yet.
    :raises PreventUpdate: If there is no other one.
    """
    views, notice = reports.none(), "Nothing was counted yet. Come back later."

    try:
        views = reports.recent()
    except SQLAlchemyError:
        # It is called all the time. Only the page itself tells of what is wrong.
        level = logging.ERROR if seen is None else logging.DEBUG
        message = "The page views could not be read."
        current_app.logger.log(level, message, exc_info=True)
        notice = "The numbers cannot be read right now."

    last = 0 if views.empty else int(views["id"].max())

    if last == seen:
        raise PreventUpdate

    drawn = draw(views)

    if seen is not None:
        drawn = tuple(map(only_data, drawn))

    return last, "" if last else notice, *drawn


def only_data(drawn: t.Any) -> t.Any:
    """What is new in a figure. The layout of the shown one may have been zoomed."""
    if not isinstance(drawn, go.Figure):
        return drawn

    patch = Patch()
    patch["data"] = drawn.data
    return patch


def card(id: str, title: str, figure: go.Figure, caption: str) -> Component:
    """A graph that keeps what was zoomed or hidden when its data is updated."""
    figure.update_layout(uirevision=True)
    graph = parts.graph(id, figure, title, caption, has_heading=True)
    return html.Section(graph, className="card")
