"""The two sections of Dash pages, and the shell around both."""

from __future__ import annotations

import typing as t

from dash import dcc
from dash import DiskcacheManager
from dash import html
from dash import page_container
from dash.development.base_component import Component
from diskcache import Cache
from flask import Flask
from flask import url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from flask_dash_pages import DashPages
from flask_dash_pages import guards

from .accounts import csrf

TITLE = "World in Figures"
DESCRIPTION = "Life expectancy, wealth and population of 142 countries since 1952."

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

OPTIONS: dict[str, t.Any] = {
    "title": TITLE,
    # The templates use the same files.
    "assets_folder": "static",
    "index_string": INDEX,
    "meta_tags": [{"name": "color-scheme", "content": "light dark"}],
    "update_title": None,
}


def explore_section(jobs: str) -> DashPages:
    """The section for everybody.

    :param jobs: The folder for background callbacks, which all workers share.
    """
    pages = DashPages(
        name="explore",
        url_prefix="/explore",
        pages_folder="explore",
        description=DESCRIPTION,
        background_callback_manager=DiskcacheManager(Cache(jobs)),
        **OPTIONS,
    )

    def layout() -> Component:
        # Another section is loaded as a whole, so the link to it is no dcc.Link.
        admin = html.A("Admin", href=url_for("admin.overview"), className="aside")
        about = dcc.Link("About the data", href=url_for("explore.about"))
        links = pages.navigation(label="Explore")
        return shell(links, admin, about)

    pages.layout = layout
    return pages


def admin_section() -> DashPages:
    """The section for those who are logged in."""
    pages = DashPages(
        name="admin",
        url_prefix="/admin",
        pages_folder="admin",
        description="How this site is used.",
        guard=guards.login_required,
        **OPTIONS,
    )

    def layout() -> Component:
        explore = html.A("Explore", href=url_for("explore.home"), className="aside")
        about = html.A("About the data", href=url_for("explore.about"))
        # The pages for errors are for everybody.
        is_known = current_user.is_authenticated
        links = pages.navigation(label="Admin") if is_known else None
        return shell(links, explore, about)

    pages.layout = layout
    return pages


def shell(
    navigation: Component | None, aside: Component, about: Component
) -> Component:
    """What stays while visitors go from page to page of a section."""
    return html.Div(
        [
            html.A("Skip to the content", href="#content", className="skip"),
            html.Header(
                html.Div(
                    [
                        html.A(TITLE, href=url_for("site.landing"), className="brand"),
                        navigation,
                        aside,
                        logout_form() if current_user.is_authenticated else None,
                    ],
                    className="inner",
                ),
                className="site-header",
            ),
            html.Main(page_container, id="content", className="inner", tabIndex=-1),
            html.Footer(
                html.P(
                    [
                        "An example of ",
                        html.Strong("Flask-Dash-Pages"),
                        ". ",
                        about,
                    ],
                    className="inner",
                ),
                className="site-footer",
            ),
        ],
        className="site",
    )


def logout_form() -> Component:
    return html.Form(
        [
            dcc.Input(type="hidden", name="csrf_token", value=generate_csrf()),
            html.Button("Log out", type="submit", className="link"),
        ],
        action=url_for("accounts.logout"),
        method="POST",
        className="aside",
    )


def init_app(app: Flask) -> None:
    for pages in (explore_section(app.config["JOBS_FOLDER"]), admin_section()):
        pages.init_app(app)
        # Callbacks are only taken as JSON, which forms of other sites cannot send.
        csrf.exempt(app.extensions["dash_pages"][pages.name].blueprint)
