"""How requests for pages ended, and where they came from."""

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
from example_app import reports

dash.register_page(
    __name__,
    title="Answers · World in Figures",
    description="How requests for pages ended, and where they came from.",
    order=2,
)


def layout() -> Component:
    seen, notice, statuses, referrers = update()
    return live.page(
        "answers",
        "Answers",
        "How requests for pages ended in the last 24 hours, and which sites they came"
        " from.",
        seen,
        notice,
        live.card(
            "answers-statuses",
            "Answers by status",
            statuses,
            "Redirects count on their own, before the page that they lead to. The way"
            " to the login is one.",
        ),
        live.card(
            "answers-referrers",
            "Sites with links to here",
            referrers,
            "Only the host is kept. Views that came from this site are left out.",
        ),
    )


def draw(views: pd.DataFrame) -> tuple[t.Any, ...]:
    return (
        figures.statuses(reports.statuses(views)),
        figures.bars(reports.referrers(views), "host"),
    )


@dash.callback(
    Output("answers-seen", "data"),
    Output("answers-notice", "children"),
    Output("answers-statuses", "figure"),
    Output("answers-referrers", "figure"),
    Input("answers-clock", "n_intervals"),
    State("answers-seen", "data"),
    prevent_initial_call=True,
)
def update(ticks: int = 0, seen: int | None = None) -> tuple[t.Any, ...]:
    return live.update(seen, draw)
