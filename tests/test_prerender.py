from __future__ import annotations

import itertools
import json
import re
import typing as t
from collections.abc import Callable
from html.parser import HTMLParser

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
import pytest
from conftest import new_app
from conftest import Visitor
from dash import dcc
from dash import html
from dash import page_container
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from plotly.io.json import to_json_plotly

from flask_dash_pages import DashPages
from flask_dash_pages.attributes import ATTRIBUTES
from flask_dash_pages.prerender import ELEMENTS_LEFT_OUT
from flask_dash_pages.prerender import MARKDOWN_MARK
from flask_dash_pages.prerender import MOST_KEPT
from flask_dash_pages.prerender import prerender
from flask_dash_pages.prerender import prerender_json
from flask_dash_pages.prerender import PROPS_LEFT_OUT

VOID = set("area basefont br col hr img keygen source track wbr".split())


def rendered(layout: t.Any) -> str:
    return str(prerender(json.loads(to_json_plotly(layout))))


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (None, ""),
        ("a < b & c", "a &lt; b &amp; c"),
        (["a", None, [1, True, False, ["b"]]], "a1b"),
        (1.0, "1"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (1e16, "10000000000000000"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (0.00001, "0.00001"),
        (2**53 + 1, "9007199254740992"),
        (float("nan"), ""),
        ({"no": "component"}, ""),
        ({"type": 5, "props": {}, "namespace": None}, ""),
        ({"type": "Div", "props": None, "namespace": "dash_html_components"}, ""),
        (html.Div(), "<div></div>"),
        (html.Br(), "<br>"),
        (html.MapEl(html.Area(shape="rect")), '<map><area shape="rect"></map>'),
        (html.Pre("\na"), "<pre>\n\na</pre>"),
        (html.Div(id="a", n_clicks=3, key="k", disable_n_clicks=True), "<div></div>"),
        (html.Div(className='a "b"'), '<div class="a &#34;b&#34;"></div>'),
        (html.Label("a", htmlFor="b"), '<label for="b">a</label>'),
        (html.Form(acceptCharset="utf-8"), '<form accept-charset="utf-8"></form>'),
        (html.Td(colSpan=2, rowSpan="x"), '<td colspan="2"></td>'),
        (html.Ol(start=0, reversed=True), '<ol start="0" reversed=""></ol>'),
        (html.Textarea(rows=0, cols=3), '<textarea cols="3">\n</textarea>'),
        (html.Button(disabled=True), '<button disabled=""></button>'),
        (html.Button(disabled=False), "<button></button>"),
        (html.Div(hidden="hidden"), '<div hidden=""></div>'),
        (html.Div(draggable=False), '<div draggable="false"></div>'),
        (html.Div(spellCheck=True), '<div spellcheck="true"></div>'),
        (html.Div(title=True), "<div></div>"),
        (html.Div(title=["a"]), "<div></div>"),
        (html.A(download=True), '<a download=""></a>'),
        (html.A(download=False), "<a></a>"),
        (html.A(download="a.csv"), '<a download="a.csv"></a>'),
        (
            html.Div(**{"data-a": True, "aria-label": "b", "data-c": None}),
            '<div data-a="true" aria-label="b"></div>',
        ),
        (html.Video(autoPlay=True, muted=True), '<video muted=""></video>'),
        (html.Details([html.Summary("a"), "b"], open=True),)
        + ('<details open=""><summary>a</summary>b</details>',),
        (dcc.Link("a", href="/b"), '<a href="/b">a</a>'),
        (dcc.Link(href="/b"), '<a href="/b">/b</a>'),
        (
            dcc.Link(html.B("a"), href="/b", className="c", target="_blank", title="d"),
            '<a href="/b" target="_blank" title="d" class="c"><b>a</b></a>',
        ),
        (dcc.Store(id="a"), ""),
        (dcc.Interval(id="a"), ""),
        (html.Iframe(src="/a"),)
        + ('<div style="display:inline-block;height:150px;width:300px"></div>',),
        (html.Iframe(width="90", height="50%", style={"border": 0}),)
        + ('<div style="display:inline-block;height:50%;width:90px;border:0"></div>',),
        (dcc.Loading(html.P("a")), "<div><p>a</p></div>"),
        (dbc.Alert("a", is_open=False), ""),
        (dmc.Text("a", display="none"), ""),
        (dmc.Title("a", order=3), "<h3>a</h3>"),
        (dmc.Anchor("a", href="javascript:b()"), "<a>a</a>"),
        (dmc.MantineProvider(dmc.Text("a")), "<div><p>a</p></div>"),
        (dbc.Modal("a"), ""),
    ],
)
def test_prerender(layout: t.Any, text: str) -> None:
    opened, _, rest = rendered(layout).partition(">")
    expected, _, expected_rest = text.partition(">")
    # Props come in the order of Dash's signatures.
    assert sorted(opened.split(" ")) == sorted(expected.split(" "))
    assert rest == expected_rest


