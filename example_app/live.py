"""Pages of numbers that change while they are looked at."""

from __future__ import annotations

import logging
import typing as t
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash.development.base_component import Component
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from . import parts
from . import reports

#: Between two updates, in milliseconds.
INTERVAL = 2000

Content = Callable[[pd.DataFrame], list[t.Any]]


def page(name: str, title: str, lead: str, content: Content) -> Component:
    """A page with numbers from the start. Its callback has ``{name}-clock`` as the
    input and ``{name}-content`` as the output.
    """
    return html.Article(
        [
            dcc.Interval(id=f"{name}-clock", interval=INTERVAL),
            parts.heading(title, lead),
            html.Div(shown(content, logging.ERROR), id=f"{name}-content"),
        ]
    )


def update(content: Content) -> list[t.Any]:
    """What there is to see now."""
    # It is called all the time. The visit before has told of what is wrong.
    return shown(content, logging.DEBUG)


def shown(content: Content, level: int) -> list[t.Any]:
    try:
        views = reports.recent()
    except SQLAlchemyError:
        message = "The page views could not be read."
        current_app.logger.log(level, message, exc_info=True)
        return [html.P("The numbers cannot be read right now.", className="notice")]

    if views.empty:
        return [html.P("Nothing was counted yet. Come back later.", className="notice")]

    return content(views)


def card(id: str, title: str, figure: go.Figure, caption: str) -> Component:
    """A graph that keeps what was zoomed or hidden when it is updated."""
    figure.update_layout(uirevision=id)
    return html.Section(parts.graph(id, figure, caption, title=title), className="card")
