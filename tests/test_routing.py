from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import make_page
from werkzeug.routing import BaseConverter
from werkzeug.routing import Map
from werkzeug.routing import Rule
from werkzeug.routing.converters import DEFAULT_CONVERTERS

from flask_dash_pages.naming import default_path
from flask_dash_pages.page import PageError
from flask_dash_pages.routing import check_rule
from flask_dash_pages.routing import page_redirects
from flask_dash_pages.routing import page_rules


@pytest.mark.parametrize(
    "rule", ["/", "/a/<b>", "/a/<int:b>", "/a/<path:b>", "/a/<any(x, y):b>/c-<d>"]
)
def test_check_rule(rule: str) -> None:
    check_rule(rule, source="home.py:1", converters=DEFAULT_CONVERTERS)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("/a/<b", r"'/a/<b' in home.py:1 is not a URL rule: .*\. Variables.*'<name>'"),
        ("/a/<>", r"'/a/<>' in home.py:1"),
        ("/a/<b>/<b>", r"'/a/<b>/<b>' in home.py:1 has the variable 'b' twice"),
        ("/a/<no:b>", r"'/a/<no:b>' in home.py:1 uses a converter.*any, default.*Add"),
        ("/a/<class>", r"'/a/<class>' in home.py:1 has the variable 'class'.*Rename"),
        ("/a/<int(x=1):b>", r"'/a/<int\(x=1\):b>' in home.py:1 is not a URL rule"),
    ],
)
def test_check_rule_refused(rule: str, message: str) -> None:
    with pytest.raises(PageError, match=message):
        check_rule(rule, source="home.py:1", converters=DEFAULT_CONVERTERS)


def test_check_rule_own_converter() -> None:
    class Own(BaseConverter):
        pass

    check_rule("/<own:a>", source="home.py:1", converters={"own": Own})


@given(st.text().map("/{}".format))
def test_check_rule_of_any_text(rule: str) -> None:
    try:
        check_rule(rule, source="home.py:1", converters=DEFAULT_CONVERTERS)
    except PageError:
        return

    Map([Rule(rule, endpoint="page")])


@pytest.mark.parametrize(
    ("path", "supplied", "template", "rules"),
    [
        ("/a", None, None, ["/a"]),
        ("/a/none", None, "/a/<b>", ["/a/<b>"]),
        ("/a", "/a", "/a/<b>", ["/a", "/a/<b>"]),
        # The template takes the path, and its variables.
        ("/a/x", "/a/x", "/a/<b>", ["/a/<b>"]),
        ("/a/x", "/a/x", "/a/<int:b>", ["/a/x", "/a/<int:b>"]),
    ],
)
def test_page_rules(
    path: str, supplied: str | None, template: str | None, rules: list[str]
) -> None:
    page = make_page(path=path, supplied_path=supplied, path_template=template)
    assert page_rules(page, DEFAULT_CONVERTERS) == rules


def test_page_rules_not_found() -> None:
    page = make_page(module="pages.not_found_404", path="/not-found-404")
    assert page_rules(page, DEFAULT_CONVERTERS) == []
    page = make_page(module="not_found_404", path="/404", supplied_path="/404")
    assert page_rules(page, DEFAULT_CONVERTERS) == ["/404"]


@pytest.mark.parametrize(
    ("template", "rule", "made"),
    [
        (None, "/b", "/b"),
        (None, "/b/<int:x>", "/b/<int:x>"),
        ("/a/<x>/<y>", "/b", "/b"),
        ("/a/<x>/<y>", "/b/<x>/<y>", "/b/<x>/<y>"),
        ("/a/<x>", "/b/<int:z>/<x>", "/b/<int:z>/<x>"),
        ("/a/<x>", "/b/<z>", "/b/<z>"),
        ("/a/<int:x>", "/b/<x>", "/b/<int:x>"),
        ("/a/<int:x>", "/b/<int:x>", "/b/<int:x>"),
        ("/a/<any(b, c):x>", "/b/<x>", "/b/<any(b, c):x>"),
    ],
)
def test_page_redirects(template: str | None, rule: str, made: str) -> None:
    path = default_path(template or "/a")
    page = make_page(path=path, path_template=template, redirect_from=[rule])
    assert page_redirects(page, DEFAULT_CONVERTERS) == [made]


def test_page_redirects_without_the_slash_of_the_page() -> None:
    page = make_page(path="/home/", redirect_from=["/home", "/start"])
    assert page_redirects(page, DEFAULT_CONVERTERS) == ["/start"]
    page = make_page(path_template="/home/<int:n>/", redirect_from=["/home/<n>"])
    assert page_redirects(page, DEFAULT_CONVERTERS) == []


@pytest.mark.parametrize(
    ("template", "rule", "message"),
    [
        ("/a/<x>/<y>", "/b/<x>", r"'/b/<x>' in .* in home.py:3 lacks .*'y' of .* Add"),
        ("/a/<int:x>", "/b", r"'/b' .* would lead to '/a/none', which '/a/<int:x>'"),
        ("/a/<x>", "/b/<path:x>", r"has '<path:x>', which can take .* Write '<x>'"),
        ("/a/<x>", "/b/<int:x>", r"has '<int:x>', which can take .* Write '<x>'"),
    ],
)
def test_page_redirects_refused(template: str, rule: str, message: str) -> None:
    path = default_path(template)
    page = make_page(path=path, path_template=template, redirect_from=[rule])

    with pytest.raises(PageError, match=message):
        page_redirects(page, DEFAULT_CONVERTERS)


@pytest.mark.parametrize(
    "option", [{"redirect_from": ["/x"]}, {"path_template": "/<x>"}]
)
def test_page_for_errors_refused(option: dict[str, str]) -> None:
    page = make_page(module="pages.not_found_404", **option)

    with pytest.raises(PageError, match=r"'pages.not_found_404' in home.py:3, .* 404"):
        page_redirects(page, DEFAULT_CONVERTERS)
