"""A layout as the browser gets it, to look into."""

from __future__ import annotations

import difflib
import json
import re
import typing as t
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

from .attributes import number

#: The components whose text goes on in the line of what is around them.
_INLINE = frozenset(
    "A Abbr Acronym B Bdi Bdo Big Cite Code Data Del Dfn Em Font I Ins Kbd Link Mark"
    " Q S Samp Small Span Strike Strong Sub Sup Time U Var".split()
)

#: The components that keep the lines of their text.
_WITH_LINES = frozenset(["Markdown", "Pre"])

#: The values of an id that stand for others.
ANY = (["ALL"], ["MATCH"], ["ALLSMALLER"])

_SPACE = re.compile(r"\s+")

#: How many ids a message lists.
_MOST_LISTED = 10


@dataclass(frozen=True, repr=False)
class Node:
    """A component of a layout, as the browser gets it. ``node["figure"]`` is the value
    of a prop, with nodes in the place of components.
    """

    _json: Mapping[str, t.Any]

    @property
    def type(self) -> str:
        """The name of the component's class, such as ``"Graph"``."""
        return str(self._json["type"])

    @property
    def namespace(self) -> str:
        """The name of its library, such as ``"dash_core_components"``."""
        return str(self._json["namespace"])

    @property
    def props(self) -> Mapping[str, t.Any]:
        """Its props, as they are in JSON."""
        return t.cast("Mapping[str, t.Any]", self._json["props"])

    @property
    def id(self) -> t.Any:
        """Its id: a string, a dict, or ``None``."""
        return self.props.get("id")

    @property
    def children(self) -> list[Node | str]:
        """The nodes and the texts in its ``children``, in one list."""
        return list(_children(self.props.get("children")))

    @property
    def text(self) -> str:
        """The text that is in it, in the order of the document. What is not in the
        line of what is around it, such as a paragraph, has lines of its own.
        """
        lines = (" ".join(line.split()) for line in "".join(_texts(self)).split("\n"))
        return "\n".join(filter(None, lines))

    @property
    def inner(self) -> list[Node]:
        """The nodes in its props that are in no other node in it."""
        return [Node(found) for found in _components(list(self.props.values()))]

    def __getitem__(self, prop: str) -> t.Any:
        try:
            return as_nodes(self.props[prop])
        except KeyError:
            names = ", ".join(map(repr, self.props))
            raise KeyError(f"{self!r} has no {prop!r}. It has {names}.") from None

    def __iter__(self) -> Iterator[Node]:
        """All nodes in it, in the order of the document. Components in other props
        than ``children`` are among them.
        """
        for node in self.inner:
            yield node
            yield from node

    def __repr__(self) -> str:
        own = "" if self.id is None else f" {id_text(self.id)!r}"
        return f"<{self.type or 'Node'}{own}>"

    def find(
        self,
        *,
        id: str | Mapping[str, t.Any] | None = None,
        type: str | None = None,
        text: str | None = None,
        **props: t.Any,
    ) -> Node:
        """The only node in this one that has all of what is given.

        :param id: Its id. The values of a dict can be ``dash.ALL``.
        :param type: The name of its class.
        :param text: A part of its text. Nodes around one that is found are left out.
        :param props: Values of its props.
        :raises LookupError: If there is none, or several.
        """
        found = self.find_all(id=id, type=type, text=text, **props)

        if len(found) == 1:
            return found[0]

        given = {"id": id, "type": type, "text": text}
        given = {name: value for name, value in given.items() if value is not None}
        wanted = " and ".join(f"{k}={v!r}" for k, v in {**given, **props}.items())
        what = f" with {wanted}" if wanted else ""

        if found:
            raise LookupError(
                f"There are {len(found)} components{what}:"
                f" {_listed(map(repr, found))}. Say more about the one, or use"
                " find_all()."
            )

        raise LookupError(f"There is no component{what}. {self._remedy(id)}")

    def find_all(
        self,
        *,
        id: str | Mapping[str, t.Any] | None = None,
        type: str | None = None,
        text: str | None = None,
        **props: t.Any,
    ) -> list[Node]:
        """All nodes in this one that have what is given, in the order of the document.
        Takes what :meth:`find` takes.
        """
        pattern = None if id is None else parse_id(id_text(id))

        def has_rest(node: Node) -> bool:
            return (
                (pattern is None or id_fits(node.id, pattern))
                and (type is None or node.type == type)
                and all(node.props.get(name) == props[name] for name in props)
            )

        if text is None:
            return [node for node in self if has_rest(node)]

        return list(self._innermost(lambda node: has_rest(node) and text in node.text))

    def _innermost(self, is_one: t.Callable[[Node], bool]) -> Iterator[Node]:
        for node in self.inner:
            inner = list(node._innermost(is_one))
            yield from inner or filter(is_one, [node])

    def _remedy(self, wanted: t.Any) -> str:
        ids = [id_text(node.id) for node in self if node.id is not None]

        if wanted is not None:
            close = difflib.get_close_matches(id_text(wanted), ids, n=1)

            if close:
                return f"Did you mean {close[0]!r}?"

        if not ids:
            return "No component here has an id."

        return f"There are the ids {_listed(map(repr, dict.fromkeys(ids)))}."


