from __future__ import annotations

import typing as t
from pathlib import PurePosixPath

import pytest
from werkzeug.routing import BaseConverter
from werkzeug.routing import Map

from flask_dash_pages.naming import page_name
from flask_dash_pages.scaffold import new_page
from flask_dash_pages.scaffold import NewPage
from flask_dash_pages.scaffold import sample_of

CONVERTERS = Map.default_converters


def make(path: str, *taken: str) -> NewPage:
    return new_page(path, lambda file: str(file) in taken, CONVERTERS)


@pytest.mark.parametrize(
    ("path", "file", "given"),
    [
        ("/", "home.py", {"path": "/"}),
        ("/costs", "costs.py", {}),
        ("/reports/annual-summary", "reports/annual_summary.py", {}),
        ("/reports/annual_summary", "reports/annual_summary.py", {"path": ...}),
        ("/Costs", "costs.py", {"path": ...}),
        ("/v1.0", "v1_0.py", {"path": ...}),
        ("/_hidden", "hidden.py", {"path": ...}),
        ("/costs/", "costs.py", {"path": ...}),
        ("/not-found-404", "not_found_404_page.py", {"path": ...}),
        ("/report/<id>", "report.py", {"path_template": ...}),
        ("/report/<id>/costs", "report/costs.py", {"path_template": ...}),
        ("/<name>", "name.py", {"path_template": ...}),
    ],
)
def test_file_follows_from_path(path: str, file: str, given: dict[str, t.Any]) -> None:
    page = make(path)
    assert page.file == PurePosixPath(file)
    paths = {key: page.arguments[key] for key in page.arguments if "path" in key}
    assert paths == dict.fromkeys(given, path)
    compile(page.text, file, "exec")


@pytest.mark.parametrize(
    ("path", "taken", "file"),
    [
        ("/reports/costs", "reports.py", "reports_costs.py"),
        ("/a/b/c", "a/b.py", "a_b_c.py"),
        ("/reports", "reports", "reports_page.py"),
        ("/report/<id>", "report.py", "report_id.py"),
        ("/report", "report.py", "report.py"),
    ],
)
def test_file_does_not_hide_others(path: str, taken: str, file: str) -> None:
    page = make(path, taken)
    assert page.file == PurePosixPath(file)
    # As it would be without the others.
    assert page.arguments["title"] == page_name(make(path).file.stem)
    by_default = page_name(page.file.stem)
    assert page.arguments.get("name", by_default) == page.arguments["title"]


def test_text_of_page() -> None:
    assert make("/reports/costs").text == (
        "import dash\n"
        "from dash import html\n"
        "\n"
        "dash.register_page(\n"
        "    __name__,\n"
        '    title="Costs",\n'
        ")\n"
        "\n"
        'layout = html.H1("Costs")\n'
    )


def test_text_of_page_with_variables() -> None:
    text = make("/report/<int:number>/<name>").text
    assert '    path_template="/report/<int:number>/<name>",\n' in text
    assert '    samples=[{"number": 1, "name": "1"}],\n' in text
    assert text.endswith(
        'def layout(number, name):\n    return html.H1(f"Report {number} {name}")\n'
    )


@pytest.mark.parametrize(
    ("rule", "sample"),
    [
        ("/<a>", {"a": "1"}),
        ("/<path:a>", {"a": "example/1"}),
        ("/<string(length=7):a>", {"a": "example"}),
        ("/<float:a>", {"a": 1.5}),
        ("/<uuid:a>", {"a": "00000000-0000-0000-0000-000000000000"}),
        ("/<any(x, y):a>", None),
    ],
)
def test_sample_is_what_converter_takes(rule: str, sample: t.Any) -> None:
    assert sample_of(rule, CONVERTERS) == sample


def test_sample_of_own_converter() -> None:
    class Day(BaseConverter):
        regex = r"\d{4}-\d\d-\d\d"

    assert sample_of("/<day:d>", {**CONVERTERS, "day": Day}) == {"d": "2026-01-31"}
