"""How long pages take."""

from __future__ import annotations

import typing as t

import dash
import pandas as pd
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component

from example_app import figures
from example_app import live
from example_app import parts
from example_app import reports

dash.register_page(
    __name__,
    title="Speed · World in Figures",
    description="How long it takes to make the pages of this site.",
    order=1,
)


def layout() -> Component:
    seen, notice, durations, table = update()
    return live.page(
        "speed",
        "Speed",
        "How long the layout, title and description functions of each page took in the"
        " last 24 hours.",
        seen,
        notice,
        live.card(
            "speed-durations",
            "Time to make a page",
            durations,
            "Half of the views were faster than the median, 19 of 20 faster than the"
            " 95th percentile.",
        ),
        parts.scrolling(table, "In milliseconds", id="speed-table"),
    )


def draw(views: pd.DataFrame) -> tuple[t.Any, ...]:
    durations = reports.durations(views)
    return (
        figures.durations(durations),
        parts.plain_table(
            "In milliseconds",
            ["Page", "Median", "95th percentile"],
            [
                [row.page, f"{row.median:.1f}", f"{row.p95:.1f}"]
                for row in durations.itertuples()
            ],
            numeric={"Median", "95th percentile"},
        ),
    )


@dash.callback(
    Output("speed-seen", "data"),
    Output("speed-notice", "children"),
    Output("speed-durations", "figure"),
    Output("speed-table", "children"),
    Input("speed-clock", "n_intervals"),
    State("speed-seen", "data"),
    prevent_initial_call=True,
)
def update(ticks: int = 0, seen: int | None = None) -> tuple[t.Any, ...]:
    return live.update(seen, draw)
