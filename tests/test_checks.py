from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable

import pytest
from dash import dcc
from dash import html
from flask import Flask

from flask_dash_pages import checks
from flask_dash_pages import DashPages
from flask_dash_pages import Page
from flask_dash_pages.checks import Finding
from flask_dash_pages.checks import Rendered
from flask_dash_pages.encoding import to_json


def make_page(**options: t.Any) -> Page:
    app = Flask("testapp")
    pages = DashPages(app, pages_folder=None)
    pages.register_page("one", layout="", **options)

    with app.app_context():
        return pages.registry["one"]


def rendered(page: Page, **values: t.Any) -> Rendered:
    shown = {
        "url": "/one",
        "title": "A title",
        "description": "A description",
        "tree": None,
        "seconds": 0.0,
    }
    return Rendered(page, **{**shown, **values})


def tree(layout: t.Any) -> t.Any:
    return json.loads(to_json(layout))


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in findings]


def test_finding_about_page_says_where() -> None:
    page = make_page()
    finding = checks.error("code", "message", page)
    assert finding.page == "one"
    assert finding.source == page.source
    assert checks.warning("code", "message").source is None


@pytest.mark.parametrize(
    ("options", "values", "codes"),
    [
        ({"title": "A title"}, {}, []),
        ({"title": " "}, {"title": " "}, ["no-title"]),
        ({}, {"title": "One"}, ["no-title"]),
        # That of the app.
        ({}, {"title": "Figures"}, []),
        ({"title": "One"}, {"title": "One"}, []),
        ({"title": "A title"}, {"description": ""}, ["no-description"]),
    ],
)
def test_texts(
    options: dict[str, t.Any], values: dict[str, t.Any], codes: list[str]
) -> None:
    found = checks.check_texts(rendered(make_page(**options), **values))
    assert told(found) == [("warning", code) for code in codes]


def test_samples_of_function() -> None:
    def samples() -> t.Iterator[dict[str, t.Any]]:
        yield {"id": 1}

    assert checks.samples_of(make_page(samples=samples)) == [{"id": 1}]
    assert checks.samples_of(make_page()) == []


@pytest.mark.parametrize("samples", [1, [1], ["ab"], lambda: None])
def test_samples_of_another_kind(samples: t.Any) -> None:
    with pytest.raises(TypeError, match="Give a list of dicts"):
        checks.samples_of(make_page(samples=samples))


def test_page_not_rendered() -> None:
    page = make_page(path_template="/<int:id>")
    finding = checks.check_not_rendered(page, ["language"])
    assert "it needs 'id', 'language'." in finding.message
    assert "samples=[{'id': ..., 'language': ...}]" in finding.message


def test_ids_twice() -> None:
    layout = tree([html.P(id="a"), html.P(id="a"), html.P(id={"i": 1}), html.P(id="b")])
    found = list(checks.check_ids(layout, ["b", "c"]))
    assert told(found) == [("error", "duplicate-id")] * 2
    assert found[0].message.startswith("The id 'a' is there 2 times.")
    assert found[1].message.startswith("The id 'b' is in the shell, too.")


def test_links_and_files() -> None:
    layout = tree(
        [
            dcc.Link("a", href="/a"),
            html.A("b", href="/b"),
            html.Img(src="/c"),
            html.A("d"),
        ]
    )
    problems = {"/b": "leads nowhere.", "/c": "is gone."}
    found = list(checks.check_links(layout, problems.get))
    assert told(found) == [("error", "dead-link"), ("error", "no-file")]
    assert found[0].message == "A has the href '/b', which leads nowhere."


def test_slowest_view_of_page() -> None:
    page = make_page()
    views = [rendered(page, url=f"/{n}", seconds=n) for n in (1, 3, 2)]
    (finding,) = checks.check_seconds(views, 1.5)
    assert "took 3.0 s at '/3'" in finding.message
    assert list(checks.check_seconds(views, 3)) == []


def spec(output: str = "out.children", *ids: str, **more: t.Any) -> dict[str, t.Any]:
    return {
        "output": output,
        "inputs": [{"id": each, "property": "value"} for each in ids],
        "state": [],
        **more,
    }


@pytest.mark.parametrize(
    ("callback", "ids"),
    [
        (spec("a.b", "c"), ["a", "c"]),
        (spec("a.b@0123", "a"), ["a"]),
        (spec("..a.b...c.d.."), ["a", "c"]),
        (spec(r"a\.b.children"), ["a.b"]),
        (spec(r'{"i":1\.5}.children'), ['{"i":1.5}']),
        (spec("0123", "a", no_output=True), ["a"]),
    ],
)
def test_ids_of_callback(callback: dict[str, t.Any], ids: list[str]) -> None:
    assert checks.callback_ids(callback) == ids


def test_callback_without_component() -> None:
    page = make_page()
    callbacks = [spec("out.children", "in", '{"type":["ALL"]}')]
    owners = {"out.children": [frozenset({page})]}

    def check(*ids: str, unknown: Iterable[Page] = ()) -> list[Finding]:
        return list(checks.check_callbacks(callbacks, owners, ids, unknown))

    assert check("out", "in", '{"type":"a"}') == []
    (finding,) = check("out", '{"type":"a"}')
    assert finding[:3] == ("warning", "no-component", "one")
    assert "'in'" in finding.message
    assert len(check("in")) == 2
    # The component may be in what was not rendered.
    assert check(unknown=[page]) == []
    assert len(check(unknown=[make_page()])) == 3


def test_callback_of_app_waits_for_all_pages() -> None:
    owners = {"out.children": [frozenset({None})]}
    callbacks = [spec("out.children")]
    assert told(checks.check_callbacks(callbacks, owners, [], [])) == [
        ("warning", "no-component")
    ]
    assert list(checks.check_callbacks(callbacks, owners, [], [make_page()])) == []


def test_callback_that_is_optional() -> None:
    owners = {"out.children": [frozenset({None})]}
    callbacks = [spec("out.children", optional=True), spec("own.children")]
    assert list(checks.check_callbacks(callbacks, owners, [], [])) == []


@pytest.mark.parametrize(
    ("has_guards", "level", "who"),
    [(True, "error", "Nobody"), (False, "warning", "Everybody")],
)
def test_callback_of_nobody(has_guards: bool, level: str, who: str) -> None:
    owners: dict[str, t.Any] = {"a.b": [frozenset()], "c.d": [frozenset({None})]}
    (finding,) = checks.check_owners(owners, has_guards=has_guards)
    assert (finding.level, finding.code) == (level, "no-owner")
    assert f"'a.b' belongs neither to a page nor to the app. {who}" in finding.message


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/a", "/a"),
        ("/a/<b>/<int:c>", "/a/dash-pages-check/7919919"),
        ("/a/<path:b>", "/a/dash-pages/check/7919919"),
        ("/<string(length=2):a>", None),
        ("/<year:a>", None),
    ],
)
def test_probe(rule: str, path: str | None) -> None:
    assert checks.probe(rule) == path
