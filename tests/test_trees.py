from __future__ import annotations

import json
import typing as t

import pytest
from dash import dcc
from dash import html
from hypothesis import given
from hypothesis import strategies as st

from flask_dash_pages.encoding import to_json
from flask_dash_pages.trees import components
from flask_dash_pages.trees import id_matches
from flask_dash_pages.trees import id_text


def tree(layout: t.Any) -> t.Any:
    return json.loads(to_json(layout))


def test_components_in_order_and_depth() -> None:
    layout = html.Div(["a", html.P("b", id="p"), [html.B()]], id={"b": 1, "a": 2})
    found = [(each.depth, each.type, each.id) for each in components(tree(layout))]
    assert found == [(0, "Div", '{"a":2,"b":1}'), (1, "P", "p"), (1, "B", None)]


def test_component_in_another_prop() -> None:
    layout = dcc.Checklist([{"label": html.B("c"), "value": 1}])
    assert [each.type for each in components(tree(layout))] == ["Checklist", "B"]


@pytest.mark.parametrize("layout", ["text", 1, None, [], {"props": {"id": "a"}}])
def test_no_components(layout: t.Any) -> None:
    assert list(components(layout)) == []


@pytest.mark.parametrize(
    ("children", "text"),
    [
        (None, ""),
        ("  a\n b ", "a b"),
        (["a", html.B("c"), 2], "a 2"),
        ("a" * 41, "a" * 40 + "…"),
    ],
)
def test_text(children: t.Any, text: str) -> None:
    assert next(components(tree(html.P(children)))).text == text


@pytest.mark.parametrize(
    ("pattern", "component_id", "matches"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ('{"type":["ALL"]}', '{"type":"a"}', True),
        ('{"i":["MATCH"],"type":"a"}', '{"i":1,"type":"a"}', True),
        ('{"i":["MATCH"],"type":"a"}', '{"i":1,"type":"b"}', False),
        ('{"type":["ALL"]}', '{"kind":"a"}', False),
        ('{"type":["ALL"]}', "type", False),
        ("{no json", '{"type":"a"}', False),
        ('{"type":["ALL"]}', "{no json", False),
    ],
)
def test_id_matches(pattern: str, component_id: str, matches: bool) -> None:
    assert id_matches(pattern, component_id) is matches


@given(st.dictionaries(st.text(), st.integers() | st.text(), min_size=1))
def test_id_matches_itself(component_id: dict[str, t.Any]) -> None:
    backwards = dict(reversed(component_id.items()))
    assert id_matches(id_text(component_id), id_text(backwards))
