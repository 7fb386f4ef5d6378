"""What is known of components that are not ``dash.html``."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .attributes import Props

#: Components of other libraries that show what is in them: their elements and classes.
#: Most others show it later, or somewhere else.
AROUND: Mapping[tuple[str, str], tuple[str, str]] = {
    ("dash_core_components", "Loading"): ("div", ""),
    **{
        ("dash_bootstrap_components", name): (tag, classes)
        for name, tag, classes in [
            ("Alert", "div", "alert"),
            ("Badge", "span", "badge"),
            ("Button", "button", "btn"),
            ("Card", "div", "card"),
            ("CardBody", "div", "card-body"),
            ("CardFooter", "div", "card-footer"),
            ("CardHeader", "div", "card-header"),
            ("Col", "div", "col"),
            ("Container", "div", "container"),
            ("Label", "label", "form-label"),
            ("ListGroup", "ul", "list-group"),
            ("ListGroupItem", "li", "list-group-item"),
            ("Nav", "ul", "nav"),
            ("NavItem", "li", "nav-item"),
            ("NavLink", "a", "nav-link"),
            ("Navbar", "nav", "navbar navbar-expand-md"),
            ("NavbarBrand", "a", "navbar-brand"),
            ("NavbarSimple", "nav", "navbar navbar-expand-md"),
            ("Row", "div", "row"),
            ("Stack", "div", "vstack"),
            ("Table", "table", "table"),
        ]
    },
    **{
        ("dash_mantine_components", name): (tag, "")
        for tag, names in {
            "a": ["Anchor"],
            "div": (
                "AppShell AppShellFooter AppShellHeader AppShellMain AppShellNavbar"
                " Box Card Center Container Flex Grid GridCol Group MantineProvider"
                " Paper SimpleGrid Stack"
            ).split(),
            "h1": ["Title"],
            "p": ["Text"],
            "span": ["Badge", "Button"],
        }.items()
        for name in names
    },
}

#: Heights in pixels of components that are given none.
_HEIGHTS = {
    ("dash_ag_grid", "AgGrid"): 400,
    ("dash_core_components", "DatePickerRange"): 34,
    ("dash_core_components", "DatePickerSingle"): 34,
    ("dash_core_components", "Dropdown"): 34,
    ("dash_core_components", "Graph"): 450,
    ("dash_core_components", "Input"): 34,
    ("dash_core_components", "RangeSlider"): 34,
    ("dash_core_components", "Slider"): 34,
    ("dash_core_components", "Textarea"): 50,
}
#: The height of each option of a list.
_OPTION_HEIGHTS = {
    ("dash_core_components", "Checklist"): 26,
    ("dash_core_components", "RadioItems"): 26,
}


def variant(name: str, classes: str, props: Props) -> str:
    """The classes of a component of Bootstrap with these props."""
    width = props.get("width")

    if name == "Container" and props.get("fluid"):
        return f"{classes}-fluid"

    if name == "Col" and isinstance(width, int):
        return f"{classes}-{width}"

    if name == "Stack" and props.get("direction") == "horizontal":
        return "hstack"

    return classes


def height(namespace: str, name: str, props: Props) -> t.Any:
    """The height in pixels of a component that is not shown, or ``None``."""
    option = _OPTION_HEIGHTS.get((namespace, name))

    if option is not None:
        options = props.get("options")
        is_one_line = props.get("inline") or not isinstance(options, (dict, list))
        return option if is_one_line else option * len(t.cast(t.Sized, options))

    figure = props.get("figure")
    layout = figure.get("layout") if isinstance(figure, dict) else None
    given = layout.get("height") if isinstance(layout, dict) else None
    return _HEIGHTS.get((namespace, name)) if given is None else given
