"""The world in one year. A click on a bubble opens its country."""

from __future__ import annotations

import typing as t

import dash
import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import url_for

from example_app import data
from example_app import figures
from example_app import parts

dash.register_page(__name__, path="/", name="World", order=0, nav=True)


def layout() -> Component:
    first, last = (
        data.world().query("year == @year")
        for year in (data.FIRST_YEAR, data.LAST_YEAR)
    )
    return html.Article(
        [
            dcc.Location(id="home-location", refresh="callback-nav"),
            parts.heading(
                "The world, from 1952 to 2007",
                "How long people live, what they earn and how many they are, in"
                f" {len(data.countries())} countries.",
            ),
            parts.tiles(
                tile("lifeExp", first["lifeExp"].median(), last["lifeExp"].median()),
                tile(
                    "gdpPercap", first["gdpPercap"].median(), last["gdpPercap"].median()
                ),
                tile("pop", first["pop"].sum(), last["pop"].sum()),
            ),
            html.Section(
                [
                    html.Div(
                        [
                            html.Strong("Year", id="home-year-label"),
                            dcc.Slider(
                                id="home-year",
                                min=data.FIRST_YEAR,
                                max=data.LAST_YEAR,
                                step=5,
                                value=data.LAST_YEAR,
                                marks={y: str(y) for y in data.YEARS[::3]},
                                updatemode="drag",
                            ),
                        ],
                        className="control",
                        # Neither of the slider's two controls has a name.
                        role="group",
                        **{"aria-labelledby": "home-year-label"},
                    ),
                    parts.graph(
                        "home-graph",
                        figures.world(data.LAST_YEAR),
                        "Each bubble is a country, as large as its population. Select"
                        f" one to read more about it. {parts.SOURCE}",
                    ),
                ],
                className="card",
            ),
            html.Section(
                [
                    html.H2("By continent"),
                    html.Ul(
                        [html.Li(parts.continent_link(c)) for c in data.CONTINENTS],
                        className="chips",
                    ),
                ]
            ),
        ]
    )


def tile(measure: str, first: float, last: float) -> tuple[str, str, str]:
    what = "Population" if measure == "pop" else f"Median {data.MEASURES[measure]}"
    return (
        what.replace("Life", "life"),
        data.format_measure(measure, last),
        f"{data.format_measure(measure, first)} in {data.FIRST_YEAR}",
    )


@dash.callback(
    Output("home-graph", "figure"),
    Input("home-year", "value"),
    prevent_initial_call=True,
)
def show_year(year: int) -> go.Figure:
    return figures.world(year)


@dash.callback(
    Output("home-location", "href"),
    Input("home-graph", "clickData"),
    prevent_initial_call=True,
)
def open_country(click: dict[str, t.Any] | None) -> str:
    if not click:
        raise PreventUpdate

    country = click["points"][0]["customdata"][0]
    return url_for("dash_pages.country", country=country)


# Links lead to the top of the next page. A location that a callback sets does not.
dash.clientside_callback(
    "() => window.scrollTo(0, 0)",
    Input("home-graph", "clickData"),
    prevent_initial_call=True,
)
