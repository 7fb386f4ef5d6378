"""How requests for pages ended, and where they came from."""

from __future__ import annotations

import typing as t

import dash
import pandas as pd
from dash import Input
from dash import Output
from dash.development.base_component import Component

from example_app import figures
from example_app import live
from example_app import reports

dash.register_page(
    __name__,
    title="Answers · World in Figures",
    description="How requests for pages ended, and where they came from.",
    order=2,
)


def layout() -> Component:
    return live.page(
        "answers",
        "Answers",
        "How requests for pages ended in the last 24 hours, and which sites they came"
        " from.",
        content,
    )


def content(views: pd.DataFrame) -> list[t.Any]:
    return [
        live.card(
            "answers-statuses",
            "Answers by status",
            figures.statuses(reports.statuses(views)),
            "Redirects count on their own, before the page that they lead to. The way"
            " to the login is one.",
        ),
        live.card(
            "answers-referrers",
            "Sites with links to here",
            figures.bars(reports.referrers(views), "host"),
            "Only the host is kept. Views that came from this site are left out.",
        ),
    ]


@dash.callback(
    Output("answers-content", "children"),
    Input("answers-clock", "n_intervals"),
    prevent_initial_call=True,
)
def update(ticks: int) -> list[t.Any]:
    return live.update(content)
