from __future__ import annotations

import json
import re
import typing as t

import dash_bootstrap_components as dbc
import pytest
from dash import ALL
from dash import dcc
from dash import html
from dash import MATCH

from flask_dash_pages.encoding import to_json
from flask_dash_pages.nodes import as_nodes
from flask_dash_pages.nodes import Node
from flask_dash_pages.nodes import root

LAYOUT = html.Article(
    [
        html.H1("Report 7", id="heading"),
        html.P(["From ", html.B("2007"), ", in\n  euros"], className="lead"),
        html.Ul([html.Li(dcc.Link(name, href=f"/{name}")) for name in ("a", "b")]),
        dbc.Checkbox(id="agree", label=html.I("I agree")),
        html.Button("Save", id={"type": "save", "index": 1}),
        html.Button("Save all", id={"type": "save", "index": 2}),
        dcc.Graph(id="graph", figure={"data": [], "layout": {"title": "Costs"}}),
    ],
    id="report",
)


def node_of(layout: t.Any) -> Node:
    return root(json.loads(to_json(layout)))


def test_props_of_node() -> None:
    node = node_of(LAYOUT).find(id="graph")
    assert (node.type, node.namespace) == ("Graph", "dash_core_components")
    assert node["figure"]["layout"] == {"title": "Costs"}
    assert node.props["id"] == node.id == "graph"
    assert repr(node) == "<Graph 'graph'>"


def test_component_in_a_prop_is_a_node() -> None:
    label = node_of(LAYOUT).find(id="agree")["label"]
    assert isinstance(label, Node)
    assert label.text == "I agree"


def test_prop_missing() -> None:
    with pytest.raises(KeyError, match="<Graph 'graph'> has no 'figur'. It has .*'fig"):
        node_of(LAYOUT).find(id="graph")["figur"]


def test_id_missing() -> None:
    assert node_of(html.P("a")).find(type="P").id is None


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        (None, []),
        ("a", ["a"]),
        (5, ["5"]),
        ([1.0, None, True, ["a", [html.B("b")]]], ["1", "a", "<B>"]),
    ],
)
def test_children(children: t.Any, expected: list[str]) -> None:
    node = node_of(html.P(children)).find(type="P")
    assert [c if isinstance(c, str) else repr(c) for c in node.children] == expected


def test_nodes_in_order_of_the_document() -> None:
    types = [node.type for node in node_of(LAYOUT)]
    assert types == "Article H1 P B Ul Li Link Li Link Checkbox I Button Button".split(
        " "
    ) + ["Graph"]


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (LAYOUT, "Report 7\nFrom 2007, in euros\na\nb\nI agree\nSave\nSave all"),
        (dcc.Markdown("# One\n\ntwo\n  three"), "# One\ntwo\nthree"),
        (dcc.Markdown(["one", "two"]), "one\ntwo"),
        (html.Pre("a\nb"), "a\nb"),
        (html.P(["a", html.Br(), "b"]), "a\nb"),
        (dcc.Link(href="/a"), "/a"),
        (dcc.Graph(figure={"layout": {"title": "no"}}), ""),
        (["a", html.P(0), "b"], "a\n0\nb"),
    ],
)
def test_text(layout: t.Any, text: str) -> None:
    assert node_of(layout).text == text


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"id": "heading"}, ["H1"]),
        ({"id": {"index": 1, "type": "save"}}, ["Button"]),
        ({"id": {"type": "save", "index": ALL}}, ["Button", "Button"]),
        ({"id": {"type": ALL}}, []),
        ({"type": "Link"}, ["Link", "Link"]),
        ({"type": "Link", "href": "/b"}, ["Link"]),
        ({"className": "lead"}, ["P"]),
        ({"text": "2007"}, ["B"]),
        ({"text": "From 2007"}, ["P"]),
        ({"text": "a", "type": "Li"}, ["Li"]),
        ({"text": "Save"}, ["Button", "Button"]),
        ({"text": "Report", "type": "Article"}, ["Article"]),
        ({"text": "nothing"}, []),
    ],
    ids=str,
)
def test_find_all(wanted: dict[str, t.Any], found: list[str]) -> None:
    assert [node.type for node in node_of(LAYOUT).find_all(**wanted)] == found


def test_find_inside() -> None:
    first = node_of(LAYOUT).find(type="Ul").find_all(type="Li")[0]
    assert first.find(type="Link")["href"] == "/a"
    # It is not inside itself.
    assert first.find_all(type="Li") == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"id": "headin"}, "no component with id='headin'. Did you mean 'heading'?"),
        ({"id": "x"}, "There are the ids 'report', 'heading', 'agree', '{\"index\":1,"),
        (
            {"type": "Li"},
            "2 components with type='Li': <Li>, <Li>. Say more about the one, or use"
            " find_all().",
        ),
        (
            {"type": "Button", "text": "Save", "disabled": True},
            "no component with type='Button' and text='Save' and disabled=True.",
        ),
    ],
    ids=str,
)
def test_find_fails(wanted: dict[str, t.Any], message: str) -> None:
    with pytest.raises(LookupError, match=re.escape(message)):
        node_of(LAYOUT).find(**wanted)


def test_find_fails_without_ids() -> None:
    with pytest.raises(LookupError, match="No component here has an id."):
        node_of(html.P()).find(id="a")


def test_find_fails_with_many_ids() -> None:
    layout = [html.P(id=f"row-{number}") for number in range(30)]

    with pytest.raises(LookupError, match="'row-9' and 20 more."):
        node_of(layout).find(type="H1")


def test_find_with_match_in_the_id() -> None:
    assert node_of(LAYOUT).find(id={"type": "save", "index": 2}).text == "Save all"
    assert len(node_of(LAYOUT).find_all(id={"type": "save", "index": MATCH})) == 2


def test_values_stay_as_they_are() -> None:
    value = {"data": [{"x": [1, 2]}], "type": "Graph", "props": 1}
    assert as_nodes(value) == value
