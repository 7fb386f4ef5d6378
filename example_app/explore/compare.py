"""Some countries side by side. The URL says which, so that it can be shared."""

from __future__ import annotations

import dash
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

#: More lines cannot be told apart.
MAX_COUNTRIES = 6

DEFAULT = ["Japan", "Kenya"]

dash.register_page(
    __name__,
    title="Compare countries · World in Figures",
    description="Life expectancy, wealth and population of countries side by side.",
    order=3,
)


def layout(
    country: str | list[str] = DEFAULT, measure: str | list[str] = ""
) -> Component:
    asked, measure = known(country), data.known_measure(measure)
    chosen = asked[:MAX_COUNTRIES]
    return html.Article(
        [
            dcc.Location(id="compare-location", refresh="callback-nav"),
            dcc.Store(id="compare-measure", data=measure),
            parts.heading(
                "Compare countries",
                f"Choose up to {MAX_COUNTRIES}. The address of this page changes with"
                " your choice, so you can keep or share it.",
            ),
            html.Label("Countries", htmlFor="compare-countries"),
            html.Div(
                dcc.Dropdown(
                    id="compare-countries",
                    options=list(data.countries()),
                    value=chosen,
                    multi=True,
                    # The next page is for all that was chosen in the menu.
                    debounce=True,
                ),
                className="dropdown",
            ),
            html.P(notice(asked), className="notice", role="status"),
            *(comparison(chosen, measure) if chosen else []),
        ]
    )


def notice(asked: list[str]) -> str:
    if not asked:
        return "Choose a country."

    if len(asked) > MAX_COUNTRIES:
        return f"Only the first {MAX_COUNTRIES} are shown."

    return ""


def comparison(chosen: list[str], measure: str) -> list[Component]:
    return [
        html.Section(
            [
                parts.measure_links(
                    measure,
                    lambda each: url_for(
                        "explore.compare", country=chosen, measure=each
                    ),
                ),
                parts.graph(
                    "compare-graph", figures.history(measure, *chosen), "Over the years"
                ),
            ],
            className="card",
        ),
        parts.table(
            f"The year {data.LAST_YEAR}",
            ["Country", "Continent", *data.MEASURES.values()],
            [row(name) for name in chosen],
            numeric=set(data.MEASURES.values()),
        ),
    ]


def known(country: str | list[str]) -> list[str]:
    """The countries that a query asks for. A parameter that is given several times
    is a list.
    """
    asked = [country] if isinstance(country, str) else country
    return [name for name in dict.fromkeys(asked) if name in data.countries()]


def row(country: str) -> list[Component | str]:
    values = data.latest().loc[country]
    return [
        parts.country_link(country),
        parts.continent_link(values["continent"]),
        *(data.format_measure(m, values[m]) for m in data.MEASURES),
    ]


@dash.callback(
    Output("compare-location", "href"),
    Input("compare-countries", "value"),
    State("compare-measure", "data"),
    prevent_initial_call=True,
)
def choose(countries: list[str] | None, measure: str) -> str:
    # One more than can be shown is enough to tell of it. Without any the URL says so,
    # for the page has countries of its own.
    wanted = (countries or [""])[: MAX_COUNTRIES + 1]
    return url_for("explore.compare", country=wanted, measure=measure)
