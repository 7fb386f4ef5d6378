"""The pages, and the shell around them."""

from __future__ import annotations

import dash
from dash import ALL
from dash import dcc
from dash import html
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from flask import url_for

from flask_dash_pages import DashPages

TITLE = "World in Figures"

#: Dash's own, with a language and without the message for Internet Explorer.
INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        {%favicon%}
        {%css%}
    </head>
    <body>
        {%app_entry%}
        {%config%}
        {%scripts%}
        {%renderer%}
    </body>
</html>"""

dash_pages = DashPages(
    title=TITLE,
    description="Life expectancy, wealth and population of 142 countries since 1952.",
    index_string=INDEX,
    update_title=None,
)


def layout() -> Component:
    """What stays while visitors go from page to page."""
    return html.Div(
        [
            html.A("Skip to the content", href="#content", className="skip"),
            html.Header(
                html.Div(
                    [
                        dcc.Link(
                            TITLE, href=url_for("dash_pages.home"), className="brand"
                        ),
                        html.Nav(navigation(), **{"aria-label": "Main"}),
                    ],
                    className="inner",
                ),
                className="site-header",
            ),
            html.Main(
                dash.page_container, id="content", className="inner", tabIndex=-1
            ),
            html.Footer(
                html.P(
                    [
                        "An example of ",
                        html.Strong("Flask-Dash-Pages"),
                        ". The data is Gapminder's, the years 1952 to 2007. ",
                        dcc.Link("About the data", href=url_for("dash_pages.about")),
                    ],
                    className="inner",
                ),
                className="site-footer",
            ),
        ],
        className="site",
    )


def navigation() -> Component:
    """Links to the pages that were registered with ``nav=True``."""
    return html.Ul(
        [
            html.Li(
                dcc.Link(page["name"], href=page["relative_path"]),
                id={"type": "nav", "path": page["relative_path"]},
            )
            for page in dash.page_registry.values()
            if page.get("nav")
        ]
    )


dash_pages.layout = layout

# The shell is sent once, so the browser has to mark the current page.
dash_pages.clientside_callback(
    "(path, ids) => ids.map((id) => id.path === path ? 'page' : 'false')",
    Output({"type": "nav", "path": ALL}, "aria-current"),
    Input("_pages_location", "pathname"),
    State({"type": "nav", "path": ALL}, "id"),
)
