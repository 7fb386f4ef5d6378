from __future__ import annotations

import json
import typing as t

import pytest
from dash import ALL
from dash import ALLSMALLER
from dash import dcc
from dash import Input
from dash import MATCH
from dash import Output
from dash import State

from flask_dash_pages.calls import choose
from flask_dash_pages.calls import make_call
from flask_dash_pages.calls import outputs_of
from flask_dash_pages.calls import reference
from flask_dash_pages.encoding import to_json
from flask_dash_pages.nodes import root


def spec_of(output: str, *dependencies: Input | State) -> dict[str, t.Any]:
    return {
        "output": output,
        "inputs": [d.to_dict() for d in dependencies if isinstance(d, Input)],
        "state": [d.to_dict() for d in dependencies if isinstance(d, State)],
    }


@pytest.mark.parametrize(
    ("value", "component_id", "prop"),
    [
        ("a.value", "a", "value"),
        ('{"b": 1, "a": "x.y"}.value', {"a": "x.y", "b": 1}, "value"),
        ("{not an id}.value", "{not an id}", "value"),
        (Output("a", "value", allow_duplicate=True), "a", "value"),
        (Input({"b": 1, "a": ALL}, "value"), {"a": ["ALL"], "b": 1}, "value"),
    ],
    ids=str,
)
def test_reference(value: t.Any, component_id: t.Any, prop: str) -> None:
    assert reference(value) == (component_id, prop)


@pytest.mark.parametrize(
    ("output", "outputs"),
    [
        ("a.value", ["a.value"]),
        ("a.value@0123abcd", ["a.value"]),
        ("..a.value...b.title@0123..", ["a.value", "b.title"]),
        ("..a.value..", ["a.value"]),
        ('{"a":"x\\.y"}.value', ['{"a":"x.y"}.value']),
        ("0123456789abcdef", []),
    ],
)
def test_outputs_of(output: str, outputs: list[str]) -> None:
    assert [str(each) for each in outputs_of(output)] == outputs


def test_no_callback_is_like_it() -> None:
    with pytest.raises(LookupError, match=r"no callback with the output 'zzz.q'\.$"):
        choose([spec_of("a.value")], [reference("zzz.q")], [], [])


def test_body() -> None:
    spec = spec_of(
        "..a.value...b.title@0123..", Input("in", "value"), State("in", "type")
    )
    document = root(json.loads(to_json(dcc.Input(id="in", value=1, type="number"))))
    call = make_call(spec, [reference("b.title")], [5], {}, None, document)
    assert call.body == {
        "output": "..a.value...b.title@0123..",
        "outputs": [
            {"id": "a", "property": "value"},
            {"id": "b", "property": "title"},
        ],
        "inputs": [{"id": "in", "property": "value", "value": 5}],
        "state": [{"id": "in", "property": "type", "value": "number"}],
        "changedPropIds": ["in.value"],
    }


@pytest.mark.parametrize(
    ("index", "smaller"),
    [
        (1, []),
        ("10", [1, "2"]),
        (True, [1, "2", "10", False]),
        ("b", [1, "2", "10", False, True, "a"]),
    ],
)
def test_smaller_values(index: t.Any, smaller: list[t.Any]) -> None:
    # As the renderer orders them.
    values = ["b", "a", True, False, "10", "2", 1][::-1]
    layout = [dcc.Input(id={"index": value}, value=value) for value in values]
    document = root(json.loads(to_json(layout)))
    spec = spec_of(
        str(Output({"index": MATCH}, "title")), State({"index": ALLSMALLER}, "value")
    )
    wanted = [reference(Output({"index": index}, "title"))]
    call = make_call(spec, wanted, [], {}, None, document)
    assert [each["value"] for each in call.body["state"][0]] == smaller


def test_match_by_what_has_triggered() -> None:
    document = root(json.loads(to_json(dcc.Input(id={"index": 2}, value="two"))))
    spec = spec_of("0123456789abcdef", Input({"index": MATCH}, "value"))
    triggered = [reference(Input({"index": 2}, "value"))]
    call = make_call(spec, [], [], {}, triggered, document)
    assert call.body["inputs"] == [
        {"id": {"index": 2}, "property": "value", "value": "two"}
    ]
    assert call.body["outputs"] == []
    assert call.body["changedPropIds"] == ['{"index":2}.value']
