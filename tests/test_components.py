"""Pages with other component libraries, in Chromium."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from conftest import MakeApp
from conftest import Visitor
from dash import html

from flask_dash_pages import page_container
from flask_dash_pages import page_registry

pytestmark = pytest.mark.browser

Visit = Callable[[t.Any], Visitor]


def test_bootstrap_nav_link(make_app: MakeApp, visit: Visit) -> None:
    import dash_bootstrap_components as dbc

    app = make_app(
        {
            "home": "register_page(__name__, path='/')\nlayout = html.H1('Welcome')",
            "about": "register_page(__name__)\nlayout = html.H1('About us')",
        },
        layout=lambda: html.Div(
            [
                dbc.Nav(
                    [
                        dbc.NavLink(page.name, href=page.relative_path, active="exact")
                        for page in page_registry.values()
                    ]
                ),
                page_container,
            ]
        ),
    )
    browser = visit(app)
    active = browser.page.locator("a.active")
    browser.open("/about")
    browser.sees("About us", "h1")
    browser.sees("About", "a.active")
    assert active.all_inner_texts() == ["About"]
    browser.page.click("text=Home")
    browser.sees("Welcome", "h1")
    browser.sees("Home", "a.active")
    assert active.all_inner_texts() == ["Home"]
    browser.page.go_back()
    browser.sees("About", "a.active")
    assert browser.loads == 1
    browser.is_quiet()


def test_mantine_provider(make_app: MakeApp, visit: Visit) -> None:
    import dash_mantine_components as dmc

    app = make_app(
        {
            "home": """
                import dash_mantine_components as dmc
                register_page(__name__, path="/")
                layout = dmc.Stack(
                    [dmc.Title("Welcome"), dmc.Anchor("on", href="/two")]
                )
            """,
            "two": """
                import dash_mantine_components as dmc
                register_page(__name__)
                layout = dmc.Card(
                    [dmc.Switch(id="switch", label="light"), dmc.Text(id="out")]
                )

                @callback(Output("out", "children"), Input("switch", "checked"))
                def update(checked):
                    return f"Switch is {checked}"
            """,
        },
        layout=lambda: dmc.MantineProvider(
            dmc.AppShell([dmc.AppShellMain(page_container)], padding="md")
        ),
    )
    browser = visit(app)
    browser.open("/")
    browser.sees("Welcome", "h1")
    browser.page.click("text=on")
    browser.sees("Switch is None")
    browser.page.locator("#switch").click(force=True)
    browser.sees("Switch is True")
    assert browser.loads == 1
    browser.is_quiet()


def test_ag_grid(make_app: MakeApp, visit: Visit) -> None:
    app = make_app(
        {
            "home": """
                register_page(__name__, path="/")
                layout = dcc.Link("to grid", "/grid")
            """,
            "grid": """
                import dash_ag_grid as dag
                register_page(__name__)
                layout = html.Div(
                    [
                        dag.AgGrid(
                            id="grid",
                            rowData=[{"city": "Oslo"}, {"city": "Lima"}],
                            columnDefs=[{"field": "city"}],
                            dashGridOptions={"rowSelection": {"mode": "singleRow"}},
                        ),
                        html.Div(id="out"),
                    ]
                )

                @callback(Output("out", "children"), Input("grid", "cellClicked"))
                def update(cell):
                    return f"Clicked {cell and cell['value']}"
            """,
        }
    )
    browser = visit(app)

    for path in ["/grid", "/"]:
        browser.open(path)

        if path == "/":
            browser.page.click("text=to grid")

        browser.sees("Clicked None")
        browser.page.locator(".ag-cell", has_text="Lima").click()
        browser.sees("Clicked Lima")

    browser.is_quiet()
