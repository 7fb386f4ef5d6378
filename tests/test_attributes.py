from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_dash_pages.attributes import css
from flask_dash_pages.attributes import number


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ({}, ""),
        ({"color": None, "margin": "", "padding": True}, ""),
        ({"color": "red", "marginTop": 3}, "color:red;margin-top:3px"),
        ({"margin": 0, "padding": 1.5}, "margin:0;padding:1.5px"),
        ({"lineHeight": 2, "WebkitLineClamp": 3}, "line-height:2;-webkit-line-clamp:3"),
        ({"msTransform": "none"}, "-ms-transform:none"),
        ({"background-color": "red"}, "background-color:red"),
        ({"--gap": 5, "--Name": "x y"}, "--gap:5;--Name:x y"),
        ({"color": "red; position: fixed"}, ""),
        ({"color": "red !important"}, ""),
        ({"color": "rgb(1", "margin": "1px"}, "margin:1px"),
        ({"width": "calc((1px + 2px) * 3)"}, "width:calc((1px + 2px) * 3)"),
        ({"fontFamily": "'a;b', serif"}, "font-family:'a;b', serif"),
        ({"fontFamily": "'a"}, ""),
        ({"background": "url(data:image/png;base64,A=)"},)
        + ("background:url(data:image/png;base64,A=)",),
        ({"background": "url(a) /* b"}, ""),
        ({"a:b": "c", "x}": "y"}, ""),
        ({"width": 'f(")'}, ""),
        ({"width": "(" * 50_000 + ")" * 50_000 + ")"}, ""),
    ],
)
def test_css(style: dict[str, t.Any], text: str) -> None:
    assert css(style) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_number_is_what_it_was(value: float) -> None:
    assert float(number(value).replace("Infinity", "inf")) == float(str(value))


@given(st.text(), st.text())
def test_style_is_one_declaration(name: str, value: str) -> None:
    assert css({name: value, "color": "red"}).endswith("color:red")
