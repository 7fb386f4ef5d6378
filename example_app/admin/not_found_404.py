"""Shown for unknown paths, to users who are logged in. Others are sent to the login."""

from __future__ import annotations

import dash
from dash import dcc
from dash.development.base_component import Component
from flask import url_for

from example_app import parts

dash.register_page(__name__, title="Page not found · World in Figures")


def layout() -> Component:
    return parts.apology(
        "There is no such page",
        "Nothing of the admin section is here.",
        dcc.Link("Overview", href=url_for("admin.overview"), className="button"),
    )
