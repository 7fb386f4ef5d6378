from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import make_page
from werkzeug.routing import BaseConverter
from werkzeug.routing import Map
from werkzeug.routing import Rule
from werkzeug.routing.converters import DEFAULT_CONVERTERS

from flask_dash_pages.page import PageError
from flask_dash_pages.routing import check_redirects
from flask_dash_pages.routing import check_rule
from flask_dash_pages.routing import CONVERTER
from flask_dash_pages.routing import page_rules
from flask_dash_pages.routing import takes_any_path
from flask_dash_pages.routing import UNKNOWN_PATH
from flask_dash_pages.routing import UnknownPathConverter


@pytest.mark.parametrize(
    "rule", ["/", "/a/<b>", "/a/<int:b>", "/a/<path:b>", "/a/<any(x, y):b>/c-<d>"]
)
def test_check_rule(rule: str) -> None:
    check_rule(rule, source="home.py:1", converters=DEFAULT_CONVERTERS)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("/a/<b", r"'/a/<b' in home.py:1 is not a URL rule.*malformed.*'<name>'"),
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
    page = make_page(module="pages.not_found_404")
    assert page_rules(page, DEFAULT_CONVERTERS) == []


@pytest.mark.parametrize("rule", ["/b", "/b/<x>/<y>", "/b/<y>/<int:x>/<z>", "/b/<z>"])
def test_check_redirects(rule: str) -> None:
    check_redirects(make_page(path_template="/a/<x>/<y>", redirect_from=[rule]))


def test_check_redirects_missing_variable() -> None:
    page = make_page(path_template="/a/<x>/<y>", redirect_from=["/b/<x>"])

    with pytest.raises(
        PageError, match=r"'/b/<x>' in .*'pages.home' in home.py:3.*'y'"
    ):
        check_redirects(page)


def test_unknown_paths_come_last() -> None:
    url_map = Map(
        [
            Rule(f"/p{UNKNOWN_PATH}", endpoint="unknown"),
            Rule("/p/<path:any>", endpoint="path", methods=["POST"]),
            Rule("/p/<x>/y", endpoint="variable"),
            Rule("/p/", endpoint="home"),
        ],
        converters={CONVERTER: UnknownPathConverter},
    )
    urls = url_map.bind("localhost")
    assert urls.match("/p/") == ("home", {})
    assert urls.match("/p/a/y") == ("variable", {"x": "a"})
    assert urls.match("/p/a") == ("unknown", {"unknown": "a"})
    assert urls.match("/p/a/") == ("unknown", {"unknown": "a/"})
    assert urls.match("/p/a//b/") == ("unknown", {"unknown": "a//b/"})
    assert urls.match("/p/a", "POST") == ("path", {"any": "a"})
    assert takes_any_path(urls.match("/p/a", return_rule=True)[0])
    assert not takes_any_path(urls.match("/p/a", "POST", return_rule=True)[0])
