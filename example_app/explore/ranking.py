"""All countries in one year, by one measure. The URL says which."""

from __future__ import annotations

import dash
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import redirect
from flask import url_for
from werkzeug.wrappers import Response

from example_app import data
from example_app import figures
from example_app import parts


def title(year: int = data.LAST_YEAR) -> str:
    return f"Ranking {year} · World in Figures"


def description(year: int = data.LAST_YEAR) -> str:
    return f"The countries of the world in {year}, from the first to the last."


dash.register_page(
    __name__,
    # Without a year it is the last one.
    path="/ranking",
    path_template="/ranking/<int:year>",
    title=title,
    description=description,
    redirect_from=["/top/<int:year>"],
    order=2,
)


def layout(
    year: int = data.LAST_YEAR, measure: str = "lifeExp"
) -> Component | Response:
    if year not in data.YEARS:
        nearest = data.nearest_year(year)
        return redirect(url_for("explore.ranking", year=nearest, measure=measure))

    measure = data.known_measure(measure)
    frame = data.in_year(year).sort_values(measure, ascending=False)
    return html.Article(
        [
            dcc.Location(id="ranking-location", refresh="callback-nav"),
            dcc.Store(id="ranking-measure", data=measure),
            parts.heading(f"Ranking {year}", description(year)),
            html.Section(
                [
                    html.Div(
                        [
                            html.Label("Year", htmlFor="ranking-year"),
                            html.Div(
                                dcc.Dropdown(
                                    id="ranking-year",
                                    options=list(data.YEARS),
                                    value=year,
                                    clearable=False,
                                    searchable=False,
                                ),
                                className="dropdown",
                            ),
                        ],
                        className="control",
                    ),
                    parts.measure_links(
                        measure,
                        lambda each: url_for(
                            "explore.ranking", year=year, measure=each
                        ),
                    ),
                    parts.graph(
                        "ranking-graph",
                        figures.ranking(frame.head(15), measure),
                        data.MEASURES[measure],
                        f"The first 15 of {len(frame)}. {parts.SOURCE}",
                    ),
                ],
                className="card",
            ),
            parts.table(
                f"All countries in {year}",
                ["Rank", "Country", data.MEASURES[measure], "Continent"],
                [
                    [
                        place,
                        parts.country_link(row.country),
                        data.format_measure(measure, getattr(row, measure)),
                        parts.continent_link(row.continent),
                    ]
                    for place, row in enumerate(frame.itertuples(), start=1)
                ],
                numeric={"Rank", data.MEASURES[measure]},
            ),
        ]
    )


@dash.callback(
    Output("ranking-location", "href"),
    Input("ranking-year", "value"),
    State("ranking-measure", "data"),
    prevent_initial_call=True,
)
def choose(year: int, measure: str) -> str:
    return url_for("explore.ranking", year=year, measure=measure)
