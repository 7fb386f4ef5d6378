from __future__ import annotations

import json
import typing as t
from datetime import date

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from dash import dcc
from dash import html
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st
from plotly.io.json import to_json_plotly

from flask_dash_pages.encoding import to_json
from flask_dash_pages.encoding import to_script


class Card(html.Div):
    """Has a value that is not in its instances."""

    className = "card"


class Own(html.Div):
    def to_plotly_json(self) -> t.Any:
        return {"props": {"children": "own"}, "type": "Div", "namespace": "own"}


@pytest.mark.parametrize(
    "tree",
    [
        None,
        "</script><!--",
        [1, 2.5, True, None, float("nan"), float("inf")],
        html.Div(),
        html.Div(html.P(["a", html.B("b")]), id={"type": "a", "index": 1}),
        html.Div(title=None, **{"data-a": 1, "aria-b": "c"}),
        (html.B("a"), [html.B("b"), (html.B("c"),)]),
        html.Div([Card("a"), Own("b")]),
        dcc.Dropdown([{"label": html.B("a"), "value": 1}]),
        dcc.Graph(figure=go.Figure(go.Bar(x=[1, 2], y=np.array([1.5, np.nan])))),
        dcc.Store("s", data={"a": date(2026, 1, 2), "b": pd.Timestamp("2026-01-02")}),
        dcc.Store("s", data=np.int64(5)),
        dbc.Row([dbc.Col(html.B("a"), width=3)]),
        dmc.MantineProvider(dmc.Text("a")),
        dcc.Tabs([dcc.Tab(html.B("a"), label="b")]),
        {"a": html.B("b"), "c": [html.B("d")]},
    ],
)
def test_json_is_that_of_dash(tree: t.Any) -> None:
    text = to_json(tree)
    assert json.loads(text) == json.loads(to_json_plotly(tree))
    assert "<" not in text


@pytest.mark.parametrize("library", [html, dcc, dbc, dmc])
def test_json_of_each_component_is_that_of_dash(library: t.Any) -> None:
    made = 0

    for cls in vars(library).values():
        if not (isinstance(cls, type) and issubclass(cls, Component)):
            continue

        try:
            component = cls()
        except TypeError:
            # It requires something.
            continue

        for prop in component._prop_names:
            # The wildcards are among them.
            if "*" not in prop:
                setattr(component, prop, f"{prop}!")

        made += 1
        assert json.loads(to_json(component)) == json.loads(to_json_plotly(component))

    assert made > 10


def test_tree_is_not_changed() -> None:
    children = [html.B("a")]
    tree = html.Div(children)
    to_json(tree)
    assert tree.children is children
    assert isinstance(children[0], html.B)


class LateText:
    """As those of extensions that translate are."""

    def __str__(self) -> str:
        return 'a "text"'

    def __html__(self) -> str:
        return str(self)


def test_texts_that_are_made_late() -> None:
    options = [{"label": LateText(), "value": 1}]
    tree = html.Div([LateText(), dcc.Dropdown(options=options)], title=LateText())
    expected = [{"label": 'a "text"', "value": 1}]
    props = json.loads(to_json([tree, LateText()]))
    assert props[1] == props[0]["props"]["title"] == 'a "text"'
    text, dropdown = props[0]["props"]["children"]
    assert (text, dropdown["props"]["options"]) == ('a "text"', expected)


def test_texts_that_are_made_late_in_an_own_component() -> None:
    class Own(html.Div):
        pass

    tree = json.loads(to_json(html.Div(Own([html.B(LateText())]))))
    (bold,) = tree["props"]["children"]["props"]["children"]
    assert bold["props"]["children"] == 'a "text"'


def test_json_fails_as_that_of_dash() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        to_json(html.Div(object()))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.recursive(
        values,
        lambda inner: st.builds(html.Div, st.lists(inner), title=values),
        max_leaves=8,
    )
)
def test_json_of_any_tree_is_that_of_dash(tree: t.Any) -> None:
    assert json.loads(to_json(tree)) == json.loads(to_json_plotly(tree))


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.sampled_from(["</script>", "<!--"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_script_has_the_data_and_ends_nowhere(data: t.Any) -> None:
    text = to_script([data, "</script><!--{%app_entry%}"])
    assert json.loads(text) == [data, "</script><!--{%app_entry%}"]
    assert "<" not in text
    assert "{%" not in text