@pytest.mark.parametrize("name", html.__all__)
def test_every_prop_is_known(name: str) -> None:
    props = set(getattr(html, name)()._prop_names)
    unknown = props - ATTRIBUTES.keys() - PROPS_LEFT_OUT - {"aria-*", "data-*"}
    assert name in ELEMENTS_LEFT_OUT or not unknown


@pytest.mark.parametrize("name", sorted(ELEMENTS_LEFT_OUT))
def test_element_is_left_out(name: str) -> None:
    text = rendered([getattr(html, name)("a"), "b"])
    assert re.sub('<div style="[a-z0-9:;-]+"></div>', "", text) == "b"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "java\tscript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "view-source:javascript:alert(1)",
        "blob:https://a.b/c",
        "unknown:a",
    ],
)
@pytest.mark.parametrize(
    "make",
    [
        lambda url: html.A("a", href=url),
        lambda url: dcc.Link("a", href=url),
        lambda url: html.Form("a", action=url),
        lambda url: html.Button("a", formAction=url),
        lambda url: html.Img(src=url),
        lambda url: dcc.Markdown(f"[a]({url})"),
    ],
)
def test_url_that_runs_is_dropped(make: Callable[[str], t.Any], url: str) -> None:
    text = rendered(make(url))
    assert not any(f' {name}="' in text for name in ("href", "action", "src"))
    assert "formaction" not in text


@pytest.mark.parametrize(
    "url", ["/a", "a/b:c", "https://a.b/?c=d", "#a", "?a:b", "mailto:a@b.c", "TEL:1"]
)
def test_url_is_kept(url: str) -> None:
    assert rendered(html.A(href=url)) == f'<a href="{url}"></a>'


def test_image_in_the_url() -> None:
    text = rendered(html.Img(src="data:image/png;base64,AAAA"))
    assert text == '<img src="data:image/png;base64,AAAA">'


@pytest.mark.parametrize(
    ("graph", "height"),
    [
        (dcc.Graph(), "450px"),
        (dcc.Graph(figure={"layout": {"height": 300}}), "300px"),
        (dcc.Graph(style={"height": "40vh"}), "40vh"),
        (dcc.Graph(figure={"layout": {"height": 300}}, style={"height": 5}), "5px"),
        (dcc.Graph(figure={"layout": "?"}), "450px"),
        (dcc.Upload("a", style={"height": "60px"}), "60px"),
        (dcc.Dropdown(["a"]), "34px"),
        (dcc.RadioItems(["a", "b"]), "52px"),
        (dcc.Checklist({"a": "A", "b": "B"}, inline=True), "26px"),
        (dcc.Checklist(), "26px"),
    ],
)
def test_placeholder(graph: Component, height: str) -> None:
    assert rendered(graph) == f'<div style="height:{height}"></div>'


def test_hidden_input_is_sent_with_its_form() -> None:
    token = dcc.Input(type="hidden", name="token", value="a&b", id="token")
    text = rendered(html.Form([token, html.Button("Go")], method="post"))
    given = '<input type="hidden" name="token" value="a&amp;b">'
    assert text == f'<form method="post">{given}<button>Go</button></form>'
    assert "height" in rendered(dcc.Input(name="token", value="a"))


