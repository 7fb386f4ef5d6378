"""Single views. Users need a role for it, which the demo user does not have unless
``DEMO_ROLE`` says so.
"""

from __future__ import annotations

import typing as t

import dash
import pandas as pd
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component

from example_app import accounts
from example_app import live
from example_app import parts
from flask_dash_pages import guards

#: How many views are shown.
SHOWN = 50

dash.register_page(
    __name__,
    title="Latest views · World in Figures",
    description="The latest views of this site.",
    order=3,
    # Those who are not logged in do not get so far.
    guard=guards.require(accounts.has_role),
    role="owner",
)


def layout() -> Component:
    seen, notice, table = update()
    return live.page(
        "latest",
        "Latest views",
        f"The last {SHOWN}, as they are kept.",
        seen,
        notice,
        parts.scrolling(table, "Latest views", id="latest-table"),
    )


def draw(views: pd.DataFrame) -> tuple[t.Any, ...]:
    return (
        parts.plain_table(
            "Latest views",
            ["Time (UTC)", "Page", "Rule", "Status", "Referrer"],
            [
                [f"{row.at:%H:%M:%S}", row.page, row.rule, row.status, row.referrer]
                for row in views.head(SHOWN).fillna({"page": ""}).itertuples()
            ],
            numeric={"Status"},
        ),
    )


@dash.callback(
    Output("latest-seen", "data"),
    Output("latest-notice", "children"),
    Output("latest-table", "children"),
    Input("latest-clock", "n_intervals"),
    State("latest-seen", "data"),
    prevent_initial_call=True,
)
def update(ticks: int = 0, seen: int | None = None) -> tuple[t.Any, ...]:
    return live.update(seen, draw)
