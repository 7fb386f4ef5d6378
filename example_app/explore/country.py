"""One country, with a graph of the measure that the visitor picks."""

from __future__ import annotations

from collections.abc import Iterator

import dash
import plotly.graph_objects as go
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import abort
from flask import url_for

from example_app import data
from example_app import figures
from example_app import parts


def title(country: str) -> str:
    return f"{country} · World in Figures"


def description(country: str) -> str:
    years = data.history(country)["lifeExp"]
    first, last = years.iloc[0], years.iloc[-1]
    return (
        f"Life expectancy in {country} {'rose' if last > first else 'fell'} from"
        f" {first:.1f} years in {data.FIRST_YEAR} to {last:.1f} years in"
        f" {data.LAST_YEAR}."
    )


def paths() -> Iterator[dict[str, str]]:
    for country in data.countries():
        yield {"country": country}


dash.register_page(
    __name__,
    path_template="/country/<country>",
    title=title,
    description=description,
    redirect_from=["/nation/<country>"],
    samples=[{"country": "Japan"}, {"country": "Cote d'Ivoire"}],
    sitemap=paths,
)


def layout(country: str, measure: str | list[str] = "") -> Component:
    latest = data.latest()

    if country not in latest.index:
        abort(404)

    row, measure = latest.loc[country], data.known_measure(measure)
    nearby = [name for name in data.neighbours(country) if name is not None]
    return html.Article(
        [
            # For the callback. One page is all countries.
            dcc.Store(id="country-name", data=country),
            html.Nav(
                [
                    dcc.Link("Countries", href=url_for("explore.countries")),
                    parts.continent_link(row["continent"]),
                ],
                className="breadcrumb",
                **{"aria-label": "Breadcrumb"},
            ),
            parts.heading(country, description(country)),
            parts.tiles(*(tile(country, each) for each in data.MEASURES)),
            html.Section(
                [
                    dcc.RadioItems(
                        id="country-measure",
                        options=data.MEASURES,
                        value=measure,
                        inline=True,
                        className="choices",
                    ),
                    parts.graph(
                        "country-graph",
                        figures.history(measure, country),
                        "Over the years",
                    ),
                ],
                className="card",
            ),
            html.Section(
                [
                    html.H2("Next in life expectancy"),
                    html.Ul([neighbour(name) for name in nearby], className="nearby"),
                    html.P(
                        dcc.Link(
                            "Compare them",
                            href=url_for("explore.compare", country=[country, *nearby]),
                            className="button",
                        )
                    ),
                ]
            ),
        ]
    )


def tile(country: str, measure: str) -> tuple[str, str, str]:
    latest = data.latest()
    value = latest.loc[country, measure]
    place = int((latest[measure] > value).sum()) + 1
    return (
        data.MEASURES[measure],
        data.format_measure(measure, value),
        f"Number {place} of {len(latest)}",
    )


def neighbour(country: str) -> Component:
    row = data.latest().loc[country]
    life = data.format_measure("lifeExp", row["lifeExp"])
    return html.Li(
        [parts.country_link(country), html.Span(f"Number {row['rank']}, {life}")]
    )


@dash.callback(
    Output("country-graph", "figure"),
    Input("country-measure", "value"),
    State("country-name", "data"),
    prevent_initial_call=True,
)
def show_measure(measure: str, country: str) -> go.Figure:
    return figures.history(measure, country)