def test_what_is_around_the_content_is_shown() -> None:
    shell = dcc.Tabs([dcc.Tab(["a", page_container]), dcc.Tab("b")])
    assert rendered(shell) == "a<div><div></div><div></div></div>"


def test_markdown() -> None:
    text = rendered(
        dcc.Markdown(
            """
            # Title

            Some *text* and ~~more~~, <b>&amp;</b> <script>alert(1)</script>

            | a | b |
            |---|---|
            | 1 | 2 |
            """,
            className="c",
            style={"color": "red"},
        )
    )
    opened = f'<div class="c" style="color:red" {MARKDOWN_MARK}>'
    assert text.startswith(f"{opened}<h1>Title</h1>")
    assert "<em>text</em> and <s>more</s>" in text
    assert "&lt;b&gt;&amp;&lt;/b&gt; &lt;script&gt;" in text
    assert "<td>2</td>" in text


def test_markdown_with_html() -> None:
    text = rendered(
        dcc.Markdown("a <b onclick='x'>b</b>\n\n<p>c</p>", dangerously_allow_html=True)
    )
    assert text == f"<div {MARKDOWN_MARK}><p>a b</p>\n</div>"


def test_markdown_options() -> None:
    markdown = dcc.Markdown(["[a](/b)", "    c"], link_target="_top", dedent=False)
    text = rendered(markdown)
    link = '<a href="/b" target="_top">a</a>'
    assert text == f"<div {MARKDOWN_MARK}><p>{link}\nc</p>\n</div>"
    assert rendered(dcc.Markdown()) == ""


def test_markdown_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_dash_pages.prerender.MarkdownIt", None)
    text = rendered(dcc.Markdown("# a\n\n<b>\n\n", className="c"))
    content = "<p># a</p><p>&lt;b&gt;</p>"
    assert text == f'<div class="c" {MARKDOWN_MARK}>{content}</div>'


