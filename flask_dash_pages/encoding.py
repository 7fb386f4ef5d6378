"""Component trees as JSON."""

from __future__ import annotations

import typing as t
from functools import lru_cache

from dash.development.base_component import Component
from plotly.io.json import to_json_plotly


def to_json(tree: t.Any) -> str:
    """What Dash's own JSON of ``tree`` is, in half of the time. It can stand in a
    script element.
    """
    plain = _plain(tree)

    try:
        text: str = to_json_plotly(plain)
    except TypeError:
        text = to_json_plotly(_with_texts(plain))

    return text


def to_script(data: t.Any) -> str:
    """JSON of ``data`` that can stand in a script element of the index.

    :raises TypeError: If ``data`` has something that JSON has not.
    :raises ValueError: If it contains itself.
    """
    text: str = to_json_plotly(data)
    # Dash looks for its marks in the whole index.
    return text.replace("{%", "{\\u0025")


def _plain(node: t.Any) -> t.Any:
    # The encoder asks each component by itself, and this is what takes it so long.
    if isinstance(node, (list, tuple)):
        return [_plain(child) for child in node]

    if not isinstance(node, Component) or not _is_plain(type(node)):
        return node

    values = vars(node)
    props = {key: _plain(values[key]) for key in node._prop_names if key in values}

    for key in values:
        # "data-*" and "aria-*". No other name has a hyphen.
        if "-" in key and key.startswith(tuple(node._valid_wildcard_attributes)):
            props[key] = values[key]

    return {"props": props, "type": node._type, "namespace": node._namespace}


def _with_texts(node: t.Any) -> t.Any:
    """``node`` with strings for what stands for one, such as what is translated when it
    is shown.
    """
    if isinstance(node, dict):
        return {key: _with_texts(value) for key, value in node.items()}

    if isinstance(node, (list, tuple)):
        return [_with_texts(child) for child in node]

    if isinstance(node, Component):
        return _with_texts(node.to_plotly_json())

    return str(node) if is_late_text(node) else node


def is_late_text(value: t.Any) -> bool:
    """Whether ``value`` stands for a text that it makes when it is asked for it."""
    return hasattr(value, "__html__")


@lru_cache(maxsize=1024)
def _is_plain(cls: type[Component]) -> bool:
    """Whether ``cls`` is one that Dash has generated. Other classes may have values
    that are not in their instances, or their own JSON.
    """
    return "_type" in vars(cls) and cls.to_plotly_json is Component.to_plotly_json
