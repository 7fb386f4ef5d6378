"""Shown to users who are logged in, but may not see a page."""

from __future__ import annotations

import dash
from dash import dcc
from dash.development.base_component import Component
from flask import url_for

from example_app import parts

dash.register_page(__name__, title="Not for you · World in Figures")


def layout() -> Component:
    return parts.apology(
        "This page is not for you",
        "Your account may look at numbers, but not at single views.",
        dcc.Link("Overview", href=url_for("admin.overview"), className="button"),
    )