# Any tree

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["props", "type", "a", "children"]), inner)
    ),
    max_leaves=5,
)
props = st.dictionaries(
    st.sampled_from(
        [*ATTRIBUTES, "id", "style", "data-a", "aria-b", "data-<", "onClick", "srcDoc"]
        + ["order", "options", "figure", "brand", "link_target", "dedent", "inline"]
        + ["width", "md", "color", "outline", "fluid", "vertical", "is_open", "body"]
    )
    | texts,
    anything | st.dictionaries(texts, st.text() | st.floats() | st.none()),
    max_size=4,
)
nodes = st.recursive(
    anything,
    lambda inner: st.builds(
        lambda namespace, name, props, children: {
            "namespace": namespace,
            "type": name,
            "props": {**props, "children": children},
        },
        st.sampled_from(
            [
                "dash_html_components",
                "dash_core_components",
                "dash_bootstrap_components",
                "dash_mantine_components",
                "x",
            ]
        ),
        st.sampled_from(
            [*html.__all__, "Link", "Markdown", "Graph", "Checklist", "Row"]
        )
        | texts,
        props,
        inner | st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


class _Checker(HTMLParser):
    """Checks that what is opened is closed, and that there is nothing that runs."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names) or {"class", "style"} & {*names}
        assert "id" not in names
        assert tag not in {"script", "iframe", "object", "embed", "style", "plaintext"}
        assert [
            name for name in names if name.startswith("on") or name == "srcdoc"
        ] == []

        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


@given(nodes)
def test_any_tree_is_well_formed(node: t.Any) -> None:
    checker = _Checker()
    checker.feed(str(prerender(node)))
    checker.close()
    assert checker.open == []


# As React

urls = st.sampled_from(
    ["/a", "/a?b=c&d=é", "https://a.b/c", "#a", "javascript:alert(1)"]
)
common = {
    "className": texts,
    "title": texts,
    "lang": st.sampled_from(["de", "en-GB"]),
    "dir": st.sampled_from(["ltr", "rtl"]),
    "hidden": st.booleans() | st.sampled_from(["hidden", "HIDDEN"]),
    "draggable": st.booleans() | st.sampled_from(["true", "false"]),
    "spellCheck": st.booleans(),
    "contentEditable": st.booleans() | st.just("inherit"),
    "tabIndex": st.integers(-1, 3) | st.just("2"),
    "role": texts,
    "n_clicks": st.integers(0, 3),
    "data-some": texts | st.booleans() | st.integers(0, 9) | st.floats(-1e30, 1e30),
    "aria-label": texts | st.booleans(),
    "style": st.fixed_dictionaries(
        {},
        optional={
            "color": st.sampled_from(["red", "rgb(1, 2, 3)", "red;x", "", "no color"]),
            "marginTop": st.integers(-5, 5) | st.sampled_from([1.5, -0.25, "1em"]),
            "lineHeight": st.integers(1, 3),
            "WebkitLineClamp": st.integers(1, 3),
            "opacity": st.sampled_from([0, 0.5, 1]),
            "fontFamily": st.sampled_from(['"a;b", serif', "serif"]),
            "backgroundImage": st.just("url(data:image/gif;base64,R0lGODlh)"),
            "gridArea": st.just("1 / 2"),
            "width": st.sampled_from(
                ["calc((1px + 2px) * 3)", "50%", "1px !important"]
            ),
            "--own": st.integers(0, 3) | st.just("a b"),
        },
    ),
}


def element(
    name: str, children: st.SearchStrategy[t.Any], **own: st.SearchStrategy[t.Any]
) -> st.SearchStrategy[Component]:
    make = getattr(html, name)
    given = st.fixed_dictionaries({}, optional={**common, **own})
    return st.builds(lambda props, inner: make(inner, **props), given, children)


text_nodes = texts | st.none() | st.integers() | st.floats(-1e25, 1e25) | st.booleans()
phrases = st.recursive(
    st.one_of(
        text_nodes,
        element("Br", st.none()),
        element("Img", st.none(), src=st.just("/a.png"), width=st.integers(0, 9)),
        element("Code", text_nodes),
        element("Progress", st.none(), value=st.integers(0, 5), max=st.just(9)),
        element("Textarea", texts, rows=st.integers(-1, 3), readOnly=st.booleans()),
        element("A", text_nodes, href=urls, download=st.booleans() | texts),
        element("Button", text_nodes, disabled=st.booleans(), value=texts),
        element("Label", text_nodes, htmlFor=texts),
        st.builds(lambda text, href: dcc.Link(text, href=href), texts, urls),
    ),
    lambda inner: st.one_of(
        *(
            element(name, st.lists(inner, max_size=3))
            for name in ("Span", "B", "Em", "Small", "Mark", "Q", "Time")
        )
    ),
    max_leaves=4,
)
lists_of_phrases = st.lists(phrases, max_size=3)
cells = st.lists(
    element(
        "Td", lists_of_phrases, colSpan=st.integers(1, 2), rowSpan=st.integers(1, 2)
    ),
    max_size=2,
)
blocks = st.recursive(
    st.one_of(
        phrases,
        *(element(name, lists_of_phrases) for name in ("P", "H1", "Pre", "Dt")),
        element("Hr", st.none()),
        element("Table", element("Tbody", st.lists(element("Tr", cells), max_size=2))),
    ),
    lambda inner: st.one_of(
        *(
            element(name, st.lists(inner, max_size=4))
            for name in ("Div", "Section", "Blockquote", "Figure", "Main")
        ),
        element(
            "Ol",
            st.lists(element("Li", inner, value=st.integers(1, 5)), max_size=3),
            start=st.integers(-1, 3),
            reversed=st.booleans(),
        ),
        element("Details", st.lists(inner, max_size=2), open=st.booleans()),
    ),
    max_leaves=8,
)

#: Render a tree by Dash and describe it, and the same for the prerendered one.
COMPARE = """
async ([tree, html, number]) => {
  const describe = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    const own = {};
    for (const { name, value } of node.attributes) {
      if (name === "id" || name === "data-dash-is-loading") continue;
      own[name] = name === "style" ? node.style.cssText : value;
    }
    // Dash replaces URLs that run.
    if (own.href === "about:blank") delete own.href;
    if (own.href) own.href = node.href;
    if (!own.style) delete own.style;
    node.normalize();
    const children = [...node.childNodes].map(describe);
    return [node.tagName, Object.entries(own).sort(), children];
  };
  const content = document.getElementById("_pages_content");
  const find = () => content.querySelector(`:scope > [data-number="${number}"]`);
  window.dash_clientside.set_props("_pages_content", { children: tree });
  while (!find()) await new Promise(requestAnimationFrame);
  const parsed = document.implementation.createHTMLDocument();
  const base = parsed.createElement("base");
  base.href = location.href;
  parsed.head.append(base);
  parsed.body.innerHTML = html;
  return [describe(parsed.body.firstChild), describe(find())];
}
"""


@pytest.mark.browser
def test_trees_are_as_react_renders_them(
    tmp_path_factory: pytest.TempPathFactory, visit: Callable[[t.Any], Visitor]
) -> None:
    app = new_app(tmp_path_factory.mktemp("app"))
    pages = DashPages(app, pages_folder=None)
    pages.register_page("home", path="/", layout=html.Div())
    browser = visit(app)
    browser.open("/")
    numbers = itertools.count()

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(blocks)
    def compare(block: t.Any) -> None:
        number = next(numbers)
        tree = to_json_plotly(html.Div(block, **{"data-number": number}))
        data = json.loads(tree)
        served, app = browser.page.evaluate(COMPARE, [data, prerender(data), number])
        assert served == app

    compare()
    assert next(numbers) >= 300


#: The names of those that close what is around them.
CLOSE = """
([index, cases]) => Object.entries(cases).filter(([name, html]) => {
  const text = index.replace("MARK", html);
  const page = new DOMParser().parseFromString(text, "text/html");
  const entry = page.getElementById("react-entry-point");
  return entry.parentNode !== page.body ||
    entry.previousElementSibling !== page.getElementById("_dash-pages-prerendered");
}).map(([name]) => name)
"""


@pytest.mark.browser
@pytest.mark.parametrize("between", ["Div", "Span", None])
def test_no_element_closes_what_is_around(
    tmp_path_factory: pytest.TempPathFactory,
    visit: Callable[[t.Any], Visitor],
    between: str | None,
) -> None:
    app = new_app(tmp_path_factory.mktemp("app"))
    pages = DashPages(app, pages_folder=None)
    pages.register_page("home", path="/", layout="MARK")
    text = app.test_client().get("/").text
    start = text.index('<div id="_dash-pages-prerendered">')
    body = text[start : text.index("<footer", start)]
    names = set(html.__all__) - ELEMENTS_LEFT_OUT
    cases = {}

    for outer, inner in itertools.product(names, repeat=2):
        inside = getattr(html, inner)("a")
        inside = getattr(html, between)(inside) if between else inside
        cases[f"{outer} {inner}"] = rendered([getattr(html, outer)(inside)] * 4)

    assert visit(app).page.evaluate(CLOSE, [body, cases]) == []


@pytest.mark.parametrize("length", [1, MOST_KEPT])
def test_json_is_rendered_as_its_layout(length: int) -> None:
    text = to_json_plotly(html.P("a" * length))

    for _ in range(2):
        assert prerender_json(text) == f"<p>{'a' * length}</p>"


@pytest.mark.parametrize("layout", [None, [], html.Div(html.Span()), " \n "])
def test_layout_that_shows_nothing_renders_empty(layout: t.Any) -> None:
    assert prerender_json(to_json_plotly(layout)) == ""


def test_layout_is_too_deep() -> None:
    opened, closed = to_json_plotly(html.Div("a")).split('"a"')
    assert prerender_json(opened * 2_000 + '"a"' + closed * 2_000) == ""
