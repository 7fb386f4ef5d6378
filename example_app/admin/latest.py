"""Single views. Users need a role for it, which the demo user does not have unless
``DEMO_ROLE`` says so.
"""

from __future__ import annotations

import typing as t

import dash
import pandas as pd
from dash import Input
from dash import Output
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
    return live.page(
        "latest", "Latest views", f"The last {SHOWN}, as they are kept.", content
    )


def content(views: pd.DataFrame) -> list[t.Any]:
    return [
        parts.table(
            "Latest views",
            ["Time (UTC)", "Page", "Rule", "Status", "Referrer"],
            [
                [f"{row.at:%H:%M:%S}", row.page, row.rule, row.status, row.referrer]
                for row in views.head(SHOWN).fillna({"page": ""}).itertuples()
            ],
            numeric={"Status"},
        )
    ]


@dash.callback(
    Output("latest-content", "children"),
    Input("latest-clock", "n_intervals"),
    prevent_initial_call=True,
)
def update(ticks: int) -> list[t.Any]:
    return live.update(content)
