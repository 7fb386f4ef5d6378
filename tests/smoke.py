"""Serve a page with the installed package, without any extra."""

from __future__ import annotations

import os
import sysconfig
import tempfile
from importlib.metadata import entry_points

from dash import html
from flask import Flask

import flask_dash_pages
from flask_dash_pages.testing import PagesClient

assert flask_dash_pages.__file__.startswith(sysconfig.get_path("purelib"))
assert entry_points(group="flask.commands")["pages"].load().name == "pages"

with tempfile.TemporaryDirectory() as folder:
    os.mkdir(os.path.join(folder, "pages"))

    with open(os.path.join(folder, "pages", "home.py"), "w") as file:
        file.write(
            "import dash\ndash.register_page(__name__, path='/')\nlayout = 'Hello'"
        )

    app = Flask("smoke", root_path=folder)
    pages = flask_dash_pages.DashPages(app)
    pages.layout = html.Div(flask_dash_pages.page_container)
    response = app.test_client().get("/")
    assert response.status_code == 200
    assert "Hello" in response.text
    assert "dash_pages" in response.text
    assert PagesClient(app).visit("/").text == "Hello"

print("The installed package serves pages.")
