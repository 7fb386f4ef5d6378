"""Component tree to HTML text: what is shown until the app is up.

The tree is the layout as the browser gets it: what its JSON is read as. What is not
known is left out.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from functools import lru_cache
from math import inf
from math import isfinite
from textwrap import dedent

from dash import html as dash_html
from markupsafe import escape
from markupsafe import Markup

try:
    from markdown_it import MarkdownIt
except ImportError:  # It comes with the extra "markdown".
    MarkdownIt = None  # type: ignore[assignment, misc]

Props = Mapping[str, t.Any]
Write = Callable[[str], None]

#: The props of ``dash.html`` that are attributes, and how React writes them.
ATTRIBUTES: Mapping[str, str] = {
    name: name.lower()
    for name in (
        "accept accessKey action alt autoComplete cite colSpan cols contentEditable"
        " controls coords crossOrigin dateTime default dir disabled download draggable"
        " encType form formAction formEncType formMethod formNoValidate formTarget"
        " headers height hidden high href hrefLang inputMode kind label lang loop low"
        " max maxLength media method min minLength multiple muted name noValidate open"
        " optimum placeholder playsInline poster preload readOnly referrerPolicy rel"
        " required reversed role rowSpan rows scope selected shape size sizes span"
        " spellCheck src srcLang srcSet start tabIndex target title type useMap value"
        " width wrap"
    ).split()
} | {"acceptCharset": "accept-charset", "className": "class", "htmlFor": "for"}

#: The props that are no attributes here. Code that waits for an id must find the one of
#: the app, and what starts by itself would start twice.
PROPS_LEFT_OUT = frozenset(
    "autoFocus autoPlay children disable_n_clicks id key n_clicks n_clicks_timestamp"
    " style".split()
)

#: Elements that act on the whole document, load another one, or change how the rest
#: is read.
ELEMENTS_LEFT_OUT = frozenset(
    "Base Embed Frame Frameset Iframe Link Meta Noscript ObjectEl Param Plaintext"
    " Script Template Title Xmp".split()
)

_TAGS = {
    name: "map" if name == "MapEl" else name.lower()
    for name in dash_html.__all__
    if name not in ELEMENTS_LEFT_OUT
}
_VOID = frozenset("area basefont br col hr img keygen source track wbr".split())
#: Attributes that are there or not.
_BOOLEAN = frozenset(
    "controls default disabled formNoValidate hidden loop multiple muted noValidate"
    " open playsInline readOnly required reversed selected".split()
)
#: Attributes that have the word "true" or "false".
_WORDS = frozenset(["contentEditable", "draggable", "spellCheck"])
#: Attributes that React only writes for numbers, and the lowest ones.
_NUMBERS = {"cols": 1, "rowSpan": -inf, "rows": 1, "size": 1, "span": 1, "start": -inf}
_URLS = frozenset(["action", "cite", "formAction", "href", "poster", "src"])
#: What browsers skip in front of a URL and in it.
_IGNORED = re.compile(r"[\x00-\x20]+")
_RUNS = re.compile(r"(?:javascript|vbscript|data(?!:image/)):", re.IGNORECASE)
_WILDCARD = re.compile(r"(?:aria|data)-[a-z0-9_.-]+", re.ASCII | re.IGNORECASE)

#: Properties to whose numbers React does not add "px".
_UNITLESS = frozenset(
    "animationIterationCount aspectRatio borderImageOutset borderImageSlice"
    " borderImageWidth boxFlex boxFlexGroup boxOrdinalGroup columnCount columns"
    " fillOpacity flex flexGrow flexNegative flexOrder flexPositive flexShrink"
    " floodOpacity fontWeight gridArea gridColumn gridColumnEnd gridColumnSpan"
    " gridColumnStart gridRow gridRowEnd gridRowSpan gridRowStart lineClamp lineHeight"
    " opacity order orphans stopOpacity strokeDasharray strokeDashoffset"
    " strokeMiterlimit strokeOpacity strokeWidth tabSize widows zIndex zoom".split()
)
_PROPERTY = re.compile(r"-{0,2}[a-z][a-z0-9_-]*", re.ASCII | re.IGNORECASE)
_PREFIX = re.compile(r"(?:Webkit|Moz|ms|O)(?=[A-Z])")
_CAPITAL = re.compile(r"([A-Z])")
#: Parts of a value in which every character stands for itself.
_QUOTED = re.compile(r"""(?i)"[^"\\\n]*"|'[^'\\\n]*'|url\([^()"'\\\s]*\)""")

_GROUP = re.compile(r"\([^()\[\]]*\)|\[[^()\[\]]*\]")
_CSS_SYNTAX = frozenset("!\"'()<>;[\\]{}")
#: Longer layouts are rendered each time, in characters of their JSON.
MOST_KEPT = 65_536

_PARAGRAPH = re.compile(r"\n\s*\n")
_NOTHING = re.compile(r"(?:</?(?:div|span)>|\s)*")
_EXPONENT = re.compile(r"e([+-])0*")

