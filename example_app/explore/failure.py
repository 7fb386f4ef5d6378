"""Fails if it is asked to, to show what visitors see then. In debug mode it is the
debugger.
"""

from __future__ import annotations

import dash
from dash import dcc
from dash import html
from dash.development.base_component import Component
from flask import url_for

from example_app import parts

dash.register_page(
    __name__,
    title="Failure · World in Figures",
    description="A page that fails if it is asked to.",
    # It would fail whenever the pointer rests on its link.
    prefetch=False,
    navigation=False,
    noindex=True,
)


def layout(now: str | list[str] = "") -> Component:
    if now:
        raise RuntimeError("This page was asked to fail.")

    return html.Article(
        [
            parts.heading(
                "A page that can fail",
                "The error is in the log of the server. Visitors see a page that does"
                " not tell of it.",
            ),
            html.P(
                dcc.Link(
                    "Let it fail",
                    href=url_for("explore.failure", now="yes"),
                    className="button",
                )
            ),
        ]
    )
