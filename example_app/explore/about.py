"""What the numbers are and where they come from."""

from __future__ import annotations

import dash
from dash import dcc
from dash import html
from dash.development.base_component import Component
from flask import url_for

from example_app import parts

dash.register_page(
    __name__,
    name="About",
    title="About the data · World in Figures",
    description="Where the numbers come from and what they mean.",
    order=5,
    navigation=False,
    # It is the same for everybody, and for a while.
    max_age=300,
)

TEXT = """
The numbers are an excerpt of the data that the
[Gapminder Foundation](https://www.gapminder.org/data/) collects: 142 countries, every
fifth year from 1952 to 2007. Jennifer Bryan prepared the excerpt, and the plotly
package comes with it. Gapminder publishes its data under the
[Creative Commons Attribution 4.0](https://creativecommons.org/licenses/by/4.0/)
license.

## What is measured

- **Life expectancy** is the number of years that a child born in that year would live
  if the conditions of the year stayed as they were.
- **GDP per person** is what a country produces in a year, divided by the people who
  live there. It is in US dollars, adjusted for inflation.
- **Population** counts all who live in the country.

## What to keep in mind

Early numbers are estimates for many countries, and borders are those of today. The
median of several countries counts each country once, large or small. The data ends in
2007; much has changed since.

## When something goes wrong

Pages for errors are pages, too: one for a [path that has none]({missing}), and one for
a [page that can fail]({failure}).
"""


def layout() -> Component:
    return html.Article(
        [
            parts.heading("About the data", "Where the numbers come from."),
            dcc.Markdown(
                TEXT.format(
                    missing=url_for("explore.country", country="Atlantis"),
                    failure=url_for("explore.failure"),
                ),
                className="prose",
            ),
        ]
    )
