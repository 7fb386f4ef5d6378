"""All countries, to search by name."""

from __future__ import annotations

import dash
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash.development.base_component import Component

from example_app import data
from example_app import parts

dash.register_page(
    __name__,
    title="Countries · World in Figures",
    description="All countries of the data set, by continent.",
    order=1,
    redirect_from=["/list"],
)


def layout(q: str | list[str] = "") -> Component:
    wanted = q if isinstance(q, str) else q[0]
    return html.Article(
        [
            parts.heading("Countries", f"All {len(data.countries())} of them."),
            html.Label("Find a country", htmlFor="countries-search"),
            dcc.Input(
                id="countries-search",
                type="search",
                value=wanted,
                placeholder="Begin to type a name",
                autoComplete="off",
            ),
            html.Div(
                find_countries(wanted), id="countries-found", **{"aria-live": "polite"}
            ),
        ]
    )


@dash.callback(
    Output("countries-found", "children"),
    Input("countries-search", "value"),
    prevent_initial_call=True,
)
def find_countries(text: str | None) -> list[Component]:
    wanted = (text or "").strip().casefold()
    frame = data.latest().sort_index()
    frame = frame[[wanted in name.casefold() for name in frame.index]]

    if frame.empty:
        return [html.P("No country has this in its name.")]

    return [
        html.Section(
            [
                html.H2(parts.continent_link(continent)),
                html.Ul(
                    [html.Li(parts.country_link(name)) for name in group.index],
                    className="columns",
                ),
            ]
        )
        for continent, group in frame.groupby("continent")
    ]
