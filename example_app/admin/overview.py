"""What is read, and when. It shows new views as they come."""

from __future__ import annotations

import typing as t

import dash
import pandas as pd
from dash import Input
from dash import Output
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
    return live.page(
        "overview",
        "Overview",
        "The last 24 hours. Only the page, the time and where the link was are kept,"
        " nothing about the visitors.",
        content,
    )


def content(views: pd.DataFrame) -> list[t.Any]:
    shown = views[views["status"] == 200]
    inside = views["is_internal"].astype(bool).mean()
    seconds = shown["duration"].astype(float).median()
    # There may be redirects only.
    median = "" if shown.empty else f"{seconds * 1000:.1f} ms"
    return [
        parts.tiles(
            ("Views", f"{len(shown):,}", "of pages that were shown"),
            ("From this site", f"{inside:.0%}", "came by a link in it"),
            ("Median time", median, "to make a page"),
            (
                "Not found",
                f"{(views['status'] == 404).sum():,}",
                "paths without a page",
            ),
        ),
        live.card(
            "overview-hours",
            "Views by hour",
            figures.hours(reports.by_hour(views)),
            "In UTC. Redirects and errors are among them.",
        ),
        live.card(
            "overview-pages",
            "Views of each page",
            figures.bars(reports.by_page(views), "page"),
            "Views that ended in status 200.",
        ),
    ]


@dash.callback(
    Output("overview-content", "children"),
    Input("overview-clock", "n_intervals"),
    prevent_initial_call=True,
)
def update(ticks: int) -> list[t.Any]:
    return live.update(content)
