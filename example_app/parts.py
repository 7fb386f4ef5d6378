"""Parts that several pages are made of."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash.development.base_component import Component
from flask import url_for

from . import data

SOURCE = "Source: Gapminder, by way of the plotly package."


def country_link(country: str, text: t.Any = None) -> Component:
    """A link to the page of a country."""
    href = url_for("explore.country", country=country)
    return dcc.Link(text or country, href=href)


def continent_link(continent: str) -> Component:
    """A link to the page of a continent."""
    href = url_for("explore.continent", continent=continent)
    return dcc.Link(continent, href=href)


def heading(title: str, lead: t.Any) -> Component:
    """What a page begins with."""
    return html.Header([html.H1(title), html.P(lead, className="lead")])


def measure_links(current: str, href: Callable[[str], str]) -> Component:
    """Links to a page for each measure.

    :param href: Makes the URL for a measure.
    """
    links = [
        dcc.Link(
            name,
            href=href(measure),
            className="button" if measure == current else "button quiet",
        )
        for measure, name in data.MEASURES.items()
    ]
    return html.Nav(links, className="choices", **{"aria-label": "Measure"})


def apology(title: str, lead: t.Any, *links: Component) -> Component:
    """What visitors see instead of a page."""
    return html.Article([heading(title, lead), html.P(list(links))])


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


def graph(
    id: str,
    figure: go.Figure,
    label: str,
    caption: str = SOURCE,
    *,
    has_heading: bool = False,
) -> Component:
    """A graph. Its place is there before its code is, so that nothing moves then.

    :param label: What it is of, for those who do not see it.
    :param has_heading: Whether all see the label.
    """
    return html.Figure(
        [
            html.H2(label) if has_heading else None,
            html.Div(
                dcc.Graph(
                    id=id,
                    figure=figure,
                    config={"displayModeBar": False},
                    responsive=True,
                    style={"height": "100%"},
                ),
                className="graph",
            ),
            html.Figcaption(caption),
        ],
        **{"aria-label": label},
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
    return scrolling(plain_table(caption, columns, rows, numeric), caption)


def plain_table(
    caption: str,
    columns: t.Sequence[str],
    rows: t.Sequence[t.Sequence[t.Any]],
    numeric: t.Container[str] = (),
) -> Component:
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
    return html.Table(
        [html.Caption(caption), html.Thead(html.Tr(head)), html.Tbody(body)]
    )


def scrolling(table: Component, label: str, **props: str) -> Component:
    """The place of a table."""
    return html.Div(
        table,
        className="table",
        # What scrolls must be reachable with the keyboard.
        tabIndex=0,
        role="region",
        **{"aria-label": label},
        **props,
    )
