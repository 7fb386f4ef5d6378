"""What is read, and when. It shows new views as they come."""

from __future__ import annotations

import typing as t

import dash
import pandas as pd
from dash import html
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
    path="/",
    title="Overview · World in Figures",
    description="What is read on this site, and when.",
    order=0,
)


def layout() -> Component:
    seen, notice, tiles, hours, pages = update()
    return live.page(
        "overview",
        "Overview",
        "The last 24 hours. Only the page, the time and where the link was are kept,"
        " nothing about the visitors.",
        seen,
        notice,
        html.Div(tiles, id="overview-tiles"),
        live.card(
            "overview-hours",
            "Views by hour",
            hours,
            "In UTC. Redirects and errors are among them.",
        ),
        live.card(
            "overview-pages",
            "Views of each page",
            pages,
            "Views that ended in status 200.",
        ),
    )


def draw(views: pd.DataFrame) -> tuple[t.Any, ...]:
    shown = views[views["status"] == 200]
    inside = views["is_internal"].astype(bool)
    seconds = shown["duration"].astype(float).median()
    # There may be redirects only, or nothing.
    median = "" if shown.empty else f"{seconds * 1000:.1f} ms"
    share = "" if views.empty else f"{inside.mean():.0%}"
    return (
        parts.tiles(
            ("Views", f"{len(shown):,}", "of pages that were shown"),
            ("From this site", share, "came by a link in it"),
            ("Median time", median, "to make a page"),
            (
                "Not found",
                f"{(views['status'] == 404).sum():,}",
                "paths without a page",
            ),
        ),
        figures.hours(reports.by_hour(views)),
        figures.bars(reports.by_page(views), "page"),
    )


@dash.callback(
    Output("overview-seen", "data"),
    Output("overview-notice", "children"),
    Output("overview-tiles", "children"),
    Output("overview-hours", "figure"),
    Output("overview-pages", "figure"),
    Input("overview-clock", "n_intervals"),
    State("overview-seen", "data"),
    prevent_initial_call=True,
)
def update(ticks: int = 0, seen: int | None = None) -> tuple[t.Any, ...]:
    return live.update(seen, draw)
