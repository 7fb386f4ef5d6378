"""Parts that several pages are made of."""

from __future__ import annotations

import typing as t

import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash.development.base_component import Component
from flask import url_for

SOURCE = "Source: Gapminder, by way of the plotly package."


def country_link(country: str, text: t.Any = None) -> Component:
    """A link to the page of a country."""
    href = url_for("dash_pages.country", country=country)
    return dcc.Link(text or country, href=href)


def continent_link(continent: str) -> Component:
    """A link to the page of a continent."""
    href = url_for("dash_pages.continent", continent=continent)
    return dcc.Link(continent, href=href)


def heading(title: str, lead: t.Any) -> Component:
    """What a page begins with."""
    return html.Header([html.H1(title), html.P(lead, className="lead")])


def tiles(*values: tuple[str, str, t.Any]) -> Component:
    """Some numbers in a row: the name, the value, and a note."""
    return html.Dl(
        [
            html.Div(
                [
                    html.Dt(name),
                    html.Dd(value, className="value"),
                    html.Dd(note, className="note"),
                ]
            )
            for name, value, note in values
        ],
        className="tiles",
    )


def graph(id: str, figure: go.Figure, caption: str = SOURCE) -> Component:
    """A graph, with its height set so that nothing moves when it is drawn."""
    return html.Figure(
        [
            dcc.Graph(
                id=id,
                figure=figure,
                config={"displayModeBar": False},
                responsive=True,
                style={"height": "27rem"},
            ),
            html.Figcaption(caption),
        ]
    )


def table(
    caption: str,
    columns: t.Sequence[str],
    rows: t.Sequence[t.Sequence[t.Any]],
    numeric: t.Container[str] = (),
) -> Component:
    """A table that scrolls sideways where it does not fit.

    :param numeric: The columns to align to the right.
    """
    classes = ["number" if column in numeric else "" for column in columns]
    head = [
        html.Th(column, scope="col", className=name)
        for column, name in zip(columns, classes, strict=True)
    ]
    body = [
        html.Tr(
            [
                html.Td(cell, className=name)
                for cell, name in zip(row, classes, strict=True)
            ]
        )
        for row in rows
    ]
    return html.Div(
        html.Table(
            [html.Caption(caption), html.Thead(html.Tr(head)), html.Tbody(body)]
        ),
        className="table",
        # What scrolls must be reachable with the keyboard.
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
