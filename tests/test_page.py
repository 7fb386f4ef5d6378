from __future__ import annotations

import copy
import typing as t

import pytest

from flask_dash_pages.page import Page

KEYS = {
    "module",
    "path",
    "supplied_path",
    "path_template",
    "name",
    "supplied_name",
    "title",
    "supplied_title",
    "description",
    "order",
    "supplied_order",
    "layout",
    "supplied_layout",
    "image",
    "supplied_image",
    "image_url",
    "redirect_from",
    "prerender",
    "prefetch",
    "max_age",
    "noindex",
    "json_ld",
    "alternates",
    "sitemap",
    "lastmod",
    "guard",
    "supplied_guard",
    "endpoint",
    "relative_path",
}


def make_page(**values: t.Any) -> Page:
    given: dict[str, t.Any] = {
        "module": "pages.home",
        "path": "/home",
        "supplied_path": None,
        "path_template": None,
        "name": "Home",
        "supplied_name": None,
        "title": "Home",
        "supplied_title": None,
        "description": "",
        "order": None,
        "supplied_order": None,
        "layout": "layout",
        "supplied_layout": None,
        "image": None,
        "supplied_image": None,
        "image_url": None,
        "redirect_from": None,
        "endpoint": "dash_pages.home",
        "source": "home.py:3",
        "relative": "/prefix{}".format,
        "extra": {"location": "sidebar"},
    }
    return Page(**given | values)


def test_page_reads_both_ways() -> None:
    page = make_page()

    for key in page:
        assert page[key] == getattr(page, key)


def test_page_has_the_keys_of_dash() -> None:
    page = make_page()
    assert set(page) == {*KEYS, "location"}
    assert len(page) == len(KEYS) + 1
    assert dict(page)["location"] == page.location == page.get("location") == "sidebar"
    assert page.relative_path == "/prefix/home"


def test_page_unknown_key() -> None:
    page = make_page()

    with pytest.raises(KeyError, match="icon"):
        page["icon"]

    with pytest.raises(
        AttributeError, match=r"'pages.home' has no 'icon'.*icon=\.\.\."
    ):
        _ = page.icon

    assert page.get("icon", "none") == "none"


@pytest.mark.parametrize("key", ["name", "title", "description", "layout", "icon"])
def test_page_takes_item(key: str) -> None:
    page = make_page()
    page[key] = "new"
    assert page[key] == getattr(page, key) == "new"
    assert page.get(f"supplied_{key}", "new") == "new"
    assert page.copy() == dict(page)


@pytest.mark.parametrize("key", ["path", "path_template", "guard", "endpoint"])
def test_page_refuses_item(key: str) -> None:
    page = make_page()

    with pytest.raises(TypeError, match=rf"The '{key}' of .*'pages.home' .*{key}=\.\."):
        page[key] = "new"

    assert page[key] == make_page()[key]


def test_page_can_be_copied_and_compared() -> None:
    page = make_page()
    assert copy.copy(page).path == "/home"
    assert page == page
    assert page != make_page()
    assert len({page, page}) == 1


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("pages.not_found_404", 404),
        ("not_found_404", 404),
        ("pages.forbidden_403", 403),
        ("error_500", 500),
        ("pages.not_found_404.other", None),
        ("pages.home", None),
    ],
)
def test_error_status(module: str, expected: int | None) -> None:
    assert make_page(module=module).error_status == expected
