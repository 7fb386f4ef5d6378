"""Component tree to HTML text: what is shown until the app is up.

The tree is the layout as the browser gets it: what its JSON is read as. What is not
known is left out.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable
from functools import cache
from functools import lru_cache
from textwrap import dedent

from dash import html as dash_html
from markupsafe import escape
from markupsafe import Markup

from .attributes import attribute
from .attributes import css
from .attributes import is_safe
from .attributes import number
from .attributes import Props
from .libraries import AROUND
from .libraries import element
from .libraries import height
from .libraries import is_hidden
from .libraries import is_shown

try:
    from markdown_it import MarkdownIt
except ImportError:  # It comes with the extra "markdown".
    MarkdownIt = None  # type: ignore[assignment, misc]

Write = Callable[[str], None]

#: The id of the place for the page's content.
CONTENT = "_pages_content"

#: What only the elements of Markdown have.
_MARKDOWN = ("data-dash-pages", "markdown")
MARKDOWN_MARK = attribute(*_MARKDOWN).strip()

#: Longer layouts are rendered each time, in characters of their JSON.
MOST_KEPT = 65_536

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

#: Those of them that take a place.
_EMBEDDED = frozenset(["Embed", "Iframe", "ObjectEl"])

_TAGS = {
    name: "map" if name == "MapEl" else name.lower()
    for name in dash_html.__all__
    if name not in ELEMENTS_LEFT_OUT
}
_VOID = frozenset("area basefont br col hr img input keygen source track wbr".split())
_PARAGRAPH = re.compile(r"\n\s*\n")
_NOTHING = re.compile(r"(?:</?(?:div|span)>|\s)*")


def prerender_json(layout: str) -> Markup:
    """The layout with this JSON as HTML. Empty if there is nothing to see.

    Many pages have the same layout for all their visitors, and Markdown takes time.
    """
    make = _make_page if len(layout) > MOST_KEPT else _kept_page
    return make(layout)


def _make_page(layout: str) -> Markup:
    try:
        html = prerender(json.loads(layout))
    except RecursionError:
        # The app can still show it.
        return Markup()

    return Markup() if _NOTHING.fullmatch(html) else html


_kept_page = lru_cache(maxsize=64)(_make_page)


def prerender(layout: t.Any) -> Markup:
    """``layout`` as HTML that has no ids, and in which nothing can run.

    :param layout: What the JSON of a layout is read as.
    """
    parts: list[str] = []
    _render(layout, parts.append)
    # Lone surrogates come from the names of files, and cannot be sent.
    html = "".join(parts).encode("utf-8", "replace").decode()
    # Each part was escaped when it was written.
    return Markup(html)  # nosec B704


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
        write(number(node))


def _render_component(namespace: str, name: str, props: Props, write: Write) -> None:
    children = props.get("children")

    if namespace == "dash_html_components":
        if name in _TAGS:
            _render_element(_TAGS[name], props, children, write)
        elif name in _EMBEDDED:
            _render_space(props, _embedded_style(props), write)
    elif (namespace, name) == ("dash_core_components", "Link"):
        href = props.get("href")
        _render_element("a", props, href if children is None else children, write)
    elif (namespace, name) == ("dash_core_components", "Markdown"):
        _render_markdown(props, write)
    elif (namespace, name) == ("dash_core_components", "Input") and is_hidden(props):
        # Such as the token of a form, which may be sent before the app is up.
        shown = {key: props[key] for key in ("type", "name", "value") if key in props}
        _render_element("input", shown, None, write)
    elif (namespace, name) in AROUND:
        if is_shown(props):
            _render_around(*element(namespace, name, props), props, write)
    elif _holds_content(children):
        # Whatever is around the page's content shows it.
        _render(children, write)
    else:
        style = {"height": height(namespace, name, props)} | _own_style(props)

        if style["height"] is not None:
            _render_space(props, style, write)


def _render_around(
    tag: str, classes: list[str], children: t.Any, props: Props, write: Write
) -> None:
    own = props.get("class_name") or props.get("className") or ""
    shown = {
        "className": " ".join(filter(None, [*classes, str(own)])) or None,
        "style": props.get("style"),
        "href": props.get("href") if tag == "a" else None,
    }
    _render_element(tag, shown, children, write)


def _render_space(props: Props, style: Props, write: Write) -> None:
    """Leave the place of what is not shown."""
    shown = {"className": props.get("className") or None, "style": style}
    _render_element("div", shown, None, write)


def _own_style(props: Props) -> dict[str, t.Any]:
    style = props.get("style")
    return style if isinstance(style, dict) else {}


def _embedded_style(props: Props) -> dict[str, t.Any]:
    """The style of an element that is not loaded."""
    style = {"display": "inline-block", "height": 150, "width": 300}

    for key in ("height", "width"):
        if key in props:
            size = props[key]
            style[key] = f"{size}px" if str(size).isdigit() else size

    return style | _own_style(props)


def _render_element(tag: str, props: Props, children: t.Any, write: Write) -> None:
    write(f"<{tag}")

    for prop, value in props.items():
        if prop == "style":
            if isinstance(value, dict) and (text := css(value)):
                write(f' style="{escape(text)}"')
        elif isinstance(value, (str, int, float)) and prop not in PROPS_LEFT_OUT:
            write(attribute(prop, value))

    write(">")

    if tag in _VOID:
        return

    if tag in {"pre", "textarea"}:
        # The first line break in these is not read.
        write("\n")

    _render(children, write)
    write(f"</{tag}>")


def _holds_content(node: t.Any) -> bool:
    if isinstance(node, list):
        return any(map(_holds_content, node))

    props = node.get("props") if isinstance(node, dict) else None

    if not isinstance(props, dict):
        return False

    return props.get("id") == CONTENT or _holds_content(props.get("children"))


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
        content = Markup(markdown.render(text, env))  # nosec B704

    shown = {key: props.get(key) for key in ("className", "style")}
    _render_element("div", shown | dict([_MARKDOWN]), content, write)


@cache
def _markdown(*, with_html: bool) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": with_html})
    markdown.enable(["strikethrough", "table"])
    markdown.validateLink = is_safe  # type: ignore[method-assign]
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
