"""Component tree to Markdown, by way of its HTML."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterator
from collections.abc import Mapping
from urllib.parse import quote

from .libraries import AROUND
from .libraries import is_shown
from .llms import plain
from .prerender import prerender

try:
    from bs4 import BeautifulSoup
    from bs4 import Tag
    from markdownify import MarkdownConverter
except ImportError:  # They come with the extra "markdown".
    BeautifulSoup = Tag = None  # type: ignore[assignment, misc]
    MarkdownConverter = object  # type: ignore[assignment, misc]

#: Whether there is what it takes.
IS_INSTALLED = BeautifulSoup is not None

_HTML = "dash_html_components"
_CORE = "dash_core_components"

#: What tables keep their columns and rows in.
_TABLES = {
    ("dash_table", "DataTable"): ("columns", "data", "name", "id"),
    ("dash_ag_grid", "AgGrid"): ("columnDefs", "rowData", "headerName", "field"),
}

#: Elements that put nothing before or after what is in them on its lines.
_BLOCKS = frozenset(
    "[document] address article aside blockquote details div figure footer form header"
    " li main nav ol p section span ul".split()
)

#: Text that would be something else in Markdown: anywhere, and at the beginning.
_SYNTAX = re.compile(
    r"[\\`*\[\]~]|<(?=[a-z/!?]|$)|&(?=#?\w*(?:;|$))"
    r"|(?<![^\W_])_|_(?![^\W_])|!$",
    re.IGNORECASE,
)
_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=]+\s*$)")
_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")

#: Marks the ends of code and of links, which must not touch each other.
_EDGE = "\ue000"

_ENTITY = re.compile(r"&(?=#?\w+;)")
_LANGUAGE = re.compile(r'\A<code class="language-([\w+-]+)"', re.ASCII)
_SMALL = re.compile(r"\d{1,4}", re.ASCII)
_BACKTICKS = re.compile(r"`+")
_ELEMENT = re.compile(r"<[^<>]*>")


def to_markdown(layout: str, *, title: str, description: str = "") -> str:
    """The layout with this JSON as Markdown. What the HTML would show as text is text
    here, too, and the title is its heading if it has none.

    :param description: What there is if the layout has nothing to read.
    """
    heading = f"# {plain(title)}" if title else ""

    try:
        html = prerender(_readable(json.loads(layout)))
        soup = BeautifulSoup(html.replace(_EDGE, ""), "html.parser")
        _clean(soup)
        text = _Converter().convert_soup(soup).strip()
        has_heading = soup.find("h1") is not None
    except RecursionError:
        # The app can still show it.
        text, has_heading = "", False

    parts = ["" if has_heading else heading, text or plain(description)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _readable(node: t.Any) -> t.Any:
    """``node`` with text for what the HTML has no more than a place for, and without
    what is hidden.
    """
    if isinstance(node, list):
        return [_readable(child) for child in node]

    props = node.get("props") if isinstance(node, dict) else None

    if not isinstance(props, dict):
        return node

    kind = str(node.get("namespace")), str(node.get("type"))

    if _is_hidden(props):
        return None

    if kind == (_CORE, "Graph"):
        return _element("P", _figure_text(props.get("figure")))

    if kind in _TABLES:
        return _table(props, _TABLES[kind])

    if kind == (_CORE, "Markdown"):
        return node

    children = _readable(props.get("children"))

    if kind[0] == _HTML or kind == (_CORE, "Link") or kind in AROUND:
        return {**node, "props": {**props, "children": children}}

    # It shows what is in it some way or other.
    label = props.get("label") if kind == (_CORE, "Tab") else None
    return _element("Div", [_element("P", label), children])


def _table(props: Mapping[str, t.Any], keys: tuple[str, str, str, str]) -> t.Any:
    """The data of a table. ``None`` if a callback brings it.

    :param keys: The props with the columns and the rows, and the keys of a column for
        its name and for its values.
    """
    columns, rows = props.get(keys[0]), props.get(keys[1])

    if not isinstance(columns, list) or not isinstance(rows, list):
        return None

    columns = [column for column in columns if isinstance(column, dict)]
    names = [_cell(column.get(keys[2]) or column.get(keys[3])) for column in columns]
    values = [
        [_cell(row.get(str(column.get(keys[3])))) for column in columns]
        for row in rows
        if isinstance(row, dict)
    ]
    head = _element("Tr", [_element("Th", name) for name in names])
    body = [_element("Tr", [_element("Td", cell) for cell in row]) for row in values]
    return _element("Table", [head, *body])


def _cell(value: t.Any) -> t.Any:
    if isinstance(value, list):
        # There may be several lines of names.
        return " ".join(map(str, value))

    return value if isinstance(value, (str, int, float)) else None


def _is_hidden(props: dict[str, t.Any]) -> bool:
    style = props.get("style")
    is_off = isinstance(style, dict) and style.get("display") == "none"
    return is_off or bool(props.get("hidden")) or not is_shown(props)


def _element(name: str, children: t.Any) -> dict[str, t.Any]:
    return {"namespace": _HTML, "type": name, "props": {"children": children}}


def _figure_text(figure: t.Any) -> str | None:
    """What the figure of a graph says of itself."""
    layout = figure.get("layout") if isinstance(figure, dict) else None

    if not isinstance(layout, dict):
        return None

    title = _title(layout)
    axes = [
        f"{name}: {text}"
        for name in ("x", "y")
        if isinstance(axis := layout.get(f"{name}axis"), dict)
        and (text := _title(axis))
    ]
    return ", ".join(filter(None, [title, *axes])) or None


def _title(part: dict[str, t.Any]) -> str:
    title = part.get("title")
    text = title.get("text") if isinstance(title, dict) else title
    return _ELEMENT.sub(" ", text).strip() if isinstance(text, str) else ""


def _clean(soup: BeautifulSoup) -> None:
    """Leave no attribute in the tree that would be more than itself in Markdown."""
    for tag in _tags(soup):
        for name in ("href", "src", "poster"):
            if name in tag.attrs:
                tag[name] = _url(str(tag[name]))

        for name in ("colspan", "start"):
            if name in tag.attrs and not _SMALL.fullmatch(str(tag[name])):
                del tag[name]

        if "alt" in tag.attrs:
            tag["alt"] = _SYNTAX.sub(r"\\\g<0>", " ".join(str(tag["alt"]).split()))

        del tag["title"]

        if tag.name == "img" and not tag.get("src"):
            tag.unwrap()


def _tags(soup: BeautifulSoup) -> Iterator[Tag]:
    return (tag for tag in soup.find_all(True) if isinstance(tag, Tag))


def _url(url: str) -> str:
    if url.strip().lower().startswith("data:"):
        # It would be longer than all the rest.
        return ""

    # Readers of Markdown read entities in URLs.
    return _ENTITY.sub("&amp;", quote(url, safe="%/:?#@!$&'*+,;=~"))


def _language(pre: Tag) -> str:
    """The language of code, if its class says it."""
    code = pre.find("code")
    found = _LANGUAGE.search(str(code)) if code else None
    return found[1] if found else ""


#: Its types lack what is meant to be overridden.
_Base: t.Any = MarkdownConverter


class _Converter(_Base):  # type: ignore[misc]
    """What is text in HTML is text in Markdown."""

    class Options:
        autolinks = False
        bullets = "-"
        heading_style = "atx"
        # Each text is one line.
        wrap = True
        wrap_width = None

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = _SYNTAX.sub(r"\\\g<0>", text)
        text = _NUMBER.sub(r"\1\\\2", _START.sub(r"\1\\\2", text))
        return text.replace("|", r"\|") if parent_tags & {"td", "th"} else text

    def process_tag(self, node: Tag, parent_tags: set[str] | None = None) -> str:
        if node.name == "a":
            parent_tags = {*(parent_tags or ()), "_inline"}

        text: str = super().process_tag(node, parent_tags=parent_tags)
        return text

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = " ".join(text.split())
        made: str = super().convert_a(el, text, parent_tags)
        return f"{_EDGE}{made}{_EDGE}" if made else ""

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags:
            return text

        text = " ".join(el.get_text().split())

        if parent_tags & {"td", "th"}:
            # It would end the cell.
            text = text.replace("|", r"\|")

        made: str = super().convert_code(el, text, parent_tags)
        return f"{_EDGE}{made}{_EDGE}" if made else ""

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        made: str = self.convert_p(el, text, parent_tags)
        return made

    convert_button = convert_label = convert_legend = convert_summary
    convert_kbd = convert_samp = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if not parent_tags <= _BLOCKS:
            return self.convert_code(el, text, parent_tags)

        for br in el.find_all("br"):
            br.replace_with("\n")

        # Only line feeds are indented with the list that it may be in.
        text = el.get_text().replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        fence = "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(text)), default=0))
        first = f"{fence}{_language(el)}"
        return f"\n\n{first}\n{text}\n{fence}\n\n" if text.strip() else ""

    def convert__document_(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text.replace(f"{_EDGE}{_EDGE}", " ").replace(_EDGE, "")
