"""One continent."""

from __future__ import annotations

import dash
from dash import html
from dash.development.base_component import Component

from example_app import data
from example_app import figures
from example_app import parts


def title(continent: str) -> str:
    return f"{continent} · World in Figures"


def description(continent: str) -> str:
    return f"The countries of {continent}, by life expectancy in {data.LAST_YEAR}."


PATHS = [{"continent": continent} for continent in data.CONTINENTS]

dash.register_page(
    __name__,
    # For others it is not found.
    path_template=f"/continent/<any({', '.join(data.CONTINENTS)}):continent>",
    title=title,
    description=description,
    samples=PATHS,
    sitemap=lambda: PATHS,
)


def layout(continent: str) -> Component:
    frame = data.latest().query("continent == @continent")
    life, people = frame["lifeExp"].median(), frame["pop"].sum()
    return html.Article(
        [
            parts.heading(continent, description(continent)),
            parts.tiles(
                ("Countries", str(len(frame)), "in the data set"),
                (
                    "Median life expectancy",
                    data.format_measure("lifeExp", life),
                    f"in {data.LAST_YEAR}",
                ),
                (
                    "Population",
                    data.format_measure("pop", people),
                    f"in {data.LAST_YEAR}",
                ),
            ),
            html.Section(
                parts.graph(
                    "continent-graph",
                    figures.continent(continent),
                    "Life expectancy",
                    f"Each point is a country. {parts.SOURCE}",
                    has_heading=True,
                ),
                className="card",
            ),
            parts.table(
                f"{continent} in {data.LAST_YEAR}",
                ["World rank", "Country", *data.MEASURES.values()],
                [
                    [
                        row["rank"],
                        parts.country_link(country),
                        *(data.format_measure(m, row[m]) for m in data.MEASURES),
                    ]
                    for country, row in frame.iterrows()
                ],
                numeric={"World rank", *data.MEASURES.values()},
            ),
        ]
    )
