from __future__ import annotations

import typing as t
from fractions import Fraction

import pytest

from flask_dash_pages.page import Declaration
from flask_dash_pages.page import ERROR_PAGES
from flask_dash_pages.page import Page
from flask_dash_pages.page import PageError
from flask_dash_pages.registry import Defaults
from flask_dash_pages.registry import make_page
from flask_dash_pages.registry import Registry

NOTHING = dict.fromkeys(
    [
        "path",
        "path_template",
        "name",
        "order",
        "title",
        "description",
        "image",
        "image_url",
        "redirect_from",
        "layout",
        "max_age",
        "json_ld",
        "alternates",
        "lastmod",
        "guard",
    ]
) | {"prerender": True, "prefetch": True, "noindex": False, "sitemap": True}


def page_of(
    module: str = "pages.home",
    *,
    app_title: str | None = None,
    app_description: str = "",
    line: int = 1,
    **arguments: t.Any,
) -> Page:
    declaration = Declaration(module, {**NOTHING, **arguments}, "pages/home.py", line)
    defaults = Defaults(
        packages=("pages",),
        title=app_title,
        description=app_description,
        assets=("home.png", "app.png"),
        relative="/prefix{}".format,
    )
    return make_page(declaration, defaults, "dash_pages.{}".format)


def registry_of(*pages: Page) -> Registry:
    registry = Registry()

    for page in pages:
        registry.add(page, [page.path], page.redirect_from or [])

    return registry


def test_make_page_inferred() -> None:
    page = page_of("pages.weekly_analytics")
    assert dict(page) == {
        "module": "pages.weekly_analytics",
        "path": "/weekly-analytics",
        "supplied_path": None,
        "path_template": None,
        "name": "Weekly analytics",
        "supplied_name": None,
        "title": "Weekly analytics",
        "supplied_title": None,
        "description": "",
        "order": None,
        "supplied_order": None,
        "layout": None,
        "supplied_layout": None,
        "image": "app.png",
        "supplied_image": None,
        "image_url": None,
        "redirect_from": None,
        "prerender": True,
        "prefetch": True,
        "max_age": None,
        "noindex": False,
        "json_ld": None,
        "alternates": None,
        "sitemap": True,
        "lastmod": None,
        "guard": (),
        "supplied_guard": None,
        "endpoint": "dash_pages.weekly_analytics",
        "relative_path": "/prefix/weekly-analytics",
    }
    assert page.source == "pages/home.py:1"


def test_make_page_supplied() -> None:
    given = {
        "path": "/there",
        "name": "There",
        "title": "A title",
        "description": "Words",
        "order": 3,
        "image": "other.png",
        "image_url": "https://example.com/i.png",
        "redirect_from": ["/here"],
        "layout": "layout",
        "prerender": False,
        "prefetch": False,
        "max_age": 60,
        "location": "sidebar",
    }
    page = page_of(**given)

    for key, value in given.items():
        assert page[key] == value

    for key in ("path", "name", "title", "order", "image", "layout"):
        assert page[f"supplied_{key}"] == given[key]


@pytest.mark.parametrize(
    ("app_title", "arguments", "title"),
    [
        (None, {}, "Home"),
        (None, {"name": "Start"}, "Start"),
        ("Mine", {"name": "Start"}, "Mine"),
        ("Mine", {"title": "Page"}, "Page"),
        ("Mine", {"title": ""}, ""),
    ],
)
def test_make_page_title(
    app_title: str | None, arguments: dict[str, str], title: str
) -> None:
    assert page_of(app_title=app_title, **arguments).title == title


def test_make_page_title_function() -> None:
    assert page_of(title=str).title is str
    assert page_of(title=str).supplied_title is str


@pytest.mark.parametrize(
    ("arguments", "description"),
    [({}, "App"), ({"description": "Page"}, "Page"), ({"description": ""}, "App")],
)
def test_make_page_description(arguments: dict[str, str], description: str) -> None:
    assert page_of(app_description="App", **arguments).description == description


