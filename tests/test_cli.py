from __future__ import annotations

from conftest import MakeApp
from conftest import WritePages
from dash import Input
from dash import Output
from flask import Flask

from flask_dash_pages import DashPages

HELPER = """
    @callback(Output("out", "children"), Input("in", "value"))
    def update(value): return value
"""
PAGE = "from . import _helper\nregister_page(__name__{})\nlayout = 'a'"
GUARDED = PAGE.format(", guard=lambda page, variables: False")


def check(app: Flask) -> list[str]:
    result = app.test_cli_runner().invoke(args=["pages", "check"])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_check_lists_shared_callbacks(make_app: MakeApp) -> None:
    files = {
        "_helper": HELPER,
        "one": GUARDED,
        "two": PAGE.format(""),
        "three": GUARDED,
    }
    assert check(make_app(files)) == [
        "The callback 'out.children' belongs to 'pages.one', 'pages.three',"
        " 'pages.two'. Everybody may call it.",
        "1 shared callbacks.",
    ]


def test_check_finds_nothing(make_app: MakeApp) -> None:
    files = {
        "_helper": HELPER,
        "one": GUARDED,
        "two": "register_page(__name__)\nlayout = 'a'",
    }
    assert check(make_app(files)) == ["0 shared callbacks."]


def test_check_lists_other_guards(make_app: MakeApp) -> None:
    files = {"_helper": HELPER, "one": GUARDED, "two": GUARDED}
    assert check(make_app(files)) == [
        "The callback 'out.children' belongs to 'pages.one', 'pages.two'. Whoever may"
        " see one of them may call it.",
        "1 shared callbacks.",
    ]


def test_check_of_pages_in_one_module(bare_app: Flask) -> None:
    # The module of the tests registers an open page and a guarded one.
    pages = DashPages(bare_app, pages_folder=None)
    pages.register_page("one", layout="", guard=lambda page, variables: False)
    pages.register_page("two", layout="")

    @pages.callback(Output("out", "children"), Input("in", "value"))
    def update(value: int) -> int:
        return value

    # It makes the app, too.
    assert check(bare_app) == ["0 shared callbacks."]


def test_check_of_sections(write_pages: WritePages, bare_app: Flask) -> None:
    for name in ("first", "second"):
        write_pages(name, _helper=HELPER, one=GUARDED, two=PAGE.format(""))
        DashPages(bare_app, name=name, url_prefix=f"/{name}", pages_folder=name)

    assert check(bare_app)[-1] == "2 shared callbacks."
