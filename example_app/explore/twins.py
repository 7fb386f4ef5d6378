"""The countries with the most similar histories. Comparing all pairs takes a while, so
a background callback does it.
"""

from __future__ import annotations

import heapq
import typing as t
from collections.abc import Callable

import dash
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import url_for

from example_app import data
from example_app import parts
from example_app import twins

#: How many pairs are shown.
SHOWN = 12

dash.register_page(
    __name__,
    title="Twins · World in Figures",
    description="The countries with the most similar histories.",
    order=4,
)


def layout(measure: str = "lifeExp") -> Component:
    count = len(data.countries())
    return html.Article(
        [
            parts.heading(
                "Twins",
                f"Which two of {count} countries had the most similar history, even if"
                f" at different times? There are {count * (count - 1) // 2:,} pairs to"
                " compare. Another process does it, and tells how far it is.",
            ),
            html.Section(
                [
                    dcc.RadioItems(
                        id="twins-measure",
                        options=data.MEASURES,
                        value=data.known_measure(measure),
                        inline=True,
                        className="choices",
                    ),
                    html.Button("Find twins", id="twins-start", className="button"),
                    html.Button(
                        "Cancel",
                        id="twins-cancel",
                        className="button quiet",
                        disabled=True,
                    ),
                    html.Div(
                        [
                            html.Progress(
                                id="twins-progress",
                                value="0",
                                max=str(count),
                                **{"aria-label": "Countries that are compared"},
                            ),
                            html.Span("", id="twins-at"),
                        ],
                        className="progress",
                    ),
                ],
                className="card",
            ),
            html.Div(id="twins-found", **{"aria-live": "polite"}),
        ]
    )


@dash.callback(
    Output("twins-found", "children"),
    Input("twins-start", "n_clicks"),
    State("twins-measure", "value"),
    background=True,
    # How often the browser asks how far it is, in milliseconds.
    interval=200,
    running=[
        (Output("twins-start", "disabled"), True, False),
        (Output("twins-cancel", "disabled"), False, True),
    ],
    progress=[Output("twins-progress", "value"), Output("twins-at", "children")],
    # For the next time, also if it was cancelled.
    progress_default=["0", ""],
    cancel=[Input("twins-cancel", "n_clicks")],
    prevent_initial_call=True,
)
def find_twins(
    set_progress: Callable[[tuple[str, str]], None], clicks: int, measure: str
) -> Component:
    measure = data.known_measure(measure)
    nearest: list[twins.Pair] = []

    for done, pairs in enumerate(twins.compare_all(measure), start=1):
        nearest = heapq.nsmallest(SHOWN, [*nearest, *pairs])
        set_progress((str(done), f"{done} of {len(data.countries())} countries"))

    return parts.table(
        f"Most similar in {data.MEASURES[measure].lower()}",
        ["Place", "One", "The other", "Both"],
        [row(place, pair) for place, pair in enumerate(nearest, start=1)],
    )


def row(place: int, pair: twins.Pair) -> list[t.Any]:
    both = url_for("explore.compare", country=[pair.first, pair.second])
    return [
        str(place),
        parts.country_link(pair.first),
        parts.country_link(pair.second),
        dcc.Link("Compare", href=both),
    ]
