from __future__ import annotations

import json
import typing as t

import plotly.graph_objects as go
import pytest
from dash import dcc
from dash import html
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flask_dash_pages.attributes import is_safe
from flask_dash_pages.encoding import to_json
from flask_dash_pages.markdown import to_markdown


def markdown(layout: t.Any, title: str = "") -> str:
    return to_markdown(to_json(layout), title=title).strip("\n")


def component(namespace: str, kind: str, **props: t.Any) -> dict[str, t.Any]:
    return {"namespace": namespace, "type": kind, "props": props}


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("text", "text"),
        (7, "7"),
        (html.H2("Costs"), "## Costs"),
        ([html.P("one"), html.P("two")], "one\n\ntwo"),
        (html.P(["a ", html.B("b"), " ", html.Em("c")]), "a **b** *c*"),
        (html.P(["a", html.Br(), "b"]), "a  \nb"),
        (html.Ul([html.Li("a"), html.Li("b")]), "- a\n- b"),
        (html.Ol([html.Li("a"), html.Li("b")], start=3), "3. a\n4. b"),
        (html.Ul(html.Li(["a", html.Ul(html.Li("b"))])), "- a\n  - b"),
        (dcc.Link("Costs", href="/costs?a=1&b=2"), "[Costs](/costs?a=1&b=2)"),
        (html.A("x", href="https://h/ü (1)"), "[x](https://h/%C3%BC%20%281%29)"),
        (html.A([html.H3("Card"), html.P("More")], href="/c"), "[Card More](/c)"),
        (html.P([dcc.Link("a", "/a"), dcc.Link("b", "/b"), "c"]), "[a](/a) [b](/b)c"),
        (html.A("x", href="javascript:alert(1)"), "x"),
        (html.A("x", href="&#106;avascript:a"), "[x](&amp;#106;avascript:a)"),
        (html.Img(src="/a.png", alt="A [b]"), r"![A \[b\]](/a.png)"),
        (html.Img(src="data:image/png;base64,AAAA", alt="A"), ""),
        (html.Code("a | b"), "`a | b`"),
        (html.Pre("a\n  b"), "```\na\n  b\n```"),
        (html.Pre("```\n<b>"), "````\n```\n<b>\n````"),
        (dcc.Markdown("```python\na = 1\n```"), "```python\na = 1\n```"),
        (dcc.Markdown("* [a](/b)\n* c"), "- [a](/b)\n- c"),
        (html.Blockquote("a"), "> a"),
        (dcc.Input(value="a"), ""),
        (html.Details([html.Summary("a"), "b"]), "a\n\nb"),
        ([html.Label("a"), html.Button("b")], "a\n\nb"),
        (
            component(
                *("dash_table", "DataTable"),
                columns=[{"name": ["One", "A"], "id": "A"}, {"name": "B", "id": "B"}],
                data=[{"A": 1, "B": "x|y"}, {"A": None}],
            ),
            "| One A | B |\n| --- | --- |\n| 1 | x\\|y |\n|  |  |",
        ),
        (component("dash_table", "DataTable", columns=[{"name": "A"}]), ""),
        (
            component(
                *("dash_ag_grid", "AgGrid"),
                columnDefs=[{"field": "a"}, {"field": "b", "headerName": "B"}],
                rowData=[{"a": 1, "b": 2}],
            ),
            "| a | B |\n| --- | --- |\n| 1 | 2 |",
        ),
        (dcc.Tabs(dcc.Tab(html.P("b"), label="A")), "A\n\nb"),
        (html.P("a", hidden=True), ""),
        (html.P("a", style={"display": "none"}), ""),
        ("snake_case and <b> & *x*", r"snake_case and \<b> & \*x\*"),
        ("# a", r"\# a"),
        ("1. a", r"1\. a"),
        ("- a", r"\- a"),
        ("&lt;", r"\&lt;"),
    ],
    ids=str,
)
def test_markdown_of(layout: t.Any, expected: str) -> None:
    assert markdown(layout) == expected


