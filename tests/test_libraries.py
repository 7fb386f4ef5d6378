from __future__ import annotations

import typing as t

import pytest

from flask_dash_pages.libraries import element
from flask_dash_pages.libraries import height

BOOTSTRAP = "dash_bootstrap_components"
CORE = "dash_core_components"


@pytest.mark.parametrize(
    ("name", "props", "tag", "classes"),
    [
        ("Button", {}, "button", "btn btn-primary"),
        ("Button", {"color": "info", "outline": True}, "button", "btn-outline-info"),
        ("Button", {"href": "/"}, "a", "btn"),
        ("Card", {"color": "info", "outline": True}, "div", "card border-info"),
        ("Col", {}, "div", "col"),
        ("Col", {"width": True}, "div", "col"),
        ("Col", {"width": 4, "md": {"size": 6, "offset": 2}}, "div", "col-4 col-md-6"),
        ("Col", {"md": {"size": 6, "offset": 2, "order": 1}}, "div", "offset-md-2"),
        ("Col", {"lg": {"order": "last"}}, "div", "col order-lg-last"),
        ("Container", {}, "div", "container"),
        ("Container", {"fluid": True}, "div", "container-fluid"),
        ("Container", {"fluid": "md"}, "div", "container-md"),
        ("Nav", {"vertical": True}, "div", "flex-column"),
        ("Nav", {"vertical": "md"}, "div", "flex-md-column"),
        ("Stack", {}, "div", "vstack"),
        ("Stack", {"direction": "horizontal"}, "div", "hstack"),
    ],
)
def test_element(name: str, props: dict[str, t.Any], tag: str, classes: str) -> None:
    found, parts, _ = element(BOOTSTRAP, name, props)
    assert found == tag
    assert set(classes.split()) <= set(" ".join(parts).split())


@pytest.mark.parametrize(
    ("name", "props", "classes"),
    [
        ("Button", {"color": "danger", "outline": True}, "btn-danger"),
        ("Col", {"md": 4}, "col"),
        ("Container", {"fluid": True}, "container"),
        ("Stack", {"direction": "horizontal"}, "vstack"),
    ],
)
def test_element_has_no_other_class(
    name: str, props: dict[str, t.Any], classes: str
) -> None:
    _, parts, _ = element(BOOTSTRAP, name, props)
    assert not set(classes.split()) & set(" ".join(parts).split())


def test_element_of_title() -> None:
    assert element("dash_mantine_components", "Title", {"order": 3})[0] == "h3"
    assert element("dash_mantine_components", "Title", {"order": 7})[0] == "h1"


def test_children_of_card_with_body() -> None:
    _, _, children = element(BOOTSTRAP, "Card", {"body": True, "children": "text"})
    assert children["type"] == "CardBody"
    assert children["props"] == {"children": "text"}


def test_children_of_navbar() -> None:
    props = {"brand": "World", "brand_href": "/", "children": "links", "fluid": True}
    _, _, children = element(BOOTSTRAP, "NavbarSimple", props)
    brand, links = children["props"]["children"]
    assert children["props"]["fluid"]
    assert brand["props"] == {"children": "World", "href": "/"}
    assert links["props"]["children"]["props"]["children"] == "links"


def test_children_of_navbar_without_brand() -> None:
    _, _, children = element(BOOTSTRAP, "NavbarSimple", {"children": "links"})
    (links,) = children["props"]["children"]
    assert "navbar-collapse" in links["props"]["className"]


@pytest.mark.parametrize(
    ("name", "props", "pixels"),
    [
        ("Graph", {}, 450),
        ("Graph", {"figure": {"layout": {"height": 300}}}, 300),
        ("Graph", {"figure": {"layout": None}}, 450),
        ("Checklist", {"options": ["a", "b", "c"]}, 78),
        ("Checklist", {"options": ["a", "b", "c"], "inline": True}, 26),
        ("RadioItems", {"options": {"a": "A", "b": "B"}}, 52),
        ("RadioItems", {}, 26),
        ("Store", {}, None),
    ],
)
def test_height(name: str, props: dict[str, t.Any], pixels: int | None) -> None:
    assert height(CORE, name, props) == pixels
