"""Pages with other component libraries, in Chromium."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from conftest import MakeApp
from conftest import new_app
from conftest import Visitor
from dash import html

from flask_dash_pages import DashPages
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


#: What the root of a component is, but for classes that only animate it.
ROOTS = """
(elements) => elements.map(({ tagName, classList, innerText, attributes }) => [
  tagName,
  [...classList].filter((name) => !["fade", "show"].includes(name)).sort(),
  innerText.trim(),
  attributes.href?.value,
])
"""


def test_bootstrap_is_prerendered(
    visit: Visit, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import dash_bootstrap_components as dbc

    components = [
        *(dbc.Alert("a", color=color) for color in (None, "danger")),
        dbc.Badge("a"),
        dbc.Badge("a", href="/b", color="info", pill=True, text_color="dark"),
        dbc.Button("a"),
        dbc.Button("a", color="danger", outline=True, size="lg"),
        dbc.Button("a", color="link", href="/b", active=True),
        dbc.Card("a"),
        dbc.Card("a", color="dark", inverse=True, body=True),
        dbc.Card("a", color="dark", outline=True, class_name="c"),
        *(getattr(dbc, f"Card{part}")("a") for part in ("Body", "Footer", "Header")),
        *(dbc.Col("a", width=width) for width in (None, True, "auto", 3)),
        dbc.Col("a", width={"size": 3, "offset": 1, "order": "last"}),
        dbc.Col("a", xs=12, md=6, lg={"size": "auto"}, xl=True, align="center"),
        *(dbc.Container("a", fluid=fluid) for fluid in (None, True, "md")),
        dbc.ListGroup(["a"], flush=True),
        dbc.ListGroupItem("a", color="info", active=True),
        dbc.ListGroupItem("a", href="/b"),
        dbc.Nav("a", pills=True, fill=True, vertical=True),
        dbc.Nav("a", horizontal="end", justified=True, vertical="md"),
        dbc.NavItem("a"),
        dbc.NavLink("a", href="/b", disabled=True),
        dbc.Navbar("a", color="primary", dark=True),
        dbc.NavbarBrand("a"),
        dbc.NavbarBrand("a", href="/b"),
        dbc.NavbarSimple("a", brand="b", color="dark", dark=True),
        dbc.Row("a", justify="between", align="center", className="g-2"),
        dbc.Stack("a", gap=3),
        dbc.Stack("a", direction="horizontal"),
        dbc.Table(bordered=True, striped=True, hover=True, size="sm", color="dark"),
    ]
    app = new_app(tmp_path_factory.mktemp("app"))
    pages = DashPages(app, pages_folder=None)
    layout = [html.Div(component, className="case") for component in components]
    pages.register_page("home", path="/", layout=html.Main(layout))
    browser = visit(app)
    context = browser.page.context.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(browser.url)
    prerendered = page.eval_on_selector_all("main > .case > *", ROOTS)
    browser.open("/")
    browser.page.wait_for_selector(
        "#_pages_content main > .case table", state="attached"
    )
    assert len(prerendered) == len(components)
    assert browser.page.eval_on_selector_all("main > .case > *", ROOTS) == prerendered


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