@pytest.mark.parametrize(
    ("arguments", "path", "template"),
    [
        ({"path": "/"}, "/", None),
        ({"path": ""}, "/", None),
        ({"path_template": "/a/<b>"}, "/a/none", "/a/<b>"),
        ({"path_template": "a/<int:b>"}, "/a/none", "/a/<int:b>"),
        ({"path_template": "/a/<b>", "path": "/a"}, "/a", "/a/<b>"),
    ],
)
def test_make_page_path(
    arguments: dict[str, str], path: str, template: str | None
) -> None:
    page = page_of(**arguments)
    assert (page.path, page.path_template) == (path, template)


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        ("__main__", {}, r"home.py:1 was given '__main__' as the module. Give"),
        (3, {}, r"home.py:1 was given 3 as the module"),
        ("a", {"path": "/x/<y>"}, r"'/x/<y>' in .*home.py:1 has .* path_template"),
        ("a", {"path": "x"}, r"'x' in .*home.py:1 .* begin with '/'"),
        *[
            ("a", {"path": path}, r"The path '/.*' in .*home.py:1 is not the path of")
            for path in ("/x?y", "/x#y", "/a%20b", "/a//b", "/a/../b", "/..", "/.")
        ],
        ("/x", {}, r"The path '//x' in .*home.py:1"),
        (".x", {}, r"The path '//x' in .*home.py:1"),
        *[
            ("a", {key: 5}, rf"The {key} in .*home.py:1 is 5. It must be a string")
            for key in ("path", "path_template", "name", "image", "image_url")
        ],
        ("a", {"prerender": "no"}, r"The prerender in .*home.py:1 is 'no'. It must be"),
        ("a", {"prefetch": 0}, r"The prefetch in .*home.py:1 is 0. It must be True"),
        ("a", {"max_age": "5"}, r"The max_age in .*home.py:1 is '5'. It must be a"),
        ("a", {"max_age": -1}, r"The max_age in .*home.py:1 is -1. It must be a"),
        ("a", {"max_age": True}, r"The max_age in .*home.py:1 is True. It must be"),
        ("a", {"redirect_from": [5]}, r"redirect_from in .*home.py:1 is \[5\]"),
        ("a", {"redirect_from": 5}, r"redirect_from in .*home.py:1 is 5"),
        ("a", {"endpoint": "x"}, r"home.py:1 was given the keyword 'endpoint'"),
        ("a", {"guard": "x"}, r"home.py:1 .* 'x' is not a function of \(page, var"),
        ("a", {"guard": [lambda page: 1]}, r"home.py:1 .* is not a function of"),
        ("error_500", {"guard": max}, r"home.py:1 .* to whoever is denied another one"),
        ("a", {"redirect_from": "/x"}, r"home.py:1 is '/x'. It must be a list"),
    ],
)
def test_make_page_refused(
    module: t.Any, arguments: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(PageError, match=message):
        page_of(module, **arguments)


@pytest.mark.parametrize(
    ("pages", "order"),
    [
        ({"b": {}, "a": {}, "home": {"path": "/"}}, ["home", "a", "b"]),
        ({"home": {"path": "/"}, "a": {"order": 1}, "b": {}}, ["a", "b", "home"]),
        ({"a": {"order": 2}, "b": {"order": 1}}, ["b", "a"]),
        ({"a": {"order": 1.5}, "b": {"order": Fraction(4, 3)}}, ["b", "a"]),
        ({"a": {"order": 10}, "b": {"order": 9}}, ["b", "a"]),
        ({"a": {"order": "z"}, "b": {"order": "y"}}, ["b", "a"]),
        ({"a": {"order": "0"}, "b": {"order": 5}, "c": {}}, ["b", "a", "c"]),
        ({"b": {"order": 0}, "a": {"order": 0}}, ["a", "b"]),
        ({"a": {"order": 0}, "home": {"path": "/"}}, ["a", "home"]),
    ],
)
def test_registry_order(pages: dict[str, dict[str, t.Any]], order: list[str]) -> None:
    registry = registry_of(*(page_of(name, **page) for name, page in pages.items()))
    assert list(registry) == order
    assert [page.module for page in registry.values()] == order


def test_registry_order_of_home() -> None:
    registry = registry_of(page_of("a"), page_of("home", path="/"))
    assert registry["home"].order == 0
    assert registry["home"].supplied_order is None
    registry.add(page_of("b", order=1), ["/b"], [])
    assert registry["home"].order is None


def test_registry_changes_while_read() -> None:
    registry = registry_of(page_of("a"), page_of("b"))
    names = iter(registry)
    assert next(names) == "a"
    registry.add(page_of("c"), ["/c"], [])
    assert list(names) == ["b"]
    assert list(registry) == ["a", "b", "c"]


def test_registry_is_a_mapping() -> None:
    page = page_of("a")
    registry = registry_of(page)
    assert registry["a"] is page
    assert registry.get("b") is None
    assert "a" in registry
    assert len(registry) == 1
    assert repr(registry) == "<Registry ['a']>"


def test_registry_can_be_copied_and_reversed() -> None:
    registry = registry_of(page_of("a"), page_of("b"))
    assert registry.copy() == dict(registry)
    assert list(reversed(registry)) == ["b", "a"]


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (
            {"module": "a"},
            {"module": "a", "path": "/b"},
            r"'a' is registered twice, in pages/home.py:1 and pages/home.py:2. Remove",
        ),
        (
            {"module": "a", "path": "/x"},
            {"module": "b", "path": "/x/"},
            r"'/x/' is the path of 'b' in pages/home.py:2, but it is taken by 'a' in"
            r" pages/home.py:1. Change",
        ),
        (
            {"module": "a", "path": "/x"},
            {"module": "b", "redirect_from": ["/x"]},
            r"'/x' is redirected to 'b' in .*:2, but it is taken by 'a' in .*:1",
        ),
        (
            {"module": "a", "redirect_from": ["/x/<y>"]},
            {"module": "b", "redirect_from": ["/x/<z>"]},
            r"'/x/<z>' is redirected to 'b' in .*:2, but it is taken by 'a' in .*:1",
        ),
        (
            {"module": "a", "redirect_from": ["/x"]},
            {"module": "b", "path": "/x"},
            r"'/x' is the path of 'b' in .*:2, but it is taken by 'a' in .*:1",
        ),
    ],
)
def test_registry_refuses_taken(
    one: dict[str, t.Any], other: dict[str, t.Any], message: str
) -> None:
    registry = registry_of(page_of(**one))
    page = page_of(line=2, **other)

    with pytest.raises(PageError, match=message):
        registry.add(page, [page.path], page.redirect_from or [])

    assert list(registry) == ["a"]


def test_registry_refuses_own_redirect() -> None:
    page = page_of("a", redirect_from=["/a"])

    with pytest.raises(PageError, match=r"'/a' in redirect_from .* redirect forever"):
        registry_of(page)


@pytest.mark.parametrize(("module", "status"), ERROR_PAGES.items())
def test_registry_error_page(module: str, status: int) -> None:
    page = page_of(f"pages.{module}")
    registry = registry_of(page_of("a"), page)
    assert registry_of(page_of("a")).error_page(status) is None
    assert registry.error_page(status) is page
    assert registry.error_page(418) is None


def test_registry_of_many_pages_is_linear() -> None:
    sorts = 0

    class Counted(Registry):
        def _sort(self) -> None:
            nonlocal sorts
            sorts += 1
            super()._sort()

    registry = Counted()

    for number in range(1000):
        page = page_of(f"p{number}", path=f"/{number}")
        registry.add(page, [page.path], [])

    assert sorts == 0