def test_markdown_of_table() -> None:
    rows = [("Chile", 1), ("a|b", 2)]
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th("Name"), html.Th("Value")])),
            html.Tbody([html.Tr([html.Td(a), html.Td(html.Code(b))]) for a, b in rows]),
        ]
    )
    assert markdown(table).splitlines() == [
        "| Name | Value |",
        "| --- | --- |",
        "| Chile | `1` |",
        r"| a\|b | `2` |",
    ]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (
            go.Figure(
                layout={
                    "title": {"text": "Life<br><b>expectancy</b>"},
                    "xaxis": {"title": {"text": "Year"}},
                    "yaxis": {"title": {"text": "Age"}},
                }
            ),
            "Life expectancy, x: Year, y: Age",
        ),
        ({"layout": {"title": "Life"}}, "Life"),
        ({"layout": {"title": 7, "xaxis": 8}}, ""),
        ({"data": []}, ""),
        (None, ""),
    ],
    ids=["figure", "dict", "wrong", "no layout", "none"],
)
def test_markdown_of_graph(figure: t.Any, expected: str) -> None:
    text = markdown(dcc.Graph(**({} if figure is None else {"figure": figure})))
    assert " ".join(text.split()) == expected


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("text", "# A \\*\n\ntext"),
        (html.H1("Own"), "# Own"),
        (html.Div(html.Div(html.H1("Own"))), "# Own"),
        (html.H2("Own"), "# A \\*\n\n## Own"),
        (None, "# A \\*"),
    ],
)
def test_title_is_the_heading_if_there_is_none(layout: t.Any, expected: str) -> None:
    assert markdown(layout, "A *") == expected


def test_description_if_there_is_nothing_to_read() -> None:
    assert to_markdown("null", title="A", description="B\nC") == "# A\n\nB C\n"
    assert to_markdown('"text"', title="A", description="B") == "# A\n\ntext\n"


def test_deep_layout_has_its_title() -> None:
    layout = html.P("text")

    for _ in range(400):
        layout = html.Div(layout)

    assert to_markdown(to_json(layout), title="A").startswith("# A\n")


# What could be read as something else, more often than chance has it.
TEXTS = st.text() | st.text("`<b>&lt;|\\\n\r\t #-+=~*_![](){}:/.1\"' ", max_size=12)
NAMES = st.sampled_from(
    "A Article B Blockquote Br Caption Code Dd Del Details Div Dl Dt Em Fieldset Figure"
    " H1 H3 Header Hr I Img Kbd Li Main Ol P Pre Q S Samp Section Span Strong Sub Sup"
    " Table Tbody Td Textarea Th Thead Tr U Ul Video".split()
)
PROPS = st.dictionaries(
    st.sampled_from("alt colSpan href poster rowSpan src start title".split()),
    TEXTS | st.integers() | st.sampled_from(["²", "9" * 5000, "javascript:a"]),
    max_size=2,
)


def element(children: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    def make(name: str, props: dict[str, t.Any], children: t.Any) -> dict[str, t.Any]:
        return {
            "namespace": "dash_html_components",
            "type": name,
            "props": {**props, "children": children},
        }

    return st.builds(make, NAMES, PROPS, st.lists(children, max_size=4) | children)


TREES = st.recursive(TEXTS | st.none() | st.integers(), element, max_leaves=12)


def tag(name: str, *children: t.Any) -> dict[str, t.Any]:
    return {
        "namespace": "dash_html_components",
        "type": name,
        "props": {"children": list(children)},
    }


@settings(max_examples=300)
@given(TREES)
@example(tag("Code", tag("Div", "<b>")))
@example(tag("Em", tag("Pre", "a\n\n<b>")))
@example([tag("Code", "a"), tag("Code", "` <b>")])
@example(tag("Blockquote", tag("Pre", "a\r<b>")))
@example(tag("Table", tag("Tr", tag("Td", tag("Code", "a|<b>")), tag("Td"))))
@example(tag("Dl", tag("Dd", tag("Pre", "a\n\n<b>"))))
def test_no_html_comes_of_text(tree: t.Any) -> None:
    text = to_markdown(json.dumps(tree), title="<b>", description="<b>")
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [
        each
        for token in reader.parse(text)
        for each in [token, *(token.children or [])]
    ]
    found = [each for each in tokens if each.type in {"html_block", "html_inline"}]
    assert not found, text
    assert all(is_safe(str(each.attrGet("href") or "")) for each in tokens)


@given(st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["namespace", "type", "props", "children", "figure", "style"]),
        inner | st.sampled_from(["dash_core_components", "Graph", "Markdown", "Tab"]),
    ),
))  # fmt: skip
def test_any_json_has_markdown(layout: t.Any) -> None:
    assert to_markdown(json.dumps(layout), title="A").endswith("\n")
