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
            ("Col", "div", ""),
            ("Container", "div", ""),
            ("Label", "label", "form-label"),
            ("ListGroup", "ul", "list-group"),
            ("ListGroupItem", "li", "list-group-item"),
            ("Nav", "div", "nav"),
            ("NavItem", "div", "nav-item"),
            ("NavLink", "a", "nav-link"),
            ("Navbar", "nav", "navbar navbar-expand-md"),
            ("NavbarBrand", "span", "navbar-brand"),
            ("NavbarSimple", "nav", "navbar navbar-expand-md"),
            ("Row", "div", "row"),
            ("Stack", "div", ""),
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

#: The classes of Bootstrap for props: with a place for the value, or for ``True``.
_BOOTSTRAP: Mapping[str, Mapping[str, str]] = {
    "Alert": {"color": "alert-{}"},
    "Badge": {"color": "bg-{}", "pill": "rounded-pill", "text_color": "text-{}"},
    "Button": {"active": "active", "color": "btn-{}", "size": "btn-{}"},
    "Card": {"color": "bg-{}", "inverse": "text-white"},
    "Col": {"align": "align-self-{}"},
    "ListGroup": {"flush": "list-group-flush"},
    "ListGroupItem": {
        "action": "list-group-item-action",
        "active": "active",
        "color": "list-group-item-{}",
        "disabled": "disabled",
    },
    "Nav": {
        "fill": "nav-fill",
        "horizontal": "justify-content-{}",
        "justified": "nav-justified",
        "pills": "nav-pills",
    },
    "NavLink": {"active": "active", "disabled": "disabled"},
    "Navbar": {"color": "bg-{}", "dark": "navbar-dark"},
    "Row": {"align": "align-items-{}", "justify": "justify-content-{}"},
    "Stack": {"gap": "gap-{}"},
    "Table": {
        "bordered": "table-bordered",
        "color": "table-{}",
        "hover": "table-hover",
        "size": "table-{}",
        "striped": "table-striped",
    },
}
#: The colors of those that have one anyway.
_COLORS = {"Alert": "success", "Badge": "secondary", "Button": "primary"}
_SIZES = ("width", "xs", "sm", "md", "lg", "xl", "xxl")

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


def is_shown(props: Props) -> bool:
    """Whether a component shows itself from the start."""
    return props.get("is_open") is not False and props.get("display") != "none"


def is_hidden(props: Props) -> bool:
    """Whether an input takes no place."""
    return props.get("type") == "hidden"


def element(namespace: str, name: str, props: Props) -> tuple[str, list[str], t.Any]:
    """The element, the classes and the children of a component in :data:`AROUND`."""
    tag, classes = AROUND[namespace, name]
    children, level = props.get("children"), props.get("order")

    if tag == "h1" and level in (2, 3, 4, 5, 6):
        tag = f"h{level}"

    if namespace != "dash_bootstrap_components":
        return tag, [classes], children

    if props.get("href") is not None:
        tag = "a"

    if name == "NavbarSimple":
        name, children = "Navbar", _in_navbar(props)
    elif name == "Card" and props.get("body"):
        children = _component("CardBody", children=children)

    return tag, [classes, *_classes(name, props)], children


def _component(name: str, **props: t.Any) -> dict[str, t.Any]:
    return {"namespace": "dash_bootstrap_components", "type": name, "props": props}


def _block(classes: str, children: t.Any) -> dict[str, t.Any]:
    props = {"className": classes, "children": children}
    return {"namespace": "dash_html_components", "type": "Div", "props": props}


def _in_navbar(props: Props) -> t.Any:
    brand, href = props.get("brand"), props.get("brand_href")
    links = _block("ms-auto navbar-nav", props.get("children"))
    parts = [_block("navbar-collapse collapse", links)]

    if brand is not None:
        parts.insert(0, _component("NavbarBrand", children=brand, href=href))

    return _component("Container", fluid=props.get("fluid"), children=parts)


def _classes(name: str, props: Props) -> t.Iterator[str]:
    """The classes of Bootstrap for the props of a component."""
    props = {"color": _COLORS.get(name), **props}

    if name in {"Button", "Card"} and props.get("outline") and props["color"]:
        yield f"{'btn-outline' if name == 'Button' else 'border'}-{props['color']}"
        props = {**props, "color": None}

    for prop, text in _BOOTSTRAP.get(name, {}).items():
        value = props.get(prop)

        if value is True if "{}" not in text else _is_word(value):
            yield text.format(value)

    if name == "Col":
        yield from _column(props)
    elif name == "Container":
        fluid = props.get("fluid")
        width = "fluid" if fluid is True else fluid
        yield f"container-{width}" if fluid else "container"
    elif name == "Nav" and (vertical := props.get("vertical")):
        yield "flex-column" if vertical is True else f"flex-{vertical}-column"
    elif name == "Stack":
        yield "hstack" if props.get("direction") == "horizontal" else "vstack"


def _is_word(value: t.Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _column(props: Props) -> t.Iterator[str]:
    found = False

    for name in _SIZES:
        infix = "" if name in {"width", "xs"} else f"-{name}"
        value = props.get(name)
        sizes = value if isinstance(value, dict) else {"size": value}

        for key, prefix in (("size", "col"), ("order", "order"), ("offset", "offset")):
            size = sizes.get(key)

            if size is True:
                yield f"{prefix}{infix}"
            elif _is_word(size):
                yield f"{prefix}{infix}-{size}"

            found = found or (key == "size" and size not in (None, False))

    if not found:
        yield "col"


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
