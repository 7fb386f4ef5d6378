"""The world in one year. A click on a bubble opens its country."""

from __future__ import annotations

import dash
import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import url_for

from example_app import data
from example_app import figures
from example_app import parts

dash.register_page(__name__, path="/", name="World", order=0)


def layout(year: str | list[str] = "") -> Component:
    shown = data.nearest_year(year)
    first, last = data.in_year(data.FIRST_YEAR), data.in_year(data.LAST_YEAR)
    return html.Article(
        [
            dcc.Location(id="home-location", refresh="callback-nav"),
            # What the link to a country begins with, for the browser.
            dcc.Store(id="home-prefix", data=url_for("explore.country", country="")),
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
                            html.Div(
                                dcc.Slider(
                                    id="home-year",
                                    min=data.FIRST_YEAR,
                                    max=data.LAST_YEAR,
                                    step=5,
                                    value=shown,
                                    marks=None,
                                    tooltip={
                                        "always_visible": True,
                                        "placement": "bottom",
                                    },
                                    updatemode="drag",
                                    # Nothing could name its field.
                                    allow_direct_input=False,
                                ),
                                className="slider",
                            ),
                        ],
                        className="control",
                        # The slider itself has no name.
                        role="group",
                        **{"aria-labelledby": "home-year-label"},
                    ),
                    parts.graph(
                        "home-graph",
                        figures.world(shown),
                        "Life expectancy by GDP per person",
                        "Each bubble is a country, as large as its population. Select"
                        f" one to read more about it. {parts.SOURCE}",
                    ),
                    dcc.Link("Link to this year", href=year_url(shown), id="home-link"),
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
        f"{what.replace('Life', 'life')}, {data.LAST_YEAR}",
        data.format_measure(measure, last),
        f"{data.format_measure(measure, first)} in {data.FIRST_YEAR}",
    )


def year_url(year: int) -> str:
    return url_for("explore.home", year=year)


@dash.callback(
    Output("home-graph", "figure"),
    Output("home-link", "href"),
    Input("home-year", "value"),
    prevent_initial_call=True,
)
def show_year(year: int) -> tuple[go.Figure, str]:
    year = data.nearest_year(year)
    return figures.world(year), year_url(year)


# The browser need not ask the server where a bubble leads. Links lead to the top of the
# next page, which a location that a callback sets does not.
dash.clientside_callback(
    """(click, prefix) => {
        if (!click) {
            return dash_clientside.no_update;
        }

        window.scrollTo(0, 0);
        return prefix + encodeURIComponent(click.points[0].customdata[0]);
    }""",
    Output("home-location", "href"),
    Input("home-graph", "clickData"),
    State("home-prefix", "data"),
    prevent_initial_call=True,
)
