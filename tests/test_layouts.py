from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_dash_pages.layouts import call
from flask_dash_pages.layouts import MissingValues
from flask_dash_pages.layouts import signature

VALUES = {"a": 1, "b": 2, "self": 3, "/": 4}


class Layout:
    def __call__(self, a: int = 0, **kwargs: int) -> t.Any:
        return a, kwargs

    def method(self, **kwargs: int) -> t.Any:
        return kwargs

    @classmethod
    def of_class(cls, **kwargs: int) -> t.Any:
        return kwargs


def nothing() -> t.Any:
    return ()


def one(a: int) -> t.Any:
    return a


def default(a: int = 0, c: int = 5) -> t.Any:
    return a, c


def keyword_only(*, b: int) -> t.Any:
    return b


def rest(a: int, **kwargs: int) -> t.Any:
    return a, kwargs


def positional_only(a: int = 0, /, **kwargs: int) -> t.Any:
    return a, kwargs


def variable(*args: int) -> t.Any:
    return args


@pytest.mark.parametrize(
    ("function", "result"),
    [
        (nothing, ()),
        (one, 1),
        (default, (1, 5)),
        (keyword_only, 2),
        (rest, (1, {"b": 2, "self": 3, "/": 4})),
        (positional_only, (0, {"b": 2, "self": 3, "/": 4})),
        (variable, ()),
        (Layout(), (1, {"b": 2, "/": 4})),
        (Layout().method, {"a": 1, "b": 2, "/": 4}),
        (Layout.of_class, {"a": 1, "b": 2, "self": 3, "/": 4}),
    ],
)
def test_call(function: Callable[..., t.Any], result: t.Any) -> None:
    assert call(function, VALUES, lambda f: f) == result


def test_call_missing() -> None:
    with pytest.raises(MissingValues, match="'a', 'b'") as error:
        call(lambda a, b, c=None: None, {"c": 1}, lambda f: f)

    assert error.value.names == ["a", "b"]


def test_call_keeps_errors() -> None:
    def layout() -> None:
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        call(layout, {}, lambda f: f)


def test_accepts() -> None:
    assert signature(rest).accepts("anything")
    assert not signature(one).accepts("anything")


@given(st.dictionaries(st.text(), st.integers()))
def test_call_with_any_values(values: dict[str, int]) -> None:
    assert call(Layout().method, values, lambda f: f) == {
        name: value for name, value in values.items() if name != "self"
    }
