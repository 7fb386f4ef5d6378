"""The page views of this app, as its own pages and signals tell them."""

from __future__ import annotations

import sqlite3
import typing as t
from datetime import datetime

import dash
import pandas as pd
from dash import html
from dash.development.base_component import Component
from flask import current_app

from example_app import analytics
from example_app import figures
from example_app import parts

dash.register_page(
    __name__,
    name="Views",
    title="Page views · World in Figures",
    description="Which pages of this site are read.",
    order=3,
    nav=True,
)


def layout() -> Component:
    return html.Article(
        [
            parts.heading(
                "Page views",
                "What is read on this site. Only the page and the time are kept,"
                " nothing about you.",
            ),
            *content(),
        ]
    )


def content() -> list[Component]:
    counter = analytics.get_counter()

    try:
        totals, pages, paths = counter.totals(), counter.pages(), counter.paths()
    except (OSError, sqlite3.Error):
        current_app.logger.exception("The page views could not be read.")
        return [html.P("The numbers cannot be read right now.", className="notice")]

    if not (totals["views"] and pages):
        return [html.P("Nothing was counted yet. Come back later.", className="notice")]

    return [
        parts.tiles(
            ("Views", f"{totals['views']:,}", "of pages that exist"),
            (
                "Without a page load",
                f"{totals['in_app'] / totals['views']:.0%}",
                "of the views",
            ),
            ("Not found", f"{totals['not_found']:,}", "for paths without a page"),
            ("Mean time", milliseconds(totals["seconds"]), "to make a page"),
        ),
        html.Section(
            parts.graph(
                "statistics-graph",
                figures.views(pd.DataFrame(map(dict, pages))),
                "Views that ended in status 200.",
            ),
            className="card",
        ),
        parts.table(
            "Paths that are asked for most",
            ["Path", "Views", "Status", "Page", "Mean time", "Last view (UTC)"],
            [
                [
                    html.Code(row["path"]),
                    row["views"],
                    row["status"],
                    row["page"],
                    milliseconds(row["seconds"]),
                    f"{datetime.fromisoformat(row['last']):%d %b, %H:%M}",
                ]
                for row in paths
            ],
            numeric={"Views", "Status", "Mean time"},
        ),
    ]


def milliseconds(seconds: t.Any) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f} ms"