#: The id of the place for the page's content.
CONTENT = "_pages_content"

#: Components of other libraries that show what is in them: their elements and classes.
#: Most others show it later, or somewhere else.
_AROUND: Mapping[tuple[str, str], tuple[str, str]] = {
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


def prerender_json(layout: str) -> Markup:
    """The layout with this JSON as HTML. Empty if there is nothing to see.

    Many pages have the same layout for all their visitors, and Markdown takes time.
    """
    make = _make_page if len(layout) > MOST_KEPT else _kept_page
    return make(layout)


def _make_page(layout: str) -> Markup:
    html = prerender(json.loads(layout))
    return Markup() if _NOTHING.fullmatch(html) else html


_kept_page = lru_cache(maxsize=64)(_make_page)


def prerender(layout: t.Any) -> Markup:
    """``layout`` as HTML that has no ids, and in which nothing can run.

    :param layout: What the JSON of a layout is read as.
    """
    parts: list[str] = []
    _render(layout, parts.append)
    # Lone surrogates come from the names of files, and cannot be sent.
    return Markup("".join(parts).encode("utf-8", "replace").decode())


def _render(node: t.Any, write: Write) -> None:
    if isinstance(node, str):
        write(escape(node))  # Markup stays as it is.
    elif isinstance(node, list):
        for child in node:
            _render(child, write)
    elif isinstance(node, dict):
        name, props = node.get("type"), node.get("props")

        if isinstance(name, str) and isinstance(props, dict):
            _render_component(str(node.get("namespace")), name, props, write)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        write(_number(node))


def _render_component(namespace: str, name: str, props: Props, write: Write) -> None:
    children = props.get("children")

    if namespace == "dash_html_components":
        if name in _TAGS:
            _render_element(_TAGS[name], props, children, write)
    elif (namespace, name) == ("dash_core_components", "Link"):
        href = props.get("href")
        _render_element("a", props, href if children is None else children, write)
    elif (namespace, name) == ("dash_core_components", "Markdown"):
        _render_markdown(props, write)
    elif (namespace, name) in _AROUND:
        tag, classes = _AROUND[namespace, name]
        _render_around(tag, _variant(name, classes, props), props, write)
    elif _holds_content(children):
        # Whatever is around the page's content shows it.
        _render(children, write)
    else:
        given = props.get("style")
        style = {"height": _height(namespace, name, props)}
        style |= given if isinstance(given, dict) else {}

        if style["height"] is not None:
            _render_block(props.get("className"), style, None, write)


def _variant(name: str, classes: str, props: Props) -> str:
    """The classes of a component of Bootstrap with these props."""
    width = props.get("width")

    if name == "Container" and props.get("fluid"):
        return f"{classes}-fluid"

    if name == "Col" and isinstance(width, int):
        return f"{classes}-{width}"

    if name == "Stack" and props.get("direction") == "horizontal":
        return "hstack"

    return classes


def _render_around(tag: str, classes: str, props: Props, write: Write) -> None:
    own = props.get("className") or props.get("class_name") or ""
    level = props.get("order")
    shown = {
        "className": f"{classes} {own}".strip() or None,
        "style": props.get("style"),
        "href": props.get("href") if tag == "a" else None,
    }

    if tag == "h1" and level in (2, 3, 4, 5, 6):
        tag = f"h{level}"

    children = [props.get("brand"), props.get("children")]
    _render_element(tag, shown, children, write)


def _render_block(classes: t.Any, style: t.Any, children: t.Any, write: Write) -> None:
    props = {"className": classes or None, "style": style}
    _render_element("div", props, children, write)


def _render_element(tag: str, props: Props, children: t.Any, write: Write) -> None:
    write(f"<{tag}")

    for prop, value in props.items():
        if prop == "style":
            if isinstance(value, dict) and (text := css(value)):
                write(f' style="{escape(text)}"')
        elif isinstance(value, (str, int, float)) and prop not in PROPS_LEFT_OUT:
            write(_attribute(prop, value))

    write(">")

    if tag in _VOID:
        return

    if tag in {"pre", "textarea"}:
        # The first line break in these is not read.
        write("\n")

    _render(children, write)
    write(f"</{tag}>")


def _is_long(value: str | float) -> bool:
    """Whether ``value`` is one that most likely does not come again."""
    return isinstance(value, str) and len(value) > 64


def _attribute(prop: str, value: str | float) -> str:
    """An attribute, or an empty string if it is left out."""
    make = _make_attribute if _is_long(value) else _cached_attribute
    return make(prop, value)


def _make_attribute(prop: str, value: str | float) -> str:
    if _WILDCARD.fullmatch(prop):
        return f' {prop.lower()}="{escape(_text(value))}"'

    if prop not in ATTRIBUTES:
        return ""

    text = _text(value)

    if prop in _BOOLEAN or (prop == "download" and value is True):
        is_there, text = bool(value), ""
    elif isinstance(value, bool):
        is_there = prop in _WORDS
    elif prop in _URLS:
        is_there = not _can_run(text)
    elif prop in _NUMBERS:
        is_there = _is_number(text) and float(text) >= _NUMBERS[prop]
    else:
        is_there = True

    return f' {ATTRIBUTES[prop]}="{escape(text)}"' if is_there else ""


_cached_attribute = lru_cache(maxsize=1024, typed=True)(_make_attribute)


def _text(value: str | float) -> str:
    """How JavaScript writes ``value``."""
    if isinstance(value, bool):
        return "true" if value else "false"

    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    if not isinstance(value, float) and abs(value) < 2**53:
        return str(value)

    # JavaScript has no other numbers than these.
    text = repr(float(str(value)))

    if 1e-6 <= abs(float(text)) < 1e21:
        text = f"{Decimal(text):f}"

    text = text.removesuffix(".0").replace("inf", "Infinity")
    return "0" if text == "-0" else _EXPONENT.sub(r"e\1", text)


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def css(style: Props) -> str:
    """The declarations of a style, or an empty string if there are none."""
    declarations = [
        _declaration(name, value)
        for name, value in style.items()
        if isinstance(value, (str, int, float)) and not isinstance(value, bool)
    ]
    return ";".join(filter(None, declarations))


def _declaration(name: str, value: str | float) -> str:
    """A declaration of a style, or an empty string if it is left out."""
    make = _make_declaration if _is_long(value) else _cached_declaration
    return make(name, value)


def _make_declaration(name: str, value: str | float) -> str:
    text = _text(value)

    if not _PROPERTY.fullmatch(name) or not _is_one_value(text):
        return ""

    if name.startswith("--"):
        return f"{name}:{text.strip()}"

    if value and not isinstance(value, str) and _unprefixed(name) not in _UNITLESS:
        text += "px"

    name = _CAPITAL.sub(r"-\1", name).lower()
    name = f"-{name}" if name.startswith("ms-") else name
    return f"{name}:{text.strip()}"


_cached_declaration = lru_cache(maxsize=1024, typed=True)(_make_declaration)


def _unprefixed(name: str) -> str:
    bare = _PREFIX.sub("", name)
    return bare[:1].lower() + bare[1:]


def _is_one_value(text: str) -> bool:
    """Whether a value ends where it seems to, so that the next declaration is
    read as one.
    """
    if text.isalnum():
        return True

    rest, found = _QUOTED.sub("", text), 1

    while found:
        rest, found = _GROUP.subn("", rest)

    return bool(text.strip()) and "/*" not in rest and not _CSS_SYNTAX & {*rest}


def _can_run(url: str) -> bool:
    return _RUNS.match(_IGNORED.sub("", url)) is not None


def _holds_content(node: t.Any) -> bool:
    if isinstance(node, list):
        return any(map(_holds_content, node))

    props = node.get("props") if isinstance(node, dict) else None

    if not isinstance(props, dict):
        return False

    return props.get("id") == CONTENT or _holds_content(props.get("children"))


def _height(namespace: str, name: str, props: Props) -> t.Any:
    """The height in pixels of a component that is not shown, or ``None``."""
    option = _OPTION_HEIGHTS.get((namespace, name))

    if option is not None:
        options = props.get("options")
        is_one_line = props.get("inline") or not isinstance(options, (dict, list))
        return option if is_one_line else option * len(t.cast(t.Sized, options))

    figure = props.get("figure")
    layout = figure.get("layout") if isinstance(figure, dict) else None
    height = layout.get("height") if isinstance(layout, dict) else None
    return _HEIGHTS.get((namespace, name)) if height is None else height


def _render_markdown(props: Props, write: Write) -> None:
    text = props.get("children")

    if isinstance(text, list):
        text = "\n".join(line for line in text if isinstance(line, str))

    if not isinstance(text, str):
        return

    if props.get("dedent", True):
        text = dedent(text)

    if MarkdownIt is None:
        content = Markup("").join(
            Markup("<p>{}</p>").format(part) for part in _PARAGRAPH.split(text.strip())
        )
    else:
        # What Dash shows as HTML is left out, what it shows as text is text.
        markdown = _markdown(with_html=bool(props.get("dangerously_allow_html")))
        env = {"target": props.get("link_target")}
        content = Markup(markdown.render(text, env))

    _render_block(props.get("className"), props.get("style"), content, write)


@cache
def _markdown(*, with_html: bool) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": with_html})
    markdown.enable(["strikethrough", "table"])
    markdown.add_render_rule("html_block", _nothing)
    markdown.add_render_rule("html_inline", _nothing)
    markdown.add_render_rule("link_open", _open_link)
    return markdown


def _nothing(*args: t.Any) -> str:
    return ""


def _open_link(
    self: t.Any, tokens: t.Any, index: int, options: t.Any, env: t.Any
) -> str:
    if isinstance(env["target"], str):
        tokens[index].attrSet("target", env["target"])

    return str(self.renderToken(tokens, index, options, env))