def root(children: t.Any) -> Node:
    """A node around all that is in ``children``."""
    return Node({"type": "", "namespace": "", "props": {"children": children}})


def as_nodes(value: t.Any) -> t.Any:
    """``value``, which was read from JSON, with nodes in the place of components."""
    if isinstance(value, list):
        return [as_nodes(item) for item in value]

    if not isinstance(value, dict):
        return value

    if _is_component(value):
        return Node(value)

    return {key: as_nodes(item) for key, item in value.items()}


def id_text(component_id: t.Any) -> str:
    """An id as Dash writes it."""
    if isinstance(component_id, str):
        return component_id

    return json.dumps(
        component_id,
        sort_keys=True,
        separators=(",", ":"),
        # What stands for others.
        default=lambda value: [value.value],
    )


def parse_id(text: str) -> t.Any:
    """The id that is written as ``text``."""
    if not text.startswith("{"):
        return text

    try:
        return json.loads(text)
    except ValueError:
        return text


def id_fits(component_id: t.Any, pattern: t.Any) -> bool:
    """Whether ``pattern`` is the id of a component, or can stand for it."""
    if not isinstance(component_id, dict) or not isinstance(pattern, dict):
        return bool(component_id == pattern)

    return component_id.keys() == pattern.keys() and all(
        pattern[key] in (value, *ANY) for key, value in component_id.items()
    )


def _listed(words: t.Iterable[str]) -> str:
    listed = list(words)
    further = len(listed) - _MOST_LISTED
    text = ", ".join(listed[:_MOST_LISTED])
    return f"{text} and {further} more" if further > 0 else text


def _is_component(value: t.Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"props", "type", "namespace"}


def _components(value: t.Any) -> Iterator[dict[str, t.Any]]:
    """The outermost components in a value."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, (list, dict)):
                yield from _components(item)
    elif _is_component(value):
        yield value
    elif isinstance(value, dict):
        yield from _components(list(value.values()))


def _children(value: t.Any) -> Iterator[Node | str]:
    if isinstance(value, list):
        for item in value:
            yield from _children(item)
    elif _is_component(value):
        yield Node(value)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield number(value)


def _texts(node: Node) -> Iterator[str]:
    around = "" if node.type in _INLINE else "\n"
    yield around

    for prop, value in node.props.items():
        if prop == "children":
            for child in _children(value):
                if isinstance(child, Node):
                    yield from _texts(child)
                elif node.type in _WITH_LINES:
                    yield f"{child}\n"
                else:
                    yield _SPACE.sub(" ", child)
        else:
            for component in _components(value):
                yield from _texts(Node(component))

    if node.type == "Link" and node.props.get("children") is None:
        yield str(node.props.get("href", ""))

    yield around
