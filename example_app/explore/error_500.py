"""Shown for pages that fail. The error is in the log, and not here."""

from __future__ import annotations

import dash
from dash import dcc
from dash.development.base_component import Component
from flask import url_for

from example_app import parts

dash.register_page(__name__, title="Something went wrong · World in Figures")


def layout() -> Component:
    return parts.apology(
        "Something went wrong",
        "This page could not be made. The error is in the log of the server.",
        dcc.Link("The world", href=url_for("explore.home"), className="button"),
    )
