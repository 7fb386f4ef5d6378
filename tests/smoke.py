"""Serve and visit pages with the installed package, without any extra."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import tempfile
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from dash import html
from flask import Flask

import flask_dash_pages
from flask_dash_pages import guards
from flask_dash_pages.testing import PagesClient

APP = """
from flask import Flask
from flask_dash_pages import DashPages

app = Flask(__name__)
DashPages(app)
"""

PAGE = """
from dash import Input, Output, callback, dcc, html, register_page

register_page(__name__, path="/")


def layout():
    text = dcc.Markdown("Hello")
    return [text, html.Button("Count", id="button", n_clicks=1), html.Output(id="out")]


@callback(Output("out", "children"), Input("button", "n_clicks"))
def count(number):
    return f"{number} clicks"
"""


def is_refused(function, wanted):
    try:
        function()
    except (ImportError, ValueError) as error:
        return wanted in str(error)


# What is imported is what was installed, and the extras are not there.
installed = Path(sysconfig.get_path("purelib"))
package = installed / "flask_dash_pages"
assert Path(flask_dash_pages.__file__).parent == package
assert (package / "py.typed").is_file()

for name in ("flask_compress", "flask_login", "markdown_it", "markdownify", "pytest"):
    assert not find_spec(name), name

plugin = entry_points(group="pytest11")["pytest_flask_dash_pages"]
assert (installed / f"{plugin.module}.py").is_file()

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "app.py").write_text(APP)
    Path(folder, "pages").mkdir()
    Path(folder, "pages", "home.py").write_text(PAGE)

    flask = os.path.join(sysconfig.get_path("scripts"), "flask")

    def run(*arguments):
        command = [flask, "--app", "app", "pages", *arguments]
        return subprocess.check_output(command, cwd=folder, text=True)

    assert "home" in run("list")
    assert "about.py" in run("new", "/about")
    assert "0 errors" in run("check")
    assert "Hello" in run("visit", "/")

    app = Flask("smoke", root_path=folder)
    pages = flask_dash_pages.DashPages(app)
    pages.layout = html.Div(flask_dash_pages.page_container)

    with app.test_client() as client:
        response = client.get("/")
        assert response.status_code == 200
        assert "Hello" in response.text
        assert client.get("/nowhere").status_code == 404

    visit = PagesClient(app).visit("/")
    assert visit.call("out.children", 2) == "2 clicks"

    app = Flask("extras", root_path=folder)
    app.config["DASH_PAGES_MARKDOWN"] = True
    assert is_refused(lambda: flask_dash_pages.DashPages(app), "[markdown]")
    assert is_refused(lambda: guards.login_required, "[login]")

print("The installed package serves pages.")
