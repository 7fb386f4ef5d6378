"""Shown for unknown paths, and for countries that are not in the data."""

from __future__ import annotations

from difflib import get_close_matches

import dash
from dash import dcc
from dash import html
from dash.development.base_component import Component
from flask import request
from flask import url_for

from example_app import data
from example_app import parts

dash.register_page(__name__, title="Page not found · World in Figures")


def layout() -> Component:
    return html.Article(
        [
            parts.heading(
                "There is no such page",
                ["Nothing is at ", html.Code(request.path), "."],
            ),
            *suggestions(request.path.rpartition("/")[2]),
            html.P(
                [
                    dcc.Link(
                        "All countries",
                        href=url_for("explore.countries"),
                        className="button",
                    ),
                    dcc.Link(
                        "The world",
                        href=url_for("explore.home"),
                        className="button quiet",
                    ),
                ]
            ),
        ]
    )


def suggestions(text: str) -> list[Component]:
    names = {name.casefold(): name for name in data.countries()}
    # Comparing takes long for long texts.
    close = get_close_matches(text[:50].casefold(), names)

    if not close:
        return []

    return [
        html.P("Did you mean one of these?"),
        html.Ul(
            [html.Li(parts.country_link(names[name])) for name in close],
            className="chips",
        ),
    ]
